# SPDX-License-Identifier: Apache-2.0
"""When the log was checked for being whole, by whom, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.audit_evidence.custody import Step
from services.audit_evidence.plain_words import who
from services.registry.events import Event
from services.registry.identities import FLOWS

_KINDS = {
    Event.LOG_VERIFIED.value: "check",
    Event.REPORT_WRITTEN.value: "check before the evidence report",
    Event.REVIEW_RECORDED.value: "check before an officer's review",
}
#: Events that tell of checks.
OF_CHECKS = frozenset(_KINDS)
_WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class LogCheck:
    """One check of the log: how many entries were looked at, and what came of it.

    `verdict` is whole, not-whole or not-checked.
    """

    index: int
    time: datetime
    by: str
    kind: str
    entries: int
    findings: int
    verdict: str

    @property
    def is_whole(self) -> bool:
        """Whether nothing was wrong."""
        return self.verdict == _WHOLE


def checks(acts: Iterable[Step]) -> list[LogCheck]:
    """Return the checks that the log tells of, oldest first; only what the log itself wrote."""
    return [
        LogCheck(
            index=step.began.index,
            time=step.began.time,
            by="the schedule" if step.began.event.caller == FLOWS else who(step),
            kind=_kind(step),
            entries=_number(step, "entries") or _number(step, "checkpoint_size"),
            findings=_number(step, "findings"),
            verdict=step.attributes.get("verdict", "not-checked"),
        )
        for step in acts
        if step.began.event.name in _KINDS and step.is_owners
    ]


def _kind(step: Step) -> str:
    """Return which check it was: an officer's own, or one that the service made by itself."""
    kind = _KINDS[step.began.event.name]
    if step.began.event.name != Event.LOG_VERIFIED:
        return kind
    return f"{kind} by an officer" if step.began.event.person else f"{kind} on a schedule"


def _number(step: Step, key: str) -> int:
    text = step.attributes.get(key, "")
    return int(text) if text.isdecimal() else 0
