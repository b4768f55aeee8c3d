# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.storage.adapters.directory import DirectoryBackend
from services.storage.domain.work import SILENT_SECONDS, WorkNotes
from services.storage.handlers.work import WorkNoteHandlers, WorkReaderHandlers
from sotto.storage.v1 import work_pb2
from tests.unit.storage.test_pending import Clock

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND
UNUSED: Any = None


class House:
    """The notes of workers as two replicas of the store keep them."""

    def __init__(self, root: Path) -> None:
        self.clock = Clock()
        self.backend = DirectoryBackend(root / "pending")
        self.notes = WorkNotes(self.backend, self.clock)
        self.other = WorkNotes(DirectoryBackend(root / "pending"), self.clock)

    def told(self, notes: WorkNotes | None = None) -> list[tuple[str, bytes, bool]]:
        """Return what is told of each worker: its last note, and whether it fell silent."""
        return [(one.worker, one.content, one.silent) for one in (notes or self.notes).newest()]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Notes that nobody made yet."""
    return House(tmp_path)


class TestNotes:
    def test_the_last_one_counts_in_every_replica(self, house: House) -> None:
        """A note takes the place of the worker's last one, whichever replica took that."""
        house.notes.put("a", b"1")
        house.other.put("b", b"2")
        house.other.put("a", b"3")  # at the same microsecond
        house.notes.put("a", b"4")

        expected = [("a", b"4", False), ("b", b"2", False)]
        assert house.told() == house.told(house.other) == expected
        assert len(house.backend.list("work/").objects) == 2

    def test_silence(self, house: House) -> None:
        """A worker that tells nothing for a while fell silent, until it tells again."""
        house.notes.put("a", b"1")
        house.clock.now += SILENT_SECONDS * SECOND
        assert house.told() == [("a", b"1", False)]
        house.clock.now += 1
        assert house.told() == [("a", b"1", True)]
        house.other.put("a", b"2")
        assert house.told() == [("a", b"2", False)]

    def test_forgotten_after_a_day(self, house: House) -> None:
        """Who is gone for a day is forgotten once another worker tells of itself."""
        house.notes.put("a", b"1")
        house.clock.now += DAY + 1
        assert [name for name, *_ in house.told()] == ["a"]
        house.notes.put("b", b"1")
        assert [name for name, *_ in house.told()] == ["b"]


class TestHandlers:
    def _note(self, worker: str, *, stopped: bool = False) -> work_pb2.NoteWorkRequest:
        note = work_pb2.NoteWorkRequest(
            worker=worker, version="1", stopped=stopped, places=2, recordings_done=3,
            busy_seconds=12.5,
        )  # fmt: skip
        note.started_at.FromJsonString("2026-01-01T00:00:00Z")
        held = note.recordings.add(place=0, stage="transcription", done_thousandths=10)
        held.ref.recording_id = f"rec-{worker}"
        return note

    def test_how_workers_are(self, house: House) -> None:
        """Who died is told apart from who stopped, and what it held is stale."""
        noting, reading = WorkNoteHandlers(house.notes), WorkReaderHandlers(house.other)
        noting.NoteWork(self._note("dead"), UNUSED)
        noting.NoteWork(self._note("gone", stopped=True), UNUSED)
        house.clock.now += 2 * SILENT_SECONDS * SECOND
        noting.NoteWork(self._note("here"), UNUSED)

        told = reading.ListWork(work_pb2.ListWorkRequest(), UNUSED)

        assert {one.name: one.state for one in told.workers} == {
            "dead": work_pb2.WORKER_STATE_SILENT,
            "gone": work_pb2.WORKER_STATE_STOPPED,
            "here": work_pb2.WORKER_STATE_ALIVE,
        }
        assert {one.worker: one.stale for one in told.recordings} == {
            "dead": True, "gone": True, "here": False,
        }  # fmt: skip
        here = next(one for one in told.workers if one.name == "here")
        assert (here.version, here.places, here.recordings_done, here.busy_seconds) == (
            "1", 2, 3, 12.5,
        )  # fmt: skip
        assert not here.HasField("certificate_ends_at")
