# SPDX-License-Identifier: Apache-2.0
"""Events of the audit log: single ones by hand, and a strategy that draws any that may enter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from services.audit_evidence.entry import Entry, Outcome, Phase, ReportedEvent, decode, encode
from services.registry.attributes import FAMILIES, KEYS
from services.registry.events import EVENTS as REGISTERED
from services.registry.events import ZONES
from services.registry.reasons import REASONS

LOWER, UPPER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
LETTERS = LOWER + UPPER + DIGITS
#: Each key of an attribute, and the pattern of its value.
_PATTERNS = {
    **{key: pattern for key, (pattern, _) in KEYS.items()},
    "field.workers": FAMILIES["field."][0],
    "field.date_1": FAMILIES["field."][0],
}


def written(
    event: ReportedEvent, index: int, time: str = "2026-11-25T10:00:00.000001Z", service: str = ""
) -> Entry:
    """Return an event as an entry of the log: by an owner of it where no service is named, in the
    zone of that service where the event names none.
    """
    if not service:
        owners = REGISTERED[event.name].owners if event.name in REGISTERED else {"storage"}
        zone = event.zone or "research"
        service = max(owners, key=lambda one: (ZONES.get(one, "") == zone, one))
    event = replace(event, zone=event.zone or ZONES.get(service, ""))
    return decode(encode(event, index, time, service))


def _text(alphabet: str, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, max_size=most)


def _code(first: str, rest: str, least: int, most: int) -> st.SearchStrategy[str]:
    whole = st.builds(
        str.__add__, st.sampled_from(first), st.text(rest, min_size=least, max_size=most)
    )
    return st.one_of(st.just(""), whole)


def _matching(pattern: str) -> st.SearchStrategy[str]:
    return st.from_regex(pattern, fullmatch=True)


@st.composite
def _attributes(draw: st.DrawFn) -> dict[str, str]:
    keys = draw(st.lists(st.sampled_from(sorted(_PATTERNS)), unique=True, max_size=9))
    return {key: draw(_matching(_PATTERNS[key])) for key in keys}


#: Events that the log accepts, all of them facts.
EVENTS = st.builds(
    ReportedEvent,
    name=st.sampled_from(["a:b:c", "recording:content:read", "release:bundle:exported", "_:_:x"]),
    phase=st.just(Phase.FACT),
    outcome=st.sampled_from([Outcome.SUCCESS, Outcome.FAILURE, Outcome.DENIED]),
    reason=st.sampled_from(["", *REASONS]),
    person=_text(LETTERS + "_.@+-", 64),
    role=_text(LOWER + "_-", 32),
    purpose=_text(LOWER + "_-", 32),
    caller=_text(LOWER + DIGITS + ".-", 64),
    object=_text(LETTERS + "_./:-", 256),
    study_id=_code(LOWER + DIGITS, LOWER + DIGITS + "-", 1, 38),
    participant=_code(UPPER + DIGITS, UPPER + DIGITS + "-", 0, 15),
    zone=st.sampled_from(["", "clinical", "research"]),
    request_id=_text(LOWER + DIGITS + "-", 64),
    attributes=_attributes(),
)


def fact(number: int = 0, **fields: Any) -> ReportedEvent:
    """An event of one step."""
    given = {"person": "ana", "object": f"rec-{number}", "participant": "P07", "study_id": "st1"}
    return ReportedEvent(
        "recording:content:read", Phase.FACT, Outcome.SUCCESS, **{**given, **fields}
    )


def intent(**fields: Any) -> ReportedEvent:
    """An announcement."""
    return ReportedEvent("recording:content:read", Phase.INTENT, **fields)


def outcome(of: int, result: Outcome = Outcome.SUCCESS, **fields: Any) -> ReportedEvent:
    """What became of an announcement."""
    return ReportedEvent("recording:content:read", Phase.OUTCOME, result, of, **fields)


@st.composite
def any_events(draw: st.DrawFn) -> ReportedEvent:
    """Events that may enter the log, of all three phases."""
    phase = draw(st.sampled_from(Phase))
    done = st.sampled_from([Outcome.SUCCESS, Outcome.FAILURE, Outcome.DENIED])
    return ReportedEvent(
        name=draw(_matching(r"[a-z_]{1,9}:[a-z_]{1,9}:[a-z_]{1,9}")),
        phase=phase,
        outcome=Outcome.UNKNOWN if phase is Phase.INTENT else draw(done),
        intent_index=draw(st.integers(0, 2**53 - 1)) if phase is Phase.OUTCOME else None,
        reason=draw(st.sampled_from(["", *REASONS])),
        person=draw(_matching(r"[A-Za-z0-9_.@+-]{0,64}")),
        role=draw(_matching(r"[a-z_-]{0,32}")),
        purpose=draw(_matching(r"[a-z_-]{0,32}")),
        caller=draw(_matching(r"[a-z0-9.-]{0,64}")),
        object=draw(_matching(r"[A-Za-z0-9_./:-]{0,99}")),
        study_id=draw(_matching(r"([a-z0-9][a-z0-9-]{1,38})?")),
        participant=draw(_matching(r"([A-Z0-9][A-Z0-9-]{0,15})?")),
        zone=draw(st.sampled_from(["", "clinical", "research"])),
        request_id=draw(_matching(r"[a-z0-9-]{0,64}")),
        attributes=draw(_attributes()),
    )
