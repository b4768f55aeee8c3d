# SPDX-License-Identifier: Apache-2.0
"""Figures of the engine on a gold set: recall, precision and over-redaction, by type, with
confidence intervals; what is left, and what of it the second look shows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import StatisticsError, correlation
from typing import Any

from services.deidentification.domain.engine import Engine, EngineResult
from services.deidentification.domain.review_flags import OffsetMap, offset_maps
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    KIN,
    PARTICLES,
    RELATION,
    SECOND,
    TITLES,
)
from services.deidentification.gold import Gold, GoldTranscript, lowered
from services.deidentification.word_files import read_words

_WORDS = read_words("residue")
HARMLESS = frozenset().union(
    TITLES,
    ADDRESS,
    SECOND,
    KIN,
    RELATION,
    PARTICLES,
    _WORDS.words("function words"),
    _WORDS.words("units"),
    _WORDS.words("said signs"),
    _WORDS.words("heads"),
)


@dataclass
class Tally:
    """Spans in all, spans of which every letter went, spans of which nothing identifying is left,
    characters in all, characters that went.
    """

    spans: int = 0
    covered: int = 0
    harmless: int = 0
    characters: int = 0
    gone: int = 0

    def add(self, length: int, gone: int, *, left: bool) -> None:
        """Count one span; white space and punctuation at its ends are not asked for."""
        self.spans += 1
        self.covered += gone >= length
        self.harmless += not left
        self.characters += length
        self.gone += gone

    def merge(self, other: Tally) -> None:
        """Add what another one counted."""
        self.spans += other.spans
        self.covered += other.covered
        self.harmless += other.harmless
        self.characters += other.characters
        self.gone += other.gone


@dataclass(frozen=True, slots=True)
class Leaks:
    """What is left in one transcript, its size, and what the second look shows of it."""

    risk: float
    words: int
    places: int
    direct: int
    direct_shown: int
    every: int
    every_shown: int
    false_replacements: int
    false_replacements_shown: int


@dataclass
class Figures:
    """What was measured."""

    documents: int = 0
    words: int = 0
    words_redacted: int = 0
    redacted_characters: int = 0
    right_characters: int = 0
    by_type: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    direct: Tally = field(default_factory=Tally)
    every: Tally = field(default_factory=Tally)
    #: Letters that were replaced as people: right, none of gold's, and of these in a title beside a
    #: name of gold. What gold has under another type counts for none.
    person_right: int = 0
    person_false: int = 0
    person_titles: int = 0
    person_spans_typed: int = 0
    false_by_type: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    leaks: list[Leaks] = field(default_factory=list)
    misses: list[tuple[int, int, str, str]] = field(default_factory=list)
    extras: list[tuple[int, int, str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of redacted characters that gold asks for."""
        return self.right_characters / self.redacted_characters if self.redacted_characters else 1.0

    def as_json(self, *, misses: bool) -> dict[str, Any]:
        """Return plain numbers; content only where asked for."""
        right, false = self.person_right, self.person_false
        result: dict[str, Any] = {
            "documents": self.documents,
            "words": self.words,
            "words_redacted_share": _share(self.words_redacted, self.words),
            "character_precision": round(self.precision, 4),
            "direct": _recall(self.direct),
            "all": _recall(self.every),
            "by_type": {kind: _recall(tally) for kind, tally in sorted(self.by_type.items())},
            "typed_person": {
                "recall": _share(self.person_spans_typed, self.by_type["PERSON"].spans)
                if "PERSON" in self.by_type
                else 0.0,
                "character_precision": _share(right, right + false),
                "character_precision_titles_forgiven": _share(
                    right, right + false - self.person_titles
                ),
            },
            "second_look": second_look(self.leaks),
            "over_redacted_characters_by_type": dict(sorted(self.false_by_type.items())),
        }
        if misses:
            result["misses"] = [list(m) for m in self.misses]
            result["over_redactions"] = [list(m) for m in self.extras]
        return result

    def merge(self, other: Figures) -> None:
        """Add what was measured elsewhere."""
        self.documents += other.documents
        self.words += other.words
        self.words_redacted += other.words_redacted
        self.redacted_characters += other.redacted_characters
        self.right_characters += other.right_characters
        self.person_right += other.person_right
        self.person_false += other.person_false
        self.person_titles += other.person_titles
        self.person_spans_typed += other.person_spans_typed
        self.direct.merge(other.direct)
        self.every.merge(other.every)
        for kind, tally in other.by_type.items():
            self.by_type[kind].merge(tally)
        for kind, count in other.false_by_type.items():
            self.false_by_type[kind] += count
        self.leaks += other.leaks
        self.misses += other.misses
        self.extras += other.extras


