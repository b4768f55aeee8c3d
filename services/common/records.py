# SPDX-License-Identifier: Apache-2.0
"""Strict records: stored documents, signed documents and files that people write.

A record is a pydantic model that takes no unknown field and converts nothing. It writes itself as
canonical JSON (RFC 8785) and reads itself back; what it accepts encodes to the very same bytes.
Errors name the field and never its value.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, NoReturn, Self, get_args

import rfc8785
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationError,
)

from services.registry import ids

MakeError = Callable[[str], Exception]
"""Makes the error to raise from a message; most often an error class."""

_LARGEST = 2**53 - 1  # RFC 8785: numbers are IEEE 754 doubles
_UNKNOWN_NAME = {"extra_forbidden", "invalid_key"}
# What the library's words say less plainly, or say with a pattern that is hard to read.
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this format",
    "invalid_key": "is not a field of this format",
    "string_pattern_mismatch": "has not the expected form",
}


class Record(BaseModel):
    """A record whose fields are all declared.

    A field that may be absent is declared as `T | None = None`; `None` is never written. A file
    that people write, where YAML gives lists for tuples, is declared with `strict=False`.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    #: Keys of maps that errors may show as they are, since they are names of ours.
    known_keys: ClassVar[frozenset[str]] = frozenset()

    def canonical_bytes(self) -> bytes:
        """Return the record as canonical JSON (RFC 8785): the same record, the same bytes."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True, exclude_none=True))

    @classmethod
    def parse(cls, data: bytes, what: str, error: MakeError, *, canonical: bool = True) -> Self:
        """Read a record from JSON; `what` begins the message, such as "the certificate".

        Raises what `error` makes when `data` is not JSON, names a field twice, lacks a field, has
        one that is not declared or holds another type or form, or, unless `canonical` is False,
        when it is not the canonical encoding.
        """
        try:
            json.loads(
                data.decode(), object_pairs_hook=_refuse_twice, parse_constant=_refuse_constant
            )
        except (ValueError, RecursionError):
            raise error(f"{what}: it is not JSON, or it names a field twice") from None
        try:
            record = cls.model_validate_json(data)
        except ValidationError as fault:
            raise error(f"{what}: {next(cls.faults(fault))}") from None
        if canonical and not _is_encoding(record, data):
            raise error(f"{what}: it is not in its canonical form")
        return record

    @classmethod
    def from_values(cls, values: object, what: str, error: MakeError, *, most: int = 1) -> Self:
        """Read a record from values that another reader made, such as YAML's.

        Raises what `error` makes, with a message that names the first `most` faults.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as fault:
            told = [text for text, _ in zip(cls.faults(fault), range(most), strict=False)]
            raise error(f"{what}: {'; '.join(told)}") from None

    @classmethod
    def faults(cls, error: ValidationError) -> Iterator[str]:
        """Yield each fault as field and rule, such as "field windows.0.size is missing".

        A name that is not declared may be anything, such as somebody's name, so it is shown as "?".
        """
        names = field_names(cls) | cls.known_keys
        for fault in error.errors(include_input=False, include_url=False):
            place = [
                str(part) if isinstance(part, int) or part in names else "?"
                for part in fault["loc"]
            ]
            if fault["type"] in _UNKNOWN_NAME and place:
                place[-1] = "?"
            rule = _WORDS.get(fault["type"]) or fault["msg"].removeprefix("Value error, ")
            mark = "" if fault["type"] in _WORDS else ":"
            yield f"field {'.'.join(place)}{mark} {rule}" if place else rule


def _is_encoding(record: Record, data: bytes) -> bool:
    try:
        return record.canonical_bytes() == data
    except rfc8785.CanonicalizationError:
        return False


def field_names(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of all fields of a model and of the models inside it."""
    found: set[str] = set()
    seen: set[object] = set()
    todo: list[object] = [model]
    while todo:
        kind = todo.pop()
        if kind in seen:
            continue
        seen.add(kind)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, field in kind.model_fields.items():
                found.add(field.alias or name)
                todo.append(field.annotation)
        todo.extend(part for part in get_args(kind) if not isinstance(part, str | list))
    return frozenset(found)


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name is there twice")
    return values


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _one_digest(data: bytes) -> bytes:
    if len(data) != 32:
        raise ValueError("is not a SHA-256 digest of 64 hexadecimal digits")
    return data


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("is not base64") from None


def _from_hex(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        data = bytes.fromhex(value)
    except ValueError:
        data = None
    if data is None or data.hex() != value:
        raise ValueError("is not hexadecimal in small letters")
    return data


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_moment(value: object) -> object:
    if isinstance(value, datetime):
        if value.utcoffset() is None or value.microsecond:
            raise ValueError("is not a time with a zone and whole seconds")
        return value.astimezone(UTC)
    try:
        moment = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("is not a time such as 2026-01-31T08:00:00Z") from None
    return moment


Base64 = Annotated[
    bytes, BeforeValidator(_from_base64), PlainSerializer(_to_base64, when_used="json")
]
"""Bytes, written as base64 (RFC 4648, section 4)."""

Hex = Annotated[bytes, BeforeValidator(_from_hex), PlainSerializer(bytes.hex, when_used="json")]
"""Bytes, written as hexadecimal digits in small letters."""

Sha256 = Annotated[Hex, AfterValidator(_one_digest)]
"""A SHA-256 digest, written as hexadecimal digits."""

Moment = Annotated[
    datetime,
    BeforeValidator(_from_moment),
    PlainSerializer(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"), when_used="json"),
]
"""A time in UTC with whole seconds, written as in 2026-01-31T08:00:00Z (RFC 3339)."""

Count = Annotated[int, Field(ge=0, le=_LARGEST)]
"""A whole number that is not negative and that every JSON reader holds exactly."""


def _whole(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=f"^(?:{pattern})$")


StudyId = Annotated[str, _whole(ids.STUDY_ID)]
ParticipantCode = Annotated[str, _whole(ids.PARTICIPANT_CODE)]
RecordingId = Annotated[str, _whole(ids.RECORDING_ID)]
ReleaseId = Annotated[str, _whole(ids.RELEASE_ID)]
RunKey = Annotated[str, _whole(ids.RUN_KEY)]
Sha256Hex = Annotated[str, _whole(ids.SHA256_HEX)]
Approver = Annotated[str, _whole(ids.APPROVER)]
EntityTypeName = Annotated[str, _whole(ids.ENTITY_TYPE)]
FileFormat = Annotated[str, _whole(ids.FILE_FORMAT)]
ReleasedFileName = Annotated[str, _whole(ids.RELEASED_FILE)]
