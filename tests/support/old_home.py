# SPDX-License-Identifier: Apache-2.0
"""The home that version 0.1.0 wrote (`tests/data/home-0.1`), unpacked for a test."""

from __future__ import annotations

import tarfile
from pathlib import Path

ARCHIVE = Path(__file__).resolve().parents[1] / "data" / "home-0.1" / "home.tar.gz"


def unpack(folder: Path) -> Path:
    """Unpack the archive into `folder`; return the home, beside which its exports lie."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="tar")  # "data" would open the folders to others
    home = folder / "home"
    home.chmod(0o700)
    return home
