# SPDX-License-Identifier: Apache-2.0
"""How alike enrolled voices and the speakers of a recording are, by the bundled speaker encoder.

Embeddings live as long as a call: nothing that is made of a voice is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from services.transcription.adapters.speaker_encoder import (
    HOP,
    WINDOW,
    Embeddings,
    SpeakerEncoder,
)
from services.transcription.domain.audio import SampleRange, Samples, samples
from services.transcription.domain.enrolled_voices import Likeness

_HEARD = samples(60)
"""Speech of each speaker that is compared: more changes the mean of a voice by little."""

_LONGEST = samples(10)
"""Speech that is measured at once; longer stretches are cut."""

_STEP = 80
"""Frames from one window to the next, as in diarization."""


class VoiceComparer:
    """Compares clips with recordings; no state between calls."""

    def __init__(self, encoder: SpeakerEncoder) -> None:
        self._encoder = encoder

    def likeness(
        self,
        clips: Sequence[Samples],
        blocks: Iterable[Samples],
        spoken: Sequence[Sequence[SampleRange]],
    ) -> Likeness:
        """Return the cosine of each clip and each speaker, shape (clips, speakers).

        -1 where a speaker says too little. `blocks` have a row for each speaker; no more of them is
        read than is compared.
        """
        chosen = [list(_first(ranges)) for ranges in spoken]
        stretches: list[list[Samples]] = [[] for _ in spoken]
        for speaker, stretch in _cut(blocks, chosen):
            stretches[speaker].append(stretch)
        known = [self._voice(list(_parts(clip))) for clip in clips]
        heard = [self._voice(parts) for parts in stretches]
        found = np.full((len(clips), len(spoken)), -1.0, np.float32)
        for row, one in enumerate(known):
            for column, other in enumerate(heard):
                if len(one) and len(other):
                    found[row, column] = float(one[0] @ other[0])
        return found

    def _voice(self, stretches: Sequence[Samples]) -> Embeddings:
        """Return the mean direction of a voice, shape (1, 256); (0, 256) where it is too short."""
        embedded = [self._encoder.embed(self._windows(stretch)) for stretch in stretches]
        whole = np.concatenate(embedded) if embedded else np.zeros((0, 256), np.float32)
        if not len(whole):
            return whole
        mean = whole.mean(axis=0, keepdims=True)
        voice: Embeddings = mean / np.maximum(np.linalg.norm(mean), 1e-9)
        return voice

    def _windows(self, stretch: Samples) -> Embeddings:
        mels = self._encoder.mels(stretch)[: len(stretch) // HOP]
        starts = range(0, len(mels) - WINDOW + 1, _STEP)
        if not starts:
            return np.zeros((0, WINDOW, mels.shape[1]), np.float32)
        return np.stack([mels[start : start + WINDOW] for start in starts])


def _first(ranges: Sequence[SampleRange]) -> Iterator[SampleRange]:
    """Yield the first stretches that are long enough, cut, until there is enough to compare."""
    left = _HEARD
    for one in ranges:
        for start in range(one.start, one.end, _LONGEST):
            part = SampleRange(start, min(start + _LONGEST, one.end, start + left))
            if left > 0 and len(part) >= WINDOW * HOP:
                left -= len(part)
                yield part


def _parts(clip: Samples) -> Iterator[Samples]:
    for start in range(0, len(clip), _LONGEST):
        yield clip[start : start + _LONGEST]


def _cut(
    blocks: Iterable[Samples], chosen: Sequence[Sequence[SampleRange]]
) -> Iterator[tuple[int, Samples]]:
    """Yield each chosen stretch with its speaker once all of it was read; then read no more."""
    waiting = sorted(
        ((part, speaker) for speaker, parts in enumerate(chosen) for part in parts),
        key=lambda one: one[0].end,
    )
    held: list[Samples] = []
    start = end = 0
    for block in blocks:
        if not waiting:
            return
        held.append(block)
        end += block.shape[1]
        while waiting and waiting[0][0].end <= end:
            part, speaker = waiting.pop(0)
            sound = np.concatenate(held, axis=1)[speaker]
            yield speaker, np.ascontiguousarray(sound[part.start - start : part.end - start])
        needed = min((part.start for part, _ in waiting), default=end)
        while held and start + held[0].shape[1] <= needed:
            start += held.pop(0).shape[1]
