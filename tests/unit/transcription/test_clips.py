# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from services.corrections.model import Replacement
from services.transcription.domain.bleep_job import NoAudio
from services.transcription.domain.bleeping import ApprovedSegment
from services.transcription.domain.clips import (
    Clip,
    ClipMaker,
    HeardRun,
    OpenSound,
    Times,
    Words,
    times_of,
)
from services.transcription.domain.transcript import Role, Segment, Word
from services.transcription.errors import NoClip

_TEXT = "My brother Faizal lives in Klang now"


def segment(text: str = _TEXT, first_ms: int = 10_000) -> Segment:
    """A segment whose words take half a second each."""
    words = tuple(
        Word(f" {word}", first_ms + 500 * i, first_ms + 500 * i + 400, 0.9)
        for i, word in enumerate(text.split())
    )
    return Segment(
        0, "S1", Role.PARTICIPANT, text, first_ms, first_ms + 500 * len(words), words, "en", None
    )


@dataclass
class Taken:
    """A recording of ten minutes, of which nothing was heard yet."""

    duration_ms: int = 600_000
    invented: bool = False
    sound: NoAudio | None = None
    asked: list[tuple[Times, int]] = field(default_factory=list)

    def run(self, _key: str) -> HeardRun:
        """Know one run of one segment."""
        return HeardRun(self.duration_ms, self.invented, lambda _index: segment())

    @contextmanager
    def listen(self, times: Times, most_ms: int) -> Iterator[OpenSound | NoAudio]:
        """Note what is heard."""
        self.asked.append((times, most_ms))
        yield self.sound or OpenSound(io.BytesIO(b""), 5_000)


def maker(share: float = 0.5) -> ClipMaker:
    """Clips that say when they are."""
    return ClipMaker(lambda _file, times: f"{times.start_ms}-{times.end_ms}".encode(), share)


class TestTimes:
    def test_of_identified_words(self) -> None:
        """Code points are of the identified text."""
        assert times_of(segment(), Words(0, 11, 17)) == Times(11_000, 11_400)

    def test_of_a_replacement(self) -> None:
        """What was said in its place is heard, all of it."""
        shown = ApprovedSegment(
            "My brother [Person 3] lives in [Place 1] now",
            (Replacement(11, 21, "PERSON"), Replacement(31, 40, "LOCATION")),
        )
        assert times_of(segment(), Words(0, 11, 21, shown)) == Times(11_000, 11_400)
        assert times_of(segment(), Words(0, 33, 35, shown)) == Times(12_500, 12_900)

    def test_of_words_behind_a_replacement(self) -> None:
        """They are found by what stands between replacements."""
        shown = ApprovedSegment(
            "My brother [Person 3] lives in Klang now", (Replacement(11, 21, "PERSON"),)
        )
        assert times_of(segment(), Words(0, 31, 36, shown)) == Times(12_500, 12_900)
        assert times_of(segment(), Words(0, 3, 27, shown)) == Times(10_500, 11_900)

    @pytest.mark.parametrize(
        "shown",
        [
            ApprovedSegment("Something else", ()),
            ApprovedSegment("My [X] lives there", (Replacement(3, 6, "PERSON"),)),
        ],
    )
    def test_of_a_text_that_does_not_fit(self, shown: ApprovedSegment) -> None:
        """The whole segment is heard."""
        assert times_of(segment(), Words(0, 3, 6, shown)) == Times(10_000, 13_500)

    def test_of_the_whole_segment(self) -> None:
        """No code points mean all of it."""
        assert times_of(segment(), Words(0)) == Times(10_000, 13_500)

    def test_of_no_times(self) -> None:
        """It says why there is no clip."""
        untimed = Segment(0, "S1", Role.UNKNOWN, "Hello", None, None, (), "en", None)
        with pytest.raises(NoClip, match="no times"):
            times_of(untimed, Words(0))


class TestClip:
    def test_has_something_on_both_sides(self) -> None:
        """A second and a half, inside the recording."""
        made = maker().make(Taken(), "0" * 32, Words(0, 11, 17))
        assert made == Clip(b"9500-12900", Times(9_500, 12_900), False, 295_000)
        early = maker().make(Taken(), "0" * 32, Times(500, 1_000))
        assert isinstance(early, Clip)
        assert early.times == Times(0, 2_500)

    def test_is_fifteen_seconds_long_at_most(self) -> None:
        """What is longer says that it goes on."""
        made = maker().make(Taken(), "0" * 32, Times(100_000, 200_000))
        assert isinstance(made, Clip)
        assert made.times == Times(98_500, 113_500)
        assert made.cut

    def test_of_a_share_of_the_recording(self) -> None:
        """A person may hear half of it, a minute at least, and nothing where clips are off."""
        long, short, off = Taken(), Taken(20_000), Taken()
        maker().make(long, "0" * 32, Times(0, 1))
        maker().make(short, "0" * 32, Times(0, 1))
        maker(0.0).make(off, "0" * 32, Times(0, 1))
        assert [one.asked[0][1] for one in (long, short, off)] == [300_000, 60_000, 0]

    @pytest.mark.parametrize(
        ("recording", "place", "why"),
        [
            (Taken(0), Words(0), NoAudio.MADE_ELSEWHERE),
            (Taken(invented=True), Words(0), NoAudio.INVENTED),
            (Taken(sound=NoAudio.MADE_ELSEWHERE), Times(0, 1), NoAudio.MADE_ELSEWHERE),
            (Taken(sound=NoAudio.DELETED), Words(0), NoAudio.DELETED),
        ],
    )
    def test_there_is_none(self, recording: Taken, place: Times | Words, why: NoAudio) -> None:
        """Where there is no sound, why is said."""
        assert maker().make(recording, "0" * 32, place) is why

    def test_behind_the_end(self) -> None:
        """There is nothing to hear there, and nothing is opened."""
        recording = Taken()
        with pytest.raises(NoClip, match="behind the end"):
            maker().make(recording, "0" * 32, Times(700_000, 701_000))
        assert recording.asked == []
