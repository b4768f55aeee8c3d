# SPDX-License-Identifier: Apache-2.0
"""Forms, which come urlencoded and no other way (WHATWG URL, 5.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from services.common.errors import InvalidInput

_TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 2000
_MOST_CHARACTERS = 4000


class Form:
    """The fields of a form; each is asked for by name, and of a stated form."""

    def __init__(self, fields: Collection[tuple[str, str]]) -> None:
        self._fields = list(fields)

    @property
    def fields(self) -> Sequence[tuple[str, str]]:
        """All fields as they came, to be shown and sent once more."""
        return tuple(self._fields)

    def text(self, name: str, *, most: int = _MOST_CHARACTERS) -> str:
        """Return a field without blanks around it, empty where it is missing."""
        return self.exact(name, most=most).strip()

    def exact(self, name: str, *, most: int = _MOST_CHARACTERS) -> str:
        """Return a field as it came; raises InvalidInput where it is too long or there twice."""
        found = [value for key, value in self._fields if key == name]
        if len(found) > 1 or (found and len(found[0]) > most):
            raise InvalidInput(f"the field {name} is there twice, or longer than {most} characters")
        return found[0] if found else ""

    def texts(self, name: str) -> list[str]:
        """Return all values of a field that may be there several times, such as ticked boxes."""
        return [value for key, value in self._fields if key == name]

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number of 0 or more; raises InvalidInput for anything else."""
        text = self.text(name, most=12)
        if not text:
            return default
        if not (text.isascii() and text.isdigit()):
            raise InvalidInput(f"the field {name} takes a whole number")
        return int(text)

    def one_of(self, name: str, choices: Collection[str]) -> str:
        """Return a field that is one of the choices; raises InvalidInput for anything else."""
        text = self.text(name)
        if text not in choices:
            raise InvalidInput(f"the field {name} takes one of: {', '.join(sorted(choices))}")
        return text


async def _read(request: Request) -> Form:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body:
        return Form([])
    if kind != _TYPE:
        raise InvalidInput("a form of the console comes urlencoded")
    try:
        return Form(
            parse_qsl(
                body.decode("utf-8"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
        )
    except ValueError as error:
        raise InvalidInput("the form has too many fields, or is no text") from error


GivenForm = Annotated[Form, Depends(_read)]
"""The form of a request, for the parameters of a page."""
