# SPDX-License-Identifier: Apache-2.0
"""Check a backup against its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from flows.backup import secrets_file
from flows.backup.manifest import HOME, LISTING, SECRETS, Digest, Manifest
from services.common.errors import Corrupted


def check(
    backup: Path, manifest: Manifest, on_file: Callable[[str], object] = lambda _path: None
) -> list[str]:
    """Read every file of a backup and return what is wrong, each as `path: what`."""
    wrong = []
    for one in manifest.files:
        on_file(one.path)
        try:
            found = Digest.of(backup / HOME / one.path)
        except OSError:
            wrong.append(f"{one.path}: missing")
            continue
        if found != Digest(one.size, one.sha256):
            wrong.append(f"{one.path}: changed")
    listed = {one.path for one in manifest.files}
    for path in sorted((backup / HOME).rglob("*")):
        name = str(path.relative_to(backup / HOME))
        if (path.is_symlink() or not path.is_dir()) and name not in listed:
            wrong.append(f"{name}: not in the manifest")
    return wrong


def open_secrets(file: Path, manifest: Manifest, passphrase: bytes) -> dict[str, bytes]:
    """Return the secrets of a backup by path; raises Corrupted, PermissionDenied."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Corrupted(
            f"{file} cannot be read; where the secrets lie elsewhere, name the file: --secrets"
        ) from error
    if hashlib.sha256(data).hexdigest() != manifest.secrets_sha256:
        raise Corrupted(f"{file} is damaged, or belongs to another backup; take another copy")
    opened = secrets_file.open_sealed(data, passphrase)
    if opened.pop(LISTING, b"") != manifest.listing_sha256:
        raise Corrupted(
            f"the manifest beside {file} is not the one that was made with it: files may have been"
            " changed, added or taken away; take another copy"
        )
    return opened


def secrets_of(backup: Path) -> Path:
    """Return where a backup's file of secrets is unless it was moved."""
    return backup / SECRETS
