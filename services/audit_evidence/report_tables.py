# SPDX-License-Identifier: Apache-2.0
"""Tables that reports share. Every one names the study beside a participant's code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from services.audit_evidence.action_types import classify
from services.audit_evidence.custody import Step
from services.audit_evidence.entry import Outcome
from services.audit_evidence.plain_words import (
    act_words,
    ended,
    meaning,
    proof,
    short_ids,
    who,
)
from services.audit_evidence.query import subject_participant
from services.audit_evidence.releases import LoggedRelease
from services.audit_evidence.report_model import Section, table
from services.common.context import BY_CERTIFICATE, BY_SESSION
from services.registry.events import ActionType, Event
from services.registry.reasons import in_words

STEP_COLUMNS = (
    "Entry", "Time (UTC)", "What happened", "Who", "Study", "Participant", "Object", "Ended",
)  # fmt: skip
#: What is said of an entry that no owner of its event wrote.
OF_OTHERS = "Written by a service that does not own this event"
#: Events of what is no longer there, or has to stay.
KEPT_OR_GONE = frozenset(
    one.value for one in (Event.CONTENT_DELETED, Event.HOLD_WRITTEN, Event.KEY_DESTROYED)
)
Holds = Callable[[Step], bool]


def denied(step: Step) -> bool:
    """Return whether an act was refused."""
    return step.ended is not None and step.ended.event.outcome is Outcome.DENIED


def of_type(*types: ActionType) -> Holds:
    """Return a condition: whether an act is of one of these types."""
    return lambda step: classify(step.began.event) in types


def named(*events: Event) -> Holds:
    """Return a condition: whether an act is one of these events."""
    names = {event.value for event in events}
    return lambda step: step.began.event.name in names


def touched(acts: Iterable[Step]) -> set[tuple[str, str]]:
    """Return study and code of the participants whom acts concerned.

    Who was only asked for, and whom a refused act would have concerned, is not among them.
    """
    return {
        (step.began.event.study_id, code)
        for step in acts
        if not denied(step) and (code := subject_participant(step.began.event))
    }


def names_of_people(acts: Iterable[Step]) -> tuple[str, str]:
    """Return a fact: what proves whose names, and whose are the word of a machine account."""
    people = {(step.began.event.person, proof(step)) for step in acts if step.began.event.person}
    words = []
    for kind, by in (
        (BY_CERTIFICATE, "proved by a certificate"),
        (BY_SESSION, "proved by signing in to the console"),
    ):
        if proved := sorted(name for name, one in people if one == kind):
            words.append(f"{by}: {', '.join(proved)}")
    if told := sorted(name for name, one in people if not one):
        words.append(
            f"given by the account of a machine, which several people may share: {', '.join(told)}"
        )
    return "Names of people", "; ".join(words) or "nobody acted"


def moment(step: Step) -> str:
    """Return when an act began, to the second."""
    return f"{step.began.time:%Y-%m-%d %H:%M:%S}"


def step_row(step: Step) -> tuple[str, ...]:
    """Return an act as a row of a table; long ids are cut, the number of the entry finds them."""
    event = step.began.event
    return (
        str(step.began.index), moment(step), act_words(step), who(step), event.study_id,
        event.participant, short_ids(event.object), ended(step),
    )  # fmt: skip


def steps_section(title: str, words: str, acts: Sequence[Step]) -> Section:
    """Return acts as a section with a table."""
    return table(title, words, STEP_COLUMNS, [*map(step_row, acts)])


def of_others(acts: Sequence[Step]) -> Section:
    """Return the entries that services wrote which do not own their events, as they stand."""
    rows = [
        (
            step.began.index, moment(step), meaning(step.began.event.name), step.who,
            step.began.service, step.began.event.study_id, step.began.event.participant,
            short_ids(step.began.event.object),
        )
        for step in acts
    ]  # fmt: skip
    columns = (
        "Entry", "Time (UTC)", "What it says", "For whom it says", "Written by", "Study",
        "Participant", "Object",
    )  # fmt: skip
    words = (
        "Version 0.1 took them. They are no evidence of what they say, and nothing else in this"
        " report counts them."
    )
    return table(OF_OTHERS, words, columns, rows)


def by_event(acts: Sequence[Step]) -> Section:
    """Return how often what happened."""
    counts = Counter((step.began.event.name, step.outcome) for step in acts)
    outcomes = ("success", "failure", "denied", "no outcome")
    rows = [
        (meaning(name), name, *(counts[name, outcome] for outcome in outcomes))
        for name in sorted({name for name, _ in counts})
    ]
    columns = ("What happened", "Event", "Done", "Failed", "Refused", "No outcome")
    return table("By event", "How often what happened.", columns, rows)


def by_person(acts: Sequence[Step]) -> Section:
    """Return what each person and service did, by study."""
    by_name: dict[tuple[str, str], list[Step]] = {}
    for step in acts:
        by_name.setdefault((who(step), step.began.event.study_id), []).append(step)
    rows = []
    for (name, study), own in sorted(by_name.items()):
        roles = sorted({step.began.event.role for step in own} - {""})
        rows.append(
            (name, ", ".join(roles), study or "no study", len(own), sum(map(denied, own)),
             len(touched(own)))
        )  # fmt: skip
    columns = ("Who", "Roles", "Study", "Acts", "Refused", "Participants")
    words = "On whose behalf: a person, or the service or client that acted by itself."
    return table("By person", words, columns, rows)


def refusals(acts: Sequence[Step]) -> Section:
    """Return who was refused what, by study."""
    counts = Counter(
        (
            step.began.event.study_id or "no study",
            who(step),
            in_words(step.ended.event.reason) if step.ended else "",
            meaning(step.began.event.name),
        )
        for step in acts
        if denied(step)
    )
    rows = [(*key, count) for key, count in sorted(counts.items())]
    columns = ("Study", "Who", "Why", "What", "Times")
    return table("Refused, by study", "What was not allowed.", columns, rows)


def approvals(acts: Sequence[Step]) -> Section:
    """Return the decisions on transcripts: by whom, a person or a rule, and at which risk."""
    is_decision = named(
        Event.TRANSCRIPT_APPROVED, Event.TRANSCRIPT_REJECTED, Event.REVIEW_RULE_APPLIED
    )
    rows: dict[tuple[str, ...], tuple[str, ...]] = {}
    for step in acts:
        event, held = step.began.event, step.attributes
        if not is_decision(step) or step.outcome != Outcome.SUCCESS:
            continue
        by_rule = event.name == Event.REVIEW_RULE_APPLIED
        if by_rule and not held.get("account", "").startswith("policy:"):
            continue  # the rule found that a person had decided
        if by_rule and held.get("decision") == "pending":
            word, by = "left to a person", held["account"].replace("policy:", "rule of policy ")
        elif by_rule:
            word, by = "approved", held["account"].replace("policy:", "rule of policy ")
        else:
            word = "approved" if event.name == Event.TRANSCRIPT_APPROVED else "rejected"
            by = f"{who(step)}, a person"
        row = (
            event.study_id, event.participant, short_ids(event.object.partition("/")[0]), word, by,
            held.get("residual_risk", ""), held.get("threshold", ""),
        )  # fmt: skip
        rows.setdefault((*row, held.get("run_key", "")), (moment(step), *row))
    columns = (
        "Time (UTC)", "Study", "Participant", "Recording", "Decision", "By", "Risk", "Below",
    )  # fmt: skip
    words = (
        "Decisions on transcripts: residual risk, and the risk below which a rule may approve where"
        " the study lets it (review: automatic)."
    )
    return table("Approvals", words, columns, [*rows.values()])


def released(found: Sequence[LoggedRelease], begin: datetime, end: datetime) -> tuple[Section, ...]:
    """Return the releases handed out or built, and by participant, as two sections."""
    rows, by_participant = [], list[tuple[str, ...]]()
    for one in found:
        exports = [step for step in one.exports if begin <= step.began.time <= end]
        is_new = one.built is not None and begin <= one.built.began.time <= end
        if not is_new and not exports:
            continue
        built = f"{moment(one.built)} for {who(one.built)}" if one.built else "not known"
        codes = ", ".join(sorted(one.participants))
        handed = [f"{who(step)}, {moment(step)}, {step.attributes.get('format', '')}"
                  for step in exports]  # fmt: skip
        rows.append(
            (one.study_id, short_ids(one.release_id), built, codes, "; ".join(handed) or "nobody")
        )
        people = sorted({who(step) for step in exports})
        by_participant += [
            (one.study_id, code, short_ids(one.release_id), ", ".join(people) or "nobody")
            for code in sorted(one.participants)
        ]
    columns = ("Study", "Release", "Built", "Participants", "Handed out to")
    words = "Releases that were built or handed out in this period."
    short = "Whose words were in a release that was built or handed out in this period."
    return (
        table("Releases", words, columns, rows),
        table(
            "Releases by participant",
            short,
            ("Study", "Participant", "Release", "Handed out to"),
            sorted(by_participant),
        ),
    )


def retention(everything: Sequence[Step], end: datetime) -> Section:
    """Return what was deleted or erased, and what is held, at the end of a period."""
    rows: dict[tuple[str, ...], tuple[str, ...]] = {}
    for step in everything:
        event = step.began.event
        if event.name not in KEPT_OR_GONE or step.began.time > end:
            continue
        if step.outcome != Outcome.SUCCESS:
            continue
        key = (event.study_id, event.participant, short_ids(event.object.partition("/")[0]))
        if event.name == Event.CONTENT_DELETED:
            rows[key] = (*key, "recording deleted by the study's rule", moment(step), who(step))
        elif event.name == Event.HOLD_WRITTEN:
            rows.pop((*key, "hold"), None)
            if step.attributes.get("state") == "held":
                held = (*key, "under a legal hold, not deleted")
                rows[*key, "hold"] = (*held, moment(step), who(step))
        elif event.name == Event.KEY_DESTROYED and event.participant:
            gone = (event.study_id, event.participant)
            rows[*gone, event.zone] = (
                *gone, "all", f"withdrew: erased in the {event.zone} zone", moment(step), who(step),
            )  # fmt: skip
    columns = ("Study", "Participant", "Recording", "State", "Since (UTC)", "By")
    words = "What was deleted, erased or held until the end of this period, since the log began."
    return table("Retention and withdrawal", words, columns, sorted(rows.values()))
