# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.common.errors import Internal
from services.corrections.model import (
    CorrectionKind,
    CorrectionMalformed,
    RunCorrections,
)
from services.release.domain.ports import RedactedPlace
from services.release.domain.reviews import Review, ReviewState
from services.release.domain.transcript import (
    Transcript,
    TranscriptSummary,
)
from services.release.errors import (
    NoSuchCorrection,
    NoSuchSpeaker,
    PlaceCorrected,
    ReviewChanged,
    TranscriptMadeAnew,
)
from tests.support.correcting import (
    MARKED,
    NAME,
    SEGMENTS,
    Engine,
    approved,
    corrector,
    key,
    wanted,
)
from tests.support.memory_zone import Died, MemoryZone
from tests.support.release_builders import NOON, STUDY, transcript

SWAPPED = {"S1": "participant", "S2": "interviewer"}


@pytest.fixture
def zone() -> MemoryZone:
    """A zone with one transcript that its reviewer approved."""
    return approved()


class TestAdd:
    """A correction is added where it was asked for, and where it spreads to."""

    def test_a_redaction_spreads(self, zone: MemoryZone) -> None:
        """Other places of the words are marked as spread; all are of one person and moment."""
        taken = corrector(zone).add(NAME, wanted(zone), "dr.tan")
        added, generation = taken.step.added, taken.generation
        assert [(one.segment, one.text, one.spread) for one in added] == [
            (0, "[Person 9]", False),
            (1, "[Person 9]", True),
        ]
        assert {(one.corrected_by, one.corrected_at) for one in added} == {("dr.tan", NOON)}
        assert (zone.corrected[key(zone)].corrections, generation) == (added, 1)

    def test_it_waits_for_review_again(self, zone: MemoryZone) -> None:
        """Whatever was decided, the record names the person and the corrections that there are."""
        corrector(zone).add(NAME, wanted(zone), "dr.tan")
        found = zone.reviews[key(zone)]
        assert (found.state, found.decided_by, found.corrections_generation) == (
            ReviewState.PENDING,
            "dr.tan",
            1,
        )

    def test_a_restoration_puts_the_given_words_back(self, zone: MemoryZone) -> None:
        """At that place alone."""
        one = replace(
            wanted(zone, "[Person 1]", 1),
            kind=CorrectionKind.RESTORE,
            entity_type="",
            text="the clinic",
        )
        added = corrector(zone).add(NAME, one, "dr.tan").step.added
        assert [(part.segment, part.text) for part in added] == [(1, "the clinic")]

    def test_a_type_goes_to_all_of_the_label(self, zone: MemoryZone) -> None:
        """Every replacement of the same label gets the new one."""
        one = replace(
            wanted(zone, "[Person 1]", 2), kind=CorrectionKind.RETYPE, entity_type="LOCATION"
        )
        added = corrector(zone).add(NAME, one, "dr.tan").step.added
        assert [(part.segment, part.text, part.spread) for part in added] == [
            (1, "[Location 9]", True),
            (2, "[Location 9]", False),
        ]

    def test_takes_over_those_of_the_run_before_first(self, zone: MemoryZone) -> None:
        """Who corrects a new run before the rule was applied to it loses no earlier correction."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.tan")
        first = zone.transcripts[0]
        run = replace(first.summary, run_key="0" * 32, content_sha256="0" * 64)
        zone.transcripts.append(Transcript(run, first.segments))
        made.add(NAME, wanted(zone, "knows", 2), "dr.lim")
        assert [
            (one.segment, one.corrected_by) for one in zone.corrected["0" * 32].corrections
        ] == [
            (0, "dr.tan"),
            (1, "dr.tan"),
            (2, "dr.lim"),
        ]

    def test_what_does_not_fit_changes_nothing(self, zone: MemoryZone) -> None:
        """A place that is corrected, a cut mark, no mark, and no words to put back."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.tan")
        before = (dict(zone.corrected), dict(zone.reviews))
        restoring = replace(
            wanted(zone, "[Person 1]", 1), kind=CorrectionKind.RESTORE, entity_type=""
        )
        for wrong, error in [
            (wanted(zone), PlaceCorrected),
            (wanted(zone, "Ahmad", 1), PlaceCorrected),
            (wanted(zone, "and [Person", 1), CorrectionMalformed),
            (replace(wanted(zone, "knows", 2), segment=7), CorrectionMalformed),
            (restoring, CorrectionMalformed),
            (replace(restoring, text="x", end=restoring.end - 1), CorrectionMalformed),
            (replace(wanted(zone, "knows", 2), run_key="f" * 32), Exception),
        ]:
            with pytest.raises(error):
                made.add(NAME, wrong, "dr.tan")
        assert (zone.corrected, zone.reviews) == before

    def test_a_place_that_was_corrected_is_spread_around(self, zone: MemoryZone) -> None:
        """What somebody decided at a place stays when a redaction spreads there."""
        made = corrector(zone)
        zone.corrected[key(zone)] = RunCorrections(
            (replace(made.add(NAME, wanted(zone), "dr.tan").step.added[1], spread=False),), (), 1
        )
        added = made.add(NAME, wanted(zone), "dr.lim").step.added
        assert [one.segment for one in added] == [0]

    def test_an_engine_that_forgets_the_place_is_not_believed(self, zone: MemoryZone) -> None:
        """An answer without the asked place changes nothing."""

        class Forgetful(Engine):
            def redact(
                self,
                study_id: str,
                summary: TranscriptSummary,
                place: RedactedPlace,
                entity_type: str,
            ) -> Sequence[RedactedPlace]:
                """Return all but the asked place."""
                return super().redact(study_id, summary, place, entity_type)[1:]

        with pytest.raises(Internal):
            corrector(zone, Forgetful()).add(NAME, wanted(zone), "dr.tan")
        assert not zone.corrected

    def test_only_the_newest_run(self, zone: MemoryZone) -> None:
        """Corrections of a run that was replaced meanwhile are refused."""
        early = wanted(zone)
        first = zone.transcripts[0]
        zone.transcripts.append(
            Transcript(replace(first.summary, run_key="0" * 32), first.segments)
        )
        with pytest.raises(TranscriptMadeAnew):
            corrector(zone).add(NAME, early, "dr.tan")

    def test_nothing_stays_approved_when_it_dies(self) -> None:
        """Whatever write is the last, the run is not approved with corrections nobody read."""
        for writes in range(3):
            one = MemoryZone([transcript(segments=MARKED)])
            one.approve_all()
            one.dies_after = writes
            with pytest.raises(Died):
                corrector(one).add(NAME, wanted(one), "dr.tan")
            review, made = one.reviews[key(one)], one.corrections(STUDY, one.transcripts[0].summary)
            assert (
                review.state is ReviewState.PENDING
                or review.corrections_generation == made.generation
            )

    def test_an_approval_in_between_is_taken_back(self) -> None:
        """Somebody who approves while the corrections are written does not win."""

        class ApprovedMeanwhile(MemoryZone):
            def put_corrections(
                self, study_id: str, summary: TranscriptSummary, corrections: RunCorrections
            ) -> int:
                """Store, and let an approval in before."""
                before = self.reviews[summary.run_key]
                approved = replace(before, state=ReviewState.APPROVED)
                self.put_review(study_id, summary, approved)
                return super().put_corrections(study_id, summary, corrections)

        one = ApprovedMeanwhile([transcript(segments=MARKED)])
        one.approve_all()
        corrector(one).add(NAME, wanted(one), "dr.tan")
        assert one.reviews[key(one)].state is ReviewState.PENDING

    def test_one_who_is_always_overtaken_is_told(self) -> None:
        """After a few tries the person hears that others decide at the same time."""

        class Overtaken(MemoryZone):
            def put_review(
                self, study_id: str, summary: TranscriptSummary, review: Review
            ) -> Review:
                """Refuse."""
                raise ReviewChanged(f"{study_id}: somebody came between {summary} and {review}")

        one = Overtaken([transcript(segments=MARKED)])
        with pytest.raises(ReviewChanged):
            corrector(one).add(NAME, wanted(one), "dr.tan")


