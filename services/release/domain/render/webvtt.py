# SPDX-License-Identifier: Apache-2.0
"""WebVTT: text beside the recording (W3C, https://www.w3.org/TR/webvtt1/)."""

from __future__ import annotations

from collections.abc import Iterator

from services.release.domain.transcript import LabelledSegment, Transcript, labelled_segments

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_NO_TIMES = (
    "NOTE\nThe source of this transcript carries no times."
    " Cues are numbered in seconds, in the order of speech.\n"
)


def render_vtt(transcript: Transcript, title: str) -> bytes:
    """Write a cue a segment with the speaker in a voice tag.

    Cue starts never go back and each cue lasts at least a millisecond, as the format demands. Where
    the source has no times at all, the cues count seconds and a note at the top says so.
    """
    head = ["WEBVTT\n", f"NOTE\n{title.replace('-->', '--')}\n"]
    if not transcript.timed:
        head.append(_NO_TIMES)
    cues = (
        f"{segment.number}\n{_stamp(start)} --> {_stamp(end)}\n"
        f"<v {segment.label.translate(_ESCAPES)}>{_text(segment)}\n"
        for segment, start, end in _clocked(transcript)
    )
    return "\n".join([*head, *cues]).encode()


def _text(segment: LabelledSegment) -> str:
    """Return the text of a cue; words that may be misheard have a class, which no player shows
    that no style sheet tells how.
    """
    pieces = ((piece.text.translate(_ESCAPES), piece.doubtful) for piece in segment.pieces)
    return "".join(f"<c.doubtful>{text}</c>" if doubtful else text for text, doubtful in pieces)


def _clocked(transcript: Transcript) -> Iterator[tuple[LabelledSegment, int, int]]:
    previous = 0
    for segment in labelled_segments(transcript):
        if not transcript.timed:
            yield segment, segment.number * 1000, (segment.number + 1) * 1000
            continue
        start = max(previous, previous if segment.start_ms is None else segment.start_ms)
        end = start if segment.end_ms is None else segment.end_ms
        previous = start
        yield segment, start, max(end, start + 1)


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
