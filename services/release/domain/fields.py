# SPDX-License-Identifier: Apache-2.0
"""Strict reading of JSON that comes from outside: every field expected, no other, of one type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from services.release.errors import CertificateMalformed

T = TypeVar("T")
_LARGEST = 2**53 - 1  # RFC 8785 numbers are IEEE 754 doubles


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse one JSON object without doubled names or fractions; raises CertificateMalformed."""
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_unique,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except (ValueError, RecursionError) as error:
        raise CertificateMalformed("the certificate is not readable JSON") from error
    if not isinstance(value, dict):
        raise CertificateMalformed("the certificate is not a JSON object")
    return value


class Fields:
    """The fields of one JSON object; each may be taken once, and `done` refuses what is left."""

    def __init__(self, value: Any, where: str = "") -> None:
        self._where = where
        if not isinstance(value, dict):
            self._refuse("", "is not an object")
        self._left: dict[str, Any] = dict(value)

    def text(self, name: str, pattern: re.Pattern[str]) -> str:
        """Take a string that `pattern` matches as a whole."""
        return self._matching(self._take(name), pattern, name)

    def number(self, name: str) -> int:
        """Take a whole number from 0 to 2^53 - 1."""
        return self._whole(self._take(name), name)

    def moment(self, name: str) -> datetime:
        """Take an RFC 3339 time in UTC with whole seconds."""
        value = self._take(name)
        try:
            return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except (TypeError, ValueError):
            self._refuse(name, "is not a time such as 2026-01-31T08:00:00Z")

    def rows(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """Take a list of objects, each read by `read` and then checked for fields left over."""
        result = []
        for number, item in enumerate(self._list(name)):
            row = Fields(item, f"{self._where}{name}[{number}].")
            result.append(read(row))
            row.done()
        return tuple(result)

    def texts(self, name: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """Take a list of strings that `pattern` matches."""
        return tuple(self._matching(item, pattern, name) for item in self._list(name))

    def mapping(
        self, name: str, key: re.Pattern[str], value: re.Pattern[str] | None = None
    ) -> dict[str, Any]:
        """Take an object of strings that `value` matches or, without it, of whole numbers."""
        found = self._take(name)
        if not isinstance(found, dict):
            self._refuse(name, "is not an object")
        return {
            self._matching(one, key, name): (
                self._whole(item, name) if value is None else self._matching(item, value, name)
            )
            for one, item in found.items()
        }

    def inner(self, name: str) -> Fields:
        """Take an object."""
        return Fields(self._take(name), f"{self._where}{name}.")

    def done(self) -> None:
        """Refuse fields that nobody took."""
        if self._left:
            self._refuse(min(self._left), "is not a field of this format")

    def _take(self, name: str) -> Any:
        if name not in self._left:
            self._refuse(name, "is missing")
        return self._left.pop(name)

    def _list(self, name: str) -> list[Any]:
        value = self._take(name)
        if not isinstance(value, list):
            self._refuse(name, "is not a list")
        return value

    def _matching(self, value: Any, pattern: re.Pattern[str], name: str) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self._refuse(name, "has not the expected form")
        return value

    def _whole(self, value: Any, name: str) -> int:
        if type(value) is not int or not 0 <= value <= _LARGEST:
            self._refuse(name, "is not a whole number")
        return value

    def _refuse(self, name: str, what: str) -> NoReturn:
        field = re.sub(r"[^A-Za-z0-9_.\[\]-]", "?", f"{self._where}{name}")[:100]
        raise CertificateMalformed(f"field {field} of the certificate {what}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("doubled name")
    return result


def _no_fraction(text: str) -> NoReturn:
    raise ValueError(text)
