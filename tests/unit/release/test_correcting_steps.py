# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest

from services.common.errors import NotFound, Unavailable
from services.corrections.model import (
    CorrectionKind,
    Doubt,
    MarkedPlace,
    RunCorrections,
    StepKind,
)
from services.release.domain.ports import RedactedPlace
from services.release.domain.reviews import ReviewState
from services.release.domain.transcript import (
    TranscriptSummary,
)
from services.release.errors import (
    NoSuchLabel,
    NoSuchPlace,
)
from tests.support.correcting import NAME, approved, corrector, key, wanted
from tests.support.memory_zone import MemoryZone


@pytest.fixture
def zone() -> MemoryZone:
    """A zone with one transcript that its reviewer approved."""
    return approved()


class TestSteps:
    """Everything a reviewer does is a step of the journal."""

    def test_places_are_accepted(self, zone: MemoryZone) -> None:
        """Nothing is corrected, and what was approved waits again, since it was looked at again."""
        made = corrector(zone)
        place = MarkedPlace(0, 4, 9)
        taken = made.mark(NAME, key(zone), StepKind.ACCEPT, [place], "dr.tan")
        assert (taken.step.places, taken.generation) == ((place,), 1)
        assert not zone.corrected[key(zone)].corrections
        assert zone.reviews[key(zone)].state is ReviewState.PENDING

    def test_no_such_place_is_refused(self, zone: MemoryZone) -> None:
        """A turn that is not there, a part of a turn that is to be clear."""
        made = corrector(zone)
        for kind, place in (
            (StepKind.ACCEPT, MarkedPlace(9, 0, 5)),
            (StepKind.NOTHING_HERE, MarkedPlace(0, 0, 5)),
        ):
            with pytest.raises(NoSuchPlace):
                made.mark(NAME, key(zone), kind, [place], "dr.tan")

    def test_a_bulk_is_undone_at_once(self, zone: MemoryZone) -> None:
        """And done again."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.tan")
        assert made.undo(NAME, key(zone), 0, "dr.tan").step.of == 1
        assert not zone.corrected[key(zone)].corrections
        assert len(made.redo(NAME, key(zone), "dr.tan").step.added) == 2
        assert [one.kind for one in zone.corrected[key(zone)].journal] == [
            *(StepKind.CORRECT, StepKind.UNDO, StepKind.REDO)
        ]

    def test_unticked_places_are_left(self, zone: MemoryZone) -> None:
        """It spreads to the others alone."""
        one = replace(wanted(zone), left_out=(MarkedPlace(1, 0, 5),))
        assert [part.segment for part in corrector(zone).add(NAME, one, "dr.tan").step.added] == [0]

    def test_words_are_put_back_at_many_places(self, zone: MemoryZone) -> None:
        """In one step, each with its own words."""
        one = replace(
            wanted(zone, "[Person 1]", 1),
            kind=CorrectionKind.RESTORE,
            entity_type="",
            text="the clinic",
            also=(RedactedPlace(2, 0, 10, "The clinic"),),
        )
        added = corrector(zone).add(NAME, one, "dr.tan").step.added
        assert [(part.segment, part.text) for part in added] == [
            (1, "the clinic"),
            (2, "The clinic"),
        ]

    def test_a_wording_brings_its_doubts(self, zone: MemoryZone) -> None:
        """The engine looked at it."""
        one = replace(
            wanted(zone, "there", 0), kind=CorrectionKind.WORDING, entity_type="", text="in Ipoh"
        )
        (added,) = corrector(zone).add(NAME, one, "dr.tan").step.added
        assert (added.text, added.doubts) == ("in Ipoh", (Doubt(3, 4, "name_like", 0.5),))

    def test_labels_are_merged_everywhere(self, zone: MemoryZone) -> None:
        """Those of the engine and those of reviewers."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.lim")
        taken = made.merge(NAME, key(zone), "[Person 9]", "[Person 1]", "dr.tan")
        assert {one.text for one in taken.step.added} == {"[Person 1]"}
        assert len(taken.step.removed) == 2
        with pytest.raises(NoSuchLabel):
            made.merge(NAME, key(zone), "[Person 9]", "[Person 1]", "dr.tan")
        made.undo(NAME, key(zone), 0, "dr.tan")
        assert {one.text for one in zone.corrected[key(zone)].corrections} == {"[Person 9]"}

    def test_mentions_are_told(self, zone: MemoryZone) -> None:
        """Of a label, and of words by the engine; nothing is changed."""
        made = corrector(zone)
        assert made.mentions(NAME, key(zone), MarkedPlace(1, 10, 20), "") == [
            MarkedPlace(1, 10, 20),
            MarkedPlace(2, 0, 10),
        ]
        assert made.mentions(NAME, key(zone), MarkedPlace(0, 4, 9), "PERSON") == [
            MarkedPlace(0, 4, 9),
            MarkedPlace(1, 0, 5),
        ]
        assert not zone.corrected

    def test_a_transcript_is_read_once(self, zone: MemoryZone) -> None:
        """Steps that follow find it in memory, unless the participant withdrew."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.tan")
        made.undo(NAME, key(zone), 0, "dr.tan")
        made.add(NAME, wanted(zone), "dr.tan")
        assert zone.reads == 1
        zone.withdrawn.add("P07")
        with pytest.raises(NotFound):
            made.undo(NAME, key(zone), 0, "dr.tan")

    def test_steps_go_on_from_what_was_written(self, zone: MemoryZone) -> None:
        """Corrections are read once; who came between elsewhere is found, and built upon."""
        made, other = corrector(zone), corrector(zone)
        first, second, third = MarkedPlace(0, 4, 9), MarkedPlace(1, 0, 5), MarkedPlace(2, 0, 10)
        made.mark(NAME, key(zone), StepKind.ACCEPT, [first], "dr.tan")
        read = zone.asked["corrections"]
        made.mark(NAME, key(zone), StepKind.ACCEPT, [second], "dr.tan")
        assert zone.asked["corrections"] == read
        other.mark(NAME, key(zone), StepKind.SKIP, [third], "dr.lim")
        taken = made.undo(NAME, key(zone), 3, "dr.tan")
        assert (taken.step.of, taken.generation) == (3, 4)
        assert [one.number for one in zone.corrected[key(zone)].journal] == [1, 2, 3, 4]

    def test_a_fault_of_the_store_is_not_tried_over(self, zone: MemoryZone) -> None:
        """Whether a step was stored is not known then, so it is not taken twice."""
        made = corrector(zone)
        made.mark(NAME, key(zone), StepKind.ACCEPT, [MarkedPlace(0, 4, 9)], "dr.tan")
        stored = zone.put_corrections

        def away(study_id: str, summary: TranscriptSummary, corrections: RunCorrections) -> int:
            stored(study_id, summary, corrections)
            raise Unavailable("the answer was lost")

        zone.put_corrections = away  # type: ignore[method-assign]
        with pytest.raises(Unavailable):
            made.mark(NAME, key(zone), StepKind.ACCEPT, [MarkedPlace(1, 0, 5)], "dr.tan")
        assert len(zone.corrected[key(zone)].journal) == 2
