# SPDX-License-Identifier: Apache-2.0
"""The monthly evidence report: what was done, denied, handed out, erased; is the log whole."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.audit.domain.action_types import classify, is_denied
from services.audit.domain.custody import Step, steps
from services.audit.domain.entry import Entry, Outcome
from services.audit.domain.report_model import ReportDocument, Section, table
from services.audit.errors import InvalidFormat
from services.registry.events import ActionType

_STEP_COLUMNS = ("Entry", "Time (UTC)", "Event", "Who", "Service", "Participant", "Object", "Ended")


def month_of(text: str) -> tuple[datetime, datetime]:
    """Return begin and end of a month written as 2026-11; raises InvalidFormat."""
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
    if match is None or match[1] == "0000":
        raise InvalidFormat("a month is written as year and month, such as 2026-11")
    year, month = int(match[1]), int(match[2])
    days = calendar.monthrange(year, month)[1]
    begin = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year, month, days, 23, 59, 59, 999_999, tzinfo=UTC)
    return begin, end


@dataclass(frozen=True, slots=True)
class _Choice:
    """A section that lists the acts that meet a condition."""

    title: str
    words: str
    holds: Callable[[Step], bool]


def _denied(step: Step) -> bool:
    return is_denied(step.ended.event) if step.ended else False


def _is_change(step: Step) -> bool:
    event = step.began.event
    return event.name.startswith("configuration:") or (
        event.name == "study:description:written" and event.attributes.get("changed") != "nothing"
    )


def _is_of(*types: ActionType) -> Callable[[Step], bool]:
    return lambda step: classify(step.began.event) in types


_CHOICES = (
    _Choice("Denied", "Calls and connections that were not allowed.", _denied),
    _Choice(
        "Handed out",
        "Releases and copies of the log that left the system.",
        lambda step: step.began.event.name.endswith(":exported"),
    ),
    _Choice(
        "Erased",
        "Keys of participants destroyed: what they sealed cannot be read again.",
        _is_of(ActionType.DELETE),
    ),
    _Choice(
        "Without an outcome",
        "Announced, and never reported done or failed: a service died or lost the log.",
        lambda step: step.ended is None,
    ),
    _Choice("Failed", "Tried, and failed.", lambda step: step.outcome == Outcome.FAILURE),
    _Choice(
        "Settings changed",
        "Services that started with other settings, policies or access lists; studies that "
        "were described again. The entries name the fields.",
        _is_change,
    ),
    _Choice(
        "Signed in",
        "First uses of a person's credential at a service in twelve hours.",
        _is_of(ActionType.SIGN_IN),
    ),
    _Choice("Services", "Starts and stops.", _is_of(ActionType.START, ActionType.STOP)),
)


def evidence_report(
    entries: Iterable[Entry],
    month: str,
    *,
    origin: str,
    verification: Sequence[str],
    witnesses: Sequence[Sequence[str]] = (),
) -> ReportDocument:
    """Return the report of a month, made from the whole log.

    `verification` are the verifier's lines; `witnesses` are name, state, size and since when of
    each that the log asks to cosign. Raises InvalidFormat when the month is not one.
    """
    begin, end = month_of(month)
    everything = steps(entries)
    acts = [step for step in everything if begin <= step.began.time <= end]
    reviews = [step for step in everything if _looks_at(step, begin, end)]
    facts = (
        ("Log", origin),
        ("Period", f"{month} (UTC)"),
        *_counts(acts),
        ("Verification", verification[-1] if verification else "not done"),
        ("Reviews of this period", str(len(reviews))),
        ("Settings changed", str(sum(map(_is_change, acts)))),
    )
    sections = (
        Section("Verification", "What the offline verifier said about the whole log:"),
        *(Section("", line) for line in verification),
        _witnesses(witnesses),
        _reviews(reviews),
        _by_event(acts),
        _by_person(acts),
        *(
            steps_section(one.title, one.words, [step for step in acts if one.holds(step)])
            for one in _CHOICES
        ),
    )
    return ReportDocument(f"Audit evidence, {month}", facts, sections)


def _counts(acts: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    counts = {
        "Entries": sum(1 if step.ended is None or step.ended is step.began else 2 for step in acts),
        "Acts": len(acts),
        "People and services acting": len({step.who for step in acts}),
        "Participants concerned": len({step.participant for step in acts if step.participant[1]}),
        "Denied": sum(map(_denied, acts)),
        "Without an outcome": sum(step.ended is None for step in acts),
    }
    return tuple((name, str(count)) for name, count in counts.items())


def _witnesses(witnesses: Sequence[Sequence[str]]) -> Section:
    words = "Who cosigns the log now, and up to which entry."
    columns = ("Witness", "State", "Entries cosigned", "In this state since")
    if not witnesses:
        words = f"{words} The log asks none."
    return table("Witnesses", words, columns, witnesses)


def step_row(step: Step) -> tuple[str, ...]:
    """Return an act as a row of a table."""
    event = step.began.event
    ended = step.ended.event if step.ended else None
    outcome = f"{step.outcome} {ended.reason}".strip() if ended else step.outcome
    time = f"{step.began.time:%Y-%m-%d %H:%M:%S}"
    return (
        str(step.began.index), time, event.name, step.who, step.began.service,
        event.participant, event.object, outcome,
    )  # fmt: skip


def steps_section(title: str, words: str, acts: Sequence[Step]) -> Section:
    """Return acts as a section with a table."""
    return table(title, words if acts else f"{words} None.", _STEP_COLUMNS, [*map(step_row, acts)])


def _looks_at(step: Step, begin: datetime, end: datetime) -> bool:
    """Return whether an act is a review whose period touches the time given."""
    held = step.began.event.attributes
    if step.began.event.name != "audit:review:recorded":
        return False
    try:
        since, until = (datetime.fromisoformat(held[key]) for key in ("since", "until"))
    except (KeyError, ValueError):
        return False
    return since <= end and until > begin


def _reviews(reviews: Sequence[Step]) -> Section:
    rows = [
        (
            step.began.index, f"{step.began.time:%Y-%m-%d %H:%M}", step.who,
            f"{held.get('since', '')} to {held.get('until', '')}", held.get("decision", ""),
            held.get("checkpoint_size", ""), held.get("verdict", ""),
        )
        for step in reviews
        for held in [step.began.event.attributes]
    ]  # fmt: skip
    columns = (
        "Entry", "Time (UTC)", "Who", "Period", "Finding", "Entries looked at", "Verification",
    )  # fmt: skip
    words = "Officers who looked through the log of this period, whenever they did."
    return table("Reviews", words if rows else f"{words} None.", columns, rows)


def _by_event(acts: Sequence[Step]) -> Section:
    counts = Counter((step.began.event.name, step.outcome) for step in acts)
    names = sorted({name for name, _ in counts})
    outcomes = ("success", "failure", "denied", "no outcome")
    rows = [(name, *(counts[name, outcome] for outcome in outcomes)) for name in names]
    return table("By event", "How often what happened.", ("Event", *outcomes), rows)


def _by_person(acts: Sequence[Step]) -> Section:
    rows = []
    for person in sorted({step.who for step in acts}):
        own = [step for step in acts if step.who == person]
        touched = {step.began.event.participant for step in own} - {""}
        roles = sorted({step.began.event.role for step in own} - {""})
        rows.append((person, ", ".join(roles), len(own), sum(map(_denied, own)), len(touched)))
    columns = ("Who", "Roles", "Acts", "Denied", "Participants")
    words = "On whose behalf: a person, or the service that acted by itself."
    return table("By person", words, columns, rows)
