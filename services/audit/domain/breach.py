# SPDX-License-Identifier: Apache-2.0
"""What did this person or credential touch between two times: the facts for a breach notice.

Malaysia's PDPA 2010, section 12B: the Commissioner within 72 hours of being told, the people
concerned within 7 days after that notice where significant harm is likely.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.audit.domain.custody import Step, steps
from services.audit.domain.entry import Entry
from services.audit.domain.evidence import steps_section
from services.audit.domain.exports.meaning import Act, act_of
from services.audit.domain.report_model import Document, table

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


def breach_report(entries: Iterable[Entry], suspicion: Suspicion, *, origin: str) -> Document:
    """Make the report from the whole log."""
    acts = [
        step
        for step in steps(entries)
        if suspicion.since <= step.began.time < suspicion.until and _concerns(step, suspicion)
    ]
    done = [step for step in acts if step.outcome != "denied"]
    people = sorted(
        {
            (step.began.event.study_id, step.began.event.participant)
            for step in done
            if step.began.event.participant
        }
    )
    clear = [step for step in done if act_of(step.began.event) is Act.READ]
    out = [step for step in done if act_of(step.began.event) is Act.DISCLOSE]
    facts = [
        ("Log", origin),
        ("Person, credential or object", suspicion.subject),
        ("Between", f"{suspicion.since:%Y-%m-%d %H:%M} and {suspicion.until:%Y-%m-%d %H:%M} UTC"),
        ("First act", f"{acts[0].began.time:%Y-%m-%d %H:%M:%S} UTC" if acts else "none"),
        ("Last act", f"{acts[-1].began.time:%Y-%m-%d %H:%M:%S} UTC" if acts else "none"),
        ("Participants concerned", str(len(people))),
        ("Significant scale (over 1,000)", "yes" if len(people) > _SIGNIFICANT else "no"),
        ("Zones", ", ".join(sorted({s.began.event.zone for s in done} - {""})) or "none"),
        ("Read in clear", f"{len(clear)} acts"),
        ("Handed out", f"{len(out)} acts"),
        (
            "Stored data",
            "sealed under a key of each participant; a copy of it without keys is none",
        ),
    ]
    if suspicion.told is not None:
        commissioner = suspicion.told + _COMMISSIONER
        facts += [
            ("Told", f"{suspicion.told:%Y-%m-%d %H:%M} UTC"),
            ("Notice to the Commissioner by", f"{commissioner:%Y-%m-%d %H:%M} UTC"),
            (
                "Notice to the people concerned by",
                f"{commissioner + _PEOPLE:%Y-%m-%d %H:%M} UTC at the latest, if harm is likely",
            ),
        ]
    counts = Counter((s.began.event.study_id, s.began.event.participant) for s in done)
    read = Counter((s.began.event.study_id, s.began.event.participant) for s in clear)
    rows = [(study, code, counts[study, code], read[study, code]) for study, code in people]
    objects = Counter(step.began.event.object for step in done if step.began.event.object)
    return Document(
        "What was touched",
        tuple(facts),
        (
            table(
                "Participants",
                "Codes only; the study team holds the list of names.",
                ("Study", "Participant", "Acts", "Read in clear"),
                rows,
            ),
            table("Objects", "What was touched, and how often.", ("Object", "Acts"),
                  sorted(objects.items())),
            steps_section("Acts", "In the order of the log, denied ones too.", acts),
        ),
    )  # fmt: skip


def _concerns(step: Step, suspicion: Suspicion) -> bool:
    event = step.began.event
    names = {event.person, event.caller, step.began.service, event.participant, event.object}
    return suspicion.subject in names or suspicion.subject in {
        *event.object.split("/"),
        *step.attributes.values(),
    }
