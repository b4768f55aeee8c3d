# SPDX-License-Identifier: Apache-2.0
"""A neural tagger as a Presidio recogniser, its probabilities set against a threshold per class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.deidentification.domain.ports import Tagger
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.recognisers.base import SottoRecognizer

# Probability from which a class counts; below it a tag only strengthens what another recogniser
# saw.
THRESHOLDS: Mapping[str, float] = {
    "PERSON": 0.2, "LOCATION": 0.35, "ORGANIZATION": 0.5, "FACILITY": 0.4, "DATE_TIME": 0.5,
}  # fmt: skip
FLOOR = 0.04
_NAMES = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION", "DATE": "DATE_TIME"}


def calibrated(probability: float, threshold: float) -> float:
    """A probability on our scale of scores, where 0.5 is the line: linear on both sides of the
    class's threshold.
    """
    if probability >= threshold:
        return 0.5 + 0.49 * (probability - threshold) / max(1.0 - threshold, 1e-6)
    return 0.5 * probability / threshold


class NeuralRecognizer(SottoRecognizer):
    """Spans of a tagger over the turns of a joined text."""

    ENTITIES = ("PERSON", "LOCATION", "ORGANIZATION", "FACILITY", "DATE_TIME", "AGE", "NRP")

    def __init__(self, tagger: Tagger, thresholds: Mapping[str, float] = THRESHOLDS) -> None:
        super().__init__()
        self._tagger = tagger
        self._thresholds = thresholds

    def find(self, doc: Document) -> Iterator[Span]:
        """Tags of every line, at the line's place."""
        lines = doc.text.split("\n")
        base = 0
        for line, tags in zip(lines, self._tagger.tag(lines), strict=True):
            for tag in tags:
                kind = _NAMES.get(tag.label, tag.label)
                if kind in self.ENTITIES and tag.score >= FLOOR:
                    score = calibrated(tag.score, self._thresholds.get(kind, 0.5))
                    yield Span(base + tag.start, base + tag.end, kind, score, self.name)
            base += len(line) + 1
