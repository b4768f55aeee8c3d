# SPDX-License-Identifier: Apache-2.0
"""Fits the weights of `services/deidentification/words/leak_weights.txt`, by which the second look
orders what stands, for the tagger and the rules that ship:

    python -m infra.models.ner.leak_weights GOLD.jsonl ... [--held-out GOLD.jsonl ...]

GOLD is as `sotto deid evaluate` reads it; each document counts as it is and once more without case
and punctuation. Leaks of the whole engine are few, so each document is also read with a part of the
engine weakened; those leaks count for less. Prints what the second look shows on documents that
were left out (five folds) and on those held out, with the engine as it ships, then writes the
weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.deidentification import evaluation
from services.deidentification.cli import records
from services.deidentification.domain import review_flags, risk
from services.deidentification.domain.engine import EngineResult
from services.deidentification.domain.leak_evidence import Clue, Clues, Investigator, Output
from services.deidentification.domain.leak_weights import ALWAYS
from services.deidentification.domain.policy import load
from services.deidentification.domain.ports import Detection, Detector
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.transcript import Finding
from services.deidentification.domain.vault import Vault
from services.deidentification.engine_factory import LazyDetector, make_engine
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.gold import Gold, GoldTranscript, flat, read_all
from services.deidentification.word_files import WORDS

FILE = WORDS / "leak_weights.txt"
HEAD = """\
# What clues are worth that a word which stands still identifies somebody: log-odds that each adds.
# Fitted for this project by infra/models/ner/leak_weights.py. Licence: Apache-2.0, as the project.
# "[section]" starts a section; "number: words" gives words a number.
# Do not edit by hand: fit it anew for each tagger.

[weights]
"""
_RIDGE = 2.0  # how strongly weights are held near 0
_QUASI = 0.4  # weight of a leak that identifies only beside others
_FOLDS = 5
COLUMNS = (ALWAYS, *Clue)

Numbers = npt.NDArray[np.float64]
Dropped = Callable[[Finding], bool]


def _of(*sources: str) -> Dropped:
    return lambda f: f.source in sources


#: What is taken from the engine to see more leaks, and how much words count then.
WEAKENED: Mapping[str, tuple[float, Dropped]] = {
    "as it ships": (1.0, lambda _: False),
    "without rules for names": (
        0.35,
        _of("NameRecognizer", "TitleNameRecognizer", "SpelledNameRecognizer"),
    ),
    "without rules for values": (
        0.35,
        _of(
            "NumberRecognizer",
            "InternetRecognizer",
            "CodeRecognizer",
            "DateRecognizer",
            "AgeRecognizer",
        ),
    ),
    "without rules for places": (
        0.2,
        _of("PlaceRecognizer", "FacilityRecognizer", "AttributeRecognizer"),
    ),
    "with a stricter tagger": (0.5, lambda f: f.source == "NeuralRecognizer" and f.score < 0.65),
}


class WeakenedDetector:
    """A detector that leaves findings out, and detects each text once."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._seen: dict[tuple[str, ...], Detection] = {}
        self.dropped: Dropped = lambda _: False

    @property
    def version(self) -> str:
        """The version of the whole detector."""
        return self._detector.version

    def detect(self, texts: Sequence[str]) -> Detection:
        """Return what is found and not left out."""
        key = tuple(texts)
        if key not in self._seen:
            self._seen = {key: self._detector.detect(texts)}
        whole = self._seen[key]
        return Detection([f for f in whole.findings if not self.dropped(f)], whole.tags)


@dataclass(frozen=True)
class Reading:
    """A document as the second look sees it, and what is left in it."""

    document: int
    weight: float
    result: EngineResult
    output: Output
    clues: Clues
    wanted: Sequence[bytearray]
    left: Sequence[tuple[Gold, list[int]]]
    words: int

    @property
    def x(self) -> Numbers:
        """The clues of each word, in the order of COLUMNS."""
        made = np.zeros((len(self.clues), len(COLUMNS)))
        made[:, 0] = 1.0
        column = {name: n for n, name in enumerate(COLUMNS)}
        for row, index in enumerate(sorted(self.clues)):
            for clue, value in self.clues[index].items():
                made[row, column[clue]] = value
        return made

    @property
    def y(self) -> Numbers:
        """1 for each word that still identifies, _QUASI where only beside others."""
        worth: dict[int, float] = {}
        for gold, rest in self.left:
            for at in rest:
                for index in self.output.tokens_of(Finding(gold.turn, at, at + 1, gold.kind, 1.0)):
                    worth[index] = max(worth.get(index, 0.0), 1.0 if gold.direct else _QUASI)
        return np.array([worth.get(index, 0.0) for index in sorted(self.clues)])

    def leaks(self, weights: Mapping[str, float]) -> evaluation.Leaks:
        """Return what is left and shown with other weights."""
        result = self.result
        maps = review_flags.offset_maps(result.redactions)
        found = risk.places(self.output, self.clues, maps, weights)
        # The kinds of quasi-identifiers count as before, whatever the findings are.
        report = risk.assess(result.texts, (), found, {}, 0)
        return evaluation.leaks(replace(result, report=report), self.wanted, self.left, self.words)


