# SPDX-License-Identifier: Apache-2.0
"""Undoing a pseudonym: a reviewer asks, a compliance officer who is somebody else grants, and the
one who asked sees who or what it stands for, for a while and a number of times.

A showing is counted before it is shown, so that a service that dies shows less and never more.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from services.common.errors import Conflict, NotFound
from services.deidentification.errors import NotGranted, SomebodyElse
from services.registry.reveals import (
    MOST_HOURS,
    MOST_TIMES,
    USUAL_HOURS,
    USUAL_TIMES,
    RevealReason,
    RevealState,
)

_TRIES = 5  # after each lost one the record says what another call did
_ID_BYTES = 17
_ID_CHARS = 26


@dataclass(frozen=True, slots=True)
class Reveal:
    """What was asked, decided and shown of one label; `participant` is empty for one of a study."""

    study: str
    participant: str
    reveal_id: str
    label: str
    reason: RevealReason
    requested_by: str
    requested_at: datetime
    recording: str = ""
    state: RevealState = RevealState.PENDING
    decided_by: str = ""
    decided_at: datetime | None = None
    expires_at: datetime | None = None
    most_times: int = 0
    shown_at: tuple[datetime, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """Return whether it waits for a decision, or may still be shown."""
        return self.state == RevealState.PENDING or (
            self.state == RevealState.GRANTED
            and self.expires_at is not None
            and now < self.expires_at
            and len(self.shown_at) < self.most_times
        )


@dataclass(frozen=True, slots=True)
class Revealed:
    """An entry of the vault: every form under which the person or place was met, the longest
    first, and whether its label is one that all participants share.
    """

    study_wide: bool
    forms: tuple[str, ...]


class RevealZone(Protocol):
    """The clinical zone, as reveals see it."""

    def reveals(self, study: str) -> Sequence[tuple[Reveal, int]]:
        """Return the reveals of a study, or of all for "", the oldest first, with generations."""

    def put_reveal(self, reveal: Reveal, generation: int) -> None:
        """Store the step behind a generation; raises Conflict where another came between."""

    def behind(self, study: str, participant: str, label: str) -> Sequence[Revealed]:
        """Return what the vault has under a label; raises Erased for who withdrew."""


def new_id() -> str:
    """Return the id of a request, by chance: it tells nothing of the label."""
    drawn = base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode("ascii").lower()
    return f"rvl-{drawn[:_ID_CHARS]}"


class Reveals:
    """The rules of reveals."""

    def __init__(
        self, zone: RevealZone, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._zone = zone
        self._clock = clock

    def request(self, asked: Reveal) -> tuple[Reveal, bool]:
        """Keep a request, and return it and whether the person had asked for the same before.

        Raises NotFound where the study has no such label, and Erased for who withdrew.
        """
        if not self._zone.behind(asked.study, asked.participant, asked.label):
            raise _no_label(asked.study, asked.participant)
        now = self._clock()
        for one, _ in self._zone.reveals(asked.study):
            same = (one.participant, one.label, one.requested_by) == (
                asked.participant,
                asked.label,
                asked.requested_by,
            )
            if same and one.is_open(now):
                return one, True
        made = replace(asked, requested_at=now)
        self._zone.put_reveal(made, 0)
        return made, False

    def decide(
        self, study: str, reveal_id: str, person: str, *, grants: bool, hours: int, times: int
    ) -> Reveal:
        """Grant or refuse what another person asked for; `hours` and `times` may be 0, as usual.

        Raises SomebodyElse for who asked, and NotGranted where it was decided on before.
        """
        for _ in range(_TRIES):
            reveal, generation = self.find(study, reveal_id)
            if not person or person == reveal.requested_by:
                raise SomebodyElse(
                    f"{person or 'nobody'} asked for {reveal_id}; another compliance officer grants"
                    " or refuses it"
                )
            if reveal.state != RevealState.PENDING:
                raise NotGranted(
                    f"{reveal_id} was {reveal.state} by {reveal.decided_by}; a decision stays, so"
                    " whoever needs another one asks again",
                    reason="decided",
                )
            now = self._clock()
            decided = replace(
                reveal,
                state=RevealState.GRANTED if grants else RevealState.REFUSED,
                decided_by=person,
                decided_at=now,
            )
            if grants:
                span = timedelta(hours=min(hours or USUAL_HOURS, MOST_HOURS))
                decided = replace(
                    decided, expires_at=now + span, most_times=min(times or USUAL_TIMES, MOST_TIMES)
                )
            if self._put(decided, generation):
                return decided
        raise _keeps_changing(reveal_id)

    def show(self, study: str, reveal_id: str, person: str) -> tuple[Reveal, Sequence[Revealed]]:
        """Count a showing, and return who or what stands behind the label.

        Raises SomebodyElse, NotGranted, NotFound where the vault lost the label, and Erased.
        """
        for _ in range(_TRIES):
            reveal, generation = self.find(study, reveal_id)
            if person != reveal.requested_by:
                raise SomebodyElse(
                    f"{reveal.requested_by} asked for {reveal_id}, and sees it alone; ask for"
                    " yourself"
                )
            now = self._clock()
            if reveal.state != RevealState.GRANTED or not reveal.is_open(now):
                raise NotGranted(_why_not(reveal, now))
            found = self._zone.behind(reveal.study, reveal.participant, reveal.label)
            if not found:
                raise _no_label(reveal.study, reveal.participant)
            shown = replace(reveal, shown_at=(*reveal.shown_at, now))
            if self._put(shown, generation):
                return shown, found
        raise _keeps_changing(reveal_id)

    def find(self, study: str, reveal_id: str) -> tuple[Reveal, int]:
        """Return a reveal with its generation; raises NotFound."""
        for one, generation in self._zone.reveals(study):
            if one.reveal_id == reveal_id:
                return one, generation
        raise NotFound(
            f"study {study} has no request {reveal_id}, or its participant withdrew, and nothing is"
            " left to reveal; see: sotto pseudonym list",
            reason="unknown_name",
        )

    def _put(self, reveal: Reveal, generation: int) -> bool:
        try:
            self._zone.put_reveal(reveal, generation)
        except Conflict:
            return False
        return True


def _why_not(reveal: Reveal, now: datetime) -> str:
    match reveal.state:
        case RevealState.PENDING:
            return f"{reveal.reveal_id} waits for a compliance officer, who is to grant it first"
        case RevealState.REFUSED:
            return f"{reveal.decided_by} refused {reveal.reveal_id}; ask them, or ask again"
    if reveal.expires_at is not None and now >= reveal.expires_at:
        return f"the time of {reveal.reveal_id} is over; where you need it again, ask again"
    return (
        f"{reveal.reveal_id} was shown as often as was granted; where you need it again, ask again"
    )


def _no_label(study: str, participant: str) -> NotFound:
    where = f"participant {participant}" if participant else f"study {study} as a whole"
    return NotFound(
        f"nothing is known under this label for {where}: write it as the transcript has it, such as"
        " 'Nurse 2', and name the participant in whose transcript it stands",
        reason="unknown_name",
    )


def _keeps_changing(reveal_id: str) -> Conflict:
    return Conflict(f"others keep changing {reveal_id}; try again in a moment")
