# SPDX-License-Identifier: Apache-2.0
"""What state each recording is in, read from the stores, which are the only truth about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from google.protobuf import timestamp_pb2

from services.common.client import Channels
from services.common.errors import InvalidInput, NotFound, SottoError
from services.common.wording import unknown
from services.registry import identities
from services.registry.recording_doubts import RECORDING_DOUBTS
from services.storage_client.catalog import CatalogClient, recording_ref
from services.storage_client.recording_status import status_label, status_name, status_of
from services.storage_client.transcripts import is_invented
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2, review_pb2
from sotto.storage.v1.catalog_pb2 import RecordingState, RecordingStatus

_KINDS = {
    recording_pb2.RECORDING_KIND_MEDIA: "media",
    recording_pb2.RECORDING_KIND_TRANSCRIPT: "transcript",
}

#: States of a review as programs read them.
REVIEWS = {
    review_pb2.REVIEW_STATE_PENDING: "pending",
    review_pb2.REVIEW_STATE_APPROVED: "approved",
    review_pb2.REVIEW_STATE_REJECTED: "rejected",
}


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """A recording as both zones know it: ids, counts and states.

    `transcript_run` and `release_run` are the keys of its newest identified and de-identified
    transcripts. `review` is "pending", "approved", "rejected" or, before the rule was applied,
    empty; `released` is when the first release of the newest run was finished. `stage`, `reason`
    and `message` are those of its failure, empty unless it is failed. `invented` says that the
    words of its newest transcript are a demo model's, which does not know the recording. `doubts`
    counts, by kind of `RECORDING_DOUBTS`, where its newest transcript lost sound or words.
    """

    study_id: str
    participant: str
    recording_id: str
    session: int
    kind: str
    status: RecordingStatus
    sealed_at: str
    transcript_run: str
    release_run: str
    segments: int
    replacements: int
    residual_risk: float
    review: str
    decided_by: str
    released: str
    stage: str
    reason: str
    message: str
    invented: bool = False
    doubts: Mapping[str, int] = field(default_factory=dict)

    @property
    def ref(self) -> recording_pb2.RecordingRef:
        """The names by which services know the recording."""
        return recording_ref(self.study_id, self.participant, self.recording_id)

    @property
    def state(self) -> str:
        """The status as programs read it, such as "needs_review"."""
        return status_name(self.status)

    @property
    def label(self) -> str:
        """The status as people read it, such as "needs review"."""
        return status_label(self.status)

    def as_record(self) -> dict[str, object]:
        """Return the object that `sotto recordings list --json` prints."""
        record = asdict(self)
        del record["status"]
        return {**record, "state": self.state}


def recordings(peers: Channels, study_id: str = "") -> list[RecordingSummary]:
    """List recordings, of one study or of all, in the order of study, participant and session."""
    clinical, research = (
        CatalogClient(peers.channel(zone)) for zone in (identities.CLINICAL, identities.RESEARCH)
    )
    in_research = {state.ref.recording_id: state for state in research.recordings(study_id)}
    found = [
        summary_of(state, in_research.get(state.ref.recording_id))
        for state in clinical.recordings(study_id)
    ]
    return sorted(found, key=lambda one: (one.study_id, one.participant, one.session))


def recording(peers: Channels, ref: recording_pb2.RecordingRef) -> RecordingSummary:
    """Return one recording; raises NotFound."""
    clinical = CatalogClient(peers.channel(identities.CLINICAL)).recording(ref)
    try:
        research = CatalogClient(peers.channel(identities.RESEARCH)).recording(ref)
    except NotFound:
        research = None
    return summary_of(clinical, research)


def require_study(peers: Channels, study_id: str) -> None:
    """Raise NotFound, with the nearest id that there is, unless the study exists.

    An empty id stands for all studies.
    """
    if not study_id:
        return
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(identities.CLINICAL))
    known = stub.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids
    if study_id not in known:
        raise unknown("study", study_id, known)


def require_participant(peers: Channels, study_id: str, participant: str) -> None:
    """Raise NotFound, with the nearest code, unless a study has or had a participant.

    It has one by its description, or by recordings, in either zone. One that does not answer says
    nothing about it, and where none does, nothing is known and nothing raised.
    """
    refused: NotFound | None = None
    for zone in (identities.CLINICAL, identities.RESEARCH):
        try:
            _require_participant(CatalogClient(peers.channel(zone)), study_id, participant)
        except NotFound as error:
            refused = refused or error
        except SottoError:
            continue
        else:
            return
    if refused is not None:
        raise refused


def _require_participant(catalog: CatalogClient, study_id: str, participant: str) -> None:
    studies = catalog.studies()
    if study_id not in studies:
        raise unknown("study", study_id, studies)
    known = list(catalog.study(study_id).participants)
    if participant in known:
        return
    known += [state.ref.participant for state in catalog.recordings(study_id)]
    if participant not in known:
        raise unknown("participant", participant, known, there=f"study {study_id} has")


def require_recording(
    peers: Channels, recording_id: str, study_id: str = ""
) -> list[RecordingState]:
    """Return what the clinical zone lists of a recording, or of all where the id is empty.

    Raises NotFound for a study or a recording that does not exist.
    """
    require_study(peers, study_id)
    catalog = CatalogClient(peers.channel(identities.CLINICAL))
    listed = list(catalog.recordings(study_id))
    if not recording_id:
        return listed
    found = [state for state in listed if state.ref.recording_id == recording_id]
    if not found:
        known = [state.ref.recording_id for state in listed]
        there = f"study {study_id} has" if study_id else "there is"
        raise unknown("recording", recording_id, known, there=there, is_listed=False)
    return found


def require_one_recording(peers: Channels, recording_id: str, study_id: str = "") -> RecordingState:
    """Return what the clinical zone lists of a recording.

    Raises InvalidInput for an empty id, which scripts give, and NotFound as above.
    """
    if not recording_id:
        raise InvalidInput("the id of the recording is empty; see: sotto recordings list")
    [found] = require_recording(peers, recording_id, study_id)
    return found


def summary_of(
    clinical: catalog_pb2.RecordingState, research: catalog_pb2.RecordingState | None
) -> RecordingSummary:
    """Return the summary of a recording by what each zone lists of it.

    `research` is None when the research zone has nothing of it yet.
    """
    identified = clinical.transcripts[-1].manifest if clinical.transcripts else None
    released = research.transcripts[-1] if research and research.transcripts else None
    status = status_of(clinical, research)
    # A failure that a later run made good is not shown.
    has_failed = status == RecordingStatus.RECORDING_STATUS_FAILED
    failure = clinical.failure if has_failed else recording_pb2.StageFailure()
    report = released.manifest.deidentification if released else None
    review = released.review if released else review_pb2.Review()
    return RecordingSummary(
        study_id=clinical.ref.study_id,
        participant=clinical.ref.participant,
        recording_id=clinical.ref.recording_id,
        session=clinical.session,
        kind=_KINDS.get(clinical.kind, ""),
        status=status,
        sealed_at=moment(clinical.sealed_at),
        transcript_run=identified.run_key if identified else "",
        release_run=released.manifest.run_key if released else "",
        segments=identified.segment_count if identified else 0,
        replacements=sum(report.redactions.values()) if report else 0,
        residual_risk=report.residual_risk if report else 0.0,
        review=REVIEWS.get(review.state, ""),
        decided_by=review.decided_by,
        released=moment(released.released_at) if released else "",
        stage=failure.stage,
        reason=failure.reason,
        message=failure.message,
        invented=identified is not None and is_invented(identified),
        doubts=_recording_doubts(identified.doubts) if identified else {},
    )


def _recording_doubts(doubts: Mapping[str, int]) -> dict[str, int]:
    return {kind: doubts[kind] for kind in RECORDING_DOUBTS if kind in doubts}


def moment(time: timestamp_pb2.Timestamp) -> str:
    """Return a time in ISO 8601 to the second; empty where it was not said."""
    if not time.ToNanoseconds():
        return ""
    return time.ToDatetime(dt.UTC).isoformat(timespec="seconds")
