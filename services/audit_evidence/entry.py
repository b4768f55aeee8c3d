# SPDX-License-Identifier: Apache-2.0
"""Entries of the log and their canonical bytes (RFC 8785 JSON), which are stored and hashed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from services.audit_evidence.attributes import check_key, check_value
from services.audit_evidence.entry_fields import TEXT_FIELDS, TEXT_NAMES
from services.audit_evidence.errors import InvalidFormat
from services.registry.reasons import REASONS

#: An entry bundle of tlog-tiles gives each entry a two-byte length.
MAX_ENTRY_BYTES = 65_535
# What an entry takes at most without its name and its attributes, which alone have no limit.
_MOST_OTHER_BYTES = 1200
_SAFE_INTEGER = 2**53 - 1


class Phase(StrEnum):
    """Whether an entry announces an action, reports its end, or states a fact of one step."""

    INTENT = "intent"
    OUTCOME = "outcome"
    FACT = "fact"


class Outcome(StrEnum):
    """How an action ended; an intent has none yet."""

    UNKNOWN = ""
    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


_TEXT_PATTERNS = {field.name: re.compile(field.whole_pattern) for field in TEXT_FIELDS}
# All fields at once, one a line: none of them may hold a line end.
_ALL_FIELDS = re.compile("\n".join(f"(?:{field.whole_pattern})" for field in TEXT_FIELDS))
_all_fields = attrgetter(*TEXT_NAMES)
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode
_SERVICE = re.compile(r"[a-z0-9.-]{1,64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_JSON_KEYS = tuple(field.key for field in TEXT_FIELDS)
_TEXT_KEYS = tuple((field.name, field.key) for field in TEXT_FIELDS)
_PHASES = {str(one): one for one in Phase}
_OUTCOMES = {str(one): one for one in Outcome}
_WRONG_KINDS = (KeyError, TypeError, ValueError, AttributeError, InvalidFormat)


@dataclass(frozen=True)
class ReportedEvent:
    """What a service reports. Texts are ids and codes; empty means that it does not apply."""

    name: str
    phase: Phase
    outcome: Outcome = Outcome.UNKNOWN
    intent_index: int | None = None
    reason: str = ""
    person: str = ""
    role: str = ""
    purpose: str = ""
    caller: str = ""
    object: str = ""
    study_id: str = ""
    participant: str = ""
    zone: str = ""
    request_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raise InvalidFormat, naming the field, when the event may not enter the log."""
        if not _ALL_FIELDS.fullmatch("\n".join(_all_fields(self))):
            raise InvalidFormat(self._fault())
        if self.reason and self.reason not in REASONS:
            raise InvalidFormat("the reason of the event is not one that this log knows")
        self.check_attributes()
        self.check_phase()

    def check_attributes(self) -> None:
        """Raise InvalidFormat for a key that is not on the list, or a value not of its kind.

        Also when there are so many that the entry could exceed 65,535 bytes.
        """
        size = _MOST_OTHER_BYTES + len(self.name)
        for key, value in self.attributes.items():
            check_key(key)
            check_value(key, value)
            size += len(key) + len(value) + len('"":"",')
        if size > MAX_ENTRY_BYTES:
            raise InvalidFormat(f"the event takes {size} bytes; an entry has room for 65,535")

    def check_phase(self) -> None:
        """Raise InvalidFormat when phase, outcome and intent do not go together."""
        if (self.phase is Phase.INTENT) is not (self.outcome is Outcome.UNKNOWN):
            raise InvalidFormat("an intent has no outcome, and everything else has one")
        if self.intent_index is None:
            if self.phase is Phase.OUTCOME:
                raise InvalidFormat("an outcome names the index of its intent (intent_index)")
        elif self.phase is not Phase.OUTCOME or not 0 <= self.intent_index <= _SAFE_INTEGER:
            raise InvalidFormat("only an outcome names an intent, by its index (intent_index)")

    def _fault(self) -> str:
        for name, pattern in _TEXT_PATTERNS.items():
            if not pattern.fullmatch(getattr(self, name)):
                return f"the field {name} of the event holds what it may not hold"
        return "a field of the event holds a line end"


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """An event and the service that reported it, before the log gives them a place and a time.

    Raises InvalidFormat when the event may not enter the log, or the service's name is not valid.
    """

    event: ReportedEvent
    service: str

    def __post_init__(self) -> None:
        self.event.check()
        check_service(self.service)


