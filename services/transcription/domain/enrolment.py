# SPDX-License-Identifier: Apache-2.0
"""Checks the clip of an interviewer's voice, and keeps no more of it than its speech."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from services.transcription.domain.audio import (
    FRAME,
    SAMPLE_RATE,
    SampleRange,
    Samples,
    milliseconds,
    samples,
)
from services.transcription.domain.ports import AudioReader, Diarizer, VoiceDetector
from services.transcription.domain.regions import RegionOptions, speech_regions
from services.transcription.errors import BadVoiceClip

_LONGEST_FILE = samples(600)
"""Samples of a file of which a clip is made: more is a recording, in which others speak too."""

_LEAST_SPEECH = samples(10)
"""Samples of speech below which a clip says too little of a voice."""

_KEPT_SPEECH = samples(30)
"""Samples of speech that are kept: the voice needs no more, and less is left to be lost."""

_PAUSE = samples(0.2)
"""Silence that is put between two stretches of speech."""

_QUIET_DBFS = -45.0
"""Mean power of speech below which noise of the microphone is part of the voice."""

_LOUD, _LOUD_SHARE = 0.999, 0.005
"""Samples at full scale are distorted; at most this share of the speech may be."""

MOST_BYTES = 64 * 1024 * 1024
"""Largest file that is taken: ten minutes of stereo, uncompressed."""


@dataclass(frozen=True, slots=True)
class CheckedClip:
    """A clip with nothing but speech of one voice, as a FLAC file."""

    data: bytes
    speech_ms: int


@dataclass(frozen=True)
class ClipChecker:
    """Checks clips; `encode` makes a FLAC file."""

    open_audio: Callable[[Iterable[bytes]], AbstractContextManager[AudioReader]]
    detector: Callable[[], VoiceDetector]
    diarizer: Callable[[], Diarizer]
    encode: Callable[[Iterable[Samples]], bytes]

    def check(self, chunks: Iterable[bytes]) -> CheckedClip:
        """Return the speech of a file; raises BadVoiceClip where it is of no use.

        Raises what the reader raises for a file that is no recording.
        """
        with self.open_audio(chunks) as reader:
            sound = _mixed(reader)
        regions = self._speech(sound)
        speech = sum(map(len, regions))
        if speech < _LEAST_SPEECH:
            raise BadVoiceClip(
                f"there are {speech / SAMPLE_RATE:.0f} seconds of speech in the clip, and a voice"
                f" needs at least {_LEAST_SPEECH // SAMPLE_RATE}: let the person read aloud for"
                " half a minute, as loud as in an interview"
            )
        kept = list(_kept(regions))
        _check_level(np.concatenate([sound[one.start : one.end] for one in kept]))
        spans = self.diarizer().diarize([sound], regions, 0)
        if len({one.speaker for one in spans}) > 1:
            raise BadVoiceClip(
                "there is more than one voice in the clip, or the microphone moved: record the"
                " interviewer alone, and nobody else"
            )
        pause = np.zeros((1, _PAUSE), np.float32)
        parts = [part for one in kept for part in (sound[None, one.start : one.end], pause)]
        return CheckedClip(self.encode(parts), milliseconds(sum(map(len, kept))))

    def _speech(self, sound: Samples) -> list[SampleRange]:
        padded = np.pad(sound, (0, -len(sound) % FRAME))
        likely = self.detector().feed(padded)
        return speech_regions(likely, len(sound), RegionOptions())


def _mixed(reader: AudioReader) -> Samples:
    parts, total = [np.zeros(0, np.float32)], 0
    for block in reader.blocks():
        parts.append(np.mean(block, axis=0))
        total += block.shape[1]
        if total > _LONGEST_FILE:
            raise BadVoiceClip(
                f"the clip is longer than {_LONGEST_FILE // SAMPLE_RATE // 60} minutes: a voice"
                " needs half a minute of one person alone, and no interview"
            )
    return np.ascontiguousarray(np.concatenate(parts), np.float32)


def _kept(regions: Iterable[SampleRange]) -> Iterator[SampleRange]:
    left = _KEPT_SPEECH
    for one in regions:
        if left > 0:
            yield SampleRange(one.start, min(one.end, one.start + left))
            left -= len(one)


def _check_level(speech: Samples) -> None:
    power = 10 * np.log10(float(np.mean(np.square(speech, dtype=np.float64))) + 1e-12)
    if power < _QUIET_DBFS:
        raise BadVoiceClip(
            f"the clip is too quiet ({power:.0f} dB of full scale): speak nearer to the microphone,"
            " or turn its level up"
        )
    if float(np.mean(np.abs(speech) >= _LOUD)) > _LOUD_SHARE:
        raise BadVoiceClip(
            "the clip is distorted, because it was recorded too loud: turn the level of the"
            " microphone down and record it again"
        )
