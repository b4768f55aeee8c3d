# SPDX-License-Identifier: Apache-2.0
"""The fast paths of tagger and detector (threads, prefetch, arrays) find what a plain one does.

Slow (6 s a test), since the shipped model reads whole interviews twice.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.deidentification.adapters.neural import NeuralSpan, NeuralTagger
from services.deidentification.adapters.presidio import LANGUAGE, PresidioDetector
from services.deidentification.domain.entities import ENTITY_TYPES
from services.deidentification.domain.transcript import Joined, Span

GOLD = Path(__file__).parents[3] / "benchmarks" / "deid_data" / "dev.jsonl"
MARGIN, FLOOR, DROP = 16, 0.02, 0.3


@pytest.fixture(scope="module")
def tagger() -> NeuralTagger:
    """The shipped model on two threads."""
    return NeuralTagger(threads=2)


@pytest.fixture(scope="module")
def interviews() -> list[list[str]]:
    """Interviews of the open benchmark's dev split, a long one, and odd ones."""
    some = [
        [turn["text"] for turn in json.loads(line)["turns"]]
        for line in GOLD.read_text("utf-8").splitlines()[:8]
    ]
    odd = ["", " ", "Jose\u0301 a--b, anti-C-b", "தமிழ் Az\u200dman", "\u200f", "😀 Nur-Ain's"]
    return [*some, [turn for talk in some for turn in talk], odd, ["x"], [""]]


def plain(tagger: NeuralTagger, turns: list[str]) -> list[list[NeuralSpan]]:
    """The tagger's rules, word by word and turn by turn."""
    pieces: list[int] = []
    words: list[list[tuple[int, int, int, int]]] = []
    for turn in turns:
        e = tagger._tokenizer.encode(turn, add_special_tokens=False)
        words.append(list(_words(turn, e, len(pieces))))
        pieces += [*e.ids, tagger._sep] if e.ids else []
    begin, either = _probabilities(tagger, pieces)
    found: list[list[NeuralSpan]] = []
    for turn, some in zip(turns, words, strict=True):
        spans: list[NeuralSpan] = []
        for column, label in enumerate(tagger.labels):
            slope, offset = tagger._calibration[column]
            level = []
            for *_, first, last in some:
                p = float(np.clip(either[first:last, column].mean(), 1e-6, 1 - 1e-6))
                level.append(1 / (1 + np.exp(-(slope * np.log(p / (1 - p)) + offset))))
            counted = label in ("PERSON", "ORGANIZATION")
            starts = [begin[w[2], column] if counted else 0.0 for w in some]
            for i, j in _runs(turn, some, level, starts):
                score = round(max(level[i:j]), 4)
                spans.append(NeuralSpan(some[i][0], some[j - 1][1], label, score))
        found.append(sorted(spans, key=lambda s: (s.start, s.end, s.label)))
    return found


def _words(turn: str, encoding: Any, base: int) -> Iterator[tuple[int, int, int, int]]:
    numbers, first = encoding.word_ids, 0
    for i in range(1, len(numbers) + 1):
        if i < len(numbers) and numbers[i] == numbers[first]:
            continue
        start, end = encoding.offsets[first][0], encoding.offsets[i - 1][1]
        while end < len(turn) and unicodedata.category(turn[end]) in ("Mn", "Mc", "Me", "Cf"):
            end += 1
        if start < end:
            yield start, end, base + first, base + i
        first = i


def _probabilities(tagger: NeuralTagger, pieces: list[int]) -> tuple[Any, Any]:
    inner = tagger._width - 2
    begin = np.zeros((len(pieces), len(tagger.labels)))
    either = np.zeros_like(begin)
    for start in range(0, max(1, len(pieces) - 2 * MARGIN), inner - 2 * MARGIN):
        window = pieces[start : start + inner]
        ids = np.array([[tagger._cls, *window, tagger._sep]])
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        logits = tagger._session.run(None, feed)[0][0, 1:-1].astype(float)
        odds = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
        skip = MARGIN if start else 0
        begin[start + skip : start + inner] = odds[skip:, tagger._begin]
        both = odds[:, tagger._begin] + odds[:, tagger._inside]
        either[start + skip : start + inner] = both[skip:]
    return begin, either


def _runs(
    turn: str, words: list[tuple[int, int, int, int]], level: list[float], begins: list[float]
) -> Iterator[tuple[int, int]]:
    keep = [p >= FLOOR for p in level]
    for i in range(1, len(words) - 1):
        tight = words[i - 1][1] == words[i][0] and words[i][1] == words[i + 1][0]
        mark = turn[words[i][0] : words[i][1]]
        if not keep[i] and tight and keep[i - 1] and keep[i + 1] and mark in "-'’/.&@_":
            keep[i], level[i] = True, min(level[i - 1], level[i + 1])
    i = 0
    while i < len(words):
        j = i + 1
        while keep[i] and j < len(words) and keep[j]:
            glued = words[j - 1][1] == words[j][0]
            if not glued and begins[j] > 0.5 * level[j] and level[j] > 0.5:
                break
            j += 1
        if keep[i]:
            bar = DROP * max(level[i:j])
            cuts = (k for k in range(i + 1, j) if (level[k] >= bar) != (level[k - 1] >= bar))
            yield from pairwise((i, *cuts, j))
        i = j


class TestTagger:
    """Arrays and threads change nothing."""

    def test_same_as_word_by_word(self, tagger: NeuralTagger, interviews: list[list[str]]) -> None:
        """Every span of the plain rules is found, and no other."""
        spans = 0
        for turns in interviews:
            expected, got = plain(tagger, turns), tagger.tag(turns)
            for wanted, found in zip(expected, got, strict=True):
                assert [(s.start, s.end, s.label) for s in found] == [
                    (s.start, s.end, s.label) for s in wanted
                ]
                scores = [s.score for s in wanted]
                assert [s.score for s in found] == pytest.approx(scores, abs=2e-4)
            spans += sum(len(s) for s in got)
        assert spans > 500

    def test_threads_change_nothing(self, interviews: list[list[str]]) -> None:
        """One thread or three: equal to the last digit."""
        one, three = NeuralTagger(threads=1), NeuralTagger(threads=3)
        assert [one.tag(t) for t in interviews] == [three.tag(t) for t in interviews]


class TestDetector:
    """The tagger reads ahead while the rules look."""

    def test_reading_ahead_changes_nothing(
        self, tagger: NeuralTagger, interviews: list[list[str]]
    ) -> None:
        """Findings are those of Presidio's own call on the joined text."""
        detector = PresidioDetector(tagger)
        for turns in interviews:
            joined = Joined.of(turns)
            if not joined.text.strip():
                continue
            results = detector.analyzer.analyze(text=joined.text, language=LANGUAGE)
            spans = [
                Span(
                    r.start,
                    r.end,
                    r.entity_type,
                    r.score,
                    r.recognition_metadata["recognizer_name"],
                )
                for r in results
                if r.entity_type in ENTITY_TYPES
            ]
            assert sorted(detector.detect(turns).findings) == sorted(joined.findings(spans))
