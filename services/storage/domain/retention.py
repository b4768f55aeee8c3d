# SPDX-License-Identifier: Apache-2.0
"""Retention: the content of a recording is deleted by its study's rule; a legal hold wins.

A study keeps recordings for so many days after the first release that holds their words. What was
not released is kept, whatever its age: it was not used yet. The store works out what is due, from
the sealed study and from the time of the release as the research zone knows it: whoever asks for a
deletion says nothing that is believed. A rule that was made shorter deletes nothing for 30 days, in
which whoever reads the log, or the list of what is due, can object.

The sound of it that releases hold is deleted with it. Manifest and transcripts stay, so that the
same file, sent again, is known and not taken again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from services.storage.domain import clock, names
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import NotDue, ObjectExists, ObjectMissing, Retained

_RULE = re.compile(r"[0-9]{1,5}_days_after_release")
GRACE = timedelta(days=30)
"""For how long a rule that was made shorter deletes nothing."""
_TYPE = "application/vnd.sotto.content-deleted+json"


class ContentDeletion(StoredRecord):
    """The record that the content of a recording was deleted, when and by which rule."""

    format: Literal["sotto content deleted 1"] = "sotto content deleted 1"
    deleted_at: str
    rule: str


class Hold(StoredRecord):
    """The record that a legal hold was set or lifted."""

    format: Literal["sotto hold 1"] = "sotto hold 1"
    held: Literal["yes", "no"]


class RetentionState(StrEnum):
    """What a rule of retention says about a recording that was released."""

    WAITING = "waiting"
    """Its days are not over."""
    DUE = "due"
    """Its content is to be deleted."""
    HELD = "held"
    """It is due, and a legal hold keeps it."""
    DELETED = "deleted"
    """Its content was deleted."""


@dataclass(frozen=True, slots=True)
class RetentionEntry:
    """A released recording, when the rule ends it, and what the rule says about it now."""

    ref: RecordingRef
    due_at: datetime
    rule: str
    state: RetentionState


@dataclass(frozen=True, slots=True)
class RetentionDate:
    """A recording in the calendar: when it was released, when its days are over, and its state.

    `due_at` and `state` are None where the rule says nothing of it.
    """

    ref: RecordingRef
    released_at: datetime | None
    due_at: datetime | None
    state: RetentionState | None
    is_held: bool


@dataclass(frozen=True, slots=True)
class KeepingRule:
    """For how many days a study keeps recordings after their release, 0 for ever.

    `shortened_at` is when that was last made shorter; None where it never was.
    """

    days: int
    shortened_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name of the rule."""
        return rule_name(self.days)

    def due_at(self, released: datetime) -> datetime:
        """Return when the rule ends what was released at a time."""
        due = released + timedelta(days=self.days)
        return due if self.shortened_at is None else max(due, self.shortened_at + GRACE)


class ReleaseTimes(Protocol):
    """When the first release with a recording's words was finished, by the word of its own zone."""

    def of(self, ref: RecordingRef) -> datetime | None:
        """Return it; None before the first release."""

    def of_study(self, study: str) -> dict[RecordingRef, datetime]:
        """Return it for each recording of a study that was released."""

    def delete_audio(self, ref: RecordingRef, rule: str) -> None:
        """Delete the sound of a recording from releases; may be repeated.

        Raises Unavailable, and Retained where a lock of the store holds some of it.
        """


def record_deletion(store: SealedStore, ref: RecordingRef, rule: str) -> bool:
    """Write down that the content of a recording is deleted; True where that was written before."""
    name = names.content_deleted(ref.owner, ref.recording_id)
    if store.exists(name):
        return True
    record = ContentDeletion(deleted_at=clock.now(), rule=rule)
    try:
        store.put(ref.owner, name, record.encode(), _TYPE)
    except ObjectExists:
        return True
    return False


