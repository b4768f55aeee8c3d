# SPDX-License-Identifier: Apache-2.0
"""Records as canonical JSON (RFC 8785), read strictly."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, cast

import rfc8785

from services.storage.errors import DataCorrupted


def dump(record: dict[str, Any]) -> bytes:
    """Canonical bytes; the same record gives the same bytes everywhere."""
    return rfc8785.dumps(record)


def load(data: bytes, what: str) -> Record:
    """Read a record; raises `DataCorrupted` for anything but a JSON object in canonical form."""
    try:
        value = json.loads(data)
        if isinstance(value, dict) and rfc8785.dumps(value) == data:
            return Record(value, what)
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        pass
    raise DataCorrupted(f"{what} is damaged: it is no canonical JSON object")


class Record:
    """A record whose fields are fetched with their type, or refused."""

    def __init__(self, values: dict[str, Any], what: str) -> None:
        self._values = values
        self._what = what

    def text(self, key: str) -> str:
        """A string."""
        return cast("str", self._typed(key, str))

    def number(self, key: str) -> int:
        """An integer that is not negative."""
        value = self._typed(key, int)
        if isinstance(value, bool) or value < 0:
            raise self._refuse(key)
        return cast("int", value)

    def data(self, key: str) -> bytes:
        """Bytes, stored as base64."""
        try:
            return base64.b64decode(self.text(key).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise self._refuse(key) from None

    def records(self, key: str) -> list[Record]:
        """A list of records."""
        values = self._typed(key, list)
        if not all(isinstance(value, dict) for value in values):
            raise self._refuse(key)
        return [Record(value, self._what) for value in values]

    def texts(self, key: str) -> list[str]:
        """A list of strings."""
        values = self._typed(key, list)
        if not all(isinstance(value, str) for value in values):
            raise self._refuse(key)
        return cast("list[str]", values)

    def record(self, key: str) -> Record:
        """A record in the record."""
        return Record(self._typed(key, dict), self._what)

    def has(self, key: str) -> bool:
        """Whether the field is there."""
        return key in self._values

    def expect(self, key: str, value: str) -> None:
        """Raise `DataCorrupted` unless the field holds exactly this."""
        if self.text(key) != value:
            raise self._refuse(key)

    def _typed(self, key: str, kind: type) -> Any:
        value = self._values.get(key)
        if not isinstance(value, kind):
            raise self._refuse(key)
        return value

    def _refuse(self, key: str) -> DataCorrupted:
        return DataCorrupted(f"{self._what} is damaged: its field {key} is missing or malformed")


def b64(data: bytes) -> str:
    """Bytes as a JSON string."""
    return base64.b64encode(data).decode("ascii")
