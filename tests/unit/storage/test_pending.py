# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.storage.adapters.directory import DirectoryBackend
from services.storage.domain.catalog import Catalog
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.pending import PendingList
from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.domain.store import SealedStore
from tests.support.counting_backend import CountingBackend
from tests.support.storage_zone import P07, P08, StorageZone, open_zone

HOUR = 3600 * 1_000_000
ENGINES = "a" * 64


class Clock:
    """A clock that a test moves, in microseconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000_000

    def __call__(self) -> int:
        """Return the time."""
        return self.now


class House:
    """A clinical zone with its list of pending recordings, on stores that count."""

    def __init__(self, root: Path) -> None:
        self.zone: StorageZone = open_zone(root / "zone")
        self.marks = CountingBackend(DirectoryBackend(root / "pending"))
        self.objects = CountingBackend(self.zone.objects)
        self.clock = Clock()
        self.pending = self.replica()
        self.recordings = Recordings(self.pending_store(), self.pending.mark)

    def pending_store(self) -> SealedStore:
        """The store whose calls are counted."""
        return SealedStore("clinical", self.objects, self.zone.keyring, self.zone.store.counters)

    def replica(self) -> PendingList:
        """The list as another process has it."""
        store = self.pending_store()
        return PendingList(self.marks, store, Catalog(store).sealed, self.clock)

    def seal(self, owner: Owner = P07, session: int = 1) -> RecordingRef:
        """Take a recording in."""
        content = f"{owner} {session}".encode()
        header = RecordingHeader(
            owner, session, "media", "a.wav", len(content), hashlib.sha256(content).digest()
        )
        recording_id, _ = self.recordings.receive(header, [content])
        return RecordingRef(owner, recording_id)

    def listed(self, pending: PendingList | None = None) -> list[RecordingRef]:
        """What is pending."""
        return [one.ref for one in (pending or self.pending).page("", None, 1000)[0]]

    def mark_of(self, ref: RecordingRef) -> int:
        """The newest mark of a recording."""
        return {one.ref: one.mark for one in self.pending.page("", None, 1000)[0]}[ref]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty zone."""
    return House(tmp_path)


class TestMarks:
    """A recording is on the list from its mark until that mark is settled."""

    def test_new_recording(self, house: House) -> None:
        """One that came in is listed, with its session, until it is settled."""
        ref = house.seal(session=4)
        [found] = house.pending.page("peer-2026", None, 10)[0]
        assert (found.ref, found.session) == (ref, 4)
        assert not house.pending.settle(ref, found.mark)
        assert house.listed() == []

    def test_newer_mark_stays(self, house: House) -> None:
        """What was marked again since it was seen stays, though no time went by."""
        ref = house.seal()
        seen = house.mark_of(ref)
        house.pending.mark(ref)
        assert house.pending.settle(ref, seen)
        assert house.mark_of(ref) > seen

    def test_settled_twice(self, house: House) -> None:
        """A mark that was settled before takes nothing away, not even of a slower clock."""
        ref = house.seal()
        seen = house.mark_of(ref)
        house.pending.settle(ref, seen)
        house.clock.now -= HOUR
        assert house.replica().mark(ref) < seen
        assert house.pending.settle(ref, seen)
        assert house.listed() == [ref]

    def test_one_mark_at_a_time(self, house: House) -> None:
        """However often a recording is marked, one mark is kept."""
        ref = house.seal()
        for _ in range(5):
            house.pending.mark(ref)
        assert len(house.marks.list("mark/").objects) == 1

    def test_study_and_all(self, house: House) -> None:
        """All recordings of a study, or of all studies, are marked."""
        refs = [house.seal(P07), house.seal(P08), house.seal(Owner("other", "P07"))]
        for ref in refs:
            house.pending.forget(ref)
        assert house.pending.mark_all("other") == 1
        assert house.listed() == refs[2:]
        assert house.pending.mark_all() == 3
        assert set(house.listed()) == set(refs)

    def test_cost_of_all(self, house: House) -> None:
        """Marking all lists the marks once and writes one for each recording."""
        for session in range(1, 21):
            house.seal(session=session)
        house.marks.calls.clear()
        assert house.pending.mark_all() == 20
        assert house.marks.calls == {"list": 1, "stage": 20, "delete": 20}

    def test_all_again(self, house: House) -> None:
        """All are marked again at the same moment: a mark that was seen does not stand for it."""
        ref = house.seal()
        house.pending.forget(ref)
        house.pending.mark_all()
        seen = house.mark_of(ref)
        house.replica().mark_all()
        assert house.pending.settle(ref, seen)
        assert house.mark_of(ref) > seen

    def test_engines_for_the_first_time(self, house: House) -> None:
        """What is worked on when engines are noted for the first time is settled by its mark."""
        refs = [house.seal(P07), house.seal(P08)]
        house.pending.forget(refs[0])
        seen = house.mark_of(refs[1])
        assert house.pending.put_engines(ENGINES) == 1
        assert house.listed() == refs
        assert not house.pending.settle(refs[1], seen)

    def test_engines(self, house: House) -> None:
        """Other engines than those of last time mark all, the same ones nothing."""
        ref = house.seal()
        house.pending.forget(ref)
        assert not house.pending.has_engines(ENGINES)
        assert house.pending.put_engines(ENGINES) == 1
        assert house.replica().has_engines(ENGINES)
        assert house.listed() == [ref]
        house.clock.now -= HOUR
        assert house.replica().put_engines("b" * 64) == 1
        assert house.pending.has_engines("b" * 64)
        assert len(house.marks.list("engines/").objects) == 1


