# SPDX-License-Identifier: Apache-2.0
"""A compliance officer's desk: the console over a log that was written, and stores that answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc

from services.audit.handlers import convert
from services.audit.handlers.query import AuditCheckpointHandlers, AuditQueryHandlers
from services.audit.handlers.review import AuditReviewHandlers
from services.audit_evidence.entry import Outcome, Phase, ReportedEvent
from services.common import context
from services.common.audit import AuditTrail
from services.common.errors import NotFound, Unavailable
from services.registry.events import Event
from services.registry.identities import AUDIT, CLINICAL, DEIDENTIFICATION, RESEARCH
from services.registry.identities import RELEASE as RELEASE_SERVICE
from sotto.audit.v1 import entry_pb2
from sotto.release.v1 import copy_pb2
from sotto.storage.v1 import admin_pb2, catalog_pb2, recording_pb2
from sotto.study.v1 import study_pb2
from tests.support.audit import LogFixture
from tests.support.in_process import InProcessChannel

RECORDING = "rec-" + "a" * 26
RELEASE = "rel-" + "b" * 26
P01 = {"study_id": "st1", "participant": "P01"}
_WRITERS = {
    Event.RECORDING_SEALED: CLINICAL, Event.RECORDING_READ: CLINICAL,
    Event.RECORDING_REMOVED: CLINICAL, Event.QUALITY_READ: "release",
    Event.TRANSCRIPT_READ: RESEARCH, Event.BUNDLE_FILE_SEALED: RESEARCH,
    Event.BUNDLE_SEALED: RESEARCH, Event.TRANSCRIPT_REVIEWED: "release",
    Event.RELEASE_BUILT: "release", Event.RELEASE_EXPORTED: "release", Event.CALL_DENIED: "release",
}  # fmt: skip
_ZONES = {CLINICAL: "clinical", RESEARCH: "research", "release": "research"}


class WrittenLog:
    """A log in a folder with the story of one recording, and the handlers of its service."""

    def __init__(self, folder: Path) -> None:
        self.fixture = LogFixture(folder)
        self.log = self.fixture.log
        trail = AuditTrail(self._append)
        self.servicers = {
            "sotto.audit.v1.AuditQueryService": AuditQueryHandlers(
                self.log, trail, self.log.refresh, lambda: "", tuple
            ),
            "sotto.audit.v1.AuditCheckpointService": AuditCheckpointHandlers(
                self.log, self.log.refresh, lambda: "", "Hospital Sentosa"
            ),
            "sotto.audit.v1.AuditReviewService": AuditReviewHandlers(self.log, trail),
        }

    def _append(self, event: entry_pb2.Event) -> int:
        return self.fixture.add(convert.to_event(event), service=AUDIT)

    def tell(self, name: Event, **fields: Any) -> int:
        """Add a fact by the service whose event it is."""
        service = _WRITERS[name]
        result = fields.pop("result", Outcome.SUCCESS)
        event = ReportedEvent(name.value, Phase.FACT, result, zone=_ZONES[service], **fields)
        return self.fixture.add(event, service=service)

    def tell_story(self) -> None:
        """Tell of a recording that came in, was reviewed, released and handed out."""
        reviewer = {"person": "ana", "role": "reviewer", "purpose": "review", "request_id": "q2"}
        operator = {"person": "root", "role": "operator", "request_id": "q3"}
        researcher = {"person": "ben", "role": "researcher", "request_id": "q4"}
        self.tell(Event.RECORDING_SEALED, object=RECORDING, attributes={"session": "1"}, **P01)
        self.tell(
            Event.RECORDING_READ, object=RECORDING, caller="transcription", role="flow",
            request_id="q1", **P01,
        )  # fmt: skip
        self.tell(Event.TRANSCRIPT_REVIEWED, object=RECORDING, caller="reviewer", **reviewer, **P01)
        run = f"{RECORDING}/{'0' * 32}"
        self.tell(Event.TRANSCRIPT_READ, object=run, caller="release", **reviewer, **P01)
        self.tell(Event.TRANSCRIPT_READ, object=run, caller="release", **operator, **P01)
        file = f"{RELEASE}/txt/P01_S1.txt"
        self.tell(Event.BUNDLE_FILE_SEALED, object=file, caller="release", **operator, **P01)
        self.tell(Event.BUNDLE_SEALED, object=RELEASE, study_id="st1", **operator)
        self.tell(
            Event.RELEASE_EXPORTED, object="st1", study_id="st1", caller="researcher",
            attributes={"release_id": RELEASE, "format": "docx"}, **researcher,
        )  # fmt: skip
        self.tell(Event.CALL_DENIED, object="x", result=Outcome.DENIED, reason="not_a_member")

    def close(self) -> None:
        """Close it."""
        self.fixture.close()


class Zone:
    """A zone as an officer meets it: one study, one recording, what an erasure takes."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.erased: list[tuple[str, str, str]] = []
        self.held = False
        self.fault: Exception | None = None

    def ListStudies(self, _request: Any, _context: object) -> catalog_pb2.ListStudiesResponse:
        """Name the study."""
        return catalog_pb2.ListStudiesResponse(study_ids=["st1"])

    def GetStudy(self, request: Any, _context: object) -> catalog_pb2.GetStudyResponse:
        """Describe it."""
        if request.study_id != "st1":
            raise NotFound("there is no such study")
        study = study_pb2.Study(id="st1", participants=["P01", "P02"])
        return catalog_pb2.GetStudyResponse(study=study)

    def ListRecordings(self, _request: Any, _context: object) -> catalog_pb2.ListRecordingsResponse:
        """List nothing."""
        return catalog_pb2.ListRecordingsResponse()

    def PreviewErasure(
        self, request: Any, _context: object
    ) -> Iterator[admin_pb2.PreviewErasureResponse]:
        """List two objects, one of which a lock keeps."""
        folder = f"{request.study_id}/{request.participant}/{RECORDING}"
        objects = [
            admin_pb2.ErasureObject(name=f"{folder}/source", kind="source"),
            admin_pb2.ErasureObject(name=f"{folder}/manifest", kind="manifest", locked=True),
        ]
        yield admin_pb2.PreviewErasureResponse(objects=objects)

    def EraseParticipant(
        self, request: Any, _context: object
    ) -> admin_pb2.EraseParticipantResponse:
        """Note for whom it was asked, and answer with a receipt."""
        if self.fault:
            raise self.fault
        self.erased.append((context.current().person, request.study_id, request.participant))
        receipt = admin_pb2.ErasureReceipt(
            zone=self.zone, key_id="feedc0de", objects_deleted=2, verified_unreadable=True
        )
        return admin_pb2.EraseParticipantResponse(receipt=receipt)

    def ListRetentionCalendar(
        self, _request: Any, _context: object
    ) -> recording_pb2.ListRetentionCalendarResponse:
        """Tell of one recording that is due."""
        date = recording_pb2.RetentionDate(
            ref=recording_pb2.RecordingRef(
                study_id="st1", participant="P01", recording_id=RECORDING
            ),
            state=recording_pb2.RETENTION_STATE_DUE,
            held=self.held,
        )
        date.due_at.FromJsonString("2026-12-24T00:00:00Z")
        date.released_at.FromJsonString("2026-11-24T00:00:00Z")
        return recording_pb2.ListRetentionCalendarResponse(recordings=[date], keep_days=30)

    def PutHold(self, request: Any, _context: object) -> recording_pb2.PutHoldResponse:
        """Hold, or not."""
        existed, self.held = self.held == request.held, request.held
        return recording_pb2.PutHoldResponse(existed=existed)


