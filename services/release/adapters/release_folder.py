# SPDX-License-Identifier: Apache-2.0
"""Reads an exported release from a folder."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from services.common.errors import InvalidInput
from services.release.domain.naming import CERTIFICATE, SIGNATURE
from services.release.domain.verification import FoundFile
from services.release.errors import ReleaseAltered

MOST_CERTIFICATE_BYTES = 64 * 1024 * 1024
_CHUNK = 1 << 20


def read_signed(folder: Path) -> tuple[bytes, bytes]:
    """Read certificate and signature.

    Raises InvalidInput when `folder` is not a folder, and ReleaseAltered when one of the two is
    missing, not a plain file, or larger than 64 MiB.
    """
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder; name the one that was exported")
    return _read(folder / CERTIFICATE), _read(folder / SIGNATURE)


def list_files(folder: Path) -> dict[str, FoundFile]:
    """Hash every file of `folder` in constant memory; links and subfolders are not opened."""
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            plain = entry.is_file(follow_symlinks=False)
            found[entry.name] = _facts(entry.path) if plain else FoundFile("", 0)
    return found


def _facts(path: str) -> FoundFile:
    digest = hashlib.sha256()
    size = 0
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return FoundFile(digest.hexdigest(), size)


def _read(path: Path) -> bytes:
    try:
        facts = path.lstat()
    except OSError as error:
        raise ReleaseAltered(
            f"{path.name} is missing; name the whole folder that was exported"
        ) from error
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > MOST_CERTIFICATE_BYTES:
        raise ReleaseAltered(f"{path.name} is not a plain file of a release; export it again")
    return path.read_bytes()
