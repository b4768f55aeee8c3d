# SPDX-License-Identifier: Apache-2.0
"""The signing key on disk, its public half beside it."""

from __future__ import annotations

from pathlib import Path

from services.common.files import write_private
from services.release.domain.signing import PublicKey, Signer, load_public_keys
from services.release.errors import KeyUnusable

PRIVATE = "signing-key.pem"
PUBLIC = "release-key.pem"


def ensure_signer(folder: Path) -> Signer:
    """Read the key of `folder`, or make it where there is none (private half 0600).

    Raises KeyUnusable where others can read it, or where the public half is not its own: somebody
    may have planted one to pass false certificates.
    """
    private, public = folder / PRIVATE, folder / PUBLIC
    if not private.exists():
        if public.exists():
            raise KeyUnusable(
                f"{public} is there and {private} is not; restore the private key from a backup,"
                " or keep the public one elsewhere and remove it to start with a new key"
            )
        write_private(private, Signer.generate().to_pem())
    if private.stat().st_mode & 0o077:
        raise KeyUnusable(f"{private} is readable by others; run: chmod 600 {private}")
    signer = Signer.from_pem(private.read_bytes())
    if not public.exists():
        write_private(public, signer.public_key.pem.encode(), mode=0o644)
    if read_public_keys(public) != [signer.public_key]:
        raise KeyUnusable(f"{public} is not the public half of {private}; find out who changed it")
    return signer


def read_public_keys(path: Path) -> list[PublicKey]:
    """Read the public keys of a file; raises KeyUnusable where it cannot be read or holds none."""
    try:
        return load_public_keys(path.read_bytes())
    except OSError as error:
        raise KeyUnusable(f"the key file {path} cannot be read ({error.strerror})") from error
