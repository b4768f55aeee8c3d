# SPDX-License-Identifier: Apache-2.0
"""faster-whisper on one bounded piece of audio, from a local folder, with no state between calls.

The plain mode of `WhisperModel.transcribe` is used, one call a piece. The batched pipeline is
faster on a GPU, but ignores `hallucination_silence_threshold` and `condition_on_previous_text`
silently, and loses speech where the language changes (faster-whisper 1.2.1). Pieces come
from our own voice detection, so faster-whisper's is off; no piece is a prompt for the next, so
that a loop ends with its piece, and a restart needs nothing of what came before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from services.transcription.domain.audio import SAMPLE_RATE, Samples, samples
from services.transcription.domain.phantoms import LANGUAGES, phrases, unspoken
from services.transcription.domain.ports import AsrResult, AsrSegment, AsrWord
from services.transcription.domain.spoken import (
    Language,
    Trial,
    allowed_shares,
    candidates,
    choose,
    sure_language,
    usual_language,
)
from services.transcription.errors import ModelUnusable

_TRUSTED_SECONDS = 3.0
"""Length from which the model's own certainty is believed where it is not the usual language: of
three digits it is certain as well."""

_TOKENS_A_SECOND = 16
"""Tokens of a second of speech, and as many more, beyond which a part of a piece is a loop: twice
what the fastest speakers say. The part is heard again then, so that the rest of it is wasted."""

_CAPPED_SECONDS = 10.0
"""Length of a part below which that holds: a longer one reaches Whisper's own limit before it."""


@dataclass(frozen=True, slots=True)
class WhisperOptions:
    """How the model is run and asked.

    `languages` are the two-letter codes that may be spoken, most frequent first; one means
    that it is not guessed. `language_floor` is the certainty below which the words decide.
    `prompt` primes the style of the text, such as with fillers to keep. `silence_seconds`
    above 0 lets faster-whisper skip text near silences that long which it takes for invented; it
    is off by default, because text that may be invented is kept and marked doubtful.
    `parallel` recordings use the model at a time, each with so many `threads`; its weights are in
    memory once.
    """

    languages: tuple[str, ...] = ("en",)
    language_floor: float = 0.98
    beam_size: int = 1
    prompt: str = ""
    hotwords: str = ""
    silence_seconds: float = 0.0
    device: str = "cpu"
    compute_type: str = "int8"
    threads: int = 1
    parallel: int = 1

    @property
    def at_once(self) -> int:
        """How many pieces of one recording are heard at a time.

        Much of decoding is one small step after another, so that two threads with a piece each
        take two thirds of the time of two that share one.
        """
        return min(2, self.threads)

    @property
    def decisive(self) -> dict[str, object]:
        """Those that decide what is written, besides the languages and names of a study."""
        chosen = asdict(self)
        for name in ("languages", "hotwords", "device", "threads", "parallel"):
            del chosen[name]
        return chosen


class WhisperEngine:
    """Implements `LoadedEngine` with a loaded `faster_whisper.WhisperModel`."""

    def __init__(self, model: Any, options: WhisperOptions) -> None:
        self._model = model
        self._options = options
        self._detects = bool(model.model.is_multilingual)

    @classmethod
    def load(cls, folder: Path, options: WhisperOptions) -> WhisperEngine:
        """Load a model folder; raises `ModelUnusable`."""
        return cls(_load(folder, options), options)

    @property
    def at_once(self) -> int:
        """How many pieces of one recording are heard at a time."""
        return self._options.at_once

    def for_study(self, languages: Sequence[str], hotwords: str = "") -> WhisperEngine:
        """Return the same model, in memory once, for other languages; unknown codes are left out.

        `hotwords` are names to expect; they go before every piece, as if they had been said.
        """
        known = tuple(code for code in languages if code in self._model.supported_languages)
        options = replace(
            self._options, languages=known or self._options.languages, hotwords=hotwords
        )
        return WhisperEngine(self._model, options)

    def language(self, audio: Samples, usual: Mapping[str, float]) -> Language:
        """Decide the language of a region by its words, where the model is not near-certain."""
        allowed = self._options.languages
        if not self._detects:
            return Language("en", 1.0, sure=True)
        if len(allowed) == 1:
            return Language(allowed[0], 1.0, sure=True)
        region = self._model.encode_region(audio)
        shares = allowed_shares(self._model.language_shares(region), allowed)
        sure = sure_language(shares, self._options.language_floor)
        is_long = len(audio) >= samples(_TRUSTED_SECONDS)
        if sure and (is_long or sure.code == usual_language(allowed, usual)):
            return sure
        trials = [self._model.try_language(region, code) for code in candidates(shares, usual)]
        return choose(trials, shares, usual)

    def phantoms(self) -> dict[str, tuple[str, ...]]:
        """Return, by language, what the model writes where nobody speaks."""
        languages = LANGUAGES if self._detects else ("en",)
        written: dict[str, list[Trial]] = {language: [] for language in languages}
        for sound in unspoken():
            heard = self._model.encode_region(sound, thrift=False)
            for language, trials in written.items():
                trials.append(self._model.try_language(heard, language))
        return {language: phrases(trials) for language, trials in written.items()}

    def transcribe(self, audio: Samples, language: Language, *, split: bool = False) -> AsrResult:
        """Transcribe one piece: greedy or beam search at temperature 0, and never translate."""
        options = self._options
        with self._model.thrift(wanted=split):
            found, _ = self._model.transcribe(
                audio,
                language=language.code,
                task="transcribe",
                beam_size=options.beam_size,
                # Higher temperatures draw at random: a rerun would not be the same to the byte.
                temperature=0.0,
                condition_on_previous_text=False,
                initial_prompt=options.prompt or None,
                hotwords=options.hotwords or None,
                word_timestamps=True,
                hallucination_silence_threshold=options.silence_seconds or None,
                max_new_tokens=_most_tokens(audio) if split else None,
                vad_filter=False,
            )
            segments = tuple(_segment(segment) for segment in found)
        return AsrResult(language.code, language.certainty, segments)


def _most_tokens(audio: Samples) -> int | None:
    seconds = len(audio) / SAMPLE_RATE
    return round(_TOKENS_A_SECOND * (seconds + 1)) if seconds < _CAPPED_SECONDS else None


def _load(folder: Path, options: WhisperOptions) -> Any:
    needed = ("model.bin", "config.json", "tokenizer.json")
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise ModelUnusable(
            f"The model folder lacks {', '.join(missing)}; it must hold a Whisper model in "
            "CTranslate2 format with its tokenizer."
        )
    from services.transcription.adapters.whisper_model import LanguageTryingModel

    try:
        return LanguageTryingModel(
            str(folder),
            device=options.device,
            compute_type=options.compute_type,
            cpu_threads=max(1, options.threads // options.at_once),
            num_workers=options.parallel * options.at_once,
            local_files_only=True,
        )
    except Exception as error:
        raise ModelUnusable(
            "faster-whisper cannot load the model folder "
            f"({type(error).__name__}); check it with `sotto models verify`."
        ) from error


def _segment(segment: Any) -> AsrSegment:
    return AsrSegment(
        text=segment.text,
        start=float(segment.start),
        end=float(segment.end),
        words=tuple(
            AsrWord(word.word, float(word.start), float(word.end), float(word.probability))
            for word in segment.words or ()
        ),
        avg_logprob=float(segment.avg_logprob),
        no_speech_prob=float(segment.no_speech_prob),
        compression_ratio=float(segment.compression_ratio),
    )
