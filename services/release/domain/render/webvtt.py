# SPDX-License-Identifier: Apache-2.0
"""WebVTT: text beside the recording (W3C, https://www.w3.org/TR/webvtt1/)."""

from __future__ import annotations

from collections.abc import Iterator

from services.release.domain.transcript import Line, Transcript, lines

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
        f"{line.number}\n{_stamp(start)} --> {_stamp(end)}\n"
        f"<v {line.label.translate(_ESCAPES)}>{line.text.translate(_ESCAPES)}\n"
        for line, start, end in _clocked(transcript)
    )
    return "\n".join([*head, *cues]).encode()


def _clocked(transcript: Transcript) -> Iterator[tuple[Line, int, int]]:
    previous = 0
    for line in lines(transcript):
        if not transcript.timed:
            yield line, line.number * 1000, (line.number + 1) * 1000
            continue
        start = max(previous, previous if line.start_ms is None else line.start_ms)
        end = start if line.end_ms is None else line.end_ms
        previous = start
        yield line, start, max(end, start + 1)


def _stamp(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
