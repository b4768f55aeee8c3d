# SPDX-License-Identifier: Apache-2.0
"""Voices that the detector took for none: far from the microphone, or on a narrow telephone line.

A voice is periodic, and louder than the room. Noise, breath, steps and typing are not periodic, and
hum is the room. Music is both, so that this asks a person to listen and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, Samples, samples

_LOWEST_HZ, _HIGHEST_HZ = 70, 400
"""Pitch of the voices of adults and children."""

_BAND_HZ = (100, 1500)
"""Where most of the power of voiced sounds is."""

_PERIODIC = 0.5
"""Autocorrelation at the pitch, relative to that at 0, from which a sound is periodic."""

_FFT = 2048
"""Twice the length of what is transformed, so that its end does not meet its start."""

_ABOVE_ROOM_DB = 6.0
"""Above the room, which is the level that one of ten frames stays below: twice its amplitude."""

_BLOCK_SECONDS, _VOICED_SECONDS = 30.0, 2.0
"""Voiced sound in a block, outside of what was detected, from which somebody may have spoken: about
a sentence. Sounds that are no voice, and ends of words that the detector cut, add up to less.
"""


def is_periodic(sound: Samples) -> npt.NDArray[np.bool_]:
    """Return whether each stretch has the pitch of a voice; shape (stretches, 1024)."""
    width = sound.shape[1]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(width).astype(np.float32), _FFT, axis=1)) ** 2
    hertz = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    spectrum[:, (hertz < _BAND_HZ[0]) | (hertz > _BAND_HZ[1])] = 0.0
    correlation = np.fft.irfft(spectrum, axis=1)
    lags = correlation[:, SAMPLE_RATE // _HIGHEST_HZ : SAMPLE_RATE // _LOWEST_HZ + 1]
    found: npt.NDArray[np.bool_] = lags.max(axis=1) > _PERIODIC * (correlation[:, 0] + 1e-12)
    return found


def blocks_with_quiet_speech(
    voiced: npt.NDArray[np.bool_],
    levels: npt.NDArray[np.float32],
    detected: Iterable[SampleRange],
) -> int:
    """Return in how many blocks of 30 s somebody may speak where no speech was `detected`.

    `voiced` and `levels` (dB) have the shape (channels, frames); `detected` are the regions of
    speech of all channels, since in one of them the speaker of another is heard as well.
    """
    frames = levels.shape[1]
    if not frames:
        return 0
    room = np.percentile(levels, 10, axis=1, keepdims=True)
    found = np.any(voiced & (levels > room + _ABOVE_ROOM_DB), axis=0)
    for region in detected:
        found[region.start // FRAME : -(-region.end // FRAME)] = False
    block = samples(_BLOCK_SECONDS) // FRAME
    least = samples(_VOICED_SECONDS) // FRAME
    counts = np.add.reduceat(found.astype(np.int64), np.arange(0, frames, block))
    return int(np.count_nonzero(counts >= least))
