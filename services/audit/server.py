# SPDX-License-Identifier: Apache-2.0
"""Opens the log and registers its handlers on a server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import structlog

from services.audit.adapters.checkpoint_file import (
    CHECKPOINT_FILE,
    WITNESSED_FILE,
    FileAnchor,
    ReadOnlyAnchor,
)
from services.audit.adapters.cosigning import Cosigning, WitnessState, WitnessStatus
from services.audit.adapters.key_files import ensure_keys
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.log import AuditLog
from services.audit.domain.policy import Policy
from services.audit.domain.ports import Anchor, Store
from services.audit.domain.writer import Writer
from services.audit.errors import LogUnavailable
from services.audit.handlers.append import AppendHandlers
from services.audit.handlers.query import QueryHandlers
from services.audit.handlers.review import ReviewHandlers
from services.audit.settings import AuditSettings
from services.common.audit import AuditTrail
from services.registry.attributes import Attributes
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2

if TYPE_CHECKING:
    from services.audit.adapters.postgres_store import PostgresStore

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OpenLog:
    """The log of this process, its one writer, and the store under both."""

    log: AuditLog
    writer: Writer
    store: Store
    folder: Path
    cosigning: Cosigning | None

    def witness(self, trail: AuditTrail) -> None:
        """Begin to ask the witnesses that the settings name."""
        if self.cosigning:
            self.cosigning.start(
                lambda old, size: self.log.consistency_proof(old, size)[0],
                lambda before, after: _tell(trail, before, after),
                self._has,
            )

    def _has(self, size: int) -> bool:
        if self.log.snapshot.size < size and not isinstance(self.store, SqliteStore):
            self.writer.refresh()  # another process of this log may have published more
        return self.log.snapshot.size >= size

    def witnessed(self) -> str:
        """Give the newest checkpoint that witnesses cosigned; empty when there is none."""
        anchor = self.cosigning or ReadOnlyAnchor(self.folder / WITNESSED_FILE)
        return anchor.latest() or ""

    def close(self) -> None:
        """Commit what waits, publish the last checkpoint, let go of the store."""
        self.writer.close()
        if self.cosigning:
            self.cosigning.close()
        self.store.close()


def open_log(settings: AuditSettings) -> OpenLog:
    """Open the log that the settings name; makes it at the first start.

    Raises LogDamaged when it contradicts itself or a published checkpoint, LogUnavailable when it
    is in use or cannot be reached.
    """
    folder = settings.folder()
    store = _store(settings, folder)
    try:
        ring = ensure_keys(folder, settings.audit_origin, fresh=store.head() is None)
        paths = [folder / CHECKPOINT_FILE, *settings.audit_anchors]
        anchors: list[Anchor] = [FileAnchor(path) for path in paths]
        cosigning = _cosigning(settings, folder)
        anchors.append(cosigning or ReadOnlyAnchor(folder / WITNESSED_FILE))
        anchors += _bucket(settings)
        log = AuditLog(store, ring.signing, retired=ring.retired, anchors=anchors)
        if isinstance(store, SqliteStore):
            store.seal_keys = ring.signing
    except BaseException:
        store.close()
        raise
    writer = Writer(log, publish_every=settings.audit_publish_seconds, on_fault=_report)
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
        policy = Policy.parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise LogUnavailable(f"the policy {path} cannot be read as text") from None
    if not policy.addresses:
        return None
    return Cosigning(folder, policy, every=settings.audit_witness_seconds)


def _tell(trail: AuditTrail, before: WitnessStatus, after: WitnessStatus) -> None:
    """Record that a witness is lost, back, or remembers another history."""
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


def _bucket(settings: AuditSettings) -> list[Anchor]:
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


def register(server: grpc.Server, opened: OpenLog, trail: AuditTrail) -> None:
    """Add the handlers of both gRPC services."""
    stubs.add_AuditAppendServiceServicer_to_server(AppendHandlers(opened.writer), server)
    # SQLite has one process, so that its snapshot is always the newest.
    shared = not isinstance(opened.store, SqliteStore)
    handlers = QueryHandlers(
        opened.log,
        trail,
        freshen=opened.writer.refresh if shared else lambda: None,
        witnessed=opened.witnessed,
    )
    stubs.add_AuditQueryServiceServicer_to_server(handlers, server)
    stubs.add_AuditReviewServiceServicer_to_server(ReviewHandlers(opened.log, trail), server)


def _report(error: Exception) -> None:
    _log.error("log_fault", exc_info=error)
