# SPDX-License-Identifier: Apache-2.0
"""Starts a new log after a restore, under a new name; its first entry names the old one.

A log that is behind what it signed may never sign again under its old name. What was lost is lost,
and said so; the old files stay beside the new ones as evidence.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path

from services.audit.adapters.checkpoint_file import CHECKPOINT_FILE, WITNESSED_FILE
from services.audit.adapters.key_files import KEY_FILE, VKEY_FILE, ensure_keys
from services.audit.adapters.seal import seal_path
from services.audit.adapters.sqlite_schema import FILE_NAME
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.log import AuditLog
from services.audit.errors import LogUnavailable
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.entry import DraftEntry, Outcome, Phase, ReportedEvent
from services.audit_evidence.errors import InvalidFormat
from services.common.files import sync_folder
from services.registry.events import Event
from services.registry.identities import AUDIT
from services.registry.reasons import RENEWALS


def start_anew(folder: Path, *, person: str, reason: str, origin: str = "") -> Path:
    """Move the old log aside and begin a new one; return the folder with the old files.

    The service must be stopped. The first entry holds the old log's name and its last known size
    and root. Raises LogUnavailable when the log is in use, InvalidFormat when nothing was ever
    published or the reason is not a known one.
    """
    published = folder / CHECKPOINT_FILE
    if not published.exists():
        raise InvalidFormat(f"{folder} has no published checkpoint: there is no log to go on from")
    SqliteStore.try_lock(folder)
    old = peek(published.read_bytes())
    if reason not in RENEWALS:
        raise InvalidFormat(f"the reason is one of: {', '.join(RENEWALS)}")
    if origin == old.origin:
        raise InvalidFormat("the new log needs another name than the old one")
    event = ReportedEvent(
        Event.LOG_RENEWED.value,
        Phase.FACT,
        Outcome.SUCCESS,
        person=person,
        reason=reason,
        attributes={
            "old_origin": old.origin,
            "checkpoint_size": str(old.size),
            "checkpoint_root": base64.b64encode(old.root).decode(),
        },
    )
    draft = DraftEntry(event, AUDIT)
    aside = folder / f"old-{old.origin.replace('/', '_')}"
    if aside.exists():
        raise LogUnavailable(f"{aside} exists already; move it elsewhere first")
    aside.mkdir(mode=0o700)
    database = folder / FILE_NAME
    names = [FILE_NAME, FILE_NAME + "-wal", FILE_NAME + "-shm", seal_path(database).name]
    for name in (*names, KEY_FILE, VKEY_FILE, CHECKPOINT_FILE, WITNESSED_FILE):
        with suppress(FileNotFoundError):
            (folder / name).rename(aside / name)
    sync_folder(aside)
    sync_folder(folder)
    store = SqliteStore(folder)
    try:
        ring = ensure_keys(folder, origin, fresh=True)
        store.seal_keys = ring.signing
        AuditLog(store, ring.signing).commit([draft])
    finally:
        store.close()
    return aside
