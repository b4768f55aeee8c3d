# SPDX-License-Identifier: Apache-2.0
"""Tells participant, session and date by the name of a file, as a pattern says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from services.common.errors import InvalidInput

_FIELDS = {
    "participant": r"(?P<participant>[A-Za-z0-9](?:[A-Za-z0-9-]{0,15}))",
    "session": r"(?P<session>[0-9]{1,3})",
    "date": r"(?P<date>[0-9]{4}[-_.]?[0-9]{2}[-_.]?[0-9]{2})",
    "year": r"(?P<year>[0-9]{4})",
    "month": r"(?P<month>[0-9]{1,2})",
    "day": r"(?P<day>[0-9]{1,2})",
}
_FIXED_LENGTH = ("year",)
_TOKENS = re.compile(r"\{([^{}]*)\}|\*")
_EXAMPLE = "such as '{participant}_{session}_{date}'"
_MOST_STARS = 2
"""The time that a name takes grows with its length to the power of the stars."""


@dataclass(frozen=True, slots=True)
class NamedInterview:
    """What a name says: "" or 0 where the pattern does not ask for it."""

    participant: str = ""
    session: int = 0
    date: str = ""


class NamePattern:
    """A pattern of names: `{participant}`, `{session}`, `{date}` (or `{year}`, `{month}` and
    `{day}`), `*` for anything within a name; all else stands for itself, capitals aside.

    It is held against the whole name without its suffix, and where it has slashes against as many
    folders above it. A code is read in capitals.

    Raises InvalidInput for a pattern that is none.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.fields: list[str] = []
        expression = ""
        end, after_field = 0, ""
        for token in _TOKENS.finditer(text):
            between = text[end : token.start()]
            self._check_literal(between)
            expression += re.escape(between)
            end = token.end()
            name = token[1]
            if name is None:
                expression += "[^/]*"
                after_field = ""
                continue
            if name not in _FIELDS:
                known = ", ".join(f"{{{one}}}" for one in _FIELDS)
                raise InvalidInput(
                    f"--name-pattern: there is no {{{name}}}; a pattern has {known} and *,"
                    f" {_EXAMPLE}"
                )
            if name in self.fields:
                raise InvalidInput(f"--name-pattern: {{{name}}} stands there twice")
            if after_field and not between and after_field not in _FIXED_LENGTH:
                raise InvalidInput(
                    f"--name-pattern: between {{{after_field}}} and {{{name}}} stands nothing that"
                    f" tells where one ends, {_EXAMPLE}"
                )
            self.fields.append(name)
            expression += _FIELDS[name]
            after_field = name
        self._check_literal(text[end:])
        expression += re.escape(text[end:])
        if text.count("*") > _MOST_STARS:
            raise InvalidInput(f"--name-pattern: it has more than {_MOST_STARS} stars")
        if not self.fields:
            raise InvalidInput(f"--name-pattern: it tells nothing; write one {_EXAMPLE}")
        parts = {"year", "month", "day"} & set(self.fields)
        if parts and (len(parts) < 3 or "date" in self.fields):
            raise InvalidInput(
                "--name-pattern: {year}, {month} and {day} go together, without {date}"
            )
        self._expression = re.compile(expression, re.IGNORECASE | re.ASCII)
        self._levels = text.count("/") + 1

    @staticmethod
    def _check_literal(text: str) -> None:
        if "{" in text or "}" in text:
            raise InvalidInput(f"--name-pattern: a brace has no partner; write one {_EXAMPLE}")

    def read(self, path: PurePath) -> NamedInterview | None:
        """Return what a file's name says, or None where it does not fit the pattern."""
        parts = [*path.parent.parts, path.stem][-self._levels :]
        found = self._expression.fullmatch("/".join(parts))
        if found is None:
            return None
        told = found.groupdict()
        session = int(told.get("session") or 0)
        if "session" in told and session == 0:
            return None
        date = re.sub("[-_.]", "", told.get("date") or "")
        day = f"{date[:4]}-{date[4:6]}-{date[6:]}" if date else ""
        if "year" in told:
            day = f"{told['year']}-{int(told['month']):02}-{int(told['day']):02}"
        return NamedInterview((told.get("participant") or "").upper(), session, day)
