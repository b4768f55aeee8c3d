# SPDX-License-Identifier: Apache-2.0
"""The list of recordings that may have work due: marks in a small store of names.

    mark/<study>/<participant>/<recording>/<number>
    change/<study>/<participant or _study>/<recording or all>/<number>
    engines/<number>/<SHA-256>

Numbers are microseconds since 1970 in sixteen digits, raised above what is there, so that they tell
the age. Objects are empty but for one byte: nothing but their names is read, and of the store of
objects only the manifests of recordings that are listed.

Several processes may do all of this at once. Who sees a mark also sees what it announces: a new
recording is marked first and listed once it can be seen; a change of what is there is noted first,
and marked once it is done, by whoever lists next where its process was killed in between. A mark is
settled by its number, and only while it is there: one that was set since has a higher number.
"""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import structlog

from services.common.errors import Corrupted, Erased
from services.storage.domain import key_store
from services.storage.domain.names import (
    BEHIND,
    RECORDING,
    STUDY_ITSELF,
    Owner,
    RecordingRef,
    check,
)
from services.storage.domain.ports import ObjectBackend
from services.storage.domain.recordings import Recordings
from services.storage.domain.store import SealedStore
from services.storage.errors import InvalidName, ObjectExists, ObjectMissing

_log = structlog.get_logger(__name__)

_MARK = "mark/"
_CHANGE = "change/"
_ENGINES = "engines/"
_ALL = "all"
_NUMBER = re.compile(r"[0-9]{16}")
_CONTENT = b"\n"  # some servers and tools treat empty objects as folders
_ABANDONED_US = 3600 * 1_000_000  # no upload takes so long between its mark and its manifest
_CHANGE_GIVEN_UP_US = 600 * 1_000_000  # longer than any call that changes something may take
_MOST_CACHED = 100_000  # sessions; some hundred bytes each


@dataclass(frozen=True, slots=True)
class PendingRecording:
    """A recording with a mark; `session` counts the interviews of a participant from 1."""

    ref: RecordingRef
    session: int
    mark: int


@dataclass(slots=True)
class Change:
    """A change that is under way; `happened` is set once it did."""

    happened: bool = False


