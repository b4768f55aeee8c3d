# SPDX-License-Identifier: Apache-2.0
"""Bleed: the other speaker, heard softly by the microphone of this one.

How softly is measured for each recording, over all the frames in which the other side speaks and
this side does not. What is no louder than that is bleed. A fixed bound would take a soft "mm-hm"
under the other's talk for bleed, and strong bleed for speech.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.transcription.domain.audio import FRAME, SampleRange

SPEECH_PROBABILITY = 0.5
"""From here a frame counts as speech: speech is more likely than not."""

_OTHER_LEADS_DB = 6.0
"""The other channel is clearly louder from here, twice the amplitude: its speaker talks alone."""

_FEWEST_FRAMES = 30
"""So many frames of the other side talking alone (a second) say how loud its bleed is."""

_MARGIN_DB = 3.0
"""How much louder than the usual bleed a frame may be and still be bleed: echoes vary."""

_LOUDEST_BLEED_DB = -3.0
"""Whatever was measured, a voice that is nearly as loud as the other one is not bleed."""

_USUAL_BLEED_DB = -20.0
"""Bleed where the other side never talks alone, so that nothing can be measured."""

_ECHO_FRAMES = 5
"""Echoes last: bleed is held against the loudest of the other side's last 160 ms, which covers
the early echoes of a room and the dips between syllables."""

_AHEAD_FRAMES = 1
"""A frame boundary may fall so that the bleed begins a frame before its source is loud."""

_OWN_WORD_DB = 3.0
"""A region in which this channel is so much louder than the other, in its loudest twentieth, holds
a word of its own."""

_OWN_WORD_PERCENTILE = 95.0
"""The loudest twentieth: one frame may be a click, and a word fills more."""

_FLOOR_DB = -200.0
"""Level before the recording begins."""


@dataclass(frozen=True, slots=True)
class Bleed:
    """What the other side's voice does in a channel; arrays hold a number for each frame.

    `lead` is by how many decibels this channel is louder, `threshold` the lead up to which the
    other side's voice explains what is heard, `hidden` the frames that it explains.
    """

    own: npt.NDArray[np.float32]
    other: npt.NDArray[np.float32]
    threshold: float
    hidden: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        levels: npt.NDArray[np.float32],
        probabilities: npt.NDArray[np.float32],
        channel: int,
        off: float,
    ) -> Bleed:
        """Measure the bleed in a channel of two; arrays have the shape (2, frames).

        `off` is the probability from which the other side may be speaking.
        """
        own, other = levels[channel], levels[1 - channel]
        lead = own - other
        alone = (probabilities[1 - channel] >= SPEECH_PROBABILITY) & (lead < -_OTHER_LEADS_DB)
        usual = float(np.median(lead[alone])) if alone.sum() >= _FEWEST_FRAMES else _USUAL_BLEED_DB
        threshold = min(usual + _MARGIN_DB, _LOUDEST_BLEED_DB)
        source = _loudest_around(other, _FLOOR_DB)
        speaking = _loudest_around(probabilities[1 - channel], 0.0) >= off
        return cls(own, other, threshold, speaking & (own - source < threshold))

    def explains(self, region: SampleRange, speech: npt.NDArray[np.float32]) -> bool:
        """Return whether a region of this channel holds nothing but the other side's voice.

        `speech` are this channel's speech probabilities. One word of its own keeps a region.
        """
        frames = slice(region.start // FRAME, -(-region.end // FRAME))
        own, other = self.own[frames], self.other[frames]
        spoken = speech[frames] >= SPEECH_PROBABILITY
        if not spoken.any():
            return False
        loudest = np.percentile((own - other)[spoken], _OWN_WORD_PERCENTILE)
        return _mean_db(own) - _mean_db(other) < self.threshold and bool(loudest < _OWN_WORD_DB)


def _loudest_around(values: npt.NDArray[np.float32], before: float) -> npt.NDArray[np.float32]:
    """Return the largest of each frame, those whose echo it may hold, and the one after it."""
    padded = np.pad(values, (_ECHO_FRAMES, _AHEAD_FRAMES), constant_values=before)
    around = np.lib.stride_tricks.sliding_window_view(padded, _ECHO_FRAMES + 1 + _AHEAD_FRAMES)
    largest: npt.NDArray[np.float32] = around.max(axis=1)
    return largest


def _mean_db(levels: npt.NDArray[np.float32]) -> float:
    """Return the level of the mean power, in decibels."""
    return float(10 * np.log10(np.mean(10 ** (levels.astype(np.float64) / 10))))
