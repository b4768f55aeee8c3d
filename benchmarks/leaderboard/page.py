# SPDX-License-Identifier: Apache-2.0
"""Writes the leaderboard's page from its results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.leaderboard.rivals import OURS, RIVALS

_NAMES = {OURS: "**Sotto**", **{rival.key: rival.name for rival in RIVALS}}
_TEMPLATE = Path(__file__).with_name("page.md")
_STYLES = ("founding", "founding, flat", "recogniser", "mixed")


def write(results: dict[str, Any]) -> str:
    """Return the page: page.md with its tables. A section about a set that was not measured is left
    out.
    """
    sections = re.split(r"(?m)^(?=## )", _TEMPLATE.read_text(encoding="utf-8"))
    kept = []
    for section in sections:
        mark = re.search(r"<!-- set: (\w+) -->", section)
        if mark and mark[1] in results["sets"]:
            size, rows = results["sets"][mark[1]], results["rows"][mark[1]]
            kept.append(section.replace(mark[0], "\n".join(_set(size, rows))))
        elif not mark:
            kept.append(section.replace("<!-- engines -->", "\n".join(_engines(results))))
    return "".join(kept).rstrip() + "\n"


def _set(size: dict[str, Any], rows: dict[str, Any]) -> Iterator[str]:
    direct = next((row["scores"]["all"]["direct"] for _, row in _measured(rows)), 0)
    yield f"{size['interviews']} documents, {size['words']:,} words, {direct} direct identifiers."
    yield ""
    yield from _interviews(rows) if _has(rows, "all, flat") else _people(rows)
    if _has(rows, "founding"):
        yield ""
        yield from _styles(rows)
    for key, name in _NAMES.items():
        row = rows.get(key, {})
        if "not_run" in row:
            yield ""
            yield f"{name} was not run: {row['not_run']}."
        elif row.get("failed"):
            yield ""
            yield f"{name} failed on {row['failed']} of {row['texts']} texts and left them whole."


def _measured(rows: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return names and rows of what was run, the least left first."""
    found = [(name, rows[key]) for key, name in _NAMES.items() if "scores" in rows.get(key, {})]
    return sorted(found, key=lambda row: -row[1]["scores"]["all"]["direct_left"])


def _has(rows: dict[str, Any], name: str) -> bool:
    return any(name in row.get("scores", {}) for row in rows.values())


def _table(*head: str) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "| --- |" + " ---: |" * (len(head) - 1)


def _interviews(rows: dict[str, Any]) -> Iterator[str]:
    yield from _table(
        "engine",
        "direct, nothing left",
        "all, nothing left",
        "precision",
        "clean",
        "flat: direct",
        "flat: precision",
        "flat: clean",
        "seconds",
    )
    for name, row in _measured(rows):
        every, flat = row["scores"]["all"], row["scores"]["all, flat"]
        low, high = every["direct_interval"]
        cells = (
            name,
            f"{every['direct_left']:.3f} ({low:.3f}-{high:.3f})",
            f"{every['all_left']:.3f}",
            f"{every['precision']:.3f}",
            f"{every['clean']:.0%}",
            f"{flat['direct_left']:.3f}",
            f"{flat['precision']:.3f}",
            f"{flat['clean']:.0%}",
            f"{row['seconds']:.1f}",
        )
        yield f"| {' | '.join(cells)} |"


def _styles(rows: dict[str, Any]) -> Iterator[str]:
    yield "By kind of talk: direct identifiers of which nothing is left / precision."
    yield ""
    yield from _table("engine", *_STYLES)
    for name, row in _measured(rows):
        cells = [row["scores"].get(style) for style in _STYLES]
        told = [
            f"{cell['direct_left']:.3f} / {cell['precision']:.3f}" if cell else "" for cell in cells
        ]
        yield f"| {name} | {' | '.join(told)} |"


def _people(rows: dict[str, Any]) -> Iterator[str]:
    yield from _table(
        "engine",
        "people, nothing left",
        "replaced as people",
        "precision",
        "precision, titles forgiven",
        "seconds",
    )
    for name, row in _measured(rows):
        one = row["scores"]["all"]
        typed = (
            f"{one['person']:.3f}",
            f"{one['person_precision']:.3f}",
            f"{one['person_precision_titles']:.3f}",
        )
        cells = (
            name,
            f"{one['direct_left']:.3f}",
            *(typed if one["person"] else ("-", "-", "-")),
            f"{row['seconds']:.1f}",
        )
        yield f"| {' | '.join(cells)} |"


def _version(results: dict[str, Any], key: str) -> str:
    """Return the version of an engine, with the sets of each where they differ."""
    found: dict[str, list[str]] = {}
    for name, rows in sorted(results["rows"].items()):
        if "scores" in rows.get(key, {}):
            found.setdefault(rows[key]["version"], []).append(name)
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{version} ({', '.join(sets)})" for version, sets in found.items())


def _engines(results: dict[str, Any]) -> Iterator[str]:
    yield "| engine | version | configuration | licence | run on |"
    yield "| --- | --- | --- | --- | --- |"
    rivals = {rival.key: rival for rival in RIVALS}
    for key, name in _NAMES.items():
        done = [rows[key] for rows in results["rows"].values() if "scores" in rows.get(key, {})]
        if not done:
            continue
        dates = sorted({row["date"] for row in done})
        when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        how, licence = (
            (rivals[key].configuration, rivals[key].licence)
            if key in rivals
            else ("as it ships, policy research-default, two threads", "Apache-2.0")
        )
        yield f"| {name} | {_version(results, key)} | {how} | {licence} | {when} |"
    yield ""
