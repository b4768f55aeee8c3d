# SPDX-License-Identifier: Apache-2.0
"""Reports, and what is known of a recording, in the language of the page.

Words of ours are put into it: headings, sentences, and cells of the columns that hold words. What
the log holds stays as it is: names, codes, ids, numbers, times.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache

from services.audit_evidence.report_model import Frame, ReportDocument, Section
from services.console.web.code_words import form, word
from services.console.web.language import ENGLISH, FOLDER, current, say

#: Columns with words of ours; a cell of any other one may be a name that is like a word.
_WORDS = frozenset(
    {
        "What", "What happened", "What it says", "Ended", "Decision", "By", "State", "Result",
        "Finding", "Why", "Built", "Verification",
    }
)  # fmt: skip
#: Columns that hold words of ours where there is no name: no account or study can be called so.
_NAMES = frozenset({"Study", "Handed out to", "Recording"})
_NOBODY = frozenset({"no study", "nobody", "all"})
#: What stands behind names; none of these can be in one.
_BEHIND = (" (signed in)", " (certified)", " (service)", " (no person)")
_PLACE = re.compile(r"\{([a-z]+)\}")
#: Files of texts with places, which are read backwards.
_PATTERN_FILES = (
    "reports.toml",
    "recordings.toml",
    "study_changes.toml",
    "uploads.toml",
    "verification.toml",
)
#: Places that hold words of ours again; those of the second kind hold several, with commas.
_WITHIN = frozenset({"words", "before", "after"})
_LISTS = frozenset({"list"})
#: Places that hold one word, such as a code or a number.
_SINGLE = frozenset(
    {
        "code", "count", "earliest", "entry", "index", "intent", "label", "latest", "number",
        "share", "size", "turns",
    }
)  # fmt: skip


def in_language(document: ReportDocument) -> ReportDocument:
    """Return a report in the language of the page that is being made."""
    if current() == ENGLISH:
        return document
    frame = Frame(
        **{one.name: say(getattr(document.frame, one.name)) for one in fields(Frame)}
        | {"language": current()}
    )
    return ReportDocument(
        words(document.title),
        tuple((words(name), fact(value)) for name, value in document.facts),
        tuple(map(_section, document.sections)),
        tuple(map(words, document.signatures)),
        frame,
    )


def words(text: str) -> str:
    """Return words of ours in the language of the page, with what the log holds in their places."""
    if (found := say(text)) != text or current() == ENGLISH:
        return found
    for pattern, said in _patterns(current()):
        if match := pattern.fullmatch(text):
            return said.format(**{name: _held(name, it) for name, it in match.groupdict().items()})
    return text


def listed(text: str) -> str:
    """Return a list, whose parts commas divide, in the language of the page."""
    return ", ".join(map(words, text.split(", ")))


def _held(name: str, text: str) -> str:
    if name in _LISTS:
        return listed(text)
    return words(text) if name in _WITHIN else text


def fact(text: str) -> str:
    """Return a fact in the language of the page, whole or by its parts, which semicolons divide."""
    if (found := say(text)) != text:
        return found
    return "; ".join(named(words(part)) for part in text.split("; "))


def _section(section: Section) -> Section:
    rows = tuple(
        tuple(_cell(column, cell) for column, cell in zip(section.columns, row, strict=True))
        for row in section.rows
    )
    return replace(
        section,
        title=words(section.title),
        words=words(section.words),
        columns=tuple(map(words, section.columns)),
        rows=rows,
    )


def _cell(column: str, cell: str) -> str:
    if column == "Roles":
        return ", ".join(word(one, "role") for one in cell.split(", "))
    if column == "Format":
        return form(cell)
    if column in _WORDS or (column in _NAMES and cell in _NOBODY):
        cell = words(cell)
    return named(cell)


def named(text: str) -> str:
    """Return who acted, with what stands behind a name in the language of the page."""
    for behind in _BEHIND:
        text = text.replace(behind, say(behind))
    return text


@cache
def _patterns(language: str) -> Sequence[tuple[re.Pattern[str], str]]:
    """Return texts with places as patterns, those that say most first."""
    found: dict[str, str] = {}
    for name in _PATTERN_FILES:
        own = tomllib.loads((FOLDER / language / name).read_text("utf-8"))
        found |= {text: said for text, said in own.items() if _PLACE.search(text)}
    return [
        (_pattern(text), said)
        for text, said in sorted(found.items(), key=lambda one: -len(_PLACE.sub("", one[0])))
    ]


def _pattern(text: str) -> re.Pattern[str]:
    parts = _PLACE.split(text)
    return re.compile(
        "".join(_place(part) if at % 2 else re.escape(part) for at, part in enumerate(parts)),
        re.DOTALL,
    )


def _place(name: str) -> str:
    held = r"\S+" if name in _SINGLE else ".+"
    return f"(?P<{name}>{held})"
