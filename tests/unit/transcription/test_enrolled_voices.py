# SPDX-License-Identifier: Apache-2.0
"""Clips of voices: what is refused, what is kept, and that it is known again."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest

from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.flac import encode_flac
from services.transcription.adapters.speaker_encoder import SpeakerEncoder
from services.transcription.adapters.voice_comparer import VoiceComparer
from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.enrolled_voices import VoiceMatch
from services.transcription.domain.enrolment import CheckedClip, ClipChecker
from services.transcription.domain.ports import AudioReader
from services.transcription.domain.transcript import Role
from services.transcription.errors import BadVoiceClip
from services.transcription.wiring import load_diarizer
from tests.unit.transcription.test_voice_diarizer import MAN, WOMAN, talk, voice


class Loud:
    """Takes what is louder than a whisper for speech: Silero does not know voices of vowels."""

    def feed(self, frames: Samples) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """Return 1 for a loud frame."""
        whole = frames[: len(frames) // FRAME * FRAME].reshape(-1, FRAME)
        return (np.abs(whole).max(axis=1) > 1e-4).astype(np.float32)


@contextmanager
def opened(chunks: Iterable[bytes]) -> Iterator[AudioReader]:
    """Decode a file, in this process."""
    data = b"".join(chunks)
    yield RecordingReader(lambda: io.BytesIO(data), AudioLimits())


class Take:
    """Sound in memory."""

    bad_packets, cut_short = 0, False

    def __init__(self, sound: Samples) -> None:
        self.sound = sound

    def blocks(self) -> Iterator[Samples]:
        """All at once."""
        yield self.sound[None]


def check(sound: Samples) -> CheckedClip:
    """What is kept of a sound."""
    checker = ClipChecker(lambda _: nullcontext(Take(sound)), Loud, load_diarizer, encode_flac)
    return checker.check([])


def heard(clip: CheckedClip) -> Samples:
    """The sound of a clip."""
    with opened([clip.data]) as reader:
        return np.concatenate([block[0] for block in reader.blocks()])


class TestCheck:
    def test_speech_alone_is_kept_and_not_all_of_it(self) -> None:
        """Silence goes, and so does what is behind half a minute; the same file, the same clip."""
        sound = np.concatenate([np.zeros(3 * SAMPLE_RATE, np.float32), voice(MAN, 34, 1)])
        clip = check(sound)
        assert clip == check(sound)
        assert clip.speech_ms == 30_000
        assert 30 <= len(heard(clip)) / SAMPLE_RATE < 31

    @pytest.mark.parametrize(
        ("sound", "says"),
        [
            (voice(MAN, 6, 1), "6 seconds of speech.*at least 10"),
            (np.zeros(20 * SAMPLE_RATE, np.float32), "0 seconds of speech"),
            (0.01 * voice(MAN, 15, 1), "too quiet"),
            (np.clip(40 * voice(MAN, 15, 1), -1, 1), "distorted"),
            (talk([(MAN, 12), (WOMAN, 12)], same_words=True)[0], "more than one voice"),
            (np.zeros(601 * SAMPLE_RATE, np.float32), "longer than 10 minutes"),
        ],
        ids=["short", "silent", "quiet", "loud", "two", "long"],
    )
    def test_what_is_of_no_use(self, sound: Samples, says: str) -> None:
        """Each is refused with what to do."""
        with pytest.raises(BadVoiceClip, match=says):
            check(np.asarray(sound, np.float32))


class TestComparison:
    def test_the_voice_of_the_clip_is_most_alike(self) -> None:
        """Of two voices in a mix, and where each has a channel; what says too little is not
        compared, and no more is read than is needed.
        """
        comparer = VoiceComparer(SpeakerEncoder.load())
        mix, regions = talk([(MAN, 6), (WOMAN, 6), (MAN, 1)], same_words=True)
        behind = len(mix)
        mix = np.concatenate([mix, *[mix[regions[1].start : regions[1].end]] * 14])
        clip = mix[: 6 * SAMPLE_RATE]
        spoken = [[regions[0]], [regions[1], SampleRange(behind, len(mix))], [regions[2]]]
        read = 0

        def blocks() -> Iterator[Samples]:
            nonlocal read
            for at in range(0, len(mix), 7001):
                read += 1
                yield np.tile(mix[at : at + 7001], (3, 1))

        found = comparer.likeness([clip, clip[:9000]], blocks(), spoken)
        assert found[0, 0] > 0.9 > found[0, 1]
        assert found[0, 2] == -1
        assert (found[1] == -1).all()
        assert read * 7001 < len(mix) - 20 * SAMPLE_RATE
        assert VoiceMatch.of(found).interviewers == {0}


class TestMatch:
    @pytest.mark.parametrize(
        ("likeness", "interviewers"),
        [
            ([[0.87, 0.3]], {0}),
            ([[0.85, 0.3]], set()),
            ([[0.9, 0.78]], set()),
            ([[0.3, 0.4, 0.9]], {2}),
            ([[0.9, 0.3], [0.2, 0.87]], {0, 1}),
            ([[0.9, 0.3], [0.4, 0.5]], {0}),
        ],
    )
    def test_high_and_clearly_higher(
        self, likeness: list[list[float]], interviewers: set[int]
    ) -> None:
        """Each enrolled voice has one speaker at most, who is like it and nobody else is."""
        assert VoiceMatch.of(np.array(likeness, np.float32)).interviewers == interviewers

    def test_roles(self) -> None:
        """Of two speakers the other one takes part; of more nobody can say."""
        match = VoiceMatch(frozenset({1}))
        assert match.roles(2) == (Role.PARTICIPANT, Role.INTERVIEWER)
        assert match.roles(3) == (Role.UNKNOWN, Role.INTERVIEWER, Role.UNKNOWN)
