# SPDX-License-Identifier: Apache-2.0
"""JSON Lines: one turn a line, for scripts."""

from __future__ import annotations

import json
from typing import Any

from services.release.domain.transcript import Line, Transcript, Turn, turns


def render_jsonl(transcript: Transcript, title: str) -> bytes:  # noqa: ARG001 - one signature for all
    """Write one object a turn, its segments in it; UTF-8, LF.

    Times are milliseconds from the beginning of the recording, null when the source has none.
    """
    rows = (json.dumps(_turn(turn), ensure_ascii=False) + "\n" for turn in turns(transcript))
    return "".join(rows).encode()


def _turn(turn: Turn) -> dict[str, Any]:
    starts = [line.start_ms for line in turn.lines if line.start_ms is not None]
    ends = [line.end_ms for line in turn.lines if line.end_ms is not None]
    return {
        "turn": turn.number,
        "speaker": turn.label,
        "role": turn.lines[0].role,
        "start_ms": min(starts, default=None),
        "end_ms": max(ends, default=None),
        "text": turn.text,
        "segments": [_segment(line) for line in turn.lines],
    }


def _segment(line: Line) -> dict[str, Any]:
    return {
        "start_ms": line.start_ms,
        "end_ms": line.end_ms,
        "language": line.language,
        "text": line.text,
    }
