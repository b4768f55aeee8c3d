# SPDX-License-Identifier: Apache-2.0
"""The columns that entries are found by, the same in every database of the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from services.audit_evidence.entry import Entry
from services.audit_evidence.query import Query
from services.registry.events import Event

#: Texts, NULL where they do not apply. Tables hold an entry's index and time as well.
COLUMNS = ("person", "participant", "study", "object", "name", "outcome", "service", "request")
#: Keys of the canonical JSON that hold them.
COLUMN_KEYS = tuple("event" if column == "name" else column for column in COLUMNS)
# More names than these are not looked through for the one that was meant.
_MOST_DISTINCT = 20_000
# Sorts after every text that begins with a prefix.
_LAST_CHARACTER = "\U0010ffff"


def column_values(entry: Entry) -> tuple[str | None, ...]:
    """Return an entry's texts in the order of COLUMNS."""
    event = entry.event
    texts = (
        event.person, event.participant, event.study_id, event.object, event.name,
        str(event.outcome), entry.service, event.request_id,
    )  # fmt: skip
    return tuple(text or None for text in texts)


def distinct_values(column: str, table: str, placeholder: str) -> str:
    """Return the SQL that gives each value of a column once, of entries before a bound index.

    Raises ValueError for what is no column.

    Who asked for a participant or a study was written into these columns by version 0.1.
    """
    if column not in COLUMNS:
        raise ValueError("not a column of queries")
    asked = f" AND name <> '{Event.LOG_READ}'" if column in {"participant", "study"} else ""
    return (
        f"SELECT DISTINCT {column} FROM {table}"  # noqa: S608 - fixed column names
        f" WHERE {column} IS NOT NULL AND idx < {placeholder}{asked} LIMIT {_MOST_DISTINCT}"
    )


def conditions(
    query: Query, placeholder: str, to_time: Callable[[datetime], object]
) -> tuple[str, list[object]]:
    """Return a query as SQL, each condition behind an AND, and the values to bind.

    `placeholder` is how the database marks a value, `to_time` how it stores a time. The SQL is
    made of fixed column names alone.
    """
    parts: list[str] = []
    values: list[object] = []

    def require(condition: str, value: object) -> None:
        parts.append(f" AND {condition} {placeholder}")
        values.append(value)

    wanted = (
        query.person, query.participant, query.study_id, query.object, query.name,
        str(query.outcome), query.service, query.request_id,
    )  # fmt: skip
    for column, value in zip(COLUMNS, wanted, strict=True):
        if "*" in value:  # what is behind the first one, the caller compares
            if prefix := value.partition("*")[0]:
                require(f"{column} >=", prefix)
                require(f"{column} <", prefix + _LAST_CHARACTER)
        elif value:
            require(f"{column} =", value)
    choices, named = _any_name(query.names, placeholder)
    parts += choices
    values += named
    if query.since is not None:
        require("time >=", to_time(query.since))
    if query.until is not None:
        require("time <", to_time(query.until))
    return "".join(parts), values


def _any_name(names: Sequence[str], placeholder: str) -> tuple[list[str], list[object]]:
    """Return the condition that an event is one of several, and its values; none for anything."""
    choices: list[str] = []
    values: list[object] = []
    for name in names:
        prefix, star, _ = name.partition("*")
        if star and not prefix:
            return [], []
        if star:  # what is behind it, the caller compares
            choices.append(f"(name >= {placeholder} AND name < {placeholder})")
            values += [prefix, prefix + _LAST_CHARACTER]
        else:
            choices.append(f"name = {placeholder}")
            values.append(name)
    return ([f" AND ({' OR '.join(choices)})"] if choices else []), values