class Hospital:
    """The services that an officer's pages call."""

    def __init__(self, folder: Path) -> None:
        self.log = WrittenLog(folder)
        self.clinical, self.research = Zone("clinical"), Zone("research")
        self.copies: list[copy_pb2.HeldCopy] = []
        self.away: Exception | None = None

    def ListHeldCopies(
        self, request: copy_pb2.ListHeldCopiesRequest, _context: object
    ) -> copy_pb2.ListHeldCopiesResponse:
        """List the copies that a test put there, as the release service does."""
        if self.away:
            raise self.away
        found = [one for one in self.copies if one.study_id == request.study_id]
        terms = [copy_pb2.Terms(sha256=one.terms_sha256, text="Keep it.") for one in found[:1]]
        return copy_pb2.ListHeldCopiesResponse(copies=found, terms=terms)

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a service."""
        if name == AUDIT:
            return InProcessChannel.to(self.log.servicers)
        if name == RELEASE_SERVICE:
            return InProcessChannel.to({"sotto.release.v1.CopyReaderService": self})
        if name == DEIDENTIFICATION:
            raise Unavailable("de-identification is away")
        zone = self.clinical if name == CLINICAL else self.research
        names = ("CatalogReader", "Erasure", "RetentionCalendar", "Hold")
        return InProcessChannel.to({f"sotto.storage.v1.{one}Service": zone for one in names})