def second_look(found: Sequence[Leaks]) -> dict[str, Any]:
    """Return what is left in transcripts and what of it is shown, as plain numbers."""

    def total(name: str) -> int:
        return sum(getattr(one, name) for one in found)

    order = rank_correlation([one.risk for one in found], [one.direct for one in found])
    return {
        "direct_left": total("direct"),
        "direct_shown_share": _share(total("direct_shown"), total("direct")),
        "all_left": total("every"),
        "all_shown_share": _share(total("every_shown"), total("every")),
        "places_per_1000_words": round(1000 * total("places") / max(total("words"), 1), 2),
        "without_direct_share": _share(sum(not one.direct for one in found), len(found)),
        "without_direct_after_share": _share(
            sum(one.direct == one.direct_shown for one in found), len(found)
        ),
        "risk_order": None if order is None else round(order, 3),
        "false_replacements": total("false_replacements"),
        "false_replacements_shown_share": _share(
            total("false_replacements_shown"), total("false_replacements")
        ),
    }


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation, ties at their mean rank; None where one of both does not
    vary.
    """
    try:
        return correlation(_ranks(first), _ranks(second))
    except StatisticsError:
        return None


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    first: dict[float, int] = {}
    count: dict[float, int] = defaultdict(int)
    for rank, value in enumerate(ordered):
        first.setdefault(value, rank)
        count[value] += 1
    return [first[value] + (count[value] - 1) / 2 for value in values]


def wilson(hits: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a proportion (E. B. Wilson, 1927)."""
    if not total:
        return 0.0, 1.0
    p = hits / total
    base = 1 + z * z / total
    middle = (p + z * z / (2 * total)) / base
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / base
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _recall(tally: Tally) -> dict[str, Any]:
    low, high = wilson(tally.covered, tally.spans)
    low_left, high_left = wilson(tally.harmless, tally.spans)
    return {
        "spans": tally.spans,
        "recall": _share(tally.covered, tally.spans),
        "interval": [round(low, 4), round(high, 4)],
        "nothing_identifying_left": _share(tally.harmless, tally.spans),
        "nothing_identifying_left_interval": [round(low_left, 4), round(high_left, 4)],
        "character_recall": _share(tally.gone, tally.characters),
    }


def measure(engine: Engine, documents: Iterable[GoldTranscript], *, lower: bool = False) -> Figures:
    """Run the engine over gold and count; a gold type that the policy keeps is not asked for."""
    figures = Figures()
    for number, document in enumerate(documents):
        figures.merge(measure_one(engine, lowered(document) if lower else document, number))
    return figures


def measure_one(engine: Engine, document: GoldTranscript, number: int = 0) -> Figures:
    """Run the engine over one gold transcript and count; `number` stands beside its misses."""
    transcript = document.transcript
    codes = StudyCodes(filter(None, (transcript.participant,)))
    result = engine.deidentify(transcript, codes=codes)
    texts = document.texts
    figures = Figures(documents=1, words=sum(len(text.split()) for text in texts))
    marks = [bytearray(len(t)) for t in texts]
    for r in result.redactions:
        marks[r.turn][r.start : r.end] = b"\x01" * (r.end - r.start)
    wanted = [bytearray(len(t)) for t in texts]
    for g in document.gold:
        wanted[g.turn][g.start : g.end] = b"\x01" * (g.end - g.start)
    left: list[tuple[Gold, list[int]]] = []
    for g in document.gold:
        if g.must and g.kind in engine.policy.covered:
            rest = _count(figures, number, texts, marks, g)
            if rest:
                left.append((g, rest))
    for turn, text in enumerate(texts):
        solid = [i for i, c in enumerate(text) if marks[turn][i] and c.isalnum()]
        figures.redacted_characters += len(solid)
        figures.right_characters += sum(wanted[turn][i] for i in solid)
    _extras(figures, number, texts, wanted, result)
    _people(figures, document, result)
    figures.leaks.append(leaks(result, wanted, left, figures.words))
    return figures


