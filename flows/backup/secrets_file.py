# SPDX-License-Identifier: Apache-2.0
"""The file of a backup that opens the others: a tar archive under a passphrase.

One line of JSON says how (RFC 7914 scrypt, then AES-256-GCM of NIST SP 800-38D with that line as
associated data); the rest is the sealed archive. docs/operations.md opens it without Sotto.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Mapping
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from services.common.errors import Corrupted, PermissionDenied
from services.common.records import Base64, Count, Record

#: A passphrase shorter than this is refused: whoever has the file may guess at leisure.
SHORTEST_PASSPHRASE = 12
# RFC 7914 with 128 MiB and about half a second a guess, as OWASP's cheat sheet on password storage.
_LOG2_N = 17
_HIGHEST_LOG2_N = 18  # a header that asks for more is no file of ours
_MOST_HEADER_BYTES = 1024


class _Header(Record):
    """How the archive was sealed."""

    format: Literal["sotto backup secrets 1"] = "sotto backup secrets 1"
    scrypt_log2_n: Count
    scrypt_r: Literal[8] = 8
    scrypt_p: Literal[1] = 1
    salt: Base64
    nonce: Base64


def seal(files: Mapping[str, bytes], passphrase: bytes) -> bytes:
    """Return the sealed archive of the files, by path."""
    header = _Header(scrypt_log2_n=_LOG2_N, salt=os.urandom(16), nonce=os.urandom(12))
    line = header.canonical_bytes() + b"\n"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o600
            archive.addfile(member, io.BytesIO(content))
    sealed = AESGCM(_key(header, passphrase)).encrypt(header.nonce, packed.getvalue(), line)
    return line + sealed


def open_sealed(data: bytes, passphrase: bytes) -> dict[str, bytes]:
    """Return the files of a sealed archive, by path.

    Raises Corrupted for what is no such archive, PermissionDenied where the passphrase does not
    open it, which a damaged file looks like as well.
    """
    line, found, sealed = data[:_MOST_HEADER_BYTES].partition(b"\n")
    header = _Header.parse(line, "the file of secrets", Corrupted) if found else None
    if header is None or not 1 <= header.scrypt_log2_n <= _HIGHEST_LOG2_N:
        raise Corrupted("the file of secrets is none that sotto backup wrote; take another copy")
    sealed = data[len(line) + 1 :]
    try:
        packed = AESGCM(_key(header, passphrase)).decrypt(header.nonce, sealed, line + b"\n")
    except InvalidTag as error:
        raise PermissionDenied(
            "the passphrase does not open the file of secrets, or the file is damaged; try the"
            " passphrase of that day, or another copy",
            reason="passphrase_refused",
        ) from error
    files = {}
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                files[member.name] = content.read()
    return files


def _key(header: _Header, passphrase: bytes) -> bytes:
    derive = Scrypt(
        salt=header.salt,
        length=32,
        n=2**header.scrypt_log2_n,
        r=header.scrypt_r,
        p=header.scrypt_p,
    )
    return derive.derive(passphrase)
