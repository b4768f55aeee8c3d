# SPDX-License-Identifier: Apache-2.0
"""The breach report: what a person or credential touched between two times.

Malaysia's PDPA 2010, section 12B: the Commissioner within 72 hours of being told, the people
concerned within 7 days after that notice where significant harm is likely.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.audit_evidence.action_types import classify
from services.audit_evidence.custody import Step, by_owners, steps
from services.audit_evidence.entry import Entry, Outcome
from services.audit_evidence.evidence import SIGNATURES
from services.audit_evidence.query import subject_participant
from services.audit_evidence.report_model import Letterhead, ReportDocument, Section, table
from services.audit_evidence.report_tables import (
    OF_OTHERS,
    by_event,
    by_person,
    denied,
    names_of_people,
    of_others,
    steps_section,
    touched,
)
from services.common.errors import InvalidInput
from services.common.wording import counted, unknown
from services.registry.events import ActionType

_COMMISSIONER = timedelta(hours=72)
_PEOPLE = timedelta(days=7)
_SIGNIFICANT = 1000


@dataclass(frozen=True)
class Suspicion:
    """Whom or what, and when: `subject` is a person, a client's name, an object or a key id."""

    subject: str
    since: datetime
    until: datetime
    told: datetime | None = None


def breach_report(
    entries: Iterable[Entry],
    suspicion: Suspicion,
    *,
    origin: str,
    letterhead: Letterhead | None = None,
) -> ReportDocument:
    """Return the report, made from the whole log.

    Raises NotFound for a subject that the log does not know: a report of nothing about a mistyped
    name would be an all-clear. Raises InvalidInput for a period that ends before it begins.
    """
    if suspicion.since >= suspicion.until:
        raise InvalidInput("the period ends before it begins; give --since a time before --until")
    everything = steps(entries)
    _require_known(everything, suspicion.subject)
    acts, others = by_owners(
        step
        for step in everything
        if suspicion.since <= step.began.time < suspicion.until and _concerns(step, suspicion)
    )
    done = [step for step in acts if step.outcome != Outcome.DENIED]
    read = _of(done, ActionType.READ)
    people = touched(done)
    facts = (
        ("Person, credential or object", suspicion.subject),
        ("Between", f"{suspicion.since:%Y-%m-%d %H:%M} and {suspicion.until:%Y-%m-%d %H:%M} UTC"),
        *_deadlines(suspicion.told),
        ("Participants concerned", str(len(people))),
        ("Significant scale (over 1,000)", "yes" if len(people) > _SIGNIFICANT else "no"),
        ("Read in clear", counted(len(read), "act")),
        ("Handed out", counted(len(_of(done, ActionType.DISCLOSE)), "act")),
        ("Refused", counted(len(acts) - len(done), "act")),
        ("First act", f"{acts[0].began.time:%Y-%m-%d %H:%M:%S} UTC" if acts else "none"),
        (f"{OF_OTHERS}, not counted", counted(len(others), "act")),
        ("Last act", f"{acts[-1].began.time:%Y-%m-%d %H:%M:%S} UTC" if acts else "none"),
        ("Zones", ", ".join(sorted({step.began.event.zone for step in done} - {""})) or "none"),
        (
            "Stored data",
            "sealed under a key of each participant; nobody can read a copy without the keys",
        ),
        *(letterhead or Letterhead()).facts(),
        names_of_people(acts),
        ("Log", origin),
    )
    sections = (
        _participants(done),
        _actors_section(acts),
        by_event(acts),
        steps_section(
            "Annex 1: handed out and refused",
            "One by one, in the order of the log.",
            [step for step in acts if denied(step) or _is_disclosed(step)],
        ),
        steps_section("Annex 2: all acts", "In the order of the log.", acts),
        _objects(done),
        of_others(others),
    )
    return ReportDocument("Breach report: what was touched", facts, sections, SIGNATURES)


def _participants(done: Sequence[Step]) -> Section:
    """Return one row a participant: how often, how deep, when first and last."""
    rows = []
    for study, code in sorted(touched(done)):
        own = [step for step in done if step.participant == (study, code)]
        rows.append(
            (
                study, code, len(own), len(_of(own, ActionType.READ)),
                sum(step.began.event.zone == "clinical" for step in _of(own, ActionType.READ)),
                f"{own[0].began.time:%Y-%m-%d %H:%M}", f"{own[-1].began.time:%Y-%m-%d %H:%M}",
            )
        )  # fmt: skip
    columns = (
        "Study", "Participant", "Acts", "Read in clear", "Of these identified", "First (UTC)",
        "Last (UTC)",
    )  # fmt: skip
    words = "Codes only; the study team holds the list of names."
    return table("Participants", words, columns, rows)


def _actors_section(acts: Sequence[Step]) -> Section:
    section = by_person(acts)
    return Section("On whose behalf", section.words, section.columns, section.rows)


def _objects(done: Sequence[Step]) -> Section:
    counts = Counter(step.began.event.object for step in done if step.began.event.object)
    keys = Counter(step.attributes["key_id"] for step in done if step.attributes.get("key_id"))
    rows = [*sorted(counts.items()), *sorted(keys.items())]
    words = "Names of objects and keys as the log holds them, and how often each was touched."
    return table("Annex 3: objects and keys", words, ("Object or key", "Acts"), rows)


def _is_disclosed(step: Step) -> bool:
    return classify(step.began.event) is ActionType.DISCLOSE


def _of(acts: Sequence[Step], kind: ActionType) -> list[Step]:
    return [step for step in acts if classify(step.began.event) is kind]


def _deadlines(told: datetime | None) -> tuple[tuple[str, str], ...]:
    """Return the dates by which notices are due, counted from when the hospital learnt of it."""
    if told is None:
        return ()
    commissioner = told + _COMMISSIONER
    return (
        ("Told", f"{told:%Y-%m-%d %H:%M} UTC"),
        ("Notice to the Commissioner by", f"{commissioner:%Y-%m-%d %H:%M} UTC"),
        (
            "Notice to the people concerned by",
            f"{commissioner + _PEOPLE:%Y-%m-%d %H:%M} UTC at the latest, if harm is likely",
        ),
    )


def _concerns(step: Step, suspicion: Suspicion) -> bool:
    if suspicion.subject in _actors(step):
        return True
    # An officer's question about it is not an act on it.
    is_question = classify(step.began.event) is ActionType.READ_LOG
    return not is_question and suspicion.subject in _touched(step)


def _actors(step: Step) -> set[str]:
    event = step.began.event
    return {event.person, event.caller, step.began.service} - {""}


def _touched(step: Step) -> set[str]:
    event = step.began.event
    return {
        event.participant, event.object, *event.object.split("/"), *step.attributes.values(),
    } - {""}  # fmt: skip


def _require_known(acts: Iterable[Step], subject: str) -> None:
    names: set[str] = set()
    for step in acts:
        names |= _actors(step) | {subject_participant(step.began.event)}
        if subject in _actors(step) or subject in _touched(step):
            return
    raise unknown(
        "person, client, service, participant, object or key called",
        subject,
        sorted(names - {""}),
        there="the log knows",
    )
