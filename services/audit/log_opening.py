# SPDX-License-Identifier: Apache-2.0
"""Opens the log that the settings name: its store, keys, anchors, writer and witnesses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from services.audit.adapters.checkpoint_file import (
    CHECKPOINT_FILE,
    WITNESSED_FILE,
    FileAnchor,
    ReadOnlyAnchor,
)
from services.audit.adapters.cosigning import Cosigning, WitnessState, WitnessStatus
from services.audit.adapters.key_files import ensure_keys
from services.audit.adapters.log_source import LogSource
from services.audit.adapters.sources import open_source
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.log import AuditLog
from services.audit.domain.ports import Anchor, Store
from services.audit.domain.writer import Writer
from services.audit.errors import LogUnavailable
from services.audit.settings import AuditSettings
from services.audit_evidence.policy import WitnessPolicy
from services.audit_evidence.verify import Source
from services.common.audit import AuditTrail
from services.registry.attributes import Attributes
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2

if TYPE_CHECKING:
    from services.audit.adapters.postgres_store import PostgresStore
    from services.audit.adapters.s3_anchor import S3Anchor

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OpenLog:
    """The log of this process, its one writer, and the store under both."""

    log: AuditLog
    writer: Writer
    store: Store
    folder: Path
    cosigning: Cosigning | None

    @property
    def is_shared(self) -> bool:
        """Whether other processes may append to this log: SQLite has one process alone."""
        return not isinstance(self.store, SqliteStore)

    def refresh(self) -> None:
        """Read what other processes appended, where others may append."""
        if self.is_shared:
            self.writer.refresh()

    def open_copy(self) -> Source:
        """Open the log for verification: the database file, or what the database server gives."""
        if self.is_shared:
            return LogSource(self.log)
        return open_source(self.folder)

    def start_witnessing(self, trail: AuditTrail) -> None:
        """Begin to ask the witnesses that the settings name, and record their changes of state."""
        if self.cosigning:
            self.cosigning.start(
                lambda old, size: self.log.consistency_proof(old, size)[0],
                lambda before, after: record_witness_change(trail, before, after),
                self._has_grown_to,
            )

    def _has_grown_to(self, size: int) -> bool:
        if self.log.snapshot.size < size:
            self.refresh()  # another process of this log may have published more
        return self.log.snapshot.size >= size

    def witnessed(self) -> str:
        """Return the newest checkpoint that witnesses cosigned; empty when none was cosigned."""
        anchor = self.cosigning or ReadOnlyAnchor(self.folder / WITNESSED_FILE)
        return anchor.latest() or ""

    def close(self) -> None:
        """Commit what is queued, publish the last checkpoint and close the store."""
        self.writer.close()
        if self.cosigning:
            self.cosigning.close()
        self.store.close()


def open_log(settings: AuditSettings) -> OpenLog:
    """Open the log that the settings name; make it at the first start.

    Raises LogDamaged when it contradicts itself or a published checkpoint, LogUnavailable when it
    is in use or cannot be reached.
    """
    folder = settings.folder()
    store = _store(settings, folder)
    try:
        keys = ensure_keys(folder, settings.audit_origin, fresh=store.head() is None)
        paths = [folder / CHECKPOINT_FILE, *settings.audit_anchors]
        anchors: list[Anchor] = [FileAnchor(path) for path in paths]
        cosigning = _cosigning(settings, folder)
        anchors.append(cosigning or ReadOnlyAnchor(folder / WITNESSED_FILE))
        anchors += s3_anchors(settings)
        log = AuditLog(store, keys.signing, retired=keys.retired, anchors=anchors)
        if isinstance(store, SqliteStore):
            store.seal_keys = keys.signing
    except BaseException:
        store.close()
        raise
    writer = Writer(log, publish_every=settings.audit_publish_seconds, on_fault=_log_fault)
    _log.info("log_opened", entries=log.snapshot.size)
    return OpenLog(log, writer, store, folder, cosigning)


def _store(settings: AuditSettings, folder: Path) -> SqliteStore | PostgresStore:
    if not settings.audit_database:
        return SqliteStore(folder)
    from services.audit.adapters.postgres_store import PostgresStore

    return PostgresStore(settings.audit_database)


def _cosigning(settings: AuditSettings, folder: Path) -> Cosigning | None:
    path = settings.audit_policy or folder / "policy"
    if settings.audit_policy is None and not path.exists():
        return None
    try:
        policy = WitnessPolicy.parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise LogUnavailable(f"the policy {path} cannot be read as text") from None
    if not policy.addresses:
        return None
    return Cosigning(folder, policy, every=settings.audit_witness_seconds)


def record_witness_change(trail: AuditTrail, before: WitnessStatus, after: WitnessStatus) -> None:
    """Record that a witness stopped cosigning, cosigns again, or remembers another history."""
    facts: Attributes = {"key_id": after.key_id, "checkpoint_size": after.size}
    name = re.sub(r"[^A-Za-z0-9_./:-]", "_", after.name)
    if after.state is WitnessState.CONFLICT:
        _log.error("witness_conflict", peer=name, size=after.size)
        event, outcome = Event.WITNESS_CONFLICT, entry_pb2.OUTCOME_FAILURE
    elif after.state is WitnessState.COSIGNS:
        if before.state is WitnessState.UNKNOWN:
            return
        _log.info("witness_returned", peer=name)
        event, outcome = Event.WITNESS_RETURNED, entry_pb2.OUTCOME_SUCCESS
    else:
        _log.warning("witness_lost", peer=name, state=after.state.value)
        event, outcome = Event.WITNESS_LOST, entry_pb2.OUTCOME_FAILURE
    trail.fact(event, object=name, outcome=outcome, reason=after.state.value, attributes=facts)


def s3_anchors(settings: AuditSettings) -> list[S3Anchor]:
    """Return the anchor in a bucket where the settings name one."""
    if not settings.audit_s3_endpoint:
        return []
    from services.audit.adapters.s3_anchor import S3Anchor, S3AnchorOptions
    from services.common.s3_client import S3Connection

    connection = S3Connection(
        settings.audit_s3_endpoint,
        settings.audit_s3_credentials or settings.folder() / "s3.credentials",
        ca=settings.audit_s3_ca,
        plain_http=settings.audit_s3_plain_http,
        prefix="audit_s3_",
    )
    options = S3AnchorOptions(
        connection,
        settings.audit_s3_bucket,
        days=settings.audit_s3_days,
        every=settings.audit_s3_seconds,
    )
    return [S3Anchor(options)]


def _log_fault(error: Exception) -> None:
    _log.error("log_fault", exc_info=error)
