# SPDX-License-Identifier: Apache-2.0
"""When the installation was last looked after, by what the log holds; no entry is handed out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import grpc

from services.audit.adapters.cosigning import WitnessStatus
from services.audit.domain.log import AuditLog
from services.audit.handlers import convert
from services.audit_evidence.entry import Entry, Outcome
from services.audit_evidence.query import Query
from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.registry.events import LOOKED_AFTER, STORES, ZONES, Event
from services.registry.identities import AUDIT
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2, upkeep_pb2

_BACKUPS = {
    upkeep_pb2.BACKUP_ACT_MADE: Event.BACKUP_MADE,
    upkeep_pb2.BACKUP_ACT_CHECKED: Event.BACKUP_CHECKED,
    upkeep_pb2.BACKUP_ACT_RESTORED: Event.BACKUP_RESTORED,
}
#: What is told, and whose entries tell it.
_TOLD = (
    *((event, AUDIT) for event in (Event.LOG_VERIFIED, *_BACKUPS.values())),
    *((event, zone) for event in LOOKED_AFTER for zone in STORES),
)
_CLOCKS_APART = timedelta(minutes=5)


class AuditUpkeepHandlers(stubs.AuditUpkeepServiceServicer):
    """AuditUpkeepService over the log; `refresh` takes in what other processes appended."""

    def __init__(
        self,
        log: AuditLog,
        trail: AuditTrail,
        refresh: Callable[[], None],
        witnesses: Callable[[], Iterable[WitnessStatus]],
    ) -> None:
        self._log = log
        self._trail = trail
        self._refresh = refresh
        self._witnesses = witnesses

    def GetUpkeep(
        self, request: upkeep_pb2.GetUpkeepRequest, context: grpc.ServicerContext
    ) -> upkeep_pb2.GetUpkeepResponse:
        """Return the last of each kind that ended, well or not."""
        self._refresh()
        return upkeep_pb2.GetUpkeepResponse(
            acts=self._acts(), witnesses=map(convert.to_witness_message, self._witnesses())
        )

    def NoteBackup(
        self, request: upkeep_pb2.NoteBackupRequest, context: grpc.ServicerContext
    ) -> upkeep_pb2.NoteBackupResponse:
        """Record what was done with a backup."""
        try:
            made_at = request.made_at.ToDatetime(UTC)
        except (ValueError, OverflowError):
            raise InvalidInput("made_at is not between the years 1 and 9999") from None
        if made_at > datetime.now(UTC) + _CLOCKS_APART:
            raise InvalidInput(
                "the backup was made in the future; set the clock of the machine that made it"
            )
        self._trail.fact(
            _BACKUPS[request.act],
            outcome=entry_pb2.OUTCOME_SUCCESS if request.good else entry_pb2.OUTCOME_FAILURE,
            reason="" if request.good else "backup_damaged",
            attributes={"made_at": f"{made_at:%Y-%m-%dT%H:%M:%SZ}", "files": request.files},
        )
        return upkeep_pb2.NoteBackupResponse()

    def _acts(self) -> Iterator[upkeep_pb2.UpkeepAct]:
        for event, service in _TOLD:
            entry = self._last(event, service)
            if entry is None:
                continue
            findings = entry.event.attributes.get("findings", "0")
            act = upkeep_pb2.UpkeepAct(
                event=event.value,
                zone=ZONES[service],
                good=entry.event.outcome is Outcome.SUCCESS,
                findings=int(findings),
            )
            act.at.FromDatetime(entry.time)
            yield act

    def _last(self, event: Event, service: str) -> Entry | None:
        """Return the last entry of an event that ended; an intent may never have."""
        found = [
            entry
            for outcome in (Outcome.SUCCESS, Outcome.FAILURE)
            for entry in self._log.page_back(
                Query(name=event.value, service=service, outcome=outcome),
                0, self._log.snapshot.size, 1,
            )[0]
        ]  # fmt: skip
        return max(found, key=lambda one: one.index, default=None)
