# SPDX-License-Identifier: Apache-2.0
"""Figures of the engine on a gold set: recall, precision and over-redaction, by type, with
confidence intervals.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.entities import ALIASES, DIRECT
from services.deidentification.errors import TranscriptError

# Labels of other gold sets that are no aliases of our types. Empty: cannot be told, counted for
# neither recall nor precision.
LABELS = ALIASES | {
    "DATETIME": "DATE_TIME",
    "CODE": "ID_NUMBER",
    "DEM": "NRP",
    "MISC": "",
    "QUANTITY": "",
    "OTHER": "",
}


@dataclass(frozen=True, slots=True)
class Gold:
    """A span that must be redacted; `direct` where it names a person by itself."""

    turn: int
    start: int
    end: int
    kind: str
    direct: bool
    must: bool = True


@dataclass(frozen=True, slots=True)
class GoldTranscript:
    """A gold transcript."""

    texts: tuple[str, ...]
    gold: tuple[Gold, ...]


@dataclass
class Tally:
    """Spans in all, spans of which every letter went, characters in all, characters that went."""

    spans: int = 0
    covered: int = 0
    characters: int = 0
    gone: int = 0

    def add(self, length: int, gone: int) -> None:
        """Count one span; white space and punctuation at its ends are not asked for."""
        self.spans += 1
        self.covered += gone >= length
        self.characters += length
        self.gone += gone


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
    false_by_type: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    misses: list[tuple[int, int, str, str]] = field(default_factory=list)
    extras: list[tuple[int, int, str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of redacted characters that gold asks for."""
        return self.right_characters / self.redacted_characters if self.redacted_characters else 1.0

    def as_json(self, *, misses: bool) -> dict[str, Any]:
        """Return plain numbers; content only where asked for."""
        result: dict[str, Any] = {
            "documents": self.documents,
            "words": self.words,
            "words_redacted_share": _share(self.words_redacted, self.words),
            "character_precision": round(self.precision, 4),
            "direct": _recall(self.direct),
            "all": _recall(self.every),
            "by_type": {kind: _recall(tally) for kind, tally in sorted(self.by_type.items())},
            "over_redacted_characters_by_type": dict(sorted(self.false_by_type.items())),
        }
        if misses:
            result["misses"] = [list(m) for m in self.misses]
            result["over_redactions"] = [list(m) for m in self.extras]
        return result


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
    return {
        "spans": tally.spans,
        "recall": _share(tally.covered, tally.spans),
        "interval": [round(low, 4), round(high, 4)],
        "character_recall": _share(tally.gone, tally.characters),
    }


def read_gold(record: dict[str, Any], number: int) -> GoldTranscript:
    """Return a gold record, `{"turns", "spans": [{"turn", ...}]}` or `{"text", "spans"}`; raises
    TranscriptError with the line.
    """
    texts = tuple(t["text"] for t in record["turns"]) if "turns" in record else (record["text"],)
    golds: list[Gold] = []
    try:
        for span in record.get("spans", ()):
            label = span.get("entity_type") or span["label"]
            kind = LABELS.get(label, label)
            turn, start, end = int(span.get("turn", 0)), int(span["start"]), int(span["end"])
            if not 0 <= start < end <= len(texts[turn]):
                raise ValueError("outside of its turn")
            identifier = str(span.get("identifier") or span.get("identifier_type") or "").lower()
            direct = identifier == "direct" if identifier else kind in DIRECT
            golds.append(
                Gold(turn, start, end, kind, direct, must=bool(kind) and identifier != "no_mask")
            )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise TranscriptError(f"line {number} has a gold span that cannot be used") from error
    return GoldTranscript(texts, tuple(golds))


def measure(engine: Engine, documents: Sequence[GoldTranscript], *, lower: bool = False) -> Figures:
    """Run the engine's detection over gold and count; a gold type that the policy keeps is not
    asked for.
    """
    figures = Figures()
    for number, document in enumerate(documents):
        texts = [_lowered(t) if lower else t for t in document.texts]
        findings, _ = engine.detect(texts)
        marks = [bytearray(len(t)) for t in texts]
        for f in findings:
            marks[f.turn][f.start : f.end] = b"\x01" * (f.end - f.start)
        wanted = [bytearray(len(t)) for t in texts]
        for g in document.gold:
            wanted[g.turn][g.start : g.end] = b"\x01" * (g.end - g.start)
            if g.must and g.kind in engine.policy.covered:
                _count(figures, number, texts, marks, g)
        figures.documents += 1
        for turn, text in enumerate(texts):
            figures.words += len(text.split())
            mark, want = marks[turn], wanted[turn]
            solid = [i for i, c in enumerate(text) if mark[i] and c.isalnum()]
            figures.redacted_characters += len(solid)
            figures.right_characters += sum(want[i] for i in solid)
        for f in findings:
            text = texts[f.turn][f.start : f.end]
            figures.words_redacted += len(text.split())
            false = sum(
                1
                for i in range(f.start, f.end)
                if not wanted[f.turn][i] and texts[f.turn][i].isalnum()
            )
            if false:
                figures.false_by_type[f.entity_type] += false
                figures.extras.append((number, f.turn, f.entity_type, text))
    return figures


def _count(
    figures: Figures, number: int, texts: list[str], marks: list[bytearray], gold: Gold
) -> None:
    solid = [i for i in range(gold.start, gold.end) if texts[gold.turn][i].isalnum()]
    gone = sum(marks[gold.turn][i] for i in solid)
    for tally in (
        figures.every,
        figures.by_type[gold.kind],
        *((figures.direct,) if gold.direct else ()),
    ):
        tally.add(len(solid), gone)
    if gone < len(solid):
        figures.misses.append(
            (number, gold.turn, gold.kind, texts[gold.turn][gold.start : gold.end])
        )


def _lowered(text: str) -> str:
    """Return the text in lower case, letter by letter, so that offsets stay."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def render(figures: Figures, *, misses: bool) -> str:
    """Return a table for people."""
    raw = figures.as_json(misses=False)
    lines = [f"{'':24}{'spans':>7}{'recall':>9}{'95 % interval':>18}{'characters':>12}"]
    rows = [("direct identifiers", raw["direct"]), ("all", raw["all"]), *raw["by_type"].items()]
    for name, r in rows:
        interval = f"{r['interval'][0]:.3f} - {r['interval'][1]:.3f}"
        lines.append(
            f"{name:24}{r['spans']:>7}{r['recall']:>9.3f}{interval:>18}{r['character_recall']:>12.3f}"
        )
    lines += (
        "",
        f"character precision {figures.precision:.3f}",
        f"words redacted      {raw['words_redacted_share']:.3%} of {figures.words}",
        "over-redacted characters: "
        + (
            ", ".join(f"{k} {v}" for k, v in raw["over_redacted_characters_by_type"].items())
            or "none"
        ),
    )
    if misses:
        lines += ("", "missed (record, turn, type, text):")
        lines += [f"  {n} {t} {k}: {text!r}" for n, t, k, text in figures.misses]
        lines += ("", "redacted beyond gold:")
        lines += [f"  {n} {t} {k}: {text!r}" for n, t, k, text in figures.extras]
    return "\n".join(lines) + "\n"
