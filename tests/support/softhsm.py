# SPDX-License-Identifier: Apache-2.0
"""SoftHSM2 tokens for tests. The system's own configuration is never touched."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
)
PIN = "4f1c2a9e7d50"

TOKENS = [f"token-{n}" for n in range(32)]
"""Labels of the tokens of a test run; all are made before the library is loaded."""


@dataclass(frozen=True)
class SoftHsm:
    """A folder of tokens; `config` goes into SOFTHSM2_CONF."""

    root: Path
    module: Path

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.root / "softhsm2.conf"

    @property
    def pin_file(self) -> Path:
        """A file of the right PIN."""
        return self.root / "pin"

    def token(self, label: str) -> str:
        """Make a token; its label."""
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "0" * 12,
             "--pin", PIN],
            env={"SOFTHSM2_CONF": str(self.config), "PATH": "/usr/bin:/bin:/usr/local/bin"},
            check=True,
            capture_output=True,
        )  # fmt: skip
        return label


def make(root: Path) -> SoftHsm | None:
    """A folder of tokens, or None where SoftHSM2 is not installed."""
    module = next((path for path in MODULES if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        return None
    (root / "tokens").mkdir(parents=True)
    made = SoftHsm(root, module)
    made.config.write_text(
        f"directories.tokendir = {root}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    made.pin_file.write_text(PIN + "\n")
    made.pin_file.chmod(0o600)
    return made
