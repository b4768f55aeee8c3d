# SPDX-License-Identifier: Apache-2.0
"""faster-whisper's model, made to encode a piece once where its language is detected first.

Encoding is most of the work on a short piece, and faster-whisper repeats it after detection.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim

from services.transcription.domain.audio import Samples


class EncodeOnceModel(WhisperModel):  # type: ignore[misc] # faster-whisper ships no types
    """A `WhisperModel` that remembers the last thing it encoded, for each thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._last = threading.local()

    def encode(self, features: Samples) -> Any:
        """Encode features, or return the last result where they are the same."""
        last = getattr(self._last, "pair", None)
        if last is not None and np.array_equal(last[0], features):
            return last[1]
        encoded = super().encode(features)
        self._last.pair = (features, encoded)
        return encoded

    def detect_languages(self, audio: Samples) -> Sequence[tuple[str, float]]:
        """Return the languages of the first chunk of a piece with their probabilities."""
        # The very features that `transcribe` will cut out for its first chunk.
        features = self.feature_extractor(audio)
        longest = min(self.feature_extractor.nb_max_frames, features.shape[-1] - 1)
        (found,) = self.model.detect_language(self.encode(pad_or_trim(features[:, :longest])))
        return [(token[2:-2], probability) for token, probability in found]
