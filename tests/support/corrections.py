# SPDX-License-Identifier: Apache-2.0
"""Segments and corrections that fit them, for property tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import strategies as st

from services.corrections.model import (
    Correction,
    CorrectionKind,
    Doubt,
    Replacement,
    SegmentText,
)

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
WORDS = ("saya", "went", "to", "Ahmad", "lah", "I", "the", "ward", "அம்மா", "朋友", "😀", ",", "five")
TYPES = ("PERSON", "LOCATION", "DATE_TIME")


@st.composite
def segments(draw: st.DrawFn) -> SegmentText:
    """A segment of a few words, some of which are replacements, and some doubtful."""
    text, replacements, doubts = "", [], []
    for _ in range(draw(st.integers(1, 8))):
        if text:
            text += " "
        start = len(text)
        if draw(st.integers(0, 3)) == 0:
            entity_type = draw(st.sampled_from(TYPES))
            text += f"[{entity_type} {draw(st.integers(1, 3))}]"
            replacements.append(Replacement(start, len(text), entity_type))
        else:
            text += draw(st.sampled_from(WORDS))
        if draw(st.integers(0, 3)) == 0:
            doubts.append(Doubt(start, len(text), "doubtful", 0.25))
    return SegmentText(text, tuple(replacements), tuple(doubts))


@st.composite
def corrections_of(draw: st.DrawFn, segment: SegmentText, index: int = 0) -> list[Correction]:
    """Corrections that fit a segment, none of which overlap."""
    found: list[Correction] = []
    for start, end, replacement in pieces(segment):
        wanted = draw(st.sampled_from(["", "redact", "restore", "retype"]))
        if not wanted or (replacement is None and wanted != "redact"):
            continue
        kind = CorrectionKind(wanted)
        found.append(
            Correction(
                kind,
                index,
                start,
                end,
                "" if kind is CorrectionKind.RESTORE else draw(st.sampled_from(TYPES)),
                draw(st.sampled_from(["[X 1]", "words here", "a"])),
                "dr.lim",
                NOON,
            )
        )
    return found


def pieces(segment: SegmentText) -> Sequence[tuple[int, int, Replacement | None]]:
    """The words of a segment with their places; a replacement is one."""
    found: list[tuple[int, int, Replacement | None]] = []
    taken = {one.start: one for one in segment.replacements}
    start = 0
    while start < len(segment.text):
        one = taken.get(start)
        end = one.end if one else segment.text.find(" ", start)
        end = len(segment.text) if end < 0 else end
        found.append((start, end, one))
        start = end + 1
    return found


@st.composite
def corrected(draw: st.DrawFn) -> tuple[SegmentText, list[Correction]]:
    """A segment with corrections that fit it."""
    segment = draw(segments())
    return segment, draw(corrections_of(segment))


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[list[SegmentText], list[Correction]]:
    """A transcript with corrections that fit it."""
    parts = draw(st.lists(segments(), min_size=1, max_size=6))
    return parts, [
        one for index, part in enumerate(parts) for one in draw(corrections_of(part, index))
    ]
