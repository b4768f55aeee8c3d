# SPDX-License-Identifier: Apache-2.0
"""A signed hash over the closed database file, so that a change of any byte of it shows.

The checkpoint covers the entries; the seal covers the bytes around them, such as unused space.
It is written when the service stops in good order and removed when it starts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.audit_evidence.keys import SigningKey, VerifierKey
from services.audit_evidence.note import open_note, sign_note
from services.common.errors import SottoError
from services.common.files import sync_folder, write_private

_SUFFIX = ".seal"


def seal_path(file: Path) -> Path:
    """Return the path of the seal of a file."""
    return file.with_name(file.name + _SUFFIX)


def seal(file: Path, keys: Sequence[SigningKey]) -> None:
    """Sign the file's size and hash. No process may have the file open."""
    note = sign_note(_text(keys[0].name, Digest.of(file)), keys)
    write_private(seal_path(file), note.encode(), mode=0o644)


def break_seal(file: Path) -> None:
    """Remove the seal durably, before the file changes."""
    if seal_path(file).exists():
        seal_path(file).unlink()
        sync_folder(file.parent)


@dataclass(frozen=True)
class Digest:
    """Size and SHA-256 (hexadecimal) of a file."""

    size: int
    sha256: str

    @classmethod
    def of(cls, file: Path) -> Digest:
        """Read a file through; the interpreter is free for others meanwhile."""
        with file.open("rb") as content:
            return cls(
                sha256=hashlib.file_digest(content, "sha256").hexdigest(), size=content.tell()
            )


def fault(file: Path, keys: Sequence[VerifierKey], found: Digest) -> str | None:
    """Return what is wrong with a sealed file; None when the seal holds or is not there."""
    path = seal_path(file)
    if not path.exists():
        return None
    wal = file.with_name(file.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        return f"{path.name} seals the closed database, but something wrote beside it since"
    try:
        opened = open_note(path.read_bytes(), keys)
    except SottoError as error:
        return f"{path.name}: {error.message}"
    if opened.text != _text(opened.verified[0][0].name, found):
        return f"{file.name} is not as the audit service left it: bytes were changed since"
    return None


def _text(origin: str, found: Digest) -> str:
    return f"{origin}/sealed-file\n{found.size}\nsha256 {found.sha256}\n"
