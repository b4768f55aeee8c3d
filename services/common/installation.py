# SPDX-License-Identifier: Apache-2.0
"""The layout of the folder that one installation lives in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from services.common.errors import WrongUse


@dataclass(frozen=True, slots=True)
class Installation:
    """The folder that one installation lives in. Every part is readable by its owner only."""

    root: Path

    @classmethod
    def default(cls) -> Installation:
        """``$SOTTO_HOME``, or the platform's state folder."""
        if chosen := os.environ.get("SOTTO_HOME"):
            return cls(Path(chosen).expanduser().absolute())
        from platformdirs import user_state_path

        return cls(user_state_path("sotto"))

    def folder(self, *parts: str) -> Path:
        """A folder of the home, made (0700) where it is missing.

        Raises WrongUse when it cannot be made.
        """
        path = self.root.joinpath(*parts)
        try:
            for step in [*reversed(path.parents), path]:
                if step == self.root or self.root in step.parents:
                    step.mkdir(mode=0o700, exist_ok=True, parents=step == self.root)
        except OSError as error:
            msg = f"the home {self.root} cannot be used ({error.strerror}); choose another: --home"
            raise WrongUse(msg) from error
        return path

    @property
    def pki(self) -> Path:
        """Certificates."""
        return self.root / "pki"

    @property
    def run(self) -> Path:
        """What runs now: addresses, process ids, lock."""
        return self.root / "run"
