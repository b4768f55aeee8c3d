# SPDX-License-Identifier: Apache-2.0
"""The chain of custody of one recording, and single acts put together from intent and outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.audit_evidence.action_types import acting_person
from services.audit_evidence.entry import Entry, Outcome, Phase
from services.audit_evidence.ownership import is_written_by_owner
from services.registry.events import Event

_NO_FILE = re.compile(r"(?!)")


@dataclass(frozen=True)
class Step:
    """One act: its first entry, and the one that says how it ended (None: it never did)."""

    began: Entry
    ended: Entry | None

    @property
    def outcome(self) -> str:
        """How it ended, in a word."""
        if self.ended is None:
            return "no outcome"
        return str(self.ended.event.outcome or Outcome.UNKNOWN)

    @property
    def who(self) -> str:
        """On whose behalf."""
        return acting_person(self.began)

    @property
    def is_owners(self) -> bool:
        """Whether a service wrote it that owns the event: no other act is evidence of anything."""
        # An outcome stands alone where it closes no intent of its own service and event.
        event = self.began.event
        return event.phase is not Phase.OUTCOME and is_written_by_owner(
            self.began.service, event.name, event.zone
        )

    @property
    def participant(self) -> tuple[str, str]:
        """Study and participant code, both empty where it concerns no participant."""
        event = self.began.event
        return event.study_id, event.participant

    @property
    def milliseconds(self) -> int:
        """How long it took; 0 for a fact."""
        if self.ended is None:
            return 0
        return round((self.ended.time - self.began.time).total_seconds() * 1000)

    @property
    def attributes(self) -> dict[str, str]:
        """Facts of both entries."""
        if self.ended is None or self.ended is self.began:
            return dict(self.began.event.attributes)
        return {**self.began.event.attributes, **self.ended.event.attributes}


def steps(entries: Iterable[Entry]) -> list[Step]:
    """Pair intents with their outcomes, in the order in which the acts began.

    Only the service that announced an act says how it ended.
    """
    began: dict[int, Entry] = {}
    ended: dict[int, Entry] = {}
    for entry in entries:
        index = entry.event.intent_index
        intent = None if index is None else began.get(index)
        if intent is not None and _closes(entry, intent):
            ended.setdefault(intent.index, entry)
        else:
            began[entry.index] = entry
            if entry.event.phase is not Phase.INTENT:
                ended[entry.index] = entry
    return [Step(entry, ended.get(index)) for index, entry in began.items()]


def by_owners(acts: Iterable[Step]) -> tuple[list[Step], list[Step]]:
    """Return the acts that services wrote which own their events, and apart from them the others.

    A log of version 0.1 may hold others; none of them counts as what it says.
    """
    owners, others = list[Step](), list[Step]()
    for step in acts:
        (owners if step.is_owners else others).append(step)
    return owners, others


def trace(entries: Iterable[Entry], recording: str) -> list[Step]:
    """Return every act that touched a recording, its transcripts, or a release that it went into.

    A release names the study, not its recordings; what ties it to one is the request in which the
    transcript was read for it.
    """
    everything = list(entries)
    direct = {entry.index for entry in everything if _mentions(entry, recording)}
    requests = {
        entry.event.request_id
        for entry in everything
        if entry.index in direct and entry.event.request_id
    }
    releases = {
        name
        for entry in everything
        if entry.event.request_id in requests
        for name in _ids(entry)
        if name.startswith("rel-")
    }
    files = _own_files(everything, recording)
    chosen = direct | {
        entry.index
        for entry in everything
        if not releases.isdisjoint(_ids(entry))
        and (not entry.event.participant or files.search(entry.event.object))
    }
    for entry in everything:  # what only the intent or only the outcome mentions brings the other
        intent = entry.event.intent_index
        if intent is not None and not chosen.isdisjoint({intent, entry.index}):
            chosen |= {intent, entry.index}
    return steps(entry for entry in everything if entry.index in chosen)


def _own_files(everything: Iterable[Entry], recording: str) -> re.Pattern[str]:
    """Return a pattern of the released files of a recording, among others of its participant.

    A file is named after participant and session. Version 0.1 did not record the session: there,
    files are a recording's own where the participant has no other.
    """
    sealed = {
        entry.event.object: entry.event
        for entry in everything
        if entry.event.name == Event.RECORDING_SEALED
    }
    own = sealed.get(recording)
    if own is None:
        return _NO_FILE
    session = own.attributes.get("session", "")
    owner = (own.study_id, own.participant)
    alone = sum((one.study_id, one.participant) == owner for one in sealed.values()) == 1
    if not session and not alone:
        return _NO_FILE
    number = re.escape(session) if session else r"[0-9]+"
    return re.compile(rf"/{re.escape(own.participant)}_S{number}(_[0-9]+)?\.")


def _closes(entry: Entry, intent: Entry) -> bool:
    return (
        entry.event.phase is Phase.OUTCOME
        and intent.event.phase is Phase.INTENT
        and (entry.service, entry.event.name) == (intent.service, intent.event.name)
    )


def _ids(entry: Entry) -> set[str]:
    return {*entry.event.object.split("/"), *entry.event.attributes.values()}


def _mentions(entry: Entry, name: str) -> bool:
    return name in _ids(entry)