class TestChanges:
    """A change marks what it concerns once it happened, also when its process dies."""

    def test_happened(self, house: House) -> None:
        """Marks are set behind a change, and for nothing that did not happen."""
        ref = house.seal()
        house.pending.forget(ref)
        with house.pending.changing("peer-2026"):
            assert house.listed() == []
        assert house.listed() == []
        with house.pending.changing("peer-2026") as change:
            change.happened = True
        assert house.listed() == [ref]
        assert not house.marks.list("change/").objects

    def test_failed(self, house: House) -> None:
        """A change of which nobody knows whether it happened marks, too."""
        ref = house.seal()
        house.pending.forget(ref)
        with pytest.raises(OSError, match="torn"), house.pending.changing("peer-2026", ref):
            raise OSError("torn")
        assert house.listed() == [ref]

    @pytest.mark.parametrize("whole", [True, False])
    def test_killed(self, house: House, whole: bool) -> None:
        """What a killed process noted is marked by another one, once it can no longer be alive."""
        ref, other = house.seal(P07), house.seal(P08)
        house.pending.forget(ref)
        house.pending.forget(other)
        killed = house.pending.changing("peer-2026", None if whole else ref)
        killed.__enter__()  # and never left
        assert house.listed(house.replica()) == []
        house.clock.now += HOUR
        assert house.listed(house.replica()) == ([ref, other] if whole else [ref])
        assert not house.marks.list("change/").objects


class TestNobodyThere:
    """Marks of what cannot be seen are not listed, and do not stay."""

    def test_upload_that_died(self, house: House) -> None:
        """A mark without a recording is skipped, and gone after an hour."""
        ref = RecordingRef(P07, "rec-" + "a" * 26)
        house.seal(P07)
        house.pending.mark(ref)
        assert ref not in house.listed()
        assert len(house.marks.list("mark/").objects) == 2
        house.clock.now += HOUR
        assert ref not in house.listed()
        assert len(house.marks.list("mark/").objects) == 1

    def test_erased(self, house: House) -> None:
        """Marks of an erased participant are taken away, those of another process's erasure too."""
        ref = house.seal(P07)
        kept = house.seal(P08)
        assert house.listed() == [ref, kept]
        house.zone.keyring.destroy(P07, (ref.recording_id,))
        assert house.listed() == [kept]
        assert not house.marks.list("mark/peer-2026/P07/").objects
        assert house.pending.mark_all() == 1
        house.pending.forget_owner(P08)
        assert house.listed() == []

    def test_foreign_names(self, house: House) -> None:
        """What is no mark of ours is left alone."""
        for name in ("mark/peer-2026/P07/x/1", "mark/README", "mark/peer-2026/p/r/" + "1" * 16):
            staged = house.marks.stage(name)
            staged.commit()
        assert house.listed() == []
        assert len(house.marks.list("mark/").objects) == 3


class TestPages:
    """The list is paged by names alone."""

    def test_cost(self, house: House) -> None:
        """Listings do not grow with recordings that are settled, and none is of objects."""
        pending = [house.seal(P08, session) for session in range(1, 4)]
        house.listed()
        house.marks.calls.clear()
        house.listed()
        few = house.marks.calls["list"]
        settled = [house.seal(P07, session) for session in range(1, 301)]
        for ref in settled:
            house.pending.settle(ref, house.pending.mark(ref))
        house.objects.calls.clear()
        house.marks.calls.clear()
        assert sorted(house.listed(), key=lambda ref: ref.folder) == sorted(
            pending, key=lambda ref: ref.folder
        )
        assert house.marks.calls == {"list": few}
        assert house.objects.calls["list"] == 0

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.integers(0, 11), max_size=8), st.integers(1, 5))
    def test_settled_meanwhile(self, gone: list[int], size: int) -> None:
        """Whoever pages while others settle and mark sees what stays pending exactly once."""
        with tempfile.TemporaryDirectory() as folder:
            house = House(Path(folder))
            refs = [house.seal(P07 if n % 2 else P08, n + 1) for n in range(12)]
            todo = [refs[n] for n in gone]
            found: list[RecordingRef] = []
            after, more = None, True
            while more:
                page, more = house.pending.page("", after, size)
                found += [one.ref for one in page]
                after = found[-1] if found else None
                if todo:
                    house.replica().forget(todo.pop())
                    house.replica().mark(refs[0])
            staying = {ref for n, ref in enumerate(refs) if n not in gone}
            assert staying <= set(found)
            assert len(found) == len(set(found))
            assert found == sorted(found, key=lambda ref: ref.folder)
