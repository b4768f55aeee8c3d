# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from services.storage.domain import clock, names
from services.storage.domain.bundles import Bundle, BundleFile, Bundles, ReleasedRun
from services.storage.domain.catalog import Catalog
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.retention import KeepingRule, Retention
from services.storage.domain.reviews import Review, Reviews
from services.storage.domain.states import State
from services.storage.domain.store import SealedStore
from services.storage.domain.transcripts import Summary, Transcripts
from services.storage.errors import DiffersFromStored, ObjectMissing
from services.storage.handlers import state_messages
from tests.support.counting_backend import CountingBackend
from tests.support.storage_service import KnownReleases
from tests.support.storage_zone import P07, P08, StorageZone, open_zone

REC = "rec-" + "a" * 26
REL = "rel-" + "a" * 26
EARLY, LATE = "0" * 32, "f" * 32
EMPTY = hashlib.sha256(b"").digest()


class Research:
    """A research zone whose clock counts seconds."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.zone: StorageZone = open_zone(root / "zone", "research")
        self.backend = CountingBackend(self.zone.objects)
        self.store = SealedStore(
            "research", self.backend, self.zone.keyring, self.zone.store.counters
        )
        self.catalog = Catalog(self.store)
        self._second = 0
        monkeypatch.setattr(clock, "now", self._now)

    def _now(self) -> str:
        self._second += 1
        return f"2026-11-25T16:{self._second // 60:02d}:{self._second % 60:02d}.000000+00:00"

    def finish(self, run: str, owner: Owner = P07, recording: str = REC) -> None:
        """Finish an empty run."""
        Transcripts(self.store).commit(owner, recording, Summary(run, EMPTY, 0, 0, b""))

    def release(self, *runs: str, release_id: str = REL) -> str:
        """Finish a release of runs of the recording; return its time."""
        bundles = Bundles(self.store)
        file = BundleFile("txt/a.txt", EMPTY, 0, "P07")
        bundles.put_file("peer-2026", release_id, file, [])
        released = [ReleasedRun(participant="P07", recording=REC, run=run) for run in runs]
        bundles.commit("peer-2026", release_id, [file], released)
        return bundles.get("peer-2026", release_id).committed_at

    def release_as_0_1(self) -> str:
        """Finish a release that does not say which runs are in it, and return its time."""
        self.release(release_id=REL)
        name = names.release("peer-2026", REL)
        owner = Owner.of_study("peer-2026")
        found = Bundles(self.store).get("peer-2026", REL)
        old = found.model_copy(update={"format": "sotto release 1", "runs": None})
        self.zone.objects.delete(name)
        self.store.put(owner, name, old.encode(), "application/vnd.sotto.release+json")
        return old.committed_at

    def state(self) -> State:
        """The state of the recording."""
        return self.catalog.state(RecordingRef(P07, REC))


@pytest.fixture
def research(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Research:
    """An empty zone."""
    return Research(tmp_path, monkeypatch)


class TestReleased:
    """A release says which runs it was made from."""

    def test_by_run(self, research: Research) -> None:
        """Each run is released by the first release that names it, no other run by it."""
        research.finish(EARLY)
        first = research.release(EARLY)
        research.finish(LATE)
        assert research.state().released == {EARLY: first}
        second = research.release(EARLY, LATE, release_id="rel-" + "b" * 26)
        assert research.state().released == {EARLY: first, LATE: second}
        assert research.state().released_at == first

    def test_version_0_1(self, research: Research) -> None:
        """Of a release that names none, the run that was the newest then is taken to be in it."""
        research.finish(EARLY)
        research.finish(LATE)
        at = research.release_as_0_1()
        research.finish("a" * 32)
        research.finish(EARLY, P08)
        assert research.state().released == {LATE: at}
        assert research.state().released_at == at
        assert not research.catalog.state(RecordingRef(P08, REC)).released

    def test_same_release(self, research: Research) -> None:
        """The same release again is no change; with other runs it is refused."""
        research.finish(EARLY)
        research.release(EARLY)
        research.release(EARLY)
        with pytest.raises(DiffersFromStored):
            research.release(EARLY, LATE)

    def test_same_release_as_0_1(self, research: Research) -> None:
        """A release of version 0.1 may be finished again: it cannot say otherwise."""
        research.finish(EARLY)
        research.release_as_0_1()
        research.release(EARLY)

    def test_stored_form(self, research: Research) -> None:
        """A release that names runs has a format of its own, and reads back."""
        research.finish(EARLY)
        research.release(EARLY)
        data = research.store.read(Owner.of_study("peer-2026"), names.release("peer-2026", REL))
        assert b'"format":"sotto release 2"' in data
        assert b'"runs":[{"participant":"P07","recording":"' + REC.encode() + b'","run":"' in data
        assert Bundle.decode(data, "peer-2026").encode() == data


class TestSelected:
    """An older run can become the newest one again."""

    def test_order(self, research: Research) -> None:
        """The selected run is the newest until another one is finished or selected."""
        transcripts = Transcripts(research.store)

        def order() -> list[str]:
            found = [run.run_key for run in research.state().transcripts]
            assert found == [run.run_key for run in transcripts.all_finished(P07, REC)]
            return found

        research.finish(EARLY)
        research.finish(LATE)
        assert order() == [EARLY, LATE]
        transcripts.select(P07, REC, EARLY)
        assert order() == [LATE, EARLY]
        assert transcripts.is_newest(P07, REC, EARLY)
        research.finish("a" * 32)
        assert order() == [LATE, EARLY, "a" * 32]
        transcripts.select(P07, REC, LATE)
        assert order()[-1] == LATE

    def test_only_what_is_finished(self, research: Research) -> None:
        """A run that is not there cannot be selected."""
        with pytest.raises(ObjectMissing):
            Transcripts(research.store).select(P07, REC, EARLY)

    def test_release_of_0_1(self, research: Research) -> None:
        """What is selected today changes nothing in what a release of version 0.1 held."""
        research.finish(EARLY)
        research.finish(LATE)
        at = research.release_as_0_1()
        Transcripts(research.store).select(P07, REC, EARLY)
        assert research.state().released == {LATE: at}


class TestErased:
    """What a withdrawal leaves is listed, and nothing more."""

    def test_in_order(self, research: Research) -> None:
        """Recordings of who withdrew stand in their place among the others, page by page."""
        owners = [Owner("peer-2026", code) for code in ("P1", "P1-2", "P2")]
        for owner in owners:
            research.finish(EARLY, owner)
        research.zone.keyring.destroy(owners[0], (REC,))
        listed: list[State] = []
        more = True
        while more:
            page, more = research.catalog.states("", listed[-1].ref if listed else None, 1)
            listed += page
        assert [(one.ref.owner.participant, one.erased) for one in listed] == [
            ("P1-2", False),
            ("P1", True),
            ("P2", False),
        ]


class TestState:
    """What else a state tells."""

    def test_review(self, research: Research) -> None:
        """Each run has its newest review, and no reason."""
        research.finish(EARLY)
        research.finish(LATE)
        word = Review(
            run=EARLY,
            state="rejected",
            decided_by="hana",
            decided_at=clock.now(),
            residual_risk=0.4,
            threshold=0.1,
            reason="the ward is named",
            corrections_generation=0,
        )
        reviews = Reviews(research.store)
        reviews.put(P07, REC, word, 0)
        reviews.put(P07, REC, word, 1)
        found = research.state().reviews
        assert list(found) == [EARLY]
        assert (found[EARLY].review.state, found[EARLY].generation) == ("rejected", 2)
        assert found[EARLY].review.reason == ""
        assert "ward" not in str(state_messages.state(research.state()))

    def test_run_in_progress(self, research: Research) -> None:
        """A run with windows and without a manifest is in progress, until it is finished."""
        transcripts = Transcripts(research.store)
        research.finish(EARLY)
        assert not research.state().run_in_progress
        transcripts.put_window(P07, REC, LATE, 0, [])
        transcripts.put_window(P07, REC, LATE, 1, [])
        assert research.state().run_in_progress
        assert research.catalog.states("", None, 10)[0][0].run_in_progress
        transcripts.commit(P07, REC, Summary(LATE, EMPTY, 0, 2, b""))
        assert not research.state().run_in_progress

    def test_lists_and_single_states_agree(self, research: Research) -> None:
        """A recording's state in the list is the one that it has alone."""
        for number, owner in enumerate((P07, P08)):
            research.finish(EARLY, owner)
            research.finish(LATE, owner, "rec-" + "bc"[number] * 26)
        Retention(research.store, lambda _study: KeepingRule(0), KnownReleases()).put_hold(
            P07, REC, held=True
        )
        research.release(EARLY)
        listed, more = research.catalog.states("", None, 10)
        assert not more
        assert len(listed) == 4
        assert [research.catalog.state(one.ref) for one in listed] == listed

    def test_cost(self, research: Research) -> None:
        """Releases are listed once for a page, whatever recordings there are."""
        for number in range(60):
            research.finish(EARLY, Owner("peer-2026", f"P{number}"))
        research.release(EARLY)
        research.catalog.states("", None, 1000)
        research.backend.calls.clear()
        assert len(research.catalog.states("", None, 1000)[0]) == 60
        assert research.backend.calls == {"list": 2}