@dataclass(frozen=True)
class Entry:
    """An event in its place in the log. `time` is UTC with microseconds."""

    index: int
    time: datetime
    service: str
    event: ReportedEvent
    leaf: bytes = b""


def encode(event: ReportedEvent, index: int, time: str, service: str) -> bytes:
    """Return the canonical bytes of an event at an index; `time` as `format_time` gives it.

    All keys are ASCII and all numbers integers below 2^53, so that sorted compact JSON is RFC 8785
    to the byte. Raises InvalidFormat when the entry would exceed 65,535 bytes or the service's name
    is not valid.
    """
    check_service(service)
    fields: dict[str, Any] = {"v": 1, "index": index, "time": time, "service": service}
    fields["phase"] = str(event.phase)
    texts = zip(_JSON_KEYS, _all_fields(event), strict=True)
    fields |= {key: value for key, value in texts if value}
    if event.outcome:
        fields["outcome"] = str(event.outcome)
    if event.intent_index is not None:
        fields["intent"] = event.intent_index
    if event.attributes:
        fields["attributes"] = dict(event.attributes)
    data = canonical(fields)
    if len(data) > MAX_ENTRY_BYTES:
        raise InvalidFormat(f"the event takes {len(data)} bytes; an entry has room for 65,535")
    return data


def check_service(name: str) -> None:
    """Raise InvalidFormat when a reporting service's name is not valid."""
    if not _SERVICE.fullmatch(name):
        raise InvalidFormat(
            "the name of the reporting service is not one of letters, digits, . and -"
        )


def canonical(fields: Mapping[str, Any]) -> bytes:
    """Serialise strings, small integers and maps of them with ASCII keys as RFC 8785 does."""
    return _encode(fields).encode()


def decode(leaf: bytes) -> Entry:
    """Read canonical bytes back.

    Raises InvalidFormat when they are not exactly what `encode` makes.
    The event's attribute keys are not held against today's list: an old entry stays readable.
    """
    fields = _fields(leaf)
    try:
        entry = _entry(fields, leaf)
        again = encode(entry.event, entry.index, fields["time"], entry.service)
    except _WRONG_KINDS:
        raise InvalidFormat("a field of the entry is missing or of the wrong kind") from None
    if again != leaf:
        raise InvalidFormat("the entry is not in canonical form")
    return entry


def decode_verified(leaf: bytes) -> Entry:
    """Read bytes whose canonical form a verification has just found right: half the work."""
    return _entry(_fields(leaf), leaf)


def _fields(leaf: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(leaf)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise InvalidFormat("the entry is not JSON") from None
    if not isinstance(fields, dict) or fields.get("v") != 1:
        raise InvalidFormat("the entry is not of a version that is known (v)")
    if type(fields.get("index")) is not int or type(fields.get("intent", 0)) is not int:
        raise InvalidFormat("the entry's index or intent is no whole number")
    return fields


def _entry(fields: dict[str, Any], leaf: bytes) -> Entry:
    told = fields.get
    event = ReportedEvent(
        phase=_PHASES[fields["phase"]],
        outcome=_OUTCOMES[told("outcome", "")],
        intent_index=told("intent"),
        attributes=told("attributes", {}),
        **{name: told(key, "") for name, key in _TEXT_KEYS},
    )
    return Entry(fields["index"], parse_time(fields["time"]), fields["service"], event, leaf)


def format_time(microseconds: int) -> str:
    """Return RFC 3339 UTC with six decimals for microseconds since 1970."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06d}Z"


def parse_time(text: str) -> datetime:
    """Read what `format_time` gives; raises InvalidFormat for any other spelling."""
    if not _TIME.fullmatch(text):
        raise InvalidFormat("the time of the entry is not RFC 3339 UTC with six decimals")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFormat("the time of the entry is no date") from None


def to_microseconds(moment: datetime) -> int:
    """Return microseconds since 1970 of an aware moment, exactly."""
    delta = moment - datetime.fromtimestamp(0, UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
