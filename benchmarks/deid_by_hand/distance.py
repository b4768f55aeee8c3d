# SPDX-License-Identifier: Apache-2.0
"""How far the names of the interviews lie from what the tagger was trained on and what the rules
know.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.deid_by_hand.marks import Interview
from infra.models import ner
from infra.models.ner.names import Names
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    PARTICLES,
    RELATION,
    SECOND,
    TITLES,
)
from services.deidentification.gazetteers.loading import DATA

_NO_NAMES = frozenset().union(TITLES, ADDRESS, SECOND, KIN, RELATION, PARTICLES)
_PRODUCT = ("names_malaysia.txt", "given_world.txt", "family_world.txt")
_TRAINING_MODULES = Path(ner.__file__).parent


def person_words(interviews: Iterable[Interview]) -> Counter[str]:
    """Count the words of people's names, without titles, kin terms, `bin` and `a/l`, and without
    single letters.
    """
    return Counter(
        word
        for interview in interviews
        for mark in interview.marks
        if mark.kind == "PERSON"
        for word in _words(interview.words(mark))
        if word not in _NO_NAMES and len(word) > 1
    )


def trained_words(data: Path | None) -> frozenset[str]:
    """Return the words of the generator's templates and name lists; where the folder `data` is
    given, also of its gazetteers and of the people in its annotated corpora.
    """
    names = Names(random.Random(0), None)
    pools = [value for value in vars(names).values() if isinstance(value, list)]
    texts = [path.read_text(encoding="utf-8") for path in _TRAINING_MODULES.glob("*.py")]
    texts += [" ".join(pool) for pool in pools]
    if data is not None:
        texts += [path.read_text(encoding="utf-8") for path in (data / "gazetteers").glob("*.txt")]
        texts += [_people(path) for path in sorted((data / "ner-train").glob("*.jsonl"))]
    return frozenset(word for text in texts for word in _words(text))


def product_words() -> frozenset[str]:
    """Return the words of the name lists that the rules use."""
    texts = [(DATA / name).read_text(encoding="utf-8") for name in _PRODUCT]
    return frozenset(word for text in texts for word in _words(text))


def _people(path: Path) -> str:
    """Return the tokens of an annotated corpus that belong to people."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return " ".join(
        token
        for row in rows
        for token, tag in zip(row["tokens"], row["tags"], strict=True)
        if tag.endswith("-PER")
    )


def _words(text: str) -> list[str]:
    return [t.norm for t in Document.of(text).tokens if re.search(r"[^\W\d_]", t.norm)]


def unseen(counted: Counter[str], *known: frozenset[str]) -> tuple[float, float]:
    """Return the share of different words that none of `known` has, and of mentions."""
    new = {word: n for word, n in counted.items() if not any(word in words for words in known)}
    return (
        len(new) / len(counted) if counted else 0.0,
        sum(new.values()) / counted.total() if counted else 0.0,
    )


def report(splits: dict[str, Sequence[Interview]], data: Path | None) -> list[str]:
    """Return lines that say how new the names of each split are."""
    trained, product = trained_words(data), product_words()
    counted = {name: person_words(interviews) for name, interviews in splits.items()}
    heads = ("different", "in no training list", "in no list of the rules", "in neither")
    rows = [f"{'words of PERSON':16}" + "".join(f"{head:>26}" for head in heads)]
    for name, words in counted.items():
        shares = [
            f"{kinds:.0%} ({mentions:.0%} of mentions)"
            for kinds, mentions in (
                unseen(words, trained),
                unseen(words, product),
                unseen(words, trained, product),
            )
        ]
        rows.append(f"{name:16}" + "".join(f"{cell:>26}" for cell in (str(len(words)), *shares)))
    for first, second in zip(list(counted), list(counted)[1:], strict=False):
        both = counted[first].keys() & counted[second].keys()
        share = len(both) / len(counted[second]) if counted[second] else 0.0
        rows.append(f"words of PERSON in {second} that are in {first} too: {share:.0%}")
    return rows
