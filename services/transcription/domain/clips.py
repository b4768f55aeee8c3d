# SPDX-License-Identifier: Apache-2.0
"""Clips: a few seconds of a recording for a reviewer, who names a place by its words or times."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from services.corrections.alignment import places
from services.transcription.domain.bleep_job import NoAudio
from services.transcription.domain.bleeping import ApprovedSegment, places_of_words
from services.transcription.domain.transcript import Segment
from services.transcription.errors import NoClip

PADDING_MS = 1500
"""Milliseconds on both sides of a place: a word before and behind it, and how far times are off."""

LONGEST_MS = 15_000
"""Longest clip: what takes longer is heard in several, each of them in the log."""

LEAST_HEARD_MS = 60_000
"""What a person may hear of any recording, however short it is."""


@dataclass(frozen=True, slots=True)
class Times:
    """A place by its times, in milliseconds from the beginning of the recording."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Words:
    """A place by code points of a segment, all of it where `end` is 0.

    They are of the identified text, or of the de-identified one where that is given.
    """

    segment: int
    start: int = 0
    end: int = 0
    deidentified: ApprovedSegment | None = None


@dataclass(frozen=True, slots=True)
class HeardRun:
    """A finished identified run: what its manifest says, and what reads a segment of it.

    `duration_ms` is 0 without a recording; `segment` raises NotFound.
    """

    duration_ms: int
    invented: bool
    segment: Callable[[int], Segment]


@dataclass(frozen=True, slots=True)
class Clip:
    """A WAV file and where it is in the recording; `cut` where the place goes on behind it.

    `left_ms` is how much of the recording its listener may hear still.
    """

    wav: bytes
    times: Times
    cut: bool
    left_ms: int


@dataclass(frozen=True, slots=True)
class OpenSound:
    """A recording that is open for reading, from anywhere; `heard_ms` is what its listener heard,
    this time included.
    """

    file: BinaryIO
    heard_ms: int


class ClippedRecording(Protocol):
    """A recording of the store of which clips are cut."""

    def run(self, key: str) -> HeardRun:
        """Return a finished run; raises NotFound."""
        ...

    def listen(self, times: Times, most_ms: int) -> AbstractContextManager[OpenSound | NoAudio]:
        """Open it for a person who hears these times of it, and may hear `most_ms` in all."""
        ...


Cut = Callable[[BinaryIO, Times], bytes]
"""Cuts a WAV file out of a recording."""


@dataclass(frozen=True)
class ClipMaker:
    """Cuts clips; a person hears at most `share` of a recording by them."""

    cut: Cut
    share: float

    def make(
        self, recording: ClippedRecording, run_key: str, place: Times | Words
    ) -> Clip | NoAudio:
        """Return a clip, or why there is none; raises `NoClip` where nobody knows its times."""
        run = recording.run(run_key)
        if not run.duration_ms:
            return NoAudio.MADE_ELSEWHERE
        if isinstance(place, Words):
            if run.invented:
                return NoAudio.INVENTED
            place = times_of(run.segment(place.segment), place)
        whole = padded(place, run.duration_ms)
        times = Times(whole.start_ms, min(whole.end_ms, whole.start_ms + LONGEST_MS))
        if times.end_ms <= times.start_ms:
            raise NoClip("the place lies behind the end of the recording; look at its times again")
        most = max(LEAST_HEARD_MS, round(self.share * run.duration_ms)) if self.share else 0
        with recording.listen(times, most) as sound:
            if isinstance(sound, NoAudio):
                return sound
            wav = self.cut(sound.file, times)
            return Clip(wav, times, times != whole, max(0, most - sound.heard_ms))


def padded(times: Times, duration_ms: int) -> Times:
    """Return times with what is heard on both sides, inside the recording."""
    return Times(max(0, times.start_ms - PADDING_MS), min(duration_ms, times.end_ms + PADDING_MS))


def times_of(segment: Segment, place: Words) -> Times:
    """Return when the words of a place are said, or its whole segment where that is not certain.

    Raises `NoClip` where the segment has no times.
    """
    wanted = _in_identified(segment, place)
    spots = places_of_words(segment)
    if wanted is not None and spots is not None:
        said = [
            word
            for word, (start, end) in zip(segment.words, spots, strict=True)
            if start < wanted[1] and wanted[0] < end
        ]
        if said:
            return Times(min(one.start_ms for one in said), max(one.end_ms for one in said))
    if segment.start_ms is None or segment.end_ms is None:
        raise NoClip("its segment has no times, so that nobody knows where it is in the recording")
    return Times(segment.start_ms, segment.end_ms)


def _in_identified(segment: Segment, place: Words) -> tuple[int, int] | None:
    """Return the code points of a place in the identified text; None for all, or where unknown."""
    if not place.end:
        return None
    if place.deidentified is None:
        return place.start, place.end
    return identified_place(segment.text, place.deidentified, place.start, place.end)


def identified_place(
    identified: str, deidentified: ApprovedSegment, start: int, end: int
) -> tuple[int, int] | None:
    """Return where in the identified text a place of the de-identified one is.

    What it touches of a replacement is all that this stands for. None where the texts do not fit,
    or the words of a replacement are not certain.
    """
    ordered = sorted(deidentified.replacements, key=lambda one: one.start)
    found = places(identified, deidentified.text, ordered)
    if any(one is None for one in found) or (not ordered and identified != deidentified.text):
        return None
    first = last = None
    behind, moved = 0, 0  # where the text kept since the last replacement begins, in both
    length = len(deidentified.text)
    edges: list[tuple[int, int, tuple[int, int] | None]] = [
        *((one.start, one.end, spot) for one, spot in zip(ordered, found, strict=True)),
        (length, length, None),
    ]
    for kept_end, next_start, spot in edges:
        if start < kept_end and end > behind:
            first = moved + max(start, behind) - behind if first is None else first
            last = moved + min(end, kept_end) - behind
        if spot is not None:
            if start < next_start and end > kept_end:
                first = spot[0] if first is None else first
                last = spot[1]
            behind, moved = next_start, spot[1]
    if first is None or last is None:
        return None
    return first, last