def _count(
    figures: Figures, number: int, texts: Sequence[str], marks: list[bytearray], gold: Gold
) -> list[int]:
    """Count one span of gold, and return the offsets of its letters that still identify."""
    text, mark = texts[gold.turn], marks[gold.turn]
    solid = [i for i in range(gold.start, gold.end) if text[i].isalnum()]
    gone = sum(mark[i] for i in solid)
    rest = identifying(text, mark, gold)
    for tally in (
        figures.every,
        figures.by_type[gold.kind],
        *((figures.direct,) if gold.direct else ()),
    ):
        tally.add(len(solid), gone, left=bool(rest))
    if gone < len(solid):
        figures.misses.append((number, gold.turn, gold.kind, text[gold.start : gold.end]))
    return rest


def identifying(text: str, mark: bytearray, gold: Gold) -> list[int]:
    """Return the offsets of the letters of a span that are left, but for words that identify
    nobody beside what went. Where nothing went, every word does. `mark` is 1 where a letter went.
    """
    some_went = any(mark[at] for at in range(gold.start, gold.end) if text[at].isalnum())
    kept = "".join(
        c if not mark[at] else " " for at, c in enumerate(text[gold.start : gold.end], gold.start)
    )
    return [
        gold.start + at
        for token in Document.of(kept).tokens
        if not (some_went and token.norm in HARMLESS)
        for at in range(token.start, token.end)
        if kept[at].isalnum()
    ]


def _extras(
    figures: Figures,
    number: int,
    texts: Sequence[str],
    wanted: list[bytearray],
    result: EngineResult,
) -> None:
    for r in result.redactions:
        text = texts[r.turn][r.start : r.end]
        figures.words_redacted += len(text.split())
        false = sum(
            not wanted[r.turn][i] for i in range(r.start, r.end) if texts[r.turn][i].isalnum()
        )
        if false:
            figures.false_by_type[r.entity_type] += false
            figures.extras.append((number, r.turn, r.entity_type, text))


def _people(figures: Figures, document: GoldTranscript, result: EngineResult) -> None:
    """Count the letters that were replaced as people."""
    texts = document.texts
    kinds = [["-"] * len(text) for text in texts]
    for g in document.gold:
        kinds[g.turn][g.start : g.end] = [g.kind] * (g.end - g.start)
    typed = [bytearray(len(text)) for text in texts]
    for r in result.redactions:
        if r.entity_type != "PERSON":
            continue
        typed[r.turn][r.start : r.end] = b"\x01" * (r.end - r.start)
        text = texts[r.turn][r.start : r.end]
        named = "PERSON" in kinds[r.turn][r.start : r.end]
        for token in Document.of(text).tokens:
            titled = named and (token.norm in TITLES or token.norm in ADDRESS | SECOND)
            for at in range(token.start, token.end):
                if text[at].isalnum():
                    kind = kinds[r.turn][r.start + at]
                    figures.person_right += kind == "PERSON"
                    figures.person_false += kind == "-"
                    figures.person_titles += kind == "-" and titled
    figures.person_spans_typed += sum(
        g.kind == "PERSON"
        and g.must
        and all(typed[g.turn][at] for at in range(g.start, g.end) if texts[g.turn][at].isalnum())
        for g in document.gold
    )


def leaks(
    result: EngineResult,
    wanted: Sequence[bytearray],
    left: Sequence[tuple[Gold, list[int]]],
    words: int,
) -> Leaks:
    """Return what is left and what of it is shown: a flag covers a letter that still identifies."""
    flags: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for flag in result.report.flags:
        flags[flag.turn].append((flag.start, flag.end))
    maps, unchanged = offset_maps(result.redactions), OffsetMap(())
    shown = []
    for gold, rest in left:
        offsets = maps.get(gold.turn, unchanged)
        places = [place for at in rest if (place := offsets.new_range(at, at + 1))]
        shown.append(
            any(s < end and start < e for start, end in places for s, e in flags[gold.turn])
        )
    false = [r.doubtful for r in result.redactions if not any(wanted[r.turn][r.start : r.end])]
    return Leaks(
        risk=result.report.score,
        words=words,
        places=len(result.report.flags),
        direct=sum(gold.direct for gold, _ in left),
        direct_shown=sum(gold.direct and seen for (gold, _), seen in zip(left, shown, strict=True)),
        every=len(left),
        every_shown=sum(shown),
        false_replacements=len(false),
        false_replacements_shown=sum(false),
    )