class PendingList:
    """The marks of a zone.

    `recordings` yields the recordings of a study that can be seen, or of all studies for "".
    """

    def __init__(
        self,
        marks: ObjectBackend,
        store: SealedStore,
        recordings: Callable[[str], Iterable[RecordingRef]],
        now: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self._marks = marks
        self._keyring = store.keyring
        self._manifests = Recordings(store)
        self._recordings = recordings
        self._now = now
        self._sessions: dict[RecordingRef, int] = {}
        self._lock = threading.Lock()
        store.keyring.when_erased(self._forget_sessions)

    # ---- reading

    def page(
        self, study: str, after: RecordingRef | None, limit: int
    ) -> tuple[list[PendingRecording], bool]:
        """Return at most `limit` recordings behind `after`, and whether there are more.

        In the order of names.
        """
        if after is None:
            self._finish_changes()
        erased: set[Owner] = set()
        alive: set[Owner] = set()
        found: list[PendingRecording] = []
        for ref, mark in self._newest(study, after):
            if ref.owner not in erased | alive:
                (erased if self._is_erased(ref.owner) else alive).add(ref.owner)
            if ref.owner in erased:
                self.forget(ref)
                continue
            session = self._session(ref, mark)
            if session is None:
                continue
            if len(found) == limit:
                return found, True
            found.append(PendingRecording(ref, session, mark))
        return found, False

    def _newest(self, study: str, after: RecordingRef | None) -> Iterator[tuple[RecordingRef, int]]:
        """Yield each recording with a mark, and the number of the newest one."""
        prefix = f"{_MARK}{study}/" if study else _MARK
        behind = f"{_folder(after)}{BEHIND}" if after else ""
        last: tuple[RecordingRef, int] | None = None
        for name in key_store.names(self._marks, prefix, behind):
            read = _read_mark(name)
            if read is None:
                continue
            if last is not None and last[0] != read[0]:
                yield last
            last = read
        if last is not None:
            yield last

    def _session(self, ref: RecordingRef, mark: int) -> int | None:
        """Return the session of a recording, or None where it cannot be seen or read."""
        with self._lock:
            if ref in self._sessions:
                return self._sessions[ref]
        try:
            session = self._manifests.get(ref.owner, ref.recording_id).session
        except ObjectMissing:
            self._abandon(ref, mark)
            return None
        except Corrupted:
            return None  # the list of recordings shows it as a failure
        except Erased:
            self.forget(ref)
            return None
        with self._lock:
            if len(self._sessions) >= _MOST_CACHED:
                self._sessions.clear()
            self._sessions[ref] = session
        return session

    def _abandon(self, ref: RecordingRef, mark: int) -> None:
        """Take away the marks of an upload that died before its recording could be seen."""
        if self._now() - mark < _ABANDONED_US:
            return
        self.forget(ref)
        with contextlib.suppress(ObjectMissing, Erased, Corrupted):
            self._manifests.get(ref.owner, ref.recording_id)
            self.mark(ref)  # it was alive after all

    def _is_erased(self, owner: Owner) -> bool:
        try:
            self._keyring.refuse_erased(owner)
        except Erased:
            return True
        return False

    def _forget_sessions(self, owner: Owner) -> None:
        with self._lock:
            for ref in [ref for ref in self._sessions if ref.owner == owner]:
                del self._sessions[ref]

    # ---- marking

    def mark(self, ref: RecordingRef) -> int:
        """Mark a recording; return the number of the mark, higher than that of any before."""
        while True:
            number = self._mark_behind(ref, self._numbers(ref))
            if number:
                return number

    def mark_all(self, study: str = "", *, unmarked_only: bool = False) -> int:
        """Mark the recordings of a study, or all; return how many. Lists the marks there once.

        With `unmarked_only` those that have a mark keep it.
        """
        there: dict[RecordingRef, list[int]] = {}
        for name in key_store.names(self._marks, f"{_MARK}{study}/" if study else _MARK):
            read = _read_mark(name)
            if read is not None:
                there.setdefault(read[0], []).append(read[1])
        count = 0
        for ref in self._recordings(study):
            if unmarked_only and ref in there:
                continue
            if not self._mark_behind(ref, there.get(ref, [])):
                self.mark(ref)
            count += 1
        return count

    def _mark_behind(self, ref: RecordingRef, there: list[int]) -> int:
        """Set a mark in the place of those there; return its number, or 0 where it is taken.

        Another process was as quick then, and its mark may have been seen already.
        """
        number = max(self._now(), there[-1] + 1 if there else 0)
        try:
            self._put(f"{_folder(ref)}{number:016d}")
        except ObjectExists:
            return 0
        self._delete(ref, there)
        return number

    def has_engines(self, sha256: str) -> bool:
        """Return whether these engines were noted last."""
        there = list(key_store.names(self._marks, _ENGINES))
        return bool(there) and there[-1].rsplit("/", 1)[-1] == sha256

    def put_engines(self, sha256: str) -> int:
        """Mark all recordings, then note the engines in use; return how many were marked."""
        there = list(key_store.names(self._marks, _ENGINES))
        # At the first look no engine has changed: who works on a recording has these engines.
        count = self.mark_all(unmarked_only=not there)
        number = max(self._now(), int(there[-1].split("/")[1]) + 1 if there else 0)
        with contextlib.suppress(ObjectExists):
            self._put(f"{_ENGINES}{number:016d}/{sha256}")
        for name in there:
            self._marks.delete(name)
        return count

    @contextlib.contextmanager
    def changing(self, study: str, ref: RecordingRef | None = None) -> Iterator[Change]:
        """Surround a change of a study, or of one recording, that makes work due.

        Marks what it concerns when the block ends and the change happened, or may have happened.
        """
        name = self._note_change(study, ref)
        change = Change()
        try:
            yield change
        except BaseException:
            change.happened = True
            raise
        finally:
            if change.happened:
                self._mark(study, ref)
            self._marks.delete(name)

    def _note_change(self, study: str, ref: RecordingRef | None) -> str:
        scope = ref.folder if ref else f"{study}/{STUDY_ITSELF}/{_ALL}/"
        while True:
            name = f"{_CHANGE}{scope}{self._now():016d}"
            with contextlib.suppress(ObjectExists):
                self._put(name)
                return name

    def _finish_changes(self) -> None:
        """Mark what changes of killed processes concern."""
        for name in list(key_store.names(self._marks, _CHANGE)):
            parts = name.split("/")
            if len(parts) != 5 or not _NUMBER.fullmatch(parts[4]):
                continue
            if self._now() - int(parts[4]) < _CHANGE_GIVEN_UP_US:
                continue
            _log.warning("change_finished", study_id=parts[1])
            whole = parts[3] == _ALL
            self._mark(parts[1], None if whole else _ref(parts[1], parts[2], parts[3]))
            self._marks.delete(name)

    def _mark(self, study: str, ref: RecordingRef | None) -> None:
        if ref is not None:
            self.mark(ref)
        else:
            self.mark_all(study)

    # ---- taking away

    def settle(self, ref: RecordingRef, mark: int) -> bool:
        """Take a mark that was seen away, and those before it; True where a newer one stays."""
        there = self._numbers(ref)
        if mark in there:
            self._delete(ref, [number for number in there if number <= mark])
            there = self._numbers(ref)
        return bool(there)

    def forget(self, ref: RecordingRef) -> None:
        """Take all marks of a recording away."""
        self._delete(ref, self._numbers(ref))

    def forget_owner(self, owner: Owner) -> None:
        """Take all marks of a participant away."""
        for name in list(key_store.names(self._marks, f"{_MARK}{owner.prefix}")):
            self._marks.delete(name)

    # ---- names

    def _numbers(self, ref: RecordingRef) -> list[int]:
        found = map(_read_mark, key_store.names(self._marks, _folder(ref)))
        return [read[1] for read in found if read is not None]

    def _delete(self, ref: RecordingRef, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._marks.delete(f"{_folder(ref)}{number:016d}")

    def _put(self, name: str) -> None:
        key_store.put_once(self._marks, name, _CONTENT)


def _folder(ref: RecordingRef) -> str:
    return _MARK + ref.folder


def _ref(study: str, participant: str, recording_id: str) -> RecordingRef:
    return RecordingRef(Owner(study, participant), check(RECORDING, recording_id, "recording id"))


def _read_mark(name: str) -> tuple[RecordingRef, int] | None:
    """Return recording and number of a mark by its name; None for a foreign name."""
    parts = name.split("/")
    if len(parts) != 5 or not _NUMBER.fullmatch(parts[4]):
        return None
    with contextlib.suppress(InvalidName):
        return _ref(parts[1], parts[2], parts[3]), int(parts[4])
    return None
