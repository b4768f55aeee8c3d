# SPDX-License-Identifier: Apache-2.0
"""Entries of the log as rows of a page: what happened, on whose behalf, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.audit_evidence.custody import Step
from services.audit_evidence.entry import Entry, Outcome, Phase
from services.audit_evidence.plain_words import act_words, ended, short_ids, who
from services.audit_evidence.query import subject_participant
from services.registry.events import ActionType, Event

_WITHOUT = "without"
#: Kinds of events that an officer asks for together: word of the form, and its meaning.
KINDS: tuple[tuple[str, str], ...] = (
    ("", "everything"),
    (_WITHOUT, "all but readings of the log"),
    ("read", "words were read"),
    ("disclose", "releases were handed out"),
    ("create", "something came in or was made"),
    ("update", "something was changed"),
    ("delete", "something was deleted or erased"),
    ("deny", "calls that were refused"),
    ("sign-in", "people signed in"),
    ("read-log", "the log itself was read"),
    ("execute", "work was done"),
    ("start", "services began or stopped"),
)
OUTCOMES: tuple[tuple[str, str], ...] = (
    ("", "any"),
    ("success", "done"),
    ("failure", "failed"),
    ("denied", "refused"),
)
_TONES = {Outcome.SUCCESS: "good", Outcome.FAILURE: "bad", Outcome.DENIED: "bad"}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in words.

    `name` is its object with long ids cut to eight letters, `tone` how it ended, for the eye, and
    `why` the reason of a failure or a refusal.
    """

    index: int
    time: datetime
    words: str
    who: str
    study_id: str
    participant: str
    object: str
    name: str
    ended: str
    why: str
    tone: str
    recording: str
    is_owners: bool


def rows(entries: Sequence[Entry]) -> list[EntryRow]:
    """Return entries as rows, in the order that they come in."""
    return [row(entry) for entry in entries]


def row(entry: Entry) -> EntryRow:
    """Return an entry as a row."""
    event = entry.event
    step = Step(entry, None if event.phase is Phase.INTENT else entry)
    head = event.object.partition("/")[0]
    word, _, why = ended(step).partition(": ")
    return EntryRow(
        entry.index,
        entry.time,
        act_words(step),
        who(step),
        event.study_id,
        subject_participant(event),
        event.object,
        short_ids(event.object),
        "announced" if event.phase is Phase.INTENT else word,
        why,
        _TONES.get(event.outcome, "plain"),
        head if head.startswith("rec-") else "",
        # Only what stands alone is judged: an outcome is its intent's.
        event.phase is Phase.OUTCOME or step.is_owners,
    )


def events_of(kind: str) -> list[str]:
    """Return the names of the events of a kind; empty for everything."""
    if not kind:
        return []
    if kind == _WITHOUT:
        return _all_but_readings()
    types = {ActionType.START, ActionType.STOP} if kind == "start" else {ActionType(kind)}
    return sorted(event.value for event in Event if event.action_type in types)


def _all_but_readings() -> list[str]:
    """Return the events without those of reading the log, by their source where that is enough."""
    reading = {event for event in Event if event.action_type is ActionType.READ_LOG}
    sources = {event.value.partition(":")[0] for event in reading}
    whole = {f"{event.value.partition(':')[0]}:*" for event in Event} - {
        f"{source}:*" for source in sources
    }
    rest = [
        event.value
        for event in Event
        if event not in reading and event.value.partition(":")[0] in sources
    ]
    return sorted([*whole, *rest])
