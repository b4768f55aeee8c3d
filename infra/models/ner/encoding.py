# SPDX-License-Identifier: Apache-2.0
"""From tagged turns to word pieces with the set of labels that the loss may allow for each."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from infra.models.ner import corpora
from infra.models.ner.talk_generator import TalkGenerator

TYPES = ("PER", "LOC", "ORG", "DATE", "AGE", "CODE")
LABELS = ("O", *(f"{p}-{t}" for t in TYPES for p in "BI"))
INDEX = {label: i for i, label in enumerate(LABELS)}
MAX_PIECES = 160
_NUMBER_WORDS = frozenset(
    "oh zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred double triple kosong sifar satu dua tiga empat lima enam tujuh lapan delapan "
    "sembilan sepuluh sebelas belas puluh ratus".split()
)
Encoded = tuple[list[int], np.ndarray]


def _numeric(word: str) -> bool:
    return any(c.isdigit() for c in word) or word.lower() in _NUMBER_WORDS or "@" in word


def augment(
    tokens: list[str], tags: list[str], rng: random.Random, drop: float
) -> tuple[list[str], list[str]]:
    """Drop punctuation with probability `drop` a mark and vary apostrophes."""
    out: tuple[list[str], list[str]] = ([], [])
    for i, (raw, tag) in enumerate(zip(tokens, tags, strict=True)):
        word = raw
        if re.fullmatch(r"[^\w\s]+", word) and word not in "'’&@$%/-_+":
            if rng.random() < drop:
                continue
        elif word in ("'s", "’s") or "'" in word or "’" in word:
            k = rng.random()
            word = (
                word.replace("’", "'")
                if k < 0.5
                else word.replace("'", "’")
                if k < 0.8
                else re.sub("['’]", "", word)
            )
            if not word:
                if i and out[1] and tag == "O":
                    continue
                word = "'"
        out[0].append(word)
        out[1].append(tag)
    # A clause mark that goes may leave an entity without its head.
    for i, tag in enumerate(out[1]):
        if tag.startswith("I-") and (i == 0 or out[1][i - 1][2:] != tag[2:]):
            out[1][i] = "B-" + tag[2:]
    return out


class Encoder:
    """Encodes examples for the loss; `tokenizer` is a tokenizer.json."""

    def __init__(self, tokenizer: Path) -> None:
        self._tok = Tokenizer.from_file(str(tokenizer))
        self._tok.no_padding()
        self._tok.no_truncation()
        self._cls, self._sep = self._tok.token_to_id("[CLS]"), self._tok.token_to_id("[SEP]")

    def encode(self, example: corpora.Example, rng: random.Random) -> Encoded | None:
        """Piece ids (n) and allowed labels (n, labels); `None` where nothing is left."""
        turns, types = example
        k = rng.random()
        drop = 1.0 if k < 0.42 else 0.5 if k < 0.57 else 0.0
        marks = rng.random() < 0.8  # turn boundaries are sometimes unknown
        unknown = [t for t in TYPES if t not in types]
        ids = [self._cls]
        rows: list[set[int] | None] = [None]
        for said, marked in turns:
            tokens, tags = augment(said, marked, rng, drop)
            if not tokens:
                continue
            if marks and len(ids) > 1:
                ids.append(self._sep)
                rows.append(None)
            encoding = self._tok.encode(tokens, is_pretokenized=True, add_special_tokens=False)
            last = None
            for piece, word in zip(encoding.ids, encoding.word_ids, strict=True):
                ids.append(piece)
                rows.append(
                    self._allowed(tokens[word], tags[word], first=word != last, unknown=unknown)
                )
                last = word
        ids, rows = ids[: MAX_PIECES - 1], rows[: MAX_PIECES - 1]
        ids.append(self._sep)
        rows.append(None)
        if len(ids) < 3:
            return None
        allow = np.zeros((len(ids), len(LABELS)), bool)
        for i, row in enumerate(rows):
            if row is not None:
                allow[i, list(row)] = True
        return ids, allow

    @staticmethod
    def _allowed(word: str, tag: str, *, first: bool, unknown: list[str]) -> set[int]:
        if tag != "O":
            return {INDEX[tag if first else "I-" + tag[2:]]}
        free = {INDEX["O"]}
        for kind in unknown:
            if kind in ("AGE", "CODE") and not _numeric(word):
                continue  # words are never ages or codes: that much every corpus says
            free |= {INDEX[f"B-{kind}"], INDEX[f"I-{kind}"]}
        return free


def passes(
    data: Path, generator: TalkGenerator, rng: random.Random, share: float
) -> Iterator[list[corpora.Example]]:
    """Endless chunks of mixed examples; `share` of the words are synthetic."""
    while True:
        real = list(corpora.examples(data / "ner-train", rng, generator.rename))
        rng.shuffle(real)
        for a in range(0, len(real), 400):
            chunk = list(real[a : a + 400])
            want = sum(len(t) for turns, _ in chunk for t, _ in turns) * share / (1 - share)
            while want > 0:
                turns, types = generator.example()
                want -= sum(len(t) for t, _ in turns)
                chunk.append((turns, types))
            yield chunk


def batches(
    chunk: list[corpora.Example], encoder: Encoder, rng: random.Random, budget: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Length-sorted batches of at most `budget` pieces: ids (b, n) and allowed (b, n, labels)."""
    done = sorted(
        (e for e in (encoder.encode(x, rng) for x in chunk) if e), key=lambda e: len(e[0])
    )
    groups: list[list[Encoded]] = [[]]
    for item in done:
        if groups[-1] and (len(groups[-1]) + 1) * len(item[0]) > budget:
            groups.append([])
        groups[-1].append(item)
    rng.shuffle(groups)
    for group in groups:
        width = max(len(ids) for ids, _ in group)
        ids = np.zeros((len(group), width), np.int64)
        allow = np.zeros((len(group), width, len(LABELS)), bool)
        for i, (row, mask) in enumerate(group):
            ids[i, : len(row)] = row
            allow[i, : len(row)] = mask
        yield ids, allow
