# SPDX-License-Identifier: Apache-2.0
"""The digest of everything that decides what a transcript says; the store makes a key of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from services.transcription.domain.word_doubts import WordCalibration
from services.transcription.errors import NoSpeechModel

if TYPE_CHECKING:
    from services.transcription.domain.transcriber import TranscriptionOptions

RUN_VERSION = "10"
"""To be counted up whenever the same inputs and options would give another transcript.

2: keys of runs are made by the store, under a secret.
3: bleed by region.
4: speech without words is heard again, and said to be inaudible.
5: speakers by embeddings, and words given to them by time.
6: languages by what the words say, a piece in one language.
7: words that are likely to be wrong are marked.
8: a Whisper model goes through a whole window by itself, with silence behind its end.
9: voices that are alike are told apart by how much each of them varies.
10: parts of a piece in several languages are heard with two seconds of silence behind them.
"""


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """Which engine and model: names, versions, and SHA-256 in hexadecimal over the model's files.

    `samples` are the SHA-256 of the only recordings that a demo model can transcribe. `known` is
    the name of a model that Sotto knows by its files, wherever they come from; else empty. Where
    there is no model, `model` and its hash are empty.
    """

    engine: str
    model: str
    model_sha256: str
    demo: bool = False
    samples: frozenset[str] = frozenset()
    known: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is a model at all."""
        return bool(self.model_sha256)

    def knows(self, content_sha256: bytes) -> bool:
        """Return whether it can transcribe a recording: a full model all, a demo model samples."""
        if not self.is_there:
            return False
        return not self.demo or content_sha256.hex() in self.samples


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What is known of an engine without loading its model.

    `piece_seconds` is the longest piece that the model takes at once, `word_doubts` what its word
    probabilities are worth, `phantoms` what it writes where nobody speaks. `settings` are those
    that decide what it writes, besides languages and names. `demo_model_invents` allows a demo
    model to write words for recordings that it does not know.
    """

    identity: EngineIdentity
    piece_seconds: float
    settings: Mapping[str, object]
    demo_model_invents: bool = False
    word_doubts: WordCalibration = field(default_factory=WordCalibration)
    phantoms: tuple[str, ...] = ()

    @property
    def invents(self) -> bool:
        """Whether it writes invented words for recordings that it does not know."""
        return self.identity.demo and self.demo_model_invents

    def invents_words_of(self, content_sha256: bytes) -> bool:
        """Return whether the words of a recording would be invented.

        Raises NoSpeechModel where there is none, or they would be and the settings forbid that.
        """
        if self.identity.knows(content_sha256):
            return False
        if not self.invents:
            raise NoSpeechModel
        return True


def run_digest(
    recording_id: str,
    content_sha256: bytes,
    maker: str,
    choices: Mapping[str, object],
) -> bytes:
    """Return 32 bytes, equal exactly when all inputs are.

    Identified content decides them, so that they do not leave the clinical zone.
    """
    document = {
        "version": RUN_VERSION,
        "recording": recording_id,
        "content": content_sha256.hex(),
        "maker": maker,
        "choices": choices,
    }
    encoded = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(encoded.encode()).digest()


def transcription_choices(
    identity: EngineIdentity,
    options: TranscriptionOptions,
    languages: Sequence[str],
    engine_options: Mapping[str, object],
) -> dict[str, object]:
    """Return everything besides the recording that decides what is written."""
    return {
        "model": identity.model_sha256,
        "languages": list(languages),
        "options": asdict(options),
        "engine": dict(engine_options),
    }


def settings_digest(options: TranscriptionOptions, engine_settings: Mapping[str, object]) -> str:
    """Return 16 hexadecimal digits over the settings of a run, which hold no content."""
    document = {
        "version": RUN_VERSION,
        "options": asdict(options),
        "engine": dict(engine_settings),
    }
    encoded = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(encoded.encode()).hexdigest()[:16]