class Retention:
    """Deletions by rule, and legal holds.

    `rule_of` returns the rule of a study.
    """

    def __init__(
        self,
        store: SealedStore,
        rule_of: Callable[[str], KeepingRule],
        released: ReleaseTimes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._rule_of = rule_of
        self._released = released
        self._now = now
        self._holds = VersionedDocuments(store, "hold")

    def entries(self, study: str, sealed: Iterable[RecordingRef]) -> Iterator[RetentionEntry]:
        """Yield what the rule says now about each of the study's `sealed` recordings."""
        rule = self._rule_of(study)
        if not rule.days:
            return
        released = self._released.of_study(study)
        for ref in sealed:
            if ref in released:
                due_at = rule.due_at(released[ref])
                yield RetentionEntry(ref, due_at, rule.name, self._state(ref, due_at))

    def calendar(self, study: str, sealed: Iterable[RecordingRef]) -> Iterator[RetentionDate]:
        """Yield every one of the study's recordings, with what becomes of it and when."""
        rule = self._rule_of(study)
        released = self._released.of_study(study)
        for ref in sealed:
            at = released.get(ref)
            due_at = rule.due_at(at) if rule.days and at is not None else None
            state = None
            if due_at is not None:
                state = self._state(ref, due_at)
            elif self.deleted(ref.owner, ref.recording_id) is not None:
                state = RetentionState.DELETED
            yield RetentionDate(ref, at, due_at, state, self.is_held(ref.owner, ref.recording_id))

    def keep_days(self, study: str) -> int:
        """Return for how many days a study keeps recordings after their release; 0 for ever."""
        return self._rule_of(study).days

    def _state(self, ref: RecordingRef, due_at: datetime) -> RetentionState:
        if self.deleted(ref.owner, ref.recording_id) is not None:
            return RetentionState.DELETED
        if due_at > self._now():
            return RetentionState.WAITING
        held = self.is_held(ref.owner, ref.recording_id)
        return RetentionState.HELD if held else RetentionState.DUE

    def put_hold(self, owner: Owner, recording_id: str, *, held: bool) -> bool:
        """Set or lift a hold; return True when nothing changed."""
        if not held and not self.is_held(owner, recording_id):
            return True
        record = Hold(held="yes" if held else "no")
        return self._holds.replace(owner, record.encode(), names.holds(owner, recording_id))

    def is_held(self, owner: Owner, recording_id: str) -> bool:
        """Return whether a hold keeps the content."""
        data, number = self._holds.latest(owner, names.holds(owner, recording_id))
        return self.decode_hold(data, recording_id) if number else False

    @staticmethod
    def decode_hold(data: bytes, recording_id: str) -> bool:
        """Read a record of a hold."""
        return Hold.read(data, f"hold of {recording_id}").held == "yes"

    def deleted(self, owner: Owner, recording_id: str) -> ContentDeletion | None:
        """Return the deletion, or None while the content is kept."""
        name = names.content_deleted(owner, recording_id)
        if not self._store.exists(name):
            return None
        return self.decode_deleted(self._store.read(owner, name), recording_id)

    @staticmethod
    def decode_deleted(data: bytes, recording_id: str) -> ContentDeletion:
        """Read a record of a deletion."""
        return ContentDeletion.read(data, f"deletion of {recording_id}")

    def delete_content(
        self, owner: Owner, recording_id: str, rule: str
    ) -> tuple[ContentDeletion, bool]:
        """Delete the content of a recording; and whether that was done before.

        Raises `NotDue` unless `rule` is that of the study and its days are over, and `Retained` for
        a legal hold or an object lock; may be repeated, also after a kill: the record comes first,
        and nothing is read from then on.
        """
        if not self._store.exists(names.manifest(owner, recording_id)):
            raise ObjectMissing(f"the {self._store.zone} zone has no recording {recording_id}")
        if self.is_held(owner, recording_id):
            raise Retained(f"recording {recording_id} is under legal hold: compliance lifts it")
        done = self.deleted(owner, recording_id)
        existed = done is not None
        if done is None:
            self._require_due(RecordingRef(owner, recording_id), rule)
            record_deletion(self._store, RecordingRef(owner, recording_id), rule)
            done = self.deleted(owner, recording_id)
            if done is None:
                raise ObjectMissing(f"recording {recording_id} was removed meanwhile")
        self._released.delete_audio(RecordingRef(owner, recording_id), done.rule)
        self._store.backend.delete(names.source(owner, recording_id))
        return done, existed

    def _require_due(self, ref: RecordingRef, rule: str) -> None:
        study, recording = ref.owner.study, f"recording {ref.recording_id}"
        asked = self._rule_of(study)
        if not asked.days:
            raise NotDue(
                f"study {study} has no rule of retention, so that {recording} is kept",
                reason="no_rule",
            )
        if rule != asked.name:
            raise NotDue(
                f"the rule of study {study} is {asked.name} and no other one: see what it "
                "says by 'sotto storage retention'",
                reason="other_rule",
            )
        released = self._released.of(ref)
        if released is None:
            raise NotDue(
                f"{recording} is in no release yet, and is kept until {asked.days} days after the"
                " first",
                reason="not_released",
            )
        due_at = asked.due_at(released)
        if due_at > self._now():
            raise NotDue(
                f"{recording} is kept until {due_at.isoformat(timespec='seconds')} by the rule of "
                f"study {study}",
                reason="not_due",
            )


def rule_name(days: int) -> str:
    """Return the name of the rule that keeps recordings for so many days after their release."""
    return f"{days}_days_after_release"


def is_rule_name(text: str) -> bool:
    """Return whether a text is the name of a rule, of whichever study."""
    return _RULE.fullmatch(text) is not None
