# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a form, field by field, so that the form is shown again with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

# What the library's words say less plainly.
_WORDS = {
    "int_parsing": "takes a whole number",
    "int_from_float": "takes a whole number",
    "float_parsing": "takes a number such as 0.05",
    "finite_number": "takes a number such as 0.05",
    "missing": "is needed",
    "string_too_short": "is needed",
    "too_short": "is needed",
    "enum": "takes one of what is offered",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a field breaks, never its value; `line` is 0 where the field has no lines."""

    field: str
    text: str
    line: int = 0


class Unusable(Exception):
    """A form that cannot be used; it is shown again with its faults and with what was typed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("the form has faults")
        self.faults = faults


def of_record(error: ValidationError, fields: Mapping[str, str]) -> list[Fault]:
    """Return the faults of a record; `fields` name the form's field of a place in the record.

    A place with a number in it has the number of the entry as its line.
    """
    found = []
    for fault in error.errors(include_input=False, include_url=False):
        place = fault["loc"]
        names = [str(part) for part in place if isinstance(part, str)]
        numbers = [part for part in place if isinstance(part, int)]
        joined = ".".join(names)
        field = fields.get(joined) or fields.get(names[0] if names else "", joined)
        found.append(Fault(field, _text(fault), numbers[0] + 1 if numbers else 0))
    return list(dict.fromkeys(found))


def _text(fault: Any) -> str:
    told = fault.get("ctx", {})
    kind = str(fault["type"])
    if kind in {"greater_than_equal", "less_than_equal"}:
        least, most = told.get("ge"), told.get("le")
        return f"is {least} at least" if most is None else f"is {most} at most"
    if kind in {"string_too_long", "too_long"}:
        return f"is longer than {told.get('max_length')}"
    return _WORDS.get(kind) or str(fault["msg"]).removeprefix("Value error, ")
