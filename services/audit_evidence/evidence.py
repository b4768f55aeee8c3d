# SPDX-License-Identifier: Apache-2.0
"""The monthly evidence report: what was done, denied, handed out, erased; is the log whole."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.audit_evidence.custody import Step, by_owners, steps
from services.audit_evidence.entry import Entry, Outcome, format_time, to_microseconds
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.history import OF_CHECKS, LogCheck, checks
from services.audit_evidence.plain_words import ended, short_ids, who
from services.audit_evidence.releases import OF_RELEASES, releases
from services.audit_evidence.report_model import Letterhead, ReportDocument, Section, table
from services.audit_evidence.report_tables import (
    KEPT_OR_GONE,
    OF_OTHERS,
    Holds,
    approvals,
    by_event,
    by_person,
    denied,
    moment,
    named,
    names_of_people,
    of_others,
    of_type,
    refusals,
    released,
    retention,
    steps_section,
    touched,
)
from services.registry.events import ActionType, Event

_NAME_AND_TIME = re.compile(
    rb'"event":"([^"]+)","index":\d+,(?:"intent":(\d+),)?.*"time":"([^"]+)","v":1'
)
_OF_THE_WHOLE_LOG = {
    name.encode() for name in (*OF_CHECKS, *OF_RELEASES, *KEPT_OR_GONE, Event.REVIEW_RECORDED.value)
}
SIGNATURES = ("Compliance officer", "For the hospital")


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


def of_month(leaves: Sequence[bytes], month: str) -> list[bytes]:
    """Return those of a whole log's canonical entries from which the report of a month is made.

    They are the first one, those since the month began with what announced them, and of those
    before it what states of the whole log are made of: releases, checks, reviews, and what was kept
    or erased.
    """
    begin = format_time(to_microseconds(month_of(month)[0])).encode()
    chosen = {0} if leaves else set[int]()
    for at, leaf in enumerate(leaves):
        found = _NAME_AND_TIME.search(leaf)
        if found is None or found[3] >= begin:
            chosen.add(at)
            if found is not None and found[2] is not None and int(found[2]) < at:
                chosen.add(int(found[2]))
        elif found[1] in _OF_THE_WHOLE_LOG:
            chosen.add(at)
    return [leaves[at] for at in sorted(chosen)]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A section that lists the acts that meet a condition."""

    title: str
    words: str
    holds: Holds


def _is_change(step: Step) -> bool:
    event = step.began.event
    return event.name.startswith("configuration:") or (
        event.name == Event.STUDY_WRITTEN and event.attributes.get("changed") != "nothing"
    )


# What happened to data first, and what the machines did last.
_CHOICES = (
    _Choice("Refused", "Calls and connections that were not allowed, one by one.", denied),
    _Choice(
        "Pseudonyms that were asked for",
        "Who asked who stands behind a label, who decided, and each time that it was shown.",
        named(
            Event.REVEAL_REQUESTED,
            Event.REVEAL_GRANTED,
            Event.REVEAL_DECLINED,
            Event.PSEUDONYM_REVEALED,
        ),
    ),
    _Choice(
        "Copies of the log",
        "Reading and export of this log; nothing of a participant is in it.",
        of_type(ActionType.READ_LOG),
    ),
    _Choice(
        "Without an outcome",
        "Announced, and never reported done or failed: a service died or lost the log.",
        lambda step: step.ended is None,
    ),
    _Choice("Failed", "Tried, and failed.", lambda step: step.outcome == Outcome.FAILURE),
    _Choice(
        "Settings seen or changed",
        "Services that started for the first time, or with other settings, policies or access "
        "lists; studies that were created or described again, once in each zone. The entries name "
        "the fields.",
        _is_change,
    ),
    _Choice(
        "Signed in",
        "First uses of a person's credential at a service in twelve hours.",
        of_type(ActionType.SIGN_IN),
    ),
    _Choice("Services", "Starts and stops.", of_type(ActionType.START, ActionType.STOP)),
)
_HANDED_OUT = named(Event.RELEASE_EXPORTED)


class _Chosen:
    """Acts of a period, to choose from by conditions.

    All acts of one event and outcome that change settings, or do not, meet a condition together, so
    that a large log is not gone through for each.
    """

    def __init__(self, acts: Iterable[Step]) -> None:
        self._alike: dict[tuple[str, str, bool], list[Step]] = {}
        for step in acts:
            key = (step.began.event.name, step.outcome, _is_change(step))
            self._alike.setdefault(key, []).append(step)

    def that(self, holds: Holds) -> list[Step]:
        """Return the acts that meet a condition, in the order of the log."""
        found = [step for one in self._alike.values() if holds(one[0]) for step in one]
        return sorted(found, key=lambda step: step.began.index)


