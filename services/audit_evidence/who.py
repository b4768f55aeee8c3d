# SPDX-License-Identifier: Apache-2.0
"""Who saw a participant's words: the acts of people and of services, one row for each act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.audit_evidence.custody import Step, by_owners
from services.audit_evidence.entry import Outcome
from services.audit_evidence.plain_words import act_words, who
from services.audit_evidence.query import subject_participant
from services.audit_evidence.releases import LoggedRelease, releases
from services.common.errors import InvalidInput
from services.common.wording import unknown
from services.registry.events import Event
from services.registry.identities import CONSOLE, PEOPLE

#: Events by which words are read in clear.
SIGHT_EVENTS = frozenset(
    {
        Event.RECORDING_READ,
        Event.RECORDING_PARTS_READ,
        Event.UPLOAD_CHECKED,
        Event.UPLOAD_READ,
        Event.CLIP_CUT,
        Event.TRANSCRIPT_READ,
        Event.TRANSCRIPT_REVIEWED,
        Event.MENTIONS_LISTED,
        Event.QUALITY_READ,
        Event.VAULT_READ,
        Event.PSEUDONYM_REVEALED,
        Event.RECORDING_ROSTER_READ,
        Event.CORRECTIONS_READ,
        Event.BUNDLE_FILE_READ,
    }
)
# Clients by which people ask, each for themselves or through the console.
_ASKING = frozenset({*PEOPLE, CONSOLE})
#: Acts of people for which words are read; what else one command did is beside the question.
TELLING_EVENTS = frozenset(
    {
        *SIGHT_EVENTS,
        Event.TRANSCRIPT_APPROVED,
        Event.TRANSCRIPT_REJECTED,
        Event.CORRECTION_ADDED,
        Event.CORRECTION_REMOVED,
        Event.ROLES_CORRECTED,
        Event.RELEASE_BUILT,
        Event.RELEASE_EXPORTED,
    }
)
#: Acts by which words reach the person who asked, and not only a service.
_REACHES = frozenset({*SIGHT_EVENTS, Event.RELEASE_EXPORTED})


@dataclass(frozen=True)
class Sight:
    """One act in which a participant's words were read.

    `person` is on whose behalf. `reached` says whether that person got them: "person", "services"
    where only services read them for the act, or "refused". `acts` are meanings of what the person
    asked for; `entries` numbers of the log.
    """

    time: datetime
    person: str
    role: str
    purpose: str
    reached: str
    acts: tuple[str, ...]
    zones: tuple[str, ...]
    objects: tuple[str, ...]
    entries: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """Who saw a participant's words, which releases hold them, and how often was asked before.

    `not_counted` are numbers of entries about the participant whose writers do not own the event.
    """

    study_id: str
    participant: str
    sights: tuple[Sight, ...]
    releases: tuple[LoggedRelease, ...]
    asked: int
    not_counted: tuple[int, ...] = ()


def who_saw(
    acts: Sequence[Step],
    participant: str,
    study_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Answer:
    """Return who saw the words of a participant in a period.

    Raises NotFound for a study or participant that the log does not know, and InvalidInput where
    several studies have one of this code and none was named.
    """
    study_id = _study(acts, participant, study_id)
    acts, others = by_owners(acts)
    groups: dict[tuple[str, ...], list[Step]] = {}
    direct: dict[tuple[str, ...], list[Step]] = {}
    asked = 0
    for step in acts:
        event = step.began.event
        if event.attributes.get("asked_participant") == participant:
            asked += 1
        if (since and step.began.time < since) or (until and step.began.time >= until):
            continue
        own = (event.study_id, subject_participant(event)) == (study_id, participant)
        if own and event.name in SIGHT_EVENTS:
            groups.setdefault(_act(step), []).append(step)
        # What the person asked for: of this participant, or of the study as a whole.
        if event.caller in _ASKING and (
            own or (event.study_id == study_id and not event.participant)
        ):
            direct.setdefault(_act(step), []).append(step)
    return Answer(
        study_id,
        participant,
        tuple(_sight(steps, direct.get(key, [])) for key, steps in groups.items()),
        tuple(
            one
            for one in releases(acts)
            if one.study_id == study_id and participant in one.participants
        ),
        asked,
        tuple(
            step.began.index
            for step in others
            if (step.began.event.study_id, subject_participant(step.began.event))
            == (study_id, participant)
        ),
    )


def _study(acts: Sequence[Step], participant: str, study_id: str) -> str:
    """Return the study of a participant; raises NotFound or InvalidInput."""
    pairs = {
        (step.began.event.study_id, code)
        for step in acts
        if step.began.event.study_id and (code := subject_participant(step.began.event))
    }
    studies = {step.began.event.study_id for step in acts} - {""}
    if study_id and study_id not in studies:
        raise unknown("study", study_id, studies, there="the log knows")
    of = sorted(study for study, code in pairs if code == participant and study_id in ("", study))
    if not of:
        where = f"of study {study_id} " if study_id else ""
        known = {code for study, code in pairs if study_id in ("", study)}
        raise unknown(f"participant {where}called", participant, known, there="the log knows")
    if len(of) > 1:
        raise InvalidInput(
            f"{participant} is a participant of {', '.join(of)}; say which by --study"
        )
    return of[0]


def _act(step: Step) -> tuple[str, ...]:
    """Return what ties the entries of one act of a person together, over all services."""
    event = step.began.event
    tie = event.request_id or f"#{step.began.index}"
    return tie, event.person, event.role, event.purpose


def _sight(read: Sequence[Step], asked: Sequence[Step]) -> Sight:
    first = read[0].began
    everything = [*asked, *read]
    done = [step for step in everything if step.outcome != Outcome.DENIED]
    reached = any(
        step.began.event.caller in _ASKING and step.began.event.name in _REACHES for step in done
    )
    if not any(step.outcome != Outcome.DENIED for step in read):
        word = "refused"
    else:
        word = "person" if reached else "services"
    shown = [step for step in asked if step.began.event.name in TELLING_EVENTS] or read
    return Sight(
        time=first.time,
        person=who(read[0]),
        role=first.event.role,
        purpose=first.event.purpose,
        reached=word,
        acts=tuple(dict.fromkeys(act_words(step) for step in shown)),
        zones=tuple(sorted({step.began.event.zone for step in read} - {""})),
        objects=tuple(dict.fromkeys(step.began.event.object for step in read)),
        entries=tuple(sorted({step.began.index for step in [*shown, *read]})),
    )
