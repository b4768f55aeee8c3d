# SPDX-License-Identifier: Apache-2.0
"""JSON Lines: one turn a line, for scripts."""

from __future__ import annotations

import json
from typing import Any

from services.release.domain.transcript import LabelledSegment, Transcript, Turn, turns


def render_jsonl(transcript: Transcript, title: str) -> bytes:  # noqa: ARG001 - one signature for all
    """Write one object a turn, its segments in it; UTF-8, LF.

    Times are milliseconds from the beginning of the recording, null when the source has none.
    Pauses, overlaps and words that may be misheard, where these are marked, are told by code points
    of the text, which has no marks.
    """
    rows = (json.dumps(_turn(turn), ensure_ascii=False) + "\n" for turn in turns(transcript))
    return "".join(rows).encode()


def _turn(turn: Turn) -> dict[str, Any]:
    starts = [segment.start_ms for segment in turn.segments if segment.start_ms is not None]
    ends = [segment.end_ms for segment in turn.segments if segment.end_ms is not None]
    return {
        "turn": turn.number,
        "speaker": turn.label,
        "role": turn.segments[0].role,
        "start_ms": min(starts, default=None),
        "end_ms": max(ends, default=None),
        "text": turn.text,
        "segments": [_segment(segment) for segment in turn.segments],
    }


def _segment(segment: LabelledSegment) -> dict[str, Any]:
    words = segment.doubtful_words
    doubtful = None if words is None else [{"start": one.start, "end": one.end} for one in words]
    return {
        "start_ms": segment.start_ms,
        "end_ms": segment.end_ms,
        "language": segment.language,
        "text": segment.text,
        "pauses": [{"at": one.at, "ms": one.duration_ms} for one in segment.pauses],
        "overlaps": [
            {"start": one.start, "end": one.end, "comes_in": one.comes_in}
            for one in segment.overlaps
        ],
        **({} if doubtful is None else {"doubtful_words": doubtful}),
    }