class TestRemove:
    """A correction is taken back."""

    def test_with_what_spread_from_it(self, zone: MemoryZone) -> None:
        """And nothing else, not even what the same person did a moment later."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.tan")
        made.add(NAME, wanted(zone, "knows", 2), "dr.tan")
        taken = made.remove(NAME, key(zone), 0, 4, "dr.lim")
        assert (len(taken.step.removed), taken.generation) == (2, 3)
        assert [one.segment for one in zone.corrected[key(zone)].corrections] == [2]
        assert zone.reviews[key(zone)].decided_by == "dr.lim"

    def test_what_spread_goes_alone(self, zone: MemoryZone) -> None:
        """A place where it was wrong to spread can be taken out by itself."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.tan")
        taken = made.remove(NAME, key(zone), 1, 0, "dr.tan")
        assert (len(taken.step.removed), taken.generation) == (1, 2)
        assert [one.segment for one in zone.corrected[key(zone)].corrections] == [0]

    def test_what_is_not_there(self, zone: MemoryZone) -> None:
        """The message says where to look."""
        with pytest.raises(NoSuchCorrection, match="review show"):
            corrector(zone).remove(NAME, key(zone), 0, 0, "dr.tan")


class TestAssign:
    """A reviewer says who is who."""

    def test_is_kept_and_waits_for_review_again(self, zone: MemoryZone) -> None:
        """With person and time; the answer tells every speaker's role."""
        made = corrector(zone).assign(NAME, key(zone), {"S1": "participant"}, "dr.tan")
        assert (made.roles, made.changed, made.generation) == (
            {"S1": "participant", "S2": "participant"},
            *(1, 1),
        )
        [(speaker, one)] = zone.corrected[key(zone)].roles.items()
        assert (speaker, one.role, one.corrected_by) == ("S1", "participant", "dr.tan")
        assert one.corrected_at == NOON
        review = zone.reviews[key(zone)]
        assert (review.state, review.decided_by) == (ReviewState.PENDING, "dr.tan")
        assert review.corrections_generation == 1

    def test_gives_the_engines_role_back(self, zone: MemoryZone) -> None:
        """By asking for it, and by saying what the engine said; other corrections stay."""
        made = corrector(zone)
        made.add(NAME, wanted(zone), "dr.tan")
        made.assign(NAME, key(zone), SWAPPED, "dr.tan")
        after = made.assign(NAME, key(zone), {"S1": "", "S2": "participant"}, "dr.lim")
        assert (after.roles, after.changed) == ({"S1": "interviewer", "S2": "participant"}, 2)
        assert zone.corrected[key(zone)].roles == {}
        assert len(zone.corrected[key(zone)].corrections) == 2

    def test_again_writes_nothing(self, zone: MemoryZone) -> None:
        """What was approved with these roles stays approved."""
        made = corrector(zone)
        made.assign(NAME, key(zone), SWAPPED, "dr.tan")
        zone.approve_all()
        before = (dict(zone.corrected), dict(zone.reviews))
        again = made.assign(NAME, key(zone), SWAPPED, "dr.lim")
        assert (again.changed, again.generation) == (0, 1)
        assert (zone.corrected, zone.reviews) == before

    def test_a_speaker_who_is_not_there(self, zone: MemoryZone) -> None:
        """The message names those who are; nothing is changed."""
        with pytest.raises(NoSuchSpeaker, match=r"is S3; it has S1, S2; see: sotto review show"):
            corrector(zone).assign(NAME, key(zone), {"S1": "", "S3": "participant"}, "dr.tan")
        assert not zone.corrected

    def test_labels_that_could_be_names_are_not_told(self) -> None:
        """Only numbers of speakers stand in the message."""
        one = MemoryZone([transcript(segments=(replace(SEGMENTS[0], speaker="Siti"),))])
        with pytest.raises(NoSuchSpeaker) as caught:
            corrector(one).assign(NAME, key(one), {"S1": "participant"}, "dr.tan")
        assert "Siti" not in str(caught.value)

    def test_nothing_stays_approved_when_it_dies(self) -> None:
        """Whatever write is the last, the run is not approved with roles that nobody read."""
        for writes in range(3):
            one = MemoryZone([transcript(segments=MARKED)])
            one.approve_all()
            one.dies_after = writes
            with pytest.raises(Died):
                corrector(one).assign(NAME, key(one), SWAPPED, "dr.tan")
            review, made = one.reviews[key(one)], one.corrections(STUDY, one.transcripts[0].summary)
            assert (
                review.state is ReviewState.PENDING
                or review.corrections_generation == made.generation
            )
