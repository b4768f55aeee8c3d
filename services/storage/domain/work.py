# SPDX-License-Identifier: Apache-2.0
"""What each worker told last, in the small store that also holds the marks.

    work/<worker>/<number>

Numbers are microseconds since 1970 in sixteen digits, raised above what is there; the highest of a
worker counts, and those before it are removed. So several processes may take notes and list them at
once, without a lock. What a note holds is up to the contract: ids, counts and times.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from services.storage.domain import key_store
from services.storage.domain.ports import ObjectBackend
from services.storage.errors import ObjectExists, ObjectMissing

_WORK = "work/"
_NUMBER = re.compile(r"[0-9]{16}")
SILENT_SECONDS = 120
"""A worker that told nothing for so long fell silent. They tell of themselves each 30 s or more
often, and the scheduler counts their runs as crashed after 90 s by default."""
_KEPT_US = 24 * 3600 * 1_000_000  # so that whoever looks on the next morning sees who died


@dataclass(frozen=True, slots=True)
class WorkNote:
    """What a worker told at a time; `silent` says that it should have told more since."""

    worker: str
    noted_at: datetime
    silent: bool
    content: bytes


class WorkNotes:
    """The notes of the workers of an installation; `now` returns microseconds since 1970."""

    def __init__(
        self, notes: ObjectBackend, now: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        self._notes = notes
        self._now = now

    def put(self, worker: str, content: bytes) -> None:
        """Take a note in the place of the worker's last one; forget workers gone for a day."""
        there = self._numbers()
        while True:
            number = max([self._now(), *(one + 1 for one in there.get(worker, []))])
            try:
                key_store.put_once(self._notes, _name(worker, number), content)
            except ObjectExists:
                there = self._numbers()
            else:
                break
        for one, numbers in there.items():
            for old in numbers:
                if one == worker or old < self._now() - _KEPT_US:
                    self._notes.delete(_name(one, old))

    def newest(self) -> Iterator[WorkNote]:
        """Yield the last note of each worker, by name."""
        for worker in sorted(self._numbers()):
            note = self._newest_of(worker)
            if note is not None:
                yield note

    def _newest_of(self, worker: str) -> WorkNote | None:
        """Return the last note of a worker; None where it is forgotten meanwhile."""
        while numbers := self._numbers(worker).get(worker):
            try:
                content = key_store.read(self._notes, _name(worker, numbers[-1]))
            except ObjectMissing:
                continue  # there is a newer one by now
            silent = self._now() - numbers[-1] > SILENT_SECONDS * 1_000_000
            moment = datetime.fromtimestamp(numbers[-1] / 1_000_000, UTC)
            return WorkNote(worker, moment, silent, content)
        return None

    def _numbers(self, worker: str = "") -> dict[str, list[int]]:
        """Return the numbers of each worker's notes, rising."""
        found: dict[str, list[int]] = {}
        for name in key_store.names(self._notes, f"{_WORK}{worker}/" if worker else _WORK):
            parts = name.split("/")
            if len(parts) == 3 and _NUMBER.fullmatch(parts[2]):
                found.setdefault(parts[1], []).append(int(parts[2]))
        return found


def _name(worker: str, number: int) -> str:
    return f"{_WORK}{worker}/{number:016d}"
