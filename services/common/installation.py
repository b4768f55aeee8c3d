# SPDX-License-Identifier: Apache-2.0
"""The layout of the folder that one installation lives in."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from services.common.errors import Unavailable, WrongUse
from services.registry.processes import instance_name


@dataclass(frozen=True, slots=True)
class Installation:
    """The folder that one installation lives in. Every part is readable by its owner only."""

    root: Path

    @classmethod
    def default(cls) -> Installation:
        """Return the installation in `$SOTTO_HOME`, or in the platform's state folder."""
        if chosen := os.environ.get("SOTTO_HOME"):
            return cls(Path(chosen).expanduser().absolute())
        from platformdirs import user_state_path

        return cls(user_state_path("sotto"))

    @property
    def is_made(self) -> bool:
        """Whether the folder holds an installation, or the begin of one.

        That is certificates, a log that was restored, or what was added before a start: models, or
        accounts of the console.
        """
        parts = ("pki", "audit", "models", "console")
        return any((self.root / part).is_dir() for part in parts)

    def require(self) -> Installation:
        """Return this installation, which must have been made.

        A command that reads makes none: a mistyped folder would look like an installation in which
        nothing ever happened. Raises WrongUse.
        """
        if not self.is_made:
            raise WrongUse(
                f"there is no installation in {self.root}; give its folder with --home or"
                " SOTTO_HOME, or make one there with: sotto up --detach",
                reason="no_installation",
            )
        return self

    def make_folder(self, *parts: str) -> Path:
        """Make a folder of the installation (0700) where it is missing, and return it.

        Without `parts` this is the installation's own folder. Raises WrongUse when it cannot be
        made.
        """
        path = self.root.joinpath(*parts)
        try:
            for step in [*reversed(path.parents), path]:
                if step == self.root or self.root in step.parents:
                    step.mkdir(mode=0o700, exist_ok=True, parents=step == self.root)
        except OSError as error:
            raise WrongUse(
                f"the home {self.root} cannot be used ({error.strerror}); choose another: --home"
            ) from error
        return path

    @property
    def pki(self) -> Path:
        """Folder of certificates."""
        return self.root / "pki"

    @property
    def run(self) -> Path:
        """Folder of what runs now: addresses, process ids, lock."""
        return self.root / "run"

    @property
    def accounts_file(self) -> Path:
        """File of the accounts of the console, which need not be there."""
        return self.root / "console" / "accounts.sqlite"

    def address_file(self, name: str, number: int = 1) -> Path:
        """Return the file that one of several processes of a kind writes its address to."""
        return self.run / f"{instance_name(name, number)}.address"

    def claim(self, name: str) -> int:
        """Take the place of the one process of a kind, until this process ends; returns a handle.

        Raises Unavailable when another process has it.
        """
        handle = os.open(self.make_folder("run") / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise Unavailable(
                f"a {name} runs already in {self.root}, and an installation has one; stop that one"
                " first",
                reason="running",
            ) from None
        return handle
