# SPDX-License-Identifier: Apache-2.0
"""What the log says in codes, as an officer reads it."""

from __future__ import annotations

import re

from services.audit_evidence.custody import Step
from services.audit_evidence.entry import Outcome
from services.registry.events import Event
from services.registry.identities import CLIENTS
from services.registry.reasons import in_words

# The first sentence says what happened; others say what older versions wrote.
_MEANINGS = {event.value: event.meaning.split(". ")[0].rstrip(".") for event in Event}
_TRANSCRIPTS = {
    "clinical": "An identified transcript was read",
    "research": "A de-identified transcript was read",
}
_ID = re.compile(r"\b((?:rec|rel|key)-[a-z0-9]{8}|[0-9a-f]{8})[a-z0-9]{16,}\b")
#: What proves the name of a person.
_PROOFS = {"certificate": " (certified)", "session": " (signed in)"}
_OUTCOMES = {
    Outcome.SUCCESS: "done",
    Outcome.FAILURE: "failed",
    Outcome.DENIED: "refused",
}


def meaning(event_name: str) -> str:
    """Return what an event is in words; the name of one that a newer version wrote."""
    return _MEANINGS.get(event_name, event_name)


def act_words(step: Step) -> str:
    """Return what was done, and whether a transcript that was read was the identified one."""
    event = step.began.event
    if event.name == Event.TRANSCRIPT_READ and event.zone in _TRANSCRIPTS:
        return _TRANSCRIPTS[event.zone]
    return meaning(event.name)


def ended(step: Step) -> str:
    """Return how an act ended, with its reason."""
    if step.ended is None:
        return "no outcome"
    event = step.ended.event
    words = _OUTCOMES.get(event.outcome, str(event.outcome))
    return f"{words}: {in_words(event.reason)}" if event.reason else words


def short_ids(text: str) -> str:
    """Return a text with its long ids cut to eight letters, which tell them apart in a report."""
    return _ID.sub(r"\1", text)


def proof(step: Step) -> str:
    """Return what proves the name of the person, as the log has it; empty for nothing."""
    return step.attributes.get("person_proof", "")


def who(step: Step) -> str:
    """Return on whose behalf an act was: a person, else the service or client by its name.

    A name that is proved says by what; any other is the word of a machine account.
    """
    name = step.who
    if step.began.event.person:
        return f"{name}{_PROOFS.get(proof(step), '')}"
    return f"{name} (no person)" if name in CLIENTS else f"{name} (service)"
