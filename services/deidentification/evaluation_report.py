# SPDX-License-Identifier: Apache-2.0
"""What `sotto deid evaluate` prints: the figures of each style of talk, as they are written and
without case and punctuation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.deidentification.domain.engine import Engine
from services.deidentification.evaluation import Figures, measure_one
from services.deidentification.gold import GoldTranscript, flat, lowered

ALL = "all"
FLAT = ", flat"


def measure_styles(
    engine: Engine, documents: Sequence[GoldTranscript], *, lower: bool, with_flat: bool
) -> dict[str, Figures]:
    """Return the figures of all documents and, where they name styles, of each; with those of the
    same documents without case and punctuation where they are asked for.
    """
    rows: dict[str, Figures] = {}
    for suffix in ("", FLAT) if with_flat else ("",):
        rows[ALL + suffix] = Figures()
        for number, document in enumerate(documents):
            made = flat(document) if suffix else lowered(document) if lower else document
            figures = measure_one(engine, made, number)
            rows[ALL + suffix].merge(figures)
            if document.style:
                rows.setdefault(document.style + suffix, Figures()).merge(figures)
    return rows


def as_json(rows: Mapping[str, Figures], *, misses: bool) -> dict[str, Any]:
    """Return the figures of all documents, and those of each row under `rows`."""
    return {
        **rows[ALL].as_json(misses=misses),
        "rows": {
            name: figures.as_json(misses=misses and name == ALL + FLAT)
            for name, figures in rows.items()
            if name != ALL
        },
    }


_COLUMNS = (
    ("interviews", 11),
    ("direct", 8),
    ("whole", 7),
    ("nothing left", 14),
    ("precision", 11),
    ("direct left", 13),
    ("shown", 7),
    ("all left", 10),
    ("shown", 7),
    ("places/1000", 13),
    ("clean", 7),
    ("after", 7),
    ("risk order", 12),
)


_LEGEND = """\
direct: direct identifiers; the share that went whole, and of which nothing identifying is left
left, shown: identifiers of which something identifying is left, and the share that the second
look points at
clean, after: interviews with no direct identifier left; and where every leak shown is mended
risk order: Spearman's rank correlation of the residual risk and the direct identifiers left; -
where one of both does not vary
""".splitlines()


def render(rows: Mapping[str, Figures], *, misses: bool) -> str:
    """Return tables for people."""
    lines = [*table(rows), "", *_LEGEND]
    for name, figures in rows.items():
        if name in (ALL, ALL + FLAT):
            lines += ("", f"{name}:", *_details(figures, misses=misses))
    return "\n".join(lines) + "\n"


def table(rows: Mapping[str, Figures]) -> list[str]:
    """Return the lines of one table: a row for each name."""
    width = max(24, *(len(name) + 2 for name in rows))
    return [
        " " * width + "".join(f"{name:>{w}}" for name, w in _COLUMNS),
        *(f"{name:{width}}{_row(figures)}" for name, figures in rows.items()),
    ]


def _row(figures: Figures) -> str:
    raw = figures.as_json(misses=False)
    direct, look = raw["direct"], raw["second_look"]
    order = "-" if look["risk_order"] is None else f"{look['risk_order']:.2f}"
    cells = (
        str(raw["documents"]),
        str(direct["spans"]),
        f"{direct['recall']:.3f}",
        f"{direct['nothing_identifying_left']:.3f}",
        f"{figures.precision:.3f}",
        str(look["direct_left"]),
        f"{look['direct_shown_share']:.2f}",
        str(look["all_left"]),
        f"{look['all_shown_share']:.2f}",
        f"{look['places_per_1000_words']:.1f}",
        f"{look['without_direct_share']:.2f}",
        f"{look['without_direct_after_share']:.2f}",
        order,
    )
    return "".join(f"{cell:>{w}}" for cell, (_, w) in zip(cells, _COLUMNS, strict=True))


def _details(figures: Figures, *, misses: bool) -> list[str]:
    """Return recall by type, over-redaction and, where it is asked for, what was missed."""
    raw = figures.as_json(misses=False)
    lines = [
        (
            f"{'':24}{'spans':>7}{'recall':>9}{'95 % interval':>18}{'characters':>12}"
            f"{'nothing left':>14}{'95 % interval':>18}"
        )
    ]
    rows = [("direct identifiers", raw["direct"]), ("all", raw["all"]), *raw["by_type"].items()]
    for name, r in rows:
        lines.append(
            f"{name:24}{r['spans']:>7}{r['recall']:>9.3f}{_interval(r['interval']):>18}"
            f"{r['character_recall']:>12.3f}{r['nothing_identifying_left']:>14.3f}"
            f"{_interval(r['nothing_identifying_left_interval']):>18}"
        )
    person, look = raw["typed_person"], raw["second_look"]
    lines += (
        "",
        f"character precision {figures.precision:.3f}",
        (
            f"people replaced as PERSON: recall {person['recall']:.3f}, precision"
            f" {person['character_precision']:.3f}, where titles beside a name of gold are no loss"
            f" {person['character_precision_titles_forgiven']:.3f}"
        ),
        f"words redacted      {raw['words_redacted_share']:.3%} of {figures.words}",
        (
            f"replacements beyond gold: {look['false_replacements']}, shown"
            f" {look['false_replacements_shown_share']:.2f} of them"
        ),
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
    return lines


def _interval(pair: Sequence[float]) -> str:
    return f"{pair[0]:.3f} - {pair[1]:.3f}"
