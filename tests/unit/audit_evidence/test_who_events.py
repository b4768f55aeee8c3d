# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.audit_evidence.who import SIGHT_EVENTS
from services.registry.events import ActionType, Event

#: Readings by which nobody sees a participant's words, and why.
BESIDE = {
    Event.CONTENT_SOUGHT: "asks by hashes, and answers with ids",
    Event.RECORDING_HEADER_READ: "the date of the interview",
    Event.TRANSCRIPT_MANIFEST_READ: "the date of the interview",
    Event.VOICE_READ: "the voice of one of the staff, of no participant",
    Event.ROSTER_READ: "the names that a study knows, of no single participant",
    Event.REVIEWS_READ: "decisions and their reasons",
    Event.LEGEND_READ: "labels; whose rows they are, the store says by the files that it reads",
    Event.QUALITY_FRAMED: "ids and digests of transcripts",
    Event.QUALITY_ROUNDS_READ: "places in transcripts and what they are, no words",
}


def test_every_reading_is_asked_for_or_beside_the_question() -> None:
    """A new event that reads words cannot be missing where an officer asks who saw them."""
    reading = {event for event in Event if event.action_type is ActionType.READ}
    assert reading - SIGHT_EVENTS == set(BESIDE)