def read(documents: Iterable[GoldTranscript], *, weakened: bool) -> Iterator[Reading]:
    """Yield each document as it is and flat, by the whole engine and, where asked for, by weakened
    ones.
    """
    lexicon, policy = load_lexicon(), load("research-default")
    detector = WeakenedDetector(LazyDetector())
    engine = make_engine(policy, detector)
    for number, original in enumerate(documents):
        for document in (original, flat(original)):
            texts = document.texts
            codes = StudyCodes(filter(None, (document.transcript.participant,)))
            for weight, dropped in WEAKENED.values():
                if weight < 1.0 and not weakened:
                    continue
                detector.dropped = dropped
                detected = engine.prepare(document.transcript, codes=codes)
                result = engine.finish(detected, Vault())
                output = Output.of(texts, result.redactions, (), lexicon)
                clues = Investigator(output, lexicon).clues(detected.tags, detected.raw)
                marks = [bytearray(len(text)) for text in texts]
                for r in result.redactions:
                    marks[r.turn][r.start : r.end] = b"\x01" * (r.end - r.start)
                wanted = [bytearray(len(text)) for text in texts]
                for g in document.gold:
                    wanted[g.turn][g.start : g.end] = b"\x01" * (g.end - g.start)
                left = [
                    (g, rest)
                    for g in document.gold
                    if g.must
                    and g.kind in policy.covered
                    and (rest := evaluation.identifying(texts[g.turn], marks[g.turn], g))
                ]
                words = sum(len(text.split()) for text in texts)
                yield Reading(number, weight, result, output, clues, wanted, left, words)


def fit(readings: Sequence[Reading]) -> dict[str, float]:
    """Return the weights of a logistic regression with a ridge, by Newton's method."""
    read_well = [r for r in readings if r.clues]
    x = np.vstack([r.x for r in read_well])
    worth = np.concatenate([r.y for r in read_well])
    w = np.concatenate([np.full(len(r.clues), r.weight) for r in read_well])
    w = w * np.where(worth > 0, worth, 1.0)
    y = (worth > 0).astype(float)
    beta = np.zeros(len(COLUMNS))
    ridge = np.full(len(COLUMNS), _RIDGE)
    ridge[0] = 1e-3
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (w * (y - p)) - ridge * beta
        hessian = (x.T * (w * p * (1 - p))) @ x + np.diag(ridge)
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    return {name: float(b) for name, b in zip(COLUMNS, beta, strict=True)}


def compare(readings: Sequence[Reading], held: Sequence[Reading]) -> None:
    """Print what the second look shows on documents that the weights were not fitted on."""
    whole = [r for r in readings if r.weight == 1.0]
    shown = list[evaluation.Leaks]()
    for fold in range(_FOLDS):
        weights = fit([r for r in readings if r.document % _FOLDS != fold])
        shown += [r.leaks(weights) for r in whole if r.document % _FOLDS == fold]
    print("left out:", evaluation.second_look(shown))
    if held:
        weights = fit(readings)
        print("held out:", evaluation.second_look([r.leaks(weights) for r in held]))


def write(weights: Mapping[str, float], path: Path = FILE) -> None:
    """Write the weights, the heaviest first."""
    table = sorted(weights.items(), key=lambda pair: (-abs(round(pair[1], 3)), pair[0]))
    lines = [f"{weight:.3f}: {name}" for name, weight in table if abs(weight) >= 0.0005]
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def _gold(paths: Iterable[Path]) -> Iterator[GoldTranscript]:
    for path in paths:
        with path.open("rb") as handle:
            yield from read_all(records(handle, tagged=True))


def main() -> None:
    """Read the files, compare, fit and write."""
    parser = argparse.ArgumentParser(prog="infra.models.ner.leak_weights")
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--held-out", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=FILE)
    args = parser.parse_args()
    readings = list(read(_gold(args.gold), weakened=True))
    compare(readings, list(read(_gold(args.held_out), weakened=False)))
    write(fit(readings), args.out)


if __name__ == "__main__":
    main()
