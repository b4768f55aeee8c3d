# SPDX-License-Identifier: Apache-2.0
"""Recordings that may have work due, as the parameters of a run name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby

from services.common.paging import pages
from services.storage_client.catalog import recording_ref
from sotto.storage.v1 import pending_pb2, pending_service_pb2_grpc, recording_pb2

# Participants in one run. Together they start quicker; but a run waits, is cancelled and is shown
# as one.
_MOST_PARTICIPANTS = 8
_LEAST_RUNS_A_PLACE = 4


@dataclass(frozen=True, slots=True, order=True)
class RecordingIds:
    """The names of a recording."""

    study_id: str
    participant: str
    recording_id: str

    @property
    def ref(self) -> recording_pb2.RecordingRef:
        """The names as the contract writes them."""
        return recording_ref(self.study_id, self.participant, self.recording_id)


@dataclass(frozen=True, slots=True, order=True)
class DueRecording:
    """A recording that may have work due, in the order in which they are worked on.

    `session` is the number of the interview, `mark` that of the mark which was seen on the list of
    pending recordings.
    """

    study_id: str
    participant: str
    session: int
    recording_id: str
    mark: int

    @classmethod
    def read(cls, parameter: Mapping[str, object]) -> DueRecording:
        """Read one from the parameters of a run."""
        study_id, participant, session, recording_id, mark = (
            str(parameter[name])
            for name in ("study_id", "participant", "session", "recording_id", "mark")
        )
        return cls(study_id, participant, int(session), recording_id, int(mark))

    @classmethod
    def of(cls, pending: pending_pb2.PendingRecording) -> DueRecording:
        """Return one as the list of pending recordings has it."""
        ref = pending.ref
        return cls(ref.study_id, ref.participant, pending.session, ref.recording_id, pending.mark)

    @property
    def owner(self) -> tuple[str, str]:
        """Study and participant."""
        return self.study_id, self.participant

    @property
    def ids(self) -> RecordingIds:
        """The names of the recording."""
        return RecordingIds(self.study_id, self.participant, self.recording_id)

    def parameter(self) -> dict[str, object]:
        """Return it as a parameter of a run. Marks are text: JSON readers round large numbers."""
        return {**asdict(self), "mark": str(self.mark)}


Batch = tuple[DueRecording, ...]
"""The recordings of one run, in the order in which they are worked on."""


def list_pending(
    stub: pending_service_pb2_grpc.PendingServiceStub, study_id: str = ""
) -> Iterator[DueRecording]:
    """Yield the recordings on the list of pending ones, of one study or of all."""

    def fetch(token: str) -> pending_pb2.ListPendingResponse:
        return stub.ListPending(pending_pb2.ListPendingRequest(study_id=study_id, page_token=token))

    for page in pages(fetch):
        yield from map(DueRecording.of, page.recordings)


def batches(due: Iterable[DueRecording], places: int) -> list[Batch]:
    """Divide recordings into runs; all of a participant are in one.

    `places` is how many runs a worker has at a time: little work is divided so that all have some.
    """
    owners = [tuple(group) for _, group in groupby(sorted(due), lambda one: one.owner)]
    size = min(_MOST_PARTICIPANTS, len(owners) // (places * _LEAST_RUNS_A_PLACE)) or 1
    return [
        tuple(one for owner in owners[start : start + size] for one in owner)
        for start in range(0, len(owners), size)
    ]
