# SPDX-License-Identifier: Apache-2.0
"""What state each recording is in, read from the stores, which are the only truth about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.common.client import Peers
from services.common.errors import NotFound
from services.registry import identities
from services.storage_client.catalog import CatalogClient, recording_ref
from sotto.storage.v1 import catalog_pb2, recording_pb2


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """One recording's way so far: ids, counts and states."""

    study_id: str
    participant: str
    recording_id: str
    session: int
    kind: str
    state: str
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
        """The names that services know it by."""
        return recording_ref(self.study_id, self.participant, self.recording_id)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self.state in {"deidentified", "failed", "erased"}


def recordings(peers: Peers, study_id: str = "") -> list[RecordingStatus]:
    """All recordings, of one study or of all, in the order of study, participant and session."""
    clinical, research = (
        CatalogClient(peers.channel(zone)) for zone in (identities.CLINICAL, identities.RESEARCH)
    )
    known = {state.ref.recording_id: state for state in research.recordings(study_id)}
    found = [
        _combine(state, known.get(state.ref.recording_id))
        for state in clinical.recordings(study_id)
    ]
    return sorted(found, key=lambda one: (one.study_id, one.participant, one.session))


def knows(peers: Peers, study_id: str, participant: str) -> bool:
    """Whether a study has, or had, a participant: by its description, or by recordings."""
    catalog = CatalogClient(peers.channel(identities.CLINICAL))
    try:
        study = catalog.study(study_id)
    except NotFound:
        return False
    return participant in study.participants or any(
        state.ref.participant == participant for state in catalog.recordings(study_id)
    )


def _combine(
    clinical: catalog_pb2.RecordingState, research: catalog_pb2.RecordingState | None
) -> RecordingStatus:
    identified = clinical.transcripts[-1].manifest if clinical.transcripts else None
    released = research.transcripts[-1].manifest if research and research.transcripts else None
    failure = clinical.failure if clinical.HasField("failure") else None
    if clinical.erased:
        state = "erased"
    elif released is not None:
        state = "deidentified"
    elif failure is not None:
        state = "failed"
    else:
        state = "transcribed" if identified is not None else "sealed"
    redactions = released.deidentification.redactions if released else {}
    failed = failure if state == "failed" else None
    return RecordingStatus(
        study_id=clinical.ref.study_id,
        participant=clinical.ref.participant,
        recording_id=clinical.ref.recording_id,
        session=clinical.session,
        kind={
            recording_pb2.RECORDING_KIND_MEDIA: "media",
            recording_pb2.RECORDING_KIND_TRANSCRIPT: "transcript",
        }.get(clinical.kind, ""),
        state=state,
        sealed_at=clinical.sealed_at.ToDatetime(dt.UTC).isoformat(timespec="seconds")
        if clinical.HasField("sealed_at")
        else "",
        transcript_run=identified.run_key if identified else "",
        release_run=released.run_key if released else "",
        segments=identified.segment_count if identified else 0,
        replacements=sum(redactions.values()),
        residual_risk=released.deidentification.residual_risk if released else 0.0,
        stage=failed.stage if failed else "",
        reason=failed.reason if failed else "",
        message=failed.message if failed else "",
    )
