# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given

from services.corrections.model import Correction, CorrectionKind, Replacement
from services.registry.export_formats import Style
from services.registry.notations import Notation
from services.release.domain.approved import approved_text
from services.release.domain.marks import Overlap, Pause
from services.release.domain.transcript import Segment, Transcript, Writing, turns
from tests.support.release_builders import approved, hard_transcripts, transcript

TEXT = "Then [Person 1] came back home."
TALK = (
    Segment(
        *("S1", "participant", TEXT, 1000, 6000, "en"),
        (Replacement(5, 15, "PERSON"),),
        (Pause(5, 700), Pause(16, 2300)),
        (Overlap(21, 31, comes_in=False),),
    ),
    Segment("S2", "interviewer", "Yes.", 5200, 5600, "en", (), (), (Overlap(0, 4, comes_in=True),)),
    Segment("S2", "interviewer", "[inaudible 00:08-00:19]", 8000, 19000),
)


def written(segments: tuple[Segment, ...], notation: Notation, style: Style) -> list[str]:
    """Return the turns as readers see them."""
    shown = replace(transcript(segments=segments), writing=Writing(style, notation))
    return [turn.marked for turn in turns(shown)]


@pytest.mark.parametrize(
    ("notation", "lines"),
    [
        (Notation.NONE, [TEXT, "Yes. [inaudible 00:08-00:19]"]),
        (
            Notation.PLAIN,
            [
                "Then [Person 1] [pause 2.3 s] came [overlap] back home. [overlap ends]",
                "[overlap] Yes. [overlap ends] [inaudible 00:08-00:19]",
            ],
        ),
        (
            Notation.JEFFERSON,
            [
                "Then (0.7) [Person 1] (2.3) came ⌈back home.⌉",
                "⌊Yes.⌋ ((inaudible 00:08-00:19))",
            ],
        ),
    ],
)
def test_signs(notation: Notation, lines: list[str]) -> None:
    """Each notation has its own; none is between brackets that stand for an identifier."""
    assert written(TALK, notation, Style.VERBATIM) == lines


@pytest.mark.parametrize("notation", Notation)
def test_readable_files_have_no_marks(notation: Notation) -> None:
    """But for speech that nobody understood, which is said in every style."""
    assert written(TALK, notation, Style.READABLE) == [TEXT, "Yes. [inaudible 00:08-00:19]"]


def test_a_silence_between_segments_is_a_pause() -> None:
    """It is before what follows, also where another speaker does; nothing is before the first."""
    said = [("S1", 5000, 6000), ("S1", 7200, 8000), ("S2", 9900, 10000), ("S1", 9950, 11000)]
    segments = tuple(Segment(who, "", "Yes.", start, end) for who, start, end in said)
    assert written(segments, Notation.PLAIN, Style.VERBATIM) == [
        "Yes. [pause 1.2 s] Yes.",
        "[pause 1.9 s] Yes.",
        "Yes.",
    ]


def test_follow_corrections() -> None:
    """A pause inside a correction goes, and others move; an overlap takes the whole of it in."""
    mark = Correction(CorrectionKind.REDACT, 0, 5, 20, "PERSON", "[Person 12]")
    more = Correction(CorrectionKind.REDACT, 0, 26, 30, "LOCATION", "[Place 1]")
    one = transcript(segments=TALK)
    [found, *_] = approved_text(approved(one, (mark, more)), one.segments).transcript.segments
    assert found.text == "Then [Person 12] back [Place 1]."
    assert [one.at for one in found.pauses] == [5]
    [overlap] = found.overlaps
    assert found.text[overlap.start : overlap.end] == "back [Place 1]."


_MARKS = {
    Notation.NONE: re.compile("(?!)"),
    Notation.PLAIN: re.compile(r" ?\[pause \d+\.\d s\] |\[overlap\] | \[overlap ends\]"),
    Notation.JEFFERSON: re.compile(r" ?\(\d+\.\d\) |[⌈⌉⌊⌋]"),
}


@pytest.mark.parametrize("notation", Notation)
@given(one=hard_transcripts())
def test_marks_stand_beside_the_words(notation: Notation, one: Transcript) -> None:
    """Taken away they leave every word as it was, and each replacement is whole with them."""
    # What was said with such a mark in it would lose it with those of the notation.
    assume(not any(_MARKS[notation].search(said.text) for said in one.segments))
    for turn in turns(replace(one, writing=Writing(notation=notation))):
        for part in turn.segments:
            bare = _MARKS[notation].sub(
                lambda found: " " if found[0][0] == " " == found[0][-1] else "", part.marked
            )
            assert bare.replace(" ", "") == part.text.replace(" ", "")
            at = 0
            for place in part.replaced:
                at = part.marked.index(part.text[place.start : place.end], at)


@given(hard_transcripts())
def test_styles_share_turns_and_numbers(one: Transcript) -> None:
    """A place that is named in one style is found in the other."""
    verbatim = list(turns(one))
    readable = list(turns(replace(one, writing=Writing(Style.READABLE))))
    assert [(turn.number, turn.label) for turn in readable] == [
        (turn.number, turn.label) for turn in verbatim
    ]
    numbers = {part.number: part.start_ms for turn in verbatim for part in turn.segments}
    assert all(numbers[part.number] == part.start_ms for turn in readable for part in turn.segments)