def evidence_report(
    entries: Iterable[Entry],
    month: str,
    *,
    origin: str,
    verification: Sequence[str],
    witnesses: Sequence[Sequence[str]] = (),
    letterhead: Letterhead | None = None,
) -> ReportDocument:
    """Return the report of a month, made from the whole log.

    `verification` are the verifier's lines; `witnesses` are name, state, size and since when of
    each that the log asks to cosign. Raises InvalidFormat when the month is not one.
    """
    begin, end = month_of(month)
    told = steps(entries)
    everything, others = by_owners(told)
    others = [step for step in others if begin <= step.began.time <= end]
    acts = [step for step in everything if begin <= step.began.time <= end]
    chosen = _Chosen(acts)
    reviews = [step for step in everything if _looks_at(step, begin, end)]
    checked = [one for one in checks(everything) if one.time <= end]
    facts = (
        *(letterhead or Letterhead()).facts(),
        names_of_people(acts),
        ("Log", origin),
        ("Log begins", f"{told[0].began.time:%Y-%m-%d %H:%M} UTC" if told else "empty"),
        ("Period", f"{begin:%Y-%m-%d} to {end:%Y-%m-%d} (UTC)"),
        *_counts(acts, chosen),
        (f"{OF_OTHERS}, not counted", str(len(others))),
        ("Verification", verification[-1] if verification else "not done"),
        *_last_checks(checked),
        ("Reviews of this period", str(len(reviews))),
        ("Settings seen or changed", str(len(chosen.that(_is_change)))),
    )
    of_releases, of_participants = released(releases(everything), begin, end)
    sections = (
        _verification(verification),
        _history([one for one in checked if one.time >= begin]),
        _witnesses(witnesses),
        _reviews(reviews),
        by_person(acts),
        approvals(acts),
        of_releases,
        of_participants,
        _handed_out(chosen.that(_HANDED_OUT)),
        retention(everything, end),
        refusals(acts),
        *(steps_section(one.title, one.words, chosen.that(one.holds)) for one in _CHOICES),
        by_event(acts),
        of_others(others),
    )
    return ReportDocument(f"Audit evidence, {month}", facts, sections, SIGNATURES)


def _counts(acts: Sequence[Step], chosen: _Chosen) -> tuple[tuple[str, str], ...]:
    counts = {
        "Entries": sum(1 if step.ended is None or step.ended is step.began else 2 for step in acts),
        "Acts": len(acts),
        "People and services acting": len({who(step) for step in acts}),
        "Participants concerned": len(touched(acts)),
        "Pseudonyms: asked for, granted, shown": " / ".join(
            str(sum(step.outcome == Outcome.SUCCESS for step in chosen.that(named(name))))
            for name in (Event.REVEAL_REQUESTED, Event.REVEAL_GRANTED, Event.PSEUDONYM_REVEALED)
        ),
        "Refused": len(chosen.that(denied)),
        "Without an outcome": len(chosen.that(lambda step: step.ended is None)),
    }
    return tuple((name, str(count)) for name, count in counts.items())


def _last_checks(checked: Sequence[LogCheck]) -> tuple[tuple[str, str], ...]:
    """Return when the log was last found whole up to the end of the period, and if ever not."""
    whole = [one for one in checked if one.is_whole]
    broken = [one for one in checked if one.verdict == "not-whole"]
    return (
        (
            "Last check on record that found it whole",
            f"{whole[-1].time:%Y-%m-%d %H:%M} UTC, by {whole[-1].by}" if whole else "never",
        ),
        (
            "Ever found not whole",
            ", ".join(f"{one.time:%Y-%m-%d %H:%M} UTC" for one in broken) or "never",
        ),
    )


def _verification(lines: Sequence[str]) -> Section:
    """Return the verifier's lines, each a word and what it says."""
    rows = [(line[:10].strip(), line[10:]) if "  " in line else ("result", line) for line in lines]
    words = "What the verifier says about the whole log, up to now."
    return table("Verification", words, ("What", "Finding"), rows)


def _handed_out(exports: Sequence[Step]) -> Section:
    rows = [
        (
            step.began.index, moment(step), step.began.event.study_id,
            short_ids(step.attributes.get("release_id", "")), step.attributes.get("format", ""),
            who(step), ended(step),
        )
        for step in exports
    ]  # fmt: skip
    columns = ("Entry", "Time (UTC)", "Study", "Release", "Format", "To", "Ended")
    return table("Handed out", "Releases that left the system.", columns, rows)


def _history(found: Sequence[LogCheck]) -> Section:
    rows = [
        (
            one.index, f"{one.time:%Y-%m-%d %H:%M}", one.kind, one.by, one.entries, one.findings,
            one.verdict.replace("-", " "),
        )
        for one in found
    ]  # fmt: skip
    columns = ("Entry", "Time (UTC)", "What", "By", "Entries checked", "Wrong", "Result")
    words = "Checks in this period of whether the log is whole."
    return table("History of verification", words, columns, rows)


def _witnesses(witnesses: Sequence[Sequence[str]]) -> Section:
    words = "Who cosigns the log now, and up to which entry."
    columns = ("Witness", "State", "Entries cosigned", "In this state since")
    if not witnesses:
        return Section("Witnesses", f"{words} The log asks none.")
    return table("Witnesses", words, columns, witnesses)


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
            step.began.index, f"{step.began.time:%Y-%m-%d %H:%M}", who(step),
            f"{held.get('since', '')[:10]} to {held.get('until', '')[:10]}",
            held.get("decision", "").replace("-", " "), held.get("checkpoint_size", ""),
            held.get("verdict", "").replace("-", " "),
        )
        for step in reviews
        for held in [step.began.event.attributes]
    ]  # fmt: skip
    columns = (
        "Entry", "Time (UTC)", "Who", "Period", "Finding", "Entries looked at", "Verification",
    )  # fmt: skip
    words = "Officers who looked through the log of this period, whenever they did."
    return table("Reviews", words, columns, rows)
