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

from services.audit.domain.action_types import classify
from services.audit.domain.custody import Step, steps
from services.audit.domain.entry import Entry, Outcome
from services.audit.domain.evidence import steps_section
from services.audit.domain.query import subject_participant
from services.audit.domain.report_model import ReportDocument, table
from services.common.wording import unknown
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


def breach_report(entries: Iterable[Entry], suspicion: Suspicion, *, origin: str) -> ReportDocument:
    """Return the report, made from the whole log.

    Raises NotFound for a subject that the log does not know: a report of nothing about a mistyped
    name would be an all-clear.
    """
    everything = steps(entries)
    _require_known(everything, suspicion.subject)
    acts = [
        step
        for step in everything
        if suspicion.since <= step.began.time < suspicion.until and _concerns(step, suspicion)
    ]
    done = [step for step in acts if step.outcome != Outcome.DENIED]
    read = _of(done, ActionType.READ)
    touched = Counter(step.participant for step in done if step.began.event.participant)
    read_of = Counter(step.participant for step in read)
    objects = Counter(step.began.event.object for step in done if step.began.event.object)
    facts = (
        ("Log", origin),
        ("Person, credential or object", suspicion.subject),
        ("Between", f"{suspicion.since:%Y-%m-%d %H:%M} and {suspicion.until:%Y-%m-%d %H:%M} UTC"),
        ("First act", f"{acts[0].began.time:%Y-%m-%d %H:%M:%S} UTC" if acts else "none"),
        ("Last act", f"{acts[-1].began.time:%Y-%m-%d %H:%M:%S} UTC" if acts else "none"),
        ("Participants concerned", str(len(touched))),
        ("Significant scale (over 1,000)", "yes" if len(touched) > _SIGNIFICANT else "no"),
        ("Zones", ", ".join(sorted({step.began.event.zone for step in done} - {""})) or "none"),
        ("Read in clear", f"{len(read)} acts"),
        ("Handed out", f"{len(_of(done, ActionType.DISCLOSE))} acts"),
        (
            "Stored data",
            "sealed under a key of each participant; a copy of it without keys is none",
        ),
        *_deadlines(suspicion.told),
    )
    sections = (
        table(
            "Participants",
            "Codes only; the study team holds the list of names.",
            ("Study", "Participant", "Acts", "Read in clear"),
            [(*who, count, read_of[who]) for who, count in sorted(touched.items())],
        ),
        table(
            "Objects",
            "What was touched, and how often.",
            ("Object", "Acts"),
            sorted(objects.items()),
        ),
        steps_section("Acts", "In the order of the log, denied ones too.", acts),
    )
    return ReportDocument("What was touched", facts, sections)


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
