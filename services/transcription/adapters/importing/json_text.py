# SPDX-License-Identifier: Apache-2.0
"""JSON that strangers wrote: read within limits, and asked for its fields by name and place."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from services.transcription.adapters.importing.stamps import milliseconds
from services.transcription.domain.reading import Findings
from services.transcription.errors import BadTranscript, TooLarge

_LONGEST_SECONDS = 1_000_000
"""Latest time in a transcript, about eleven days: later ones are not seconds."""

_UNITS_A_TURN = 8
"""Units that one turn may have: an object with speaker, text and two times takes seven."""

_MORE_UNITS = 1000
"""Units beside those of the turns: what else programs write into a file."""

_UNITS = {"{": 4, "[": 2, ",": 1}
"""Memory of what a mark opens or goes before, in units of some sixty bytes."""

# A string that does not end is taken to its end, so that each character is looked at once.
_STRING_OR_MARK = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{,]', re.DOTALL)

_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,9}))?")
_SECONDS = re.compile(r"(\d{1,7}(?:\.\d{1,12})?)s?")
_DURATION = re.compile(
    r"PT(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,7}(?:\.\d{1,12})?)S)?", re.IGNORECASE
)


def refuse_many(text: str, max_turns: int) -> None:
    """Raise `TooLarge` where a text holds more values than so many turns may have.

    A value takes many times the memory of its text, so they are counted before they are made: each
    but the first follows a comma, or opens what holds it. A word with its times takes some ten
    units, so that the limit of 200 000 turns lets 16 hours of words pass.
    """
    left = max_turns * _UNITS_A_TURN + _MORE_UNITS
    for found in _STRING_OR_MARK.finditer(text):
        mark = text[found.start()]
        if mark != '"':
            left -= _UNITS[mark]
            if left < 0:
                raise TooLarge(
                    f"The transcript has more than {max_turns} turns, or values for more; "
                    "split it or raise the limit in the settings."
                )


def parse(text: str, findings: Findings, where: str = "") -> object:
    """Return the value of a text; raises `BadTranscript` with the line and column of a fault.

    Of a name that an object has twice, the value that is lost is counted as left out. `where` names
    the text where it is a part of a transcript, such as " in line 3".
    """

    def made(pairs: list[tuple[str, object]]) -> dict[str, object]:
        one = dict(pairs)
        if len(one) != len(pairs):
            for key, value in pairs:
                if one[key] is not value:
                    for lost in strings(value):
                        findings.leave_out("fields", lost)
        return one

    try:
        found: object = json.loads(text, object_pairs_hook=made)
    except json.JSONDecodeError as error:
        place = where or f" at line {error.lineno} column {error.colno}"
        raise BadTranscript(f"The transcript is not valid JSON{place}.") from None
    except ValueError:
        raise BadTranscript("The transcript is JSON with a number of too many digits.") from None
    except RecursionError:
        raise BadTranscript("The transcript is JSON that is nested too deeply.") from None
    return found


def strings(value: object) -> Iterator[str]:
    """Yield the strings of a value, at any depth, without the names of fields."""
    for _, text in named_strings(value):
        yield text


def named_strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the strings of a value, in order, each with the name of the field that holds it."""
    stack: list[tuple[str, object]] = [(name, value)]
    while stack:
        name, one = stack.pop()
        if isinstance(one, str):
            yield name, one
        elif isinstance(one, list):
            stack += [(name, item) for item in reversed(one) if isinstance(item, str | list | dict)]
        elif isinstance(one, dict):
            stack += [
                item for item in reversed(one.items()) if isinstance(item[1], str | list | dict)
            ]


class Node(NamedTuple):
    """A value of a document and its path, such as "segments[3]", which errors name."""

    value: object
    path: str = ""

    def has(self, name: str) -> bool:
        """Return whether it is an object with this field, and not null there."""
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def at(self, name: str) -> Node:
        """Return a field; its value is None where it is not there."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        return Node(value, f"{self.path}.{name}" if self.path else name)

    def items(self) -> list[Node]:
        """Return the objects of a list; none where it is null."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise BadTranscript(f"{self.path or 'The transcript'} must be a list.")
        found = [Node(item, f"{self.path}[{n}]") for n, item in enumerate(self.value)]
        for one in found:
            if not isinstance(one.value, dict):
                raise BadTranscript(f"{one.path} of the transcript must be an object.")
        return found

    def first(self, *names: str) -> Node:
        """Return the first of these fields that is there, or the first of them."""
        return next((self.at(name) for name in names if self.has(name)), self.at(names[0]))

    def string(self) -> str:
        """Return a string; raises `BadTranscript` where it is none, or no Unicode."""
        if not isinstance(self.value, str):
            raise BadTranscript(f"{self.path} of the transcript must be a string.")
        # JSON can spell half a surrogate pair, which no file and no message can hold.
        try:
            self.value.encode()
        except UnicodeEncodeError:
            raise BadTranscript(f"{self.path} of the transcript is not valid Unicode.") from None
        return self.value

    def speaker(self) -> str | None:
        """Return a speaker by name or number, or None where none is stated."""
        if isinstance(self.value, dict):
            return self.first("name", "display_name", "displayName", "label", "id").speaker()
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            if abs(self.value) < 10**9:
                return f"Speaker {self.value}"
        elif self.value is None:
            return None
        else:
            return self.string() if self.string().strip() else None
        raise BadTranscript(f"{self.path} of the transcript must be a speaker's name or number.")

    def time(self, scale: int = 1000) -> int | None:
        """Return a time in milliseconds, or None; `scale` is the milliseconds of one unit.

        Strings are clock times, ISO 8601 durations, and seconds such as "1.5s".
        """
        value = self.value
        if value is None:
            return None
        if isinstance(value, str):
            found = _time_of(value.strip())
            if found is not None:
                return found
        # Comparing before anything else: an integer may be too large to become a float.
        elif (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and 0 <= value <= _LONGEST_SECONDS * 1000 // scale
            and math.isfinite(value)
        ):
            return round(float(value) * scale)
        raise BadTranscript(
            f"{self.path} of the transcript must be a time of at most {_LONGEST_SECONDS} seconds."
        )


def clock_time(text: str) -> int | None:
    """Return a time such as "1:02:03.5" in milliseconds, or None where a text is none."""
    clock = _CLOCK.fullmatch(text.strip())
    return milliseconds(*clock.groups()) if clock else None


def _time_of(text: str) -> int | None:
    if clock := _CLOCK.fullmatch(text):
        return milliseconds(*clock.groups())
    if seconds := _SECONDS.fullmatch(text):
        return round(float(seconds[1]) * 1000)
    duration = _DURATION.fullmatch(text)
    if duration and any(duration.groups()):
        hours, minutes, rest = duration.groups()
        return round((int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(rest or 0)) * 1000)
    return None
