# SPDX-License-Identifier: Apache-2.0
"""faster-whisper's model, made to try languages on a region of speech at little cost.

Whisper pads all it hears to 30 s, and encoding that is most of the work on a short region. To tell
languages apart the region and a second of silence are enough.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio

from services.transcription.domain.audio import Samples
from services.transcription.domain.spoken import Trial

_TAIL_FRAMES, _FEWEST_FRAMES = 200, 500
"""Frames of 10 ms of padding that are kept, and the fewest that are encoded: Whisper was trained on
padded sound, and takes a word that ends with its input for broken off. Behind one second of silence
it often went on in a loop, and two cost less than to hear such a part again."""

_MOST_KEPT = 24
"""Encoded regions that a thread keeps, as many as most pieces have. Of base, each has half a
megabyte."""

_RANGE = 2.0
"""From the loudest feature to silence: Whisper cuts 80 dB below it, and divides the decimal
logarithm of power by 4."""

_TRIAL_TOKENS = 24
"""Tokens of a trial: about a sentence. In a wrong language the first words are unlikely already,
and later a loop makes each word likely."""

_WHISPER_SECONDS = 30
"""Length of the input that Whisper was trained on; models that were trained otherwise get all."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A region as the model encoded it, for `WhisperModel.model`."""

    output: Any


class LanguageTryingModel(WhisperModel):  # type: ignore[misc] # faster-whisper ships no types
    """A `WhisperModel` that tells how likely languages are, and words in each."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mode = threading.local()

    @contextmanager
    def thrift(self, *, wanted: bool) -> Iterator[None]:
        """Encode without most of the padding, in this thread, as long as it lasts."""
        self._mode.thrift = wanted
        try:
            yield
        finally:
            self._mode.thrift = False

    def encode(self, features: Samples) -> Any:
        """Encode features of the shape (mels, frames); those at the end that are 0 are padding.

        faster-whisper pads with 0, which is a noise in the middle of the scale. Whisper was trained
        on silence there, and after a noise it often leaves the last sentence for a next call.
        """
        if self.feature_extractor.chunk_length != _WHISPER_SECONDS:
            return super().encode(features)
        heard = np.flatnonzero(features.any(axis=0))
        frames = int(heard[-1]) + 1 if len(heard) else 0
        if 0 < frames < features.shape[1]:
            features = features.copy()
            features[:, frames:] = features[:, :frames].max() - _RANGE
        if getattr(self._mode, "thrift", False):
            kept = max(frames + _TAIL_FRAMES, _FEWEST_FRAMES)
            return self._encode_once(np.ascontiguousarray(features[:, : kept + kept % 2]))
        return super().encode(features)

    def _encode_once(self, features: Samples) -> Any:
        """Encode features, unless this thread did so lately.

        A region whose language is told is often heard by itself then; equal features have an equal
        output.
        """
        kept: OrderedDict[bytes, Any] | None = getattr(self._mode, "kept", None)
        if kept is None:
            kept = self._mode.kept = OrderedDict()
        key = hashlib.sha256(features.tobytes()).digest()
        if key not in kept:
            kept[key] = super().encode(features)
            while len(kept) > _MOST_KEPT:
                kept.popitem(last=False)
        return kept[key]

    def encode_region(self, audio: Samples, *, thrift: bool = True) -> Encoded:
        """Encode a region of speech no longer than a piece, by `thrift` without most of the
        padding.
        """
        features = self.feature_extractor(audio)
        with self.thrift(wanted=thrift):
            longest = min(self.feature_extractor.nb_max_frames, features.shape[-1] - 1)
            padded = pad_or_trim(features[:, :longest], self.feature_extractor.nb_max_frames)
            return Encoded(self.encode(padded))

    def language_shares(self, region: Encoded) -> dict[str, float]:
        """Return the probability of every language that the model knows."""
        (found,) = self.model.detect_language(region.output)
        return {token[2:-2]: float(probability) for token, probability in found}

    def try_language(self, region: Encoded, language: str) -> Trial:
        """Begin to write a region down in a language, greedily and without times."""
        tokenizer = Tokenizer(
            self.hf_tokenizer, self.model.is_multilingual, task="transcribe", language=language
        )
        prompt: Sequence[int] = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        (result,) = self.model.generate(
            region.output,
            [prompt],
            beam_size=1,
            max_length=len(prompt) + _TRIAL_TOKENS,
            return_scores=True,
        )
        (tokens,) = result.sequences_ids
        text = tokenizer.decode(tokens).strip()
        # As faster-whisper counts: the end belongs to the tokens.
        mean = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return Trial(language, text, float(mean), float(get_compression_ratio(text)))
