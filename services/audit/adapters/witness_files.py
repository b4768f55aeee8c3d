# SPDX-License-Identifier: Apache-2.0
"""The memory of a witness as files, laid out as published: `<SHA-256 of origin>/checkpoint`."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from services.audit.errors import LogUnavailable
from services.audit_evidence.keys import SignatureType, SigningKey
from services.common.files import is_open_to_others, sync_folder, write_private

KEY_FILE = "witness.key"
VKEY_FILE = "witness.vkey"


class WitnessFiles:
    """Memory in a folder; a lock file excludes other processes, a lock other threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Exclude every other request."""
        with self._lock:
            handle = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)

    def latest(self, origin: str) -> str | None:
        """Return the newest note."""
        path = self.path(origin)
        return path.read_text("utf-8") if path.exists() else None

    def remember(self, origin: str, note: str) -> None:
        """Replace the note durably."""
        path = self.path(origin)
        if not path.parent.exists():
            path.parent.mkdir(mode=0o755)
            sync_folder(self._folder)
        write_private(path, note.encode(), mode=0o644)

    def path(self, origin: str) -> Path:
        """Return the path of the note of a log."""
        return self._folder / hashlib.sha256(origin.encode()).hexdigest() / "checkpoint"


def ensure_witness_key(folder: Path, name: str) -> SigningKey:
    """Read the witness's key; make it (0600) and the file of its public half at the first start."""
    path = folder / KEY_FILE
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = SigningKey.generate(name, SignatureType.COSIGNATURE)
        write_private(path, (made.secret_text() + "\n").encode())
    if is_open_to_others(path):
        raise LogUnavailable(f"{path} can be read by others; run: chmod 600 {path}")
    key = SigningKey.parse(path.read_text("ascii").removesuffix("\n"))
    write_private(folder / VKEY_FILE, f"{key.verifier}\n".encode(), mode=0o644)
    return key
