# SPDX-License-Identifier: Apache-2.0
"""Checks entries one after the other: form, index, order of time, intents and outcomes.

Verifying a million entries has to be quick, so that the canonical form is recognised by one regular
expression; only what it does not know is decoded in full to find the words for what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from services.audit_evidence import entry as entries
from services.audit_evidence.entry_fields import TEXT_FIELDS
from services.audit_evidence.errors import InvalidFormat

# Possessive, since no class here holds the quotation mark that ends it: half the time.
_WORD = rb"[A-Za-z0-9_.,:;/+=@-]*+"
_PAIR = rb'"[a-z][a-z0-9_.]*+":"' + _WORD + rb'"'
_NUMBER = rb"(0|[1-9]\d{0,15}+)"
_PATTERNS = {field.key: field.scan_pattern.encode() for field in TEXT_FIELDS}
# The form of each key of the canonical JSON, comma included; groups are what is looked at.
_PARTS = {key: rb'(?:"%s":"(?:%s)",)?+' % (key.encode(), one) for key, one in _PATTERNS.items()} | {
    "attributes": rb'(?:"attributes":\{(%s(?:,%s)*+)\},)?+' % (_PAIR, _PAIR),
    "event": rb'"event":"(%s)",' % _PATTERNS["event"],
    "index": rb'"index":%s,' % _NUMBER,
    "intent": rb'(?:"intent":%s,)?+' % _NUMBER,
    "outcome": rb'(?:"outcome":"(success|failure|denied)",)?+',
    "phase": rb'"phase":"(intent|outcome|fact)",',
    "service": rb'"service":"([a-z0-9.-]++)",',
    "time": rb'"time":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)",',
    "v": rb'"v":1',
    "zone": rb'(?:,"zone":"(?:%s)")?+' % _PATTERNS["zone"],
}
_FORM = re.compile(rb"\{" + b"".join(_PARTS[key] for key in sorted(_PARTS)) + rb"\}")
_ATTRIBUTE = re.compile(rb'"([a-z][a-z0-9_.]*)":"' + _WORD + rb'"(?:,|$)')

Say = Callable[[int, str], None]


@dataclass
class Scanner:
    """A check of leaves in order; calls `wrong` and `note` with an entry's index and what it found.

    After the last leaf, `open_intents` holds the intents without an outcome: index to event name
    and service.
    """

    wrong: Say
    note: Say
    position: int = 0
    first_time: bytes = b""
    last_time: bytes = b""
    open_intents: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)

    def take(self, leaf: bytes) -> None:
        """Check the next leaf."""
        self.take_all([leaf])

    def take_all(self, leaves: Sequence[bytes]) -> None:
        """Check the next leaves."""
        known, waiting = _FORM.fullmatch, self.open_intents
        for at, leaf in enumerate(leaves, self.position):
            match = known(leaf)
            if match is None:
                self.wrong(at, f"is not in the form that the log writes: {_fault(leaf)}")
                continue
            attributes, event, index, intent, outcome, phase, service, time = match.groups()
            if attributes is not None and b'","' in attributes and not _sorted(attributes):
                self.wrong(at, "is not in the form that the log writes: attributes out of order")
                continue
            if int(index) != at:
                self.wrong(at, f"says that it is entry {index.decode()}")
            if time != self.last_time:
                self._check_time(at, time)
            if phase == b"fact":
                if intent is not None or outcome is None:
                    self.wrong(at, "is a fact, but names an intent or has no outcome")
            elif phase == b"intent" and intent is None and outcome is None:
                waiting[at] = (event, service)
            elif (
                intent
                and outcome
                and phase == b"outcome"
                and waiting.get(int(intent)) == (event, service)
            ):
                del waiting[int(intent)]
            else:
                self._pair(at, phase, (event, service), intent, outcome)
        self.position += len(leaves)

    def _check_time(self, at: int, time: bytes) -> None:
        try:
            entries.parse_time(time.decode())
        except InvalidFormat:
            self.wrong(at, f"has the time {time.decode()}, which is no date")
            return
        if time < self.last_time:
            self.wrong(at, f"has the time {time.decode()}, before that of the entry in front of it")
        self.first_time = self.first_time or time
        self.last_time = time

    def _pair(
        self,
        at: int,
        phase: bytes,
        about: tuple[bytes, bytes],
        intent: bytes | None,
        outcome: bytes | None,
    ) -> None:
        if phase == b"intent":
            if intent is not None or outcome is not None:
                self.wrong(at, "is an intent, but has an outcome or names another intent")
            self.open_intents[at] = about
        elif intent is None or outcome is None:
            self.wrong(at, "is an outcome, but does not say of which intent, or which outcome")
        elif int(intent) >= at:
            self.wrong(at, f"is the outcome of entry {int(intent)}, which does not come before it")
        elif int(intent) not in self.open_intents:
            self.note(at, f"is the outcome of entry {int(intent)}, which is no open intent")
        elif self.open_intents.pop(int(intent)) != about:
            self.wrong(at, f"is the outcome of entry {int(intent)}, an intent of something else")


def _sorted(attributes: bytes) -> bool:
    return all(one < two for one, two in pairwise(_ATTRIBUTE.findall(attributes)))


def _fault(leaf: bytes) -> str:
    try:
        entries.decode(leaf).event.check()
    except InvalidFormat as error:
        return error.message
    return "a field or an attribute holds what it may not hold"
