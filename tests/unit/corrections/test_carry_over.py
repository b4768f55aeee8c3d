# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from services.corrections.carry_over import carry_over
from services.corrections.model import Correction, CorrectionKind, Replacement, SegmentText
from services.corrections.replay import check
from tests.support.corrections import transcripts

RUN = "a" * 32


def marked(text: str, entity_type: str = "PERSON") -> SegmentText:
    """A segment in which everything in square brackets is a replacement."""
    found, start = [], text.find("[")
    while start >= 0:
        end = text.index("]", start) + 1
        found.append(Replacement(start, end, entity_type))
        start = text.find("[", end)
    return SegmentText(text, tuple(found))


def of(kind: CorrectionKind, segment: SegmentText, words: str, index: int = 0) -> Correction:
    """A correction of `words` in a segment."""
    start = segment.text.index(words)
    return Correction(
        kind,
        index,
        start,
        start + len(words),
        "" if kind is CorrectionKind.RESTORE else "LOCATION",
        "the clinic" if kind is CorrectionKind.RESTORE else "[Place 9]",
    )


def carried(
    old: list[SegmentText], corrections: list[Correction], new: list[SegmentText]
) -> tuple[list[str], int]:
    """The words at the places of the carried ones, and how many are lost."""
    kept, lost = carry_over(old, corrections, new, RUN)
    check(new, kept)
    return [new[one.segment].text[one.start : one.end] for one in kept], len(lost)


class TestCarryOver:
    """Corrections find their places in the next run."""

    @given(transcripts())
    def test_the_same_run_carries_all(
        self, made: tuple[list[SegmentText], list[Correction]]
    ) -> None:
        """A run with the same text keeps every correction, and each says where it is from."""
        segments, corrections = made
        kept, lost = carry_over(segments, corrections, segments, RUN)
        wanted = [
            replace(one, carried_from=RUN)
            for one in corrections
            if not (
                one.kind is CorrectionKind.RETYPE
                and any(
                    part.start == one.start and part.entity_type == one.entity_type
                    for part in segments[one.segment].replacements
                )
            )
        ]
        assert (list(kept), list(lost)) == (wanted, [])

    @given(transcripts(), transcripts())
    def test_any_other_run_gives_what_fits(
        self,
        made: tuple[list[SegmentText], list[Correction]],
        other: tuple[list[SegmentText], list[Correction]],
    ) -> None:
        """Whatever the new run holds, what is carried fits it, and nothing is counted twice."""
        segments, corrections = made
        kept, lost = carry_over(segments, corrections, other[0], RUN)
        check(other[0], kept)
        assert set(lost) <= set(corrections)
        assert len(kept) + len(lost) <= len(corrections)

    def test_boundaries_may_move(self) -> None:
        """Words are found in another segment, and behind new words."""
        old = [marked("We went to Pudu and [Person 1] came.")]
        new = [marked("Well, we went"), marked("to Pudu and [Person 4] came.")]
        corrections = [
            of(CorrectionKind.REDACT, old[0], "Pudu"),
            of(CorrectionKind.RESTORE, old[0], "[Person 1]"),
        ]
        assert carried(old, corrections, new) == (["Pudu", "[Person 4]"], 0)

    def test_a_place_inside_a_word(self) -> None:
        """A redaction that leaves an ending does so again."""
        old, new = [marked("Pudus wall")], [marked("The Pudus wall")]
        corrections = [of(CorrectionKind.REDACT, old[0], "Pudu")]
        assert carried(old, corrections, new) == (["Pudu"], 0)

    def test_places_that_would_overlap(self) -> None:
        """Two places inside a word that has another length now: the second one is lost."""
        old, new = SegmentText("from Straße lah"), SegmentText("from STRASSE lah")
        corrections = [
            of(CorrectionKind.REDACT, old, "Stra"),
            of(CorrectionKind.REDACT, old, "ße"),
        ]
        assert carried([old], corrections, [new]) == (["STRASSE"], 1)

    def test_what_the_new_run_does_itself_is_done(self) -> None:
        """Redacted, left, and typed by the engine itself: neither carried nor lost."""
        old = [marked("We went to Pudu and saw [Person 1] there with [Person 2] today")]
        new = [
            SegmentText(
                "We went to [Place 3] and saw the clinic there with [Place 2] today",
                (Replacement(11, 20, "LOCATION"), Replacement(51, 60, "LOCATION")),
            )
        ]
        corrections = [
            of(CorrectionKind.REDACT, old[0], "Pudu"),
            of(CorrectionKind.RESTORE, old[0], "[Person 1]"),
            of(CorrectionKind.RETYPE, old[0], "[Person 2]"),
        ]
        assert carried(old, corrections, new) == ([], 0)

    def test_what_has_no_place_is_lost(self) -> None:
        """Other words, a mark in other company and a mark of another type are not guessed at."""
        old = [marked("We went to Pudu."), marked("Then [Person 1] came."), marked("It was [x].")]
        new = [
            marked("We went home."),
            marked("Nobody but [Person 1] knew."),
            marked("It was [x].", "DATE_TIME"),
        ]
        corrections = [
            of(CorrectionKind.REDACT, old[0], "Pudu"),
            of(CorrectionKind.RESTORE, old[1], "[Person 1]", 1),
            of(CorrectionKind.RESTORE, old[2], "[x]", 2),
        ]
        assert carried(old, corrections, new) == ([], 3)

    def test_the_first_run_is_remembered(self) -> None:
        """What was carried before names the run that a person corrected."""
        old = [marked("We went to Pudu.")]
        one = replace(of(CorrectionKind.REDACT, old[0], "Pudu"), carried_from="b" * 32)
        kept, _ = carry_over(old, [one], old, RUN)
        assert kept[0].carried_from == "b" * 32
