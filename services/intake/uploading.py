# SPDX-License-Identifier: Apache-2.0
"""What came by an upload, told before it is a recording; and its sealing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.common.client import Channels
from services.common.errors import InvalidInput, SottoError
from services.common.wording import counted
from services.intake.checks import StudyContents, existing, label_warnings
from services.intake.outcomes import IntakeWarning, Interview
from services.intake.report import told
from services.recordings_client import removals
from services.registry import identities
from services.registry.recording_doubts import doubt_sentences
from services.registry.removals import RemovalReason
from services.storage_client.catalog import CatalogClient
from services.storage_client.uploads import UploadClient
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2, upload_pb2
from sotto.transcript.v1 import reading_pb2
from sotto.transcription.v1 import intake_pb2, intake_service_pb2_grpc

_SECONDS = 7200.0
"""For decoding a recording from end to end."""

_MEDIA = recording_pb2.RECORDING_KIND_MEDIA


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an uploaded file, as `Interview` has it."""

    session: int = 1
    date: str = ""
    reading: reading_pb2.ReadingOptions = field(default_factory=reading_pb2.ReadingOptions)
    speakers: int = 0


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What was found in an upload.

    `refused` says why it cannot be sealed, "" where it can. `existing` is the recording that it is
    already, `replaced` a failed one that it stands for.
    """

    kind: recording_pb2.RecordingKind
    facts: Sequence[str] = ()
    warnings: Sequence[IntakeWarning] = ()
    refused: str = ""
    existing: recording_pb2.RecordingRef | None = None
    replaced: recording_pb2.RecordingRef | None = None

    @property
    def is_media(self) -> bool:
        """Whether it would be sealed as audio or video."""
        return self.kind == _MEDIA


def look(peers: Channels, ref: upload_pb2.UploadRef, said: Said) -> UploadReport:
    """Return what is in an upload whose parts are all there; nothing is sealed.

    Raises NotFound for one that ended, and NotReady while parts are missing.
    """
    clinical = peers.channel(identities.CLINICAL)
    inspected = UploadClient(clinical).inspect(ref)
    interview = _interview(ref, said)
    try:
        if inspected.unreadable:
            raise InvalidInput(inspected.unreadable)
        found = _examine(peers, ref, said)
    except InvalidInput as error:
        return UploadReport(inspected.kind, refused=error.message)
    study = CatalogClient(clinical).study(ref.study_id)
    contents = StudyContents(peers, study)
    kind = "media" if inspected.kind == _MEDIA else "transcript"
    # The store looked for the content by its hash, which nobody outside learns.
    places = {b"": list(inspected.found)}
    warnings = [IntakeWarning("unknown_start")] if kind == "media" and not inspected.form else []
    if found.HasField("reading"):
        reading = found.reading
        facts = told(reading)
        warnings += [IntakeWarning(one.kind, one.count, one.place) for one in reading.warnings]
        warnings += label_warnings(interview, reading, study)
    else:
        facts = list(_audio_facts(inspected.form, found.audio))
    warnings += contents.warnings(1, interview, b"", kind, places)
    there = existing(interview, inspected.found)
    return UploadReport(
        inspected.kind,
        facts,
        warnings,
        existing=there,
        replaced=None if there else contents.replaceable(interview, kind),
    )


def finish(
    peers: Channels,
    ref: upload_pb2.UploadRef,
    report: UploadReport,
    said: Said,
    parts_sha256: bytes,
) -> tuple[recording_pb2.RecordingRef, bool]:
    """Make an upload a recording; return its names, and whether it was there already.

    A recording that was there and had failed is cleared to be tried again, as at any intake.
    """
    channel = peers.channel(identities.CLINICAL)
    done = UploadClient(channel).finish(
        upload_pb2.FinishUploadRequest(
            ref=ref,
            parts_sha256=parts_sha256,
            session=said.session,
            kind=report.kind,
            session_date=said.date,
            reading=_options(said, report),
            speakers=said.speakers if report.is_media else 0,
        )
    )
    if done.existed:
        catalog_service_pb2_grpc.FailureServiceStub(channel).PutFailure(
            catalog_pb2.PutFailureRequest(ref=done.ref)
        )
    elif report.replaced is not None:
        try:
            removals.remove(peers, report.replaced, RemovalReason.REPLACED)
        except SottoError:  # such as under a legal hold; the list shows both then
            return done.ref, False
    return done.ref, done.existed


def _examine(
    peers: Channels, ref: upload_pb2.UploadRef, said: Said
) -> intake_pb2.ExamineUploadResponse:
    stub = intake_service_pb2_grpc.IntakeServiceStub(peers.channel(identities.TRANSCRIPTION))
    request = intake_pb2.ExamineUploadRequest(ref=ref, options=said.reading)
    return stub.ExamineUpload(request, timeout=_SECONDS)


def _options(said: Said, report: UploadReport) -> reading_pb2.ReadingOptions | None:
    if not report.is_media:
        return said.reading
    return reading_pb2.ReadingOptions(roles=said.reading.roles) if said.reading.roles else None


def _interview(ref: upload_pb2.UploadRef, said: Said) -> Interview:
    return Interview(Path(), ref.participant, said.session, said.date, said.reading, said.speakers)


def _audio_facts(form: str, audio: intake_pb2.FoundAudio) -> Sequence[str]:
    minutes, seconds = divmod(round(audio.duration_ms / 1000), 60)
    length = f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
    sound = "stereo" if audio.channels == 2 else "one channel"
    facts = [f"a recording ({form or 'of a form that is not known'})", f"{length}, {sound}"]
    facts += doubt_sentences(audio.doubts)
    return facts


def parts_told(upload: upload_pb2.Upload) -> str:
    """Return how far an upload is, for people."""
    return f"{upload.received} of {counted(upload.parts, 'part')}"
