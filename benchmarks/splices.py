# SPDX-License-Identifier: Apache-2.0
"""What it costs to hear two languages in one recording, beside hearing one.

    python benchmarks/splices.py FOLDER --model DIR [--seeds 1 2 4 5 6] [--language ms]

FOLDER has short clips of the other language. Each recording is two English sentences in synthetic
voices and a clip (10 s at most), six times, drawn from a seed, with half a second to a second
between them. It is heard twice: with English alone allowed, which turns the rest into invented
English, and with both languages. Needs `flite`. Prints a JSON line a recording with processor time
of the whole process, the ratio, and errors in the words that were heard as English, and one of all.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks.spoken_interviews import RATE, Audio
from benchmarks.transcription import speak
from infra.models.word_doubts.hearing import hear
from services.common import telemetry
from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions
from services.transcription.domain.transcript import Segment
from services.transcription.evaluation.normalising import basic_words
from services.transcription.evaluation.word_errors import word_errors

_TURNS, _SENTENCES, _LONGEST_CLIP = 6, 2, 10 * RATE
_THREADS = 2


def main() -> None:
    """Measure each recording, and tell of all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 4, 5, 6])
    parser.add_argument("--language", default="ms")
    given = parser.parse_args()
    telemetry.switch_off()
    from faster_whisper.audio import decode_audio

    clips = [
        decode_audio(str(file), sampling_rate=RATE)[:_LONGEST_CLIP]
        for file in sorted(given.folder.iterdir())
    ]
    with tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder:
        sentences = {
            text: sound.astype(np.float32) / 2**15 for text, sound in speak(Path(folder)).items()
        }
    engine = WhisperEngine.load(given.model, WhisperOptions(threads=_THREADS))
    one, both = engine.for_study(["en"]), engine.for_study(["en", given.language])
    hear(both, clips[0])
    total: Counter[str] = Counter()
    for seed in given.seeds:
        sound, said = spliced(sentences, clips, seed)
        alone, _ = timed(one, sound)
        spent, found = timed(both, sound)
        english = [basic_words(part.text) for part in found if part.language == "en"]
        compared = word_errors([basic_words(said)], english)
        [counted] = compared.by_reference
        total.update(alone=alone, both=spent, errors=counted.count, words=counted.length)
        tell(f"seed {seed}", alone, spent, counted.count, counted.length)
    tell("all", total["alone"], total["both"], total["errors"], total["words"])


def spliced(sentences: Mapping[str, Audio], clips: Sequence[Audio], seed: int) -> tuple[Audio, str]:
    """Return a recording, and what is said in it in English."""
    chosen = random.Random(seed)
    texts = list(sentences)
    parts: list[Audio] = []
    said: list[str] = []
    for _ in range(_TURNS):
        for place in range(_SENTENCES + 1):
            if place < _SENTENCES:
                said.append(texts[chosen.randrange(len(texts))])
                parts.append(sentences[said[-1]])
            else:
                parts.append(clips[chosen.randrange(len(clips))])
            parts.append(np.zeros(int(chosen.uniform(0.5, 1.0) * RATE), np.float32))
    return np.concatenate(parts), " ".join(said)


def timed(engine: WhisperEngine, sound: Audio) -> tuple[float, list[Segment]]:
    """Return the processor time that hearing takes, and what is heard."""
    began = time.process_time()
    found = hear(engine, sound)
    return time.process_time() - began, found


def tell(name: str, alone: float, both: float, errors: float, words: float) -> None:
    """Print what one recording, or all, took."""
    told = {
        "what": name,
        "one_language_s": round(alone, 1),
        "two_languages_s": round(both, 1),
        "ratio": round(both / alone, 2),
        "english_errors": int(errors),
        "english_words": int(words),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
