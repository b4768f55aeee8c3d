# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import Erased, InvalidInput
from services.storage.domain.corrections import Corrections, CorrectionStore
from services.storage.domain.transcripts import Finished, Summary, Transcripts
from services.storage.errors import (
    ContentMismatch,
    DataCorrupted,
    GenerationMoved,
    ObjectMissing,
)
from services.storage.handlers import review_messages
from sotto.storage.v1 import review_pb2
from tests.support.storage_calls import RUN, segment
from tests.support.storage_zone import P07, StorageZone, open_zone

REC = "rec-" + "a" * 26
SEGMENTS = [segment(n, f"line {n}").SerializeToString() for n in range(2)]
CONTENT = hashlib.sha256(b"".join(SEGMENTS)).digest()
FINISHED = Finished(
    run=RUN,
    content_sha256=CONTENT,
    segments=2,
    document=b"",
    committed_at="2026-11-25T16:00:00.000000+00:00",
    windows=(),
)


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """The research zone with a finished run of two segments."""
    zone = open_zone(tmp_path / "zone", "research")
    transcripts = Transcripts(zone.store)
    transcripts.put_window(P07, REC, RUN, 0, SEGMENTS)
    transcripts.commit(P07, REC, Summary(RUN, CONTENT, 2, 1, b""))
    return zone


def place(where: int, start: int, end: int, **more: object) -> review_pb2.Correction:
    """A redaction of a place."""
    message = review_pb2.Correction(
        kind=review_pb2.CORRECTION_KIND_REDACT,
        segment=where,
        start=start,
        end=end,
        entity_type="PERSON",
        text="[Person 2]",
        corrected_by="hana",
    )
    for name, value in more.items():
        setattr(message, name, value)
    return message


def made(*places: review_pb2.Correction, content: bytes = CONTENT) -> Corrections:
    """Corrections as a message brings them."""
    return review_messages.corrections(
        review_pb2.Corrections(run_key=RUN, content_sha256=content, corrections=places)
    )


class TestPlaces:
    """Places are in order, have a length, and do not overlap."""

    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 9)), max_size=4))
    def test_any(self, places: list[tuple[int, int, int]]) -> None:
        """What is taken reads back as it was; what is not taken is told without its words."""
        sound = all(start < end for _, start, end in places) and all(
            one[0] < two[0] or (one[0] == two[0] and one[2] <= two[1])
            for one, two in pairwise(places)
        )
        messages = [place(*one) for one in places]
        if not sound:
            with pytest.raises(InvalidInput) as caught:
                made(*messages)
            assert "Person 2" not in caught.value.message
            return
        corrections = made(*messages)
        assert Corrections.decode(corrections.encode(), FINISHED) == corrections
        message = review_messages.corrections_message(corrections, 1)
        assert review_messages.corrections(message) == corrections

    @pytest.mark.parametrize(
        ("kind", "entity_type"),
        [(review_pb2.CORRECTION_KIND_RESTORE, "PERSON"), (review_pb2.CORRECTION_KIND_RETYPE, "")],
    )
    def test_types(self, kind: int, entity_type: str) -> None:
        """A restoration has no entity type, all others have one."""
        with pytest.raises(InvalidInput):
            made(place(0, 1, 2, kind=kind, entity_type=entity_type))

    @pytest.mark.parametrize(
        ("speaker", "role", "is_sound"),
        [
            ("S1", "interviewer", True),
            ("S12", "participant", True),
            ("Siti", "participant", False),
            ("S0", "participant", False),
            ("S1", "", False),
            ("S1", "nurse", False),
        ],
    )
    def test_roles(self, speaker: str, role: str, is_sound: bool) -> None:
        """Of numbered speakers, and of two kinds; they read back as they were."""
        one = review_pb2.RoleCorrection(role=role, corrected_by="hana")
        one.corrected_at.FromJsonString("2026-11-25T16:00:00Z")
        message = review_pb2.Corrections(
            run_key=RUN,
            content_sha256=CONTENT,
            roles={speaker: one},
            lost_roles={speaker: one},
            generation=1,
        )
        if not is_sound:
            with pytest.raises(InvalidInput) as caught:
                review_messages.corrections(message)
            assert "Siti" not in caught.value.message
            return
        corrections = review_messages.corrections(message)
        assert Corrections.decode(corrections.encode(), FINISHED) == corrections
        assert review_messages.corrections_message(corrections, 1) == message

    @given(st.data())
    def test_spoilt(self, data: st.DataObject) -> None:
        """Stored corrections with a byte changed, or cut off, are damage or other corrections."""
        stored = made(place(0, 1, 2), place(1, 0, 3)).encode()
        at = data.draw(st.integers(0, len(stored) - 1))
        byte = data.draw(st.integers(0, 255))
        for spoilt in (stored[:at], stored[:at] + bytes([byte]) + stored[at + 1 :]):
            try:
                found = Corrections.decode(spoilt, FINISHED)
            except DataCorrupted:
                continue
            assert found.encode() == spoilt

    def test_another_content(self) -> None:
        """Corrections in the place of those of a run with another content are damage."""
        other = FINISHED.model_copy(update={"content_sha256": bytes(32)})
        with pytest.raises(DataCorrupted):
            Corrections.decode(made().encode(), other)


class TestCorrectionStore:
    """Corrections are a versioned document of their run."""

    def test_versions(self, zone: StorageZone) -> None:
        """They are replaced by compare-and-swap; none, and generation 0, before the first."""
        store = CorrectionStore(zone.store)
        assert store.get(P07, REC, RUN) == (made(), 0)
        first, second = made(place(0, 1, 2)), made(place(0, 1, 2), place(1, 0, 3))
        assert store.put(P07, REC, first, 0) == 1
        with pytest.raises(GenerationMoved):
            store.put(P07, REC, second, 0)
        assert store.put(P07, REC, second, 1) == 2
        assert store.get(P07, REC, RUN) == (second, 2)

    def test_bound_to_the_run(self, zone: StorageZone) -> None:
        """Another content, a segment that is not there, and a run that is not there are refused."""
        store = CorrectionStore(zone.store)
        with pytest.raises(ContentMismatch):
            store.put(P07, REC, made(content=bytes(32)), 0)
        with pytest.raises(InvalidInput):
            store.put(P07, REC, made(place(2, 0, 1)), 0)
        unfinished = made().model_copy(update={"run_key": "f" * 32})
        with pytest.raises(ObjectMissing):
            store.put(P07, REC, unfinished, 0)
        with pytest.raises(ObjectMissing):
            store.get(P07, REC, "f" * 32)

    def test_erased(self, zone: StorageZone) -> None:
        """Nothing of an erased participant is read or written."""
        store = CorrectionStore(zone.store)
        zone.keyring.destroy(P07, ())
        with pytest.raises(Erased):
            store.put(P07, REC, made(), 0)
        with pytest.raises(Erased):
            store.get(P07, REC, RUN)
