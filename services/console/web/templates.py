# SPDX-License-Identifier: Apache-2.0
"""Templates: every text passes `t`, and everything is escaped."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.console.web import change_words, code_words, report_words
from services.console.web.language import LANGUAGES, current, say, say_count
from services.console.web.refusals import say_refusal, say_rule
from services.recordings_client.work import duration

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
STATIC = Path(__file__).resolve().parents[1] / "static"

_ID = re.compile(r"[a-z]{2,4}-[a-z0-9]{8,}")
_ROW_OR_CELL = re.compile(r"<(tr|td|th)\b")
_BLANK_CELL = re.compile(r"<td\b(?=[^>]*>\s*</td>)")


@cache
def environment() -> Environment:
    """Return the environment of all templates, which are read once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        t=say,
        t_refusal=say_refusal,
        t_rule=say_rule,
        t_count=say_count,
        language=current,
        languages=LANGUAGES,
        static=static_path,
        codes=code_words.options,
        now=lambda: dt.datetime.now(dt.UTC),
    )
    made.filters.update(
        day=day,
        moment=moment,
        sentence=sentence,
        duration=duration,
        labelled=labelled,
        word=code_words.word,
        form=code_words.form,
        change=change_words.change,
        setting=change_words.value,
        kept=change_words.kept,
        due=change_words.due,
        named=report_words.named,
        words=report_words.words,
        listed=report_words.listed,
        fact=report_words.fact,
    )
    return made


def render(name: str, values: Mapping[str, object]) -> str:
    """Return a page."""
    return environment().get_template(name).render(values)


def static_path(name: str) -> str:
    """Return the path of a file of ours."""
    return f"/static/{name}"


def day(value: dt.datetime) -> str:
    """Return the day of a moment, in UTC (ISO 8601)."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%d")


def moment(value: dt.datetime) -> str:
    """Return a moment to the minute, in UTC (ISO 8601)."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M")


def sentence(text: str) -> str:
    """Return a text of an error, which begins in small letters, as a sentence.

    An id in front, such as rel-..., stays as it is written.
    """
    return text if _ID.match(text) else text[:1].upper() + text[1:]


def labelled(rows: Markup, columns: Sequence[str]) -> Markup:
    """Return the rows of a table, each cell with its heading, which narrow pages show beside it.

    A cell with nothing in it is marked: there it is left out.
    """
    place = 0

    def label(found: re.Match[str]) -> str:
        nonlocal place
        if found[1] == "tr":
            place = 0
            return found[0]
        heading = columns[place] if place < len(columns) else ""
        place += 1
        return f'{found[0]} data-label="{Markup.escape(heading)}"'

    made = _BLANK_CELL.sub("<td data-blank", _ROW_OR_CELL.sub(label, rows))
    return Markup(made)  # noqa: S704 - rows are escaped, headings too
