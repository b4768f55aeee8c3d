# SPDX-License-Identifier: Apache-2.0
"""Which recordings would be worked on again, at which stage, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.common.client import Channels
from services.common.errors import NotReady
from services.recordings_client.catalog import RecordingSummary, require_recording, summary_of
from services.recordings_client.stages import Stage
from services.registry import identities
from services.storage_client.catalog import CatalogClient
from services.storage_client.transcripts import provenance_of
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    pending_pb2,
    pending_service_pb2_grpc,
    recording_pb2,
)
from sotto.storage.v1.catalog_pb2 import RecordingStatus
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

_HASH = re.compile(r"[0-9a-f]{16,}")
_SHOWN_DIGITS = 12
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Due:
    """A recording for which something would be made, from which stage on, and why.

    `wanted_run` is the key of the run that would be made, empty for the review rule.
    """

    recording: RecordingSummary
    stage: Stage
    reasons: tuple[str, ...]
    wanted_run: str = ""

    @property
    def stage_label(self) -> str:
        """The stage as people read it."""
        return "review rule" if self.stage is Stage.REVIEW_RULE else self.stage.value

    def as_record(self) -> dict[str, object]:
        """Return the object that `sotto recordings redo --json` prints."""
        one = self.recording
        return {
            "study_id": one.study_id,
            "participant": one.participant,
            "recording_id": one.recording_id,
            "session": one.session,
            "state": one.state,
            "stage": self.stage_label.replace(" ", "_"),
            "reasons": list(self.reasons),
            "wanted_run": self.wanted_run,
        }


class Plans(Protocol):
    """What tells which runs are wanted now."""

    def transcript(self, ref: recording_pb2.RecordingRef) -> transcription_pb2.PlanResponse:
        """Return the identified transcript that is wanted of a recording."""
        ...

    def run(
        self, ref: recording_pb2.RecordingRef, transcript: str
    ) -> deidentification_pb2.PlanResponse:
        """Return the de-identified run that is wanted of a transcript."""
        ...


class ServicePlans:
    """The plans of both engines."""

    def __init__(self, peers: Channels) -> None:
        self._transcription = transcription_service_pb2_grpc.TranscriptionServiceStub(
            peers.channel(identities.TRANSCRIPTION)
        )
        self._deidentification = deidentification_service_pb2_grpc.DeidentificationServiceStub(
            peers.channel(identities.DEIDENTIFICATION)
        )

    def transcript(self, ref: recording_pb2.RecordingRef) -> transcription_pb2.PlanResponse:
        """Ask transcription."""
        return self._transcription.Plan(transcription_pb2.PlanRequest(ref=ref))

    def run(
        self, ref: recording_pb2.RecordingRef, transcript: str
    ) -> deidentification_pb2.PlanResponse:
        """Ask de-identification."""
        return self._deidentification.Plan(
            deidentification_pb2.PlanRequest(ref=ref, source_run_key=transcript)
        )


def find_due(
    peers: Channels, study_id: str = "", recording_id: str = "", stage: Stage | None = None
) -> list[Due]:
    """Return what would be made, in the order of study, participant and session.

    Of one study, one recording, or where it begins with one stage; of all by default. Raises
    NotFound for a study or a recording that does not exist.
    """
    listed = require_recording(peers, recording_id, study_id)
    research = CatalogClient(peers.channel(identities.RESEARCH))
    in_research = {state.ref.recording_id: state for state in research.recordings(study_id)}
    plans = ServicePlans(peers)
    found = [
        due
        for state in listed
        if (due := due_of(state, in_research.get(state.ref.recording_id), plans)) is not None
        and stage in (None, due.stage)
    ]
    return sorted(
        found,
        key=lambda due: (
            due.recording.study_id,
            due.recording.participant,
            due.recording.session,
        ),
    )


def due_of(
    clinical: catalog_pb2.RecordingState,
    research: catalog_pb2.RecordingState | None,
    plans: Plans,
) -> Due | None:
    """Return what would be made of a recording, by what each zone holds; None for nothing.

    `research` is None when the research zone has nothing of it yet. What is made of a transcript
    that would be made itself is not asked for: it follows.
    """
    summary = summary_of(clinical, research)
    if summary.status == RecordingStatus.RECORDING_STATUS_ERASED:
        return None
    failed = _failure(summary)
    try:
        wanted = plans.transcript(clinical.ref)
    except NotReady as error:
        # Trying it again brings the reason into the list, or does it once that is mended.
        return Due(summary, Stage.TRANSCRIPTION, failed or (error.message,))
    transcript = wanted.run_key
    if wanted.content_deleted:
        # Nobody can listen again. What was heard before can still be de-identified.
        if not clinical.transcripts:
            return None
        transcript = clinical.transcripts[-1].manifest.run_key
    elif not _is_newest(clinical, transcript):
        reasons = _reasons(clinical, wanted.run_key, wanted.provenance)
        return Due(summary, Stage.TRANSCRIPTION, failed + reasons, transcript)
    try:
        planned = plans.run(clinical.ref, transcript)
    except NotReady as error:  # such as a policy that waits for its countersignature
        return Due(summary, Stage.DEIDENTIFICATION, failed or (error.message,))
    if research is None or not _is_newest(research, planned.run_key):
        reasons = _reasons(research, planned.run_key, planned.provenance)
        return Due(summary, Stage.DEIDENTIFICATION, failed + reasons, planned.run_key)
    if failed or not research.transcripts[-1].HasField("review"):
        reasons = failed or ("the review rule was not applied to it",)
        return Due(summary, Stage.REVIEW_RULE, reasons)
    return None


def mark(peers: Channels, due: Due) -> None:
    """Put a recording on the list of what is worked on; one that failed is tried again."""
    channel = peers.channel(identities.CLINICAL)
    ref = due.recording.ref
    if due.recording.message:
        catalog_service_pb2_grpc.FailureServiceStub(channel).PutFailure(
            catalog_pb2.PutFailureRequest(ref=ref)
        )
    pending_service_pb2_grpc.PendingServiceStub(channel).MarkPending(
        pending_pb2.MarkPendingRequest(study_id=ref.study_id, recording=ref)
    )


def _is_newest(state: catalog_pb2.RecordingState, run_key: str) -> bool:
    return bool(state.transcripts) and state.transcripts[-1].manifest.run_key == run_key


def _failure(summary: RecordingSummary) -> tuple[str, ...]:
    if summary.status != RecordingStatus.RECORDING_STATUS_FAILED:
        return ()
    return (f"{summary.stage} failed: {summary.message}",)


def _reasons(
    state: catalog_pb2.RecordingState | None, run_key: str, wanted: Mapping[str, str]
) -> tuple[str, ...]:
    """Return why the newest run of a zone is not the wanted one: each entry that differs."""
    if state is None or not state.transcripts:
        return ("it was not made yet",)
    if any(run.manifest.run_key == run_key for run in state.transcripts):
        return ("a run that was made before is wanted again",)
    made = provenance_of(state.transcripts[-1].manifest)
    changes = tuple(_changes(made, wanted))
    # Roster, dates and the like are in no manifest, and neither are their hashes.
    return changes or ("roster, date, transcript or another input changed",)


def _changes(made: Mapping[str, str], wanted: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(wanted):
        before = made.get(name, _NONE)
        if before != wanted[name]:
            yield f"{name}: {_shortened(before)} -> {_shortened(wanted[name])}"


def _shortened(value: str) -> str:
    return _HASH.sub(lambda digits: digits[0][:_SHOWN_DIGITS], value)
