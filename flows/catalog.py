# SPDX-License-Identifier: Apache-2.0
"""What state each recording is in, read from the stores, which are the only truth about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flows.recording_state import RecordingState, state_of
from services.common.client import Peers
from services.common.errors import NotFound
from services.registry import identities
from services.storage_client.catalog import CatalogClient, recording_ref
from sotto.storage.v1 import catalog_pb2, recording_pb2

_KINDS = {
    recording_pb2.RECORDING_KIND_MEDIA: "media",
    recording_pb2.RECORDING_KIND_TRANSCRIPT: "transcript",
}


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """A recording as both zones know it: ids, counts and states.

    Its fields are those of `sotto recordings list --json`. `transcript_run` and `release_run` are
    the keys of its newest identified and de-identified transcripts; `stage`, `reason` and `message`
    are those of its failure, empty unless the state is failed.
    """

    study_id: str
    participant: str
    recording_id: str
    session: int
    kind: str
    state: RecordingState
    sealed_at: str
    transcript_run: str
    release_run: str
    segments: int
    replacements: int
    residual_risk: float
    stage: str
    reason: str
    message: str

    @property
    def ref(self) -> recording_pb2.RecordingRef:
        """The names by which services know the recording."""
        return recording_ref(self.study_id, self.participant, self.recording_id)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to the recording by itself."""
        return self.state.is_settled


def recordings(peers: Peers, study_id: str = "") -> list[RecordingStatus]:
    """List recordings, of one study or of all, in the order of study, participant and session."""
    clinical, research = (
        CatalogClient(peers.channel(zone)) for zone in (identities.CLINICAL, identities.RESEARCH)
    )
    in_research = {state.ref.recording_id: state for state in research.recordings(study_id)}
    found = [
        status_of(state, in_research.get(state.ref.recording_id))
        for state in clinical.recordings(study_id)
    ]
    return sorted(found, key=lambda one: (one.study_id, one.participant, one.session))


def knows(peers: Peers, study_id: str, participant: str) -> bool:
    """Return whether a study has, or had, a participant: by its description, or by recordings."""
    catalog = CatalogClient(peers.channel(identities.CLINICAL))
    try:
        study = catalog.study(study_id)
    except NotFound:
        return False
    return participant in study.participants or any(
        state.ref.participant == participant for state in catalog.recordings(study_id)
    )


def status_of(
    clinical: catalog_pb2.RecordingState, research: catalog_pb2.RecordingState | None
) -> RecordingStatus:
    """Return the status of a recording by what each zone lists of it.

    `research` is None when the research zone has nothing of it yet.
    """
    identified = clinical.transcripts[-1].manifest if clinical.transcripts else None
    deidentified = research.transcripts[-1].manifest if research and research.transcripts else None
    state = state_of(
        erased=clinical.erased,
        failed=clinical.HasField("failure"),
        transcribed=identified is not None,
        deidentified=deidentified is not None,
    )
    # A failure that a later run made good is not shown.
    failure = clinical.failure if state is RecordingState.FAILED else recording_pb2.StageFailure()
    report = deidentified.deidentification if deidentified else None
    return RecordingStatus(
        study_id=clinical.ref.study_id,
        participant=clinical.ref.participant,
        recording_id=clinical.ref.recording_id,
        session=clinical.session,
        kind=_KINDS.get(clinical.kind, ""),
        state=state,
        sealed_at=clinical.sealed_at.ToDatetime(dt.UTC).isoformat(timespec="seconds")
        if clinical.HasField("sealed_at")
        else "",
        transcript_run=identified.run_key if identified else "",
        release_run=deidentified.run_key if deidentified else "",
        segments=identified.segment_count if identified else 0,
        replacements=sum(report.redactions.values()) if report else 0,
        residual_risk=report.residual_risk if report else 0.0,
        stage=failure.stage,
        reason=failure.reason,
        message=failure.message,
    )
