# SPDX-License-Identifier: Apache-2.0
"""The list of what a backup holds, written last: a folder without it is no backup."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import AfterValidator

from services.common.errors import Corrupted, NotFound
from services.common.records import Count, Moment, Record, Sha256Hex

MANIFEST = "manifest.json"
HOME = "home"
SECRETS = "secrets.sealed"
#: In the sealed file: the digest of the manifest, so that nobody without the passphrase makes one.
LISTING = "listing.sha256"
_CHUNK = 1 << 20


def _plain(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or str(PurePosixPath(path)) != path:
        raise ValueError("is no plain path within a home")
    return path


class CopiedFile(Record):
    """A file of the home, by its path in it."""

    path: Annotated[str, AfterValidator(_plain)]
    size: Count
    sha256: Sha256Hex


class Manifest(Record):
    """What a backup holds.

    `left_out` are files of the home that no rule names, `elsewhere` what the settings keep outside
    the home; neither is in the backup. `secrets_sha256` is the digest of the sealed file, which in
    turn holds that of everything else here.
    """

    format: Literal["sotto backup 1"] = "sotto backup 1"
    version: str
    made_at: Moment
    files: tuple[CopiedFile, ...]
    secrets_sha256: Sha256Hex
    left_out: tuple[str, ...]
    elsewhere: tuple[str, ...]

    @property
    def listing_sha256(self) -> bytes:
        """Digest (32 bytes) of all but the digest of the sealed file."""
        rest = self.model_dump(mode="json", exclude={"secrets_sha256"})
        return hashlib.sha256(rfc8785.dumps(rest)).digest()

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a backup; raises NotFound where there is none, Corrupted."""
        try:
            data = (folder / MANIFEST).read_bytes()
        except OSError as error:
            raise NotFound(
                f"{folder} is no backup: it has no {MANIFEST}; give a folder sotto-... that"
                " 'sotto backup create' made, and not one that it did not finish"
            ) from error
        return cls.parse(data, f"the manifest in {folder}", Corrupted)


@dataclass(frozen=True, slots=True)
class Digest:
    """Size in bytes and SHA-256 in hexadecimal of a file."""

    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read a file; raises OSError."""
        hashed, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                hashed.update(chunk)
                size += len(chunk)
        return cls(size, hashed.hexdigest())
