# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from services.common.errors import InvalidInput
from services.storage.domain.corrections import CorrectionStore
from services.storage.domain.transcripts import Summary, Transcripts
from services.storage.handlers import review_messages
from sotto.storage.v1 import review_pb2
from sotto.transcript.v1 import transcript_pb2
from tests.support.storage_zone import P07, open_zone
from tests.unit.storage.test_corrections import CONTENT, REC, RUN, SEGMENTS, place


@pytest.fixture
def store(tmp_path: Path) -> CorrectionStore:
    """The corrections of a zone with a run of two segments."""
    zone = open_zone(tmp_path / "zone", "research")
    transcripts = Transcripts(zone.store)
    transcripts.put_window(P07, REC, RUN, 0, SEGMENTS)
    transcripts.commit(P07, REC, Summary(RUN, CONTENT, 2, 1, b""))
    return CorrectionStore(zone.store)


def step(number: int, **more: object) -> review_pb2.ReviewStep:
    """A step of a reviewer."""
    values = {"kind": review_pb2.STEP_KIND_ACCEPT, "person": "hana", **more}
    return review_pb2.ReviewStep(number=number, at=Timestamp(seconds=1), **values)  # type: ignore[arg-type]


def written(*steps: review_pb2.ReviewStep) -> review_pb2.Corrections:
    """Corrections with a journal."""
    return review_pb2.Corrections(run_key=RUN, content_sha256=CONTENT, journal=steps)


class TestJournal:
    """The store keeps every step for ever."""

    def test_it_comes_back_as_it_was(self, store: CorrectionStore) -> None:
        """Places, corrections with doubts, roles."""
        wording = place(0, 0, 4)
        wording.kind, wording.entity_type = review_pb2.CORRECTION_KIND_WORDING, ""
        wording.corrected_at.seconds = 2
        wording.doubts.append(transcript_pb2.Doubt(end=2, reason="name_like", weight=0.25))
        role = review_pb2.RoleCorrection(role="participant", corrected_by="hana")
        role.corrected_at.seconds = 3
        message = written(
            step(1, places=[review_pb2.MarkedPlace(segment=1)]),
            step(
                2,
                kind=review_pb2.STEP_KIND_CORRECT,
                removed=[wording],
                added=[wording],
                removed_roles={"S1": role},
                added_roles={"S2": role},
            ),
            step(3, kind=review_pb2.STEP_KIND_UNDO, of=2),
        )
        store.put(P07, REC, review_messages.corrections(message), 0)
        found, generation = store.get(P07, REC, RUN)
        message.generation = 1
        assert review_messages.corrections_message(found, generation) == message

    def test_it_only_grows(self, store: CorrectionStore) -> None:
        """What leaves out or changes a step is refused."""
        store.put(P07, REC, review_messages.corrections(written(step(1), step(2))), 0)
        for bad in (written(), written(step(1)), written(step(1, person="nur"), step(2))):
            with pytest.raises(InvalidInput, match="only grows"):
                store.put(P07, REC, review_messages.corrections(bad), 1)
        more = written(step(1), step(2), step(3))
        assert store.put(P07, REC, review_messages.corrections(more), 1) == 2

    def test_what_makes_no_sense_is_refused(self) -> None:
        """A gap, undoing what is yet to come, another step that names one."""
        undo = review_pb2.STEP_KIND_UNDO
        for bad in (step(2), step(1, kind=undo), step(1, kind=undo, of=1), step(1, of=1)):
            with pytest.raises(InvalidInput):
                review_messages.corrections(written(bad))
