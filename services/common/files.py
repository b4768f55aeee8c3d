# SPDX-License-Identifier: Apache-2.0
"""Private files: written atomically and durably, and recognised when others can read them."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

# A process needs so much to start: its address, the first lines of its log, files of a database.
_LEAST_ROOM = 1024 * 1024


def write_private(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write `content` to `path` atomically and durably, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_folder(path.parent)


def is_open_to_others(path: Path) -> bool:
    """Return whether users other than its owner may read, change or enter a file or folder.

    Raises OSError when it cannot be looked at.
    """
    return path.stat().st_mode & 0o077 != 0


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_disk_full(path: Path) -> bool:
    """Return whether the file system of a folder has no room for the start of a process."""
    try:
        found = os.statvfs(path)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < _LEAST_ROOM


def says_disk_full(error: OSError) -> bool:
    """Return whether an error is about a full disk, or a quota that is used up."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}
