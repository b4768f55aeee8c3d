# SPDX-License-Identifier: Apache-2.0
"""Canaries: made-up identifiers that are planted in a copy of a part of a transcript, to see how
many of them the run's own detection finds.

They measure the detection among this talk's words and turns, and say nothing of the identifiers
that people really said.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.deidentification.domain.tokens import Document, normal
from services.deidentification.word_files import read_words

_WORDS = read_words("canaries")
_CARRIERS: Mapping[str, tuple[str, ...]] = {
    "PERSON": _WORDS.phrases("carriers of people"),
    "MY_IC": _WORDS.phrases("carriers of identity cards"),
    "PHONE_NUMBER": _WORDS.phrases("carriers of telephones"),
    "ADDRESS": _WORDS.phrases("carriers of addresses"),
    "EMAIL_ADDRESS": _WORDS.phrases("carriers of e-mail addresses"),
    "DATE_TIME": _WORDS.phrases("carriers of dates"),
    "LOCATION": _WORDS.phrases("carriers of places"),
    "FACILITY": _WORDS.phrases("carriers of facilities"),
    "AGE": _WORDS.phrases("carriers of ages"),
}
_VALUES: Mapping[str, tuple[str, ...]] = {
    "PERSON": _WORDS.phrases("people"),
    "MY_IC": _WORDS.phrases("identity cards"),
    "PHONE_NUMBER": _WORDS.phrases("telephones"),
    "ADDRESS": _WORDS.phrases("addresses"),
    "EMAIL_ADDRESS": _WORDS.phrases("e-mail addresses"),
    "DATE_TIME": _WORDS.phrases("dates"),
    "LOCATION": _WORDS.phrases("places"),
    "FACILITY": _WORDS.phrases("facilities"),
    "AGE": _WORDS.phrases("ages"),
}
_RELATION = frozenset("bin binti a/p a/l anak bah wan tok de kaur".split())
_SMALL = frozenset("bin binti a/p a/l of the de".split())
#: How many of each kind, and how many turns on either side of one are in the copy.
PLANTED: Mapping[str, int] = {kind: 8 if kind == "PERSON" else 2 for kind in _VALUES}
_AROUND = 1
_LONGEST = 400  # code points of a turn in the copy; a speech is cut, so that the cost is bounded


@dataclass(frozen=True, slots=True)
class Canary:
    """A planted identifier: its turn in the copy, its code points there, its type."""

    turn: int
    start: int
    end: int
    entity_type: str


@dataclass(frozen=True, slots=True)
class CanaryCount:
    """How many identifiers of a type were planted, and of how many every letter was found."""

    planted: int
    found: int


def plant(texts: Sequence[str], kinds: Sequence[str], seed: str) -> tuple[list[str], list[Canary]]:
    """Return a copy of a part of the turns with identifiers of these types in it, and where they
    are. The same turns and seed give the same copy.

    Names that share a word with the turns are not planted: they would be found by what was said.
    """
    rng = random.Random(seed)  # noqa: S311 - a choice of examples, no secret
    doc = Document.of("\n".join(texts))
    said = frozenset(token.norm for token in doc.tokens)
    wanted = [
        (kind, value)
        for kind in kinds
        if kind in PLANTED
        for value in _values(kind, PLANTED[kind], said, rng)
    ]
    hosts = [index for index, text in enumerate(texts) if len(text.split()) >= 3]
    chosen = sorted(rng.sample(hosts, min(len(hosts), len(wanted))))
    rng.shuffle(wanted)
    planted = dict(zip(chosen, wanted, strict=False))
    near = sorted(
        {at for host in chosen for at in range(host - _AROUND, host + _AROUND + 1)}
        & set(range(len(texts)))
    )
    copy, canaries = list[str](), list[Canary]()
    for index in near:
        text = texts[index][-_LONGEST:]
        if index in planted:
            kind, value = planted[index]
            carrier = rng.choice(_CARRIERS[kind])
            text, start = _inserted(text, carrier, value, cased=doc.cased)
            canaries.append(Canary(len(copy), start, start + len(value), kind))
        copy.append(text)
    return copy, canaries


def counts(
    canaries: Sequence[Canary], copy: Sequence[str], covered: Mapping[int, bytearray]
) -> Mapping[str, CanaryCount]:
    """Return by type how many were planted and found; `covered` marks by turn the code points that
    detection acts on.
    """
    planted: dict[str, int] = {}
    found: dict[str, int] = {}
    for one in canaries:
        marks = covered.get(one.turn, bytearray(len(copy[one.turn])))
        whole = all(marks[at] for at in range(one.start, one.end) if copy[one.turn][at].isalnum())
        planted[one.entity_type] = planted.get(one.entity_type, 0) + 1
        found[one.entity_type] = found.get(one.entity_type, 0) + whole
    return {kind: CanaryCount(planted[kind], found[kind]) for kind in sorted(planted)}


def _values(kind: str, most: int, said: frozenset[str], rng: random.Random) -> Iterator[str]:
    fresh = [
        value
        for value in _VALUES[kind]
        if kind != "PERSON" or not {normal(word) for word in value.split()} & said - _RELATION
    ]
    for value in rng.sample(fresh, min(most, len(fresh))):
        yield "".join(str(rng.randrange(10)) if c == "#" else c for c in value)


def _inserted(text: str, carrier: str, value: str, *, cased: bool) -> tuple[str, int]:
    """Return a turn with a clause behind it, and where the value begins."""
    before, _, after = carrier.partition("{}")
    if cased:
        value = _capitals(value)
        before = before[:1].upper() + before[1:] if before else before
        text = text if text.rstrip()[-1:] in ".?!" else f"{text.rstrip()}."
    lead = f"{text.rstrip()} {before}"
    return f"{lead}{value}{after}{'.' if cased else ''}", len(lead)


def _capitals(value: str) -> str:
    if "@" in value:
        return value
    words = value.split(" ")
    return " ".join(w if w in _SMALL else w[:1].upper() + w[1:] for w in words)
