# SPDX-License-Identifier: Apache-2.0
"""A removal or a move that dies at any change is finished by the next call."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from services.registry.removals import RemovalReason
from services.storage.adapters.directory import DirectoryBackend
from services.storage.domain.catalog import Catalog
from services.storage.domain.contents import Contents, ContentState
from services.storage.domain.counters import Counters
from services.storage.domain.failures import Failure
from services.storage.domain.intake_repair import IntakeRepair, ResearchRemoval
from services.storage.domain.names import RecordingRef
from services.storage.domain.pending import PendingList
from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.domain.removals import Removal, Removals
from services.storage.domain.retention import KeepingRule, Retention
from services.storage.domain.scrub import Scrub
from services.storage.domain.store import SealedStore
from services.storage.domain.transcripts import Summary, Transcripts
from tests.support.mortal_backend import Died, Life, MortalBackend
from tests.support.storage_service import KnownReleases
from tests.support.storage_zone import P07, P08, open_zone

CONTENT = b"an interview"
SHA256 = hashlib.sha256(CONTENT).digest()
HEADER = RecordingHeader(P07, 1, "media", "a.wav", len(CONTENT), SHA256)
RUN = "0" * 32
EMPTY = hashlib.sha256(b"").digest()
FOR_EVER = Life(1_000_000)


class Zones(KnownReleases):
    """Both zones as a process has them that dies after some changes."""

    def __init__(self, root: Path, life: Life = FOR_EVER) -> None:
        super().__init__()
        self.clinical, self.research = (
            _store(root / zone, zone, life) for zone in ("clinical", "research")
        )
        marks = MortalBackend(DirectoryBackend(root / "pending"), life)
        self.catalog = Catalog(self.clinical)
        self.pending = PendingList(marks, self.clinical, self.catalog.sealed)
        self.recordings = Recordings(self.clinical, self.pending.mark)
        retention = Retention(self.clinical, lambda _study: KeepingRule(0), self)
        self.repair = IntakeRepair(
            self.clinical, self.catalog, self.recordings, retention, self, self.pending.forget
        )

    def remove(self, ref: RecordingRef, reason: RemovalReason) -> ResearchRemoval:
        """Remove transcripts in the research zone, as its handler does."""
        removals = Removals(self.research)
        record = Removal(
            recording=ref.recording_id, session=0, reason=reason, removed_at="", removed_by=""
        )
        removals.note(ref, record)
        return ResearchRemoval(removals.delete(ref))

    def listed(self, store: SealedStore) -> list[RecordingRef]:
        """What a zone lists, damaged or not."""
        states, _ = Catalog(store).states("peer-2026", None, 100)
        return [one.ref for one in states]

    def findings(self, *, repair: bool = False) -> list[str]:
        """What a scrub finds in both zones."""
        return [
            one.finding
            for store in (self.clinical, self.research)
            for one in Scrub(store, repair=repair).findings()
        ]


def _store(root: Path, zone: str, life: Life) -> SealedStore:
    opened = open_zone(root, zone)
    counters = MortalBackend(DirectoryBackend(root / "counters"), life)
    return SealedStore(
        zone,
        MortalBackend(opened.objects, life),
        opened.keyring,
        Counters(zone, counters, lambda: opened.keyring.secret("generations")),
    )


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[Path, RecordingRef]:
    """Both zones with a recording that has runs, a failure and a hold that was lifted."""
    root = tmp_path / "prepared"
    root.mkdir()
    zones = Zones(root)
    recording_id, _ = zones.recordings.receive(HEADER, [CONTENT])
    ref = RecordingRef(P07, recording_id)
    for store in (zones.clinical, zones.research):
        Transcripts(store).commit(P07, recording_id, Summary(RUN, EMPTY, 0, 0, b""))
    failure = Failure(stage="release", reason="INTERNAL", message="x", time="")
    zones.catalog.failures.put(P07, recording_id, failure)
    zones.catalog.failures.put(P07, recording_id, None)
    return root, ref


def dying(
    root: Path, ref: RecordingRef, tmp_path: Path, act: Callable[[Zones, RecordingRef], object]
) -> list[Path]:
    """Let `act` die before each of its changes; return the homes that this leaves."""
    left = []
    for changes in range(100):
        home = tmp_path / f"after-{changes}"
        shutil.copytree(root, home)
        try:
            act(Zones(home, Life(changes)), ref)
        except Died:
            left.append(home)
        else:
            return left
    raise AssertionError("it never came to its end")


def remove(zones: Zones, ref: RecordingRef) -> None:
    """Remove the recording."""
    zones.repair.remove(ref, RemovalReason.DUPLICATE, "ana")


def move(zones: Zones, ref: RecordingRef) -> RecordingRef:
    """Move the recording, in the steps of its handler."""
    target, header = zones.repair.target(ref, P08, 2)
    zones.repair.copy(ref, header)
    zones.repair.remove(ref, RemovalReason.WRONG_PARTICIPANT, "ana", target)
    return target


class TestDeath:
    def test_remove(self, tmp_path: Path, prepared: tuple[Path, RecordingRef]) -> None:
        """No word is left in the research zone of what the clinical zone calls removed."""
        root, ref = prepared
        homes = dying(root, ref, tmp_path, remove)
        assert len(homes) >= 12
        for home in homes:
            zones = Zones(home)
            if Removals(zones.clinical).of(ref) is not None:
                assert zones.listed(zones.clinical) == zones.listed(zones.research) == []
            else:
                assert zones.listed(zones.clinical) == [ref]
            remove(zones, ref)
            remove(zones, ref)
            for store in (zones.clinical, zones.research):
                assert list(store.list("peer-2026/P07/rec-")) == [f"{ref.folder}removed/g-00000001"]
            assert zones.findings() == []
            assert zones.pending.page("", None, 10)[0] == []

    def test_move(self, tmp_path: Path, prepared: tuple[Path, RecordingRef]) -> None:
        """The content is always there, and at the end in one place alone, waiting for work."""
        root, ref = prepared
        homes = dying(root, ref, tmp_path, move)
        assert len(homes) >= 15
        for home in homes:
            zones = Zones(home)
            find = Contents(zones.clinical, zones.catalog.recordings).find
            found = [one.state for one in find("peer-2026", [SHA256])]
            assert ContentState.SEALED in found
            target = move(zones, ref)
            assert move(zones, ref) == target
            assert [one.ref for one in zones.pending.page("", None, 10)[0]] == [target]
            assert zones.listed(zones.clinical) == [target]
            assert zones.findings() == []

    def test_scrub(self, tmp_path: Path, prepared: tuple[Path, RecordingRef]) -> None:
        """What a removal left behind is found, and repaired by a scrub as by a second call."""
        root, ref = prepared
        found = set()
        for home in dying(root, ref, tmp_path, remove):
            zones = Zones(home)
            found |= set(zones.findings(repair=True))
            assert zones.findings() == []
        assert found == {"orphan"}


class TestRestored:
    def test_older_objects(self, tmp_path: Path, prepared: tuple[Path, RecordingRef]) -> None:
        """Objects of a backup from before a removal are listed as failed until it is made again."""
        root, ref = prepared
        before = tmp_path / "backup"
        shutil.copytree(root / "research" / "objects", before)
        remove(Zones(root), ref)
        shutil.rmtree(root / "research" / "objects")
        shutil.copytree(before, root / "research" / "objects")
        zones = Zones(root)
        [state], _ = Catalog(zones.research).states("peer-2026", None, 10)
        assert state.failure is not None
        assert not state.transcripts
        assert "rolled-back" in zones.findings()
