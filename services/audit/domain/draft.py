# SPDX-License-Identifier: Apache-2.0
"""An event on its way into the log, written down but for its place and its time."""

from __future__ import annotations

import re
from functools import lru_cache

from services.audit.domain.entry import (
    MAX_ENTRY_BYTES,
    TEXT_PATTERNS,
    Event,
    Outcome,
    Phase,
    check_service,
)
from services.audit.errors import InvalidFormat

# What index and time will take at most.
_ROOM = 16 + 27
# What differs from entry to entry; all else comes again and again, and is checked once.
_VARYING = re.compile(
    "\n".join(f"(?:{TEXT_PATTERNS[name]})" for name in ("object", "participant", "request_id"))
)
_REMEMBERED = 1024


class Draft:
    """The canonical bytes of a checked event, in the parts around index and time.

    Raises InvalidFormat when the event may not enter the log, the service's name is
    none, or the entry would exceed 65,535 bytes.
    """

    __slots__ = ("_head", "_middle", "_tail")

    def __init__(self, event: Event, service: str) -> None:
        thing, person, request = event.object, event.participant, event.request_id
        if not _VARYING.fullmatch(f"{thing}\n{person}\n{request}"):
            event.check()
            raise InvalidFormat("a field of the event holds a line end")
        event.check_attributes()
        event.check_phase()
        # What passed the checks has nothing that JSON escapes; the keys stand in their order.
        head = "{"
        if attributes := event.attributes:
            pairs = ",".join([f'"{key}":"{attributes[key]}"' for key in sorted(attributes)])
            head = f'{{"attributes":{{{pairs}}},'
        middle = f',"object":"{thing}"' if thing else ""
        if event.intent_index is not None:
            middle = f',"intent":{event.intent_index}{middle}'
        middle += _outcome(event.outcome)
        if person:
            middle += f',"participant":"{person}"'
        middle += _actor(event.person, event.phase, event.purpose, event.reason)
        if request:
            middle += f',"request":"{request}"'
        self._head = f"{head}{_opening(event.caller, event.name)}".encode("ascii")
        self._middle = f"{middle}{_reporter(event.role, service, event.study_id)}".encode("ascii")
        self._tail = _closing(event.zone)
        size = len(self._head) + len(self._middle) + len(self._tail) + _ROOM
        if size > MAX_ENTRY_BYTES:
            raise InvalidFormat(f"the event takes {size} bytes; an entry has room for 65,535")

    def at(self, index: int, time: bytes) -> bytes:
        """Give the canonical bytes at an index, as `encode` does; `time` as of `format_time`."""
        return b"%b%d%b%b%b" % (self._head, index, self._middle, time, self._tail)


@lru_cache(_REMEMBERED)
def _opening(caller: str, name: str) -> str:
    _check(caller=caller, name=name)
    return f'{_pair("caller", caller)[1:]}{"," if caller else ""}"event":"{name}","index":'


@lru_cache(_REMEMBERED)
def _outcome(outcome: Outcome) -> str:
    return _pair("outcome", str(outcome))


@lru_cache(_REMEMBERED)
def _actor(person: str, phase: Phase, purpose: str, reason: str) -> str:
    _check(person=person, purpose=purpose, reason=reason)
    parts = (("person", person), ("phase", str(phase)), ("purpose", purpose), ("reason", reason))
    return "".join(_pair(key, text) for key, text in parts)


@lru_cache(_REMEMBERED)
def _reporter(role: str, service: str, study: str) -> str:
    _check(role=role, study_id=study)
    check_service(service)
    return f'{_pair("role", role)}{_pair("service", service)}{_pair("study", study)},"time":"'


@lru_cache(_REMEMBERED)
def _closing(zone: str) -> bytes:
    _check(zone=zone)
    return f'","v":1{_pair("zone", zone)}}}'.encode("ascii")


def _pair(key: str, text: str) -> str:
    return f',"{key}":"{text}"' if text else ""


def _check(**texts: str) -> None:
    for name, text in texts.items():
        if not re.fullmatch(TEXT_PATTERNS[name], text):
            raise InvalidFormat(f"the field {name} of the event holds what it may not hold")
