# SPDX-License-Identifier: Apache-2.0
"""The signing key on disk, its public half beside it."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from services.common.files import is_open_to_others, sync_folder, write_private
from services.common.signing import KeyUnusable, PublicKey, Signer, load_public_keys

PRIVATE = "signing-key.pem"
PUBLIC = "release-key.pem"


def ensure_signer(folder: Path) -> Signer:
    """Read the key of releases in `folder`, or make it; see `ensure_pair`."""
    return ensure_pair(folder / PRIVATE, folder / PUBLIC)


def ensure_pair(private: Path, public: Path) -> Signer:
    """Read a key from its two files, or make it when it does not exist (private half 0600).

    Of several processes that start at once, one makes the key and all read that one. Raises
    KeyUnusable when others can read the key, when the private half is missing beside the public
    one, or when the two are not a pair: somebody may have planted a key to pass false certificates.
    """
    # In this order: the private half is written first, so that a pair that is just being made
    # never looks like a public half alone.
    if public.exists() and not private.exists():
        raise KeyUnusable(
            f"{public} is there and {private} is not; restore the private key from a backup,"
            " or keep the public one elsewhere and remove it to start with a new key"
        )
    if not private.exists():
        _create(private, Signer.generate().to_pem())
    if is_open_to_others(private):
        raise KeyUnusable(f"{private} is readable by others; run: chmod 600 {private}")
    signer = Signer.from_pem(private.read_bytes())
    if not public.exists():
        write_private(public, signer.public_key.pem.encode(), mode=0o644)
    if read_public_keys(public) != [signer.public_key]:
        raise KeyUnusable(f"{public} is not the public half of {private}; find out who changed it")
    return signer


def read_public_keys(path: Path) -> list[PublicKey]:
    """Read the public keys of a file; raises KeyUnusable when it cannot be read or holds none."""
    try:
        return load_public_keys(path.read_bytes())
    except OSError as error:
        raise KeyUnusable(f"the key file {path} cannot be read ({error.strerror})") from error


def _create(path: Path, content: bytes) -> None:
    """Write a file (0600), durably and whole, unless another process has just made it."""
    own = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    write_private(own, content)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
    finally:
        own.unlink()
    sync_folder(path.parent)
