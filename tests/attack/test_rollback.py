# SPDX-License-Identifier: Apache-2.0
"""Whoever can write to the store of objects takes no newer generation away unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common import errors
from services.storage.domain.counters import Counters
from services.storage.domain.key_store import names
from services.storage.domain.names import Owner
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import RolledBack
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    review_pb2,
    review_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.storage_calls import (
    RUN,
    delete_content,
    erase,
    hold,
    ingest,
    states,
    write_transcript,
)
from tests.support.storage_service import StorageServer, study
from tests.support.storage_zone import P07, P08, StorageZone, open_zone

STUDY = Owner.of_study("peer-2026")


@pytest.fixture
def clinical(tmp_path: Path) -> Iterator[StorageServer]:
    """The clinical zone, with a study."""
    service = storage_service.start(tmp_path / "home", "clinical")
    describe(service, "first")
    yield service
    service.stop()


@pytest.fixture
def research(tmp_path: Path) -> Iterator[StorageServer]:
    """The research zone."""
    service = storage_service.start(tmp_path / "home", "research")
    yield service
    service.stop()


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """A zone without a service."""
    return open_zone(tmp_path / "zone")


def describe(service: StorageServer, title: str) -> None:
    """Describe the study."""
    described = study()
    described.title = title
    catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=described)
    )


def roll_back(service: StorageServer, folder: str) -> None:
    """Take the newest generation of a document away, as an administrator of the store can."""
    backend = service.zone.store.backend
    assert backend.delete(list(names(backend, f"{folder}/g-"))[-1])


def scrub(service: StorageServer, **asked: bool) -> list[tuple[str, str, str]]:
    """What a scrub finds."""
    stub = admin_service_pb2_grpc.StoreAdminServiceStub(service.channel("operator"))
    found = stub.Scrub(admin_pb2.ScrubRequest(**asked))
    return [(one.object, one.finding, one.action) for one in found if one.object]


class TestClinical:
    """Holds, vaults, studies and failures."""

    def test_hold(self, clinical: StorageServer) -> None:
        """A hold that was taken away protects still."""
        ref = ingest(clinical, b"interview").ref
        hold(clinical, ref, held=True)
        folder = f"peer-2026/P07/{ref.recording_id}/hold"
        roll_back(clinical, folder)
        with pytest.raises(errors.Corrupted, match="rolled back"):
            delete_content(clinical, ref)
        assert clinical.zone.store.exists(f"peer-2026/P07/{ref.recording_id}/source")
        assert states(clinical).recordings[0].failure.reason == "DATA_LOSS"
        assert scrub(clinical) == [(f"{folder}/g-00000001", "rolled-back", "none")]

    def test_vault_and_study(self, clinical: StorageServer) -> None:
        """Neither a label is given twice nor an older policy obeyed."""
        stub = vault_service_pb2_grpc.VaultServiceStub(clinical.channel("deidentification"))
        ref = vault_pb2.VaultRef(study_id="peer-2026")
        for base, document in enumerate((b"one", b"two")):
            stub.PutVault(
                vault_pb2.PutVaultRequest(ref=ref, document=document, base_generation=base)
            )
        describe(clinical, "second")
        roll_back(clinical, "peer-2026/_study/vault")
        roll_back(clinical, "peer-2026/_study/study")
        with pytest.raises(errors.Corrupted, match="generation 1 is the newest there, and 2 was"):
            stub.GetVault(vault_pb2.GetVaultRequest(ref=ref))
        with pytest.raises(errors.Corrupted, match="rolled back"):
            stub.PutVault(vault_pb2.PutVaultRequest(ref=ref, document=b"new", base_generation=1))
        catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(clinical.channel("operator"))
        with pytest.raises(errors.Corrupted, match="rolled back"):
            catalog.GetStudy(catalog_pb2.GetStudyRequest(study_id="peer-2026"))
        assert [finding for _, finding, _ in scrub(clinical)] == ["rolled-back"] * 2

    def test_accepted(self, clinical: StorageServer) -> None:
        """Whoever restored an older state says so, in the log; then it counts."""
        describe(clinical, "second")
        roll_back(clinical, "peer-2026/_study/study")
        assert [action for *_, action in scrub(clinical, accept=True)] == ["accepted"]
        entry = next(one for one in clinical.log.events if one.attributes.get("accept") == "true")
        assert entry.name == "store:zone:scrubbed"
        catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(clinical.channel("operator"))
        request = catalog_pb2.GetStudyRequest(study_id="peer-2026")
        assert catalog.GetStudy(request).study.title == "first"
        assert scrub(clinical) == []

    def test_tombstone(self, clinical: StorageServer, tmp_path: Path) -> None:
        """Who was erased stays erased, though the tombstone was taken away."""
        ingest(clinical, b"interview")
        erase(clinical, "P07")
        (tmp_path / "home/clinical/tombstones/peer-2026/P07/erased").unlink()
        assert scrub(clinical) == [("tombstones/peer-2026/P07/erased", "missing", "none")]
        clinical.stop()
        again = storage_service.start(tmp_path / "home", "clinical")
        with pytest.raises(errors.Erased):
            ingest(again, b"interview")
        again.stop()


class TestResearch:
    """Reviews and corrections."""

    def test_rejection(self, research: StorageServer) -> None:
        """A rejection that was taken away does not leave the approval before it."""
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        write_transcript(research, ref, "deidentification")
        stub = review_service_pb2_grpc.ReviewStoreServiceStub(research.channel("release"))
        for base, state in enumerate(
            (review_pb2.REVIEW_STATE_APPROVED, review_pb2.REVIEW_STATE_REJECTED)
        ):
            review = review_pb2.Review(
                run_key=RUN,
                state=state,
                decided_by="dr.lim",
                reason="a name is left",
                generation=base,
            )
            stub.PutReview(review_pb2.PutReviewRequest(ref=ref, review=review))
        assert states(research).recordings[0].transcripts[0].review.generation == 2
        roll_back(research, f"peer-2026/P07/{ref.recording_id}/review/{RUN}")
        [state] = states(research).recordings
        assert not state.transcripts
        assert state.failure.reason == "DATA_LOSS"
        with pytest.raises(errors.Corrupted, match="rolled back"):
            stub.ListReviews(review_pb2.ListReviewsRequest(ref=ref))


class TestNoFalseAlarm:
    """What is no rollback."""

    def test_killed_before_the_counter(
        self, zone: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A writer that was killed between generation and counter: its generation counts."""
        documents = VersionedDocuments(zone.store, "vault")
        documents.put(P07, b"one", 0)
        with monkeypatch.context() as patched:
            patched.setattr(Counters, "note", lambda *_: None)
            documents.put(P07, b"two", 1)
        again = VersionedDocuments(open_zone(zone.root).store, "vault")
        assert again.latest(P07) == (b"two", 2)
        zone.objects.delete("peer-2026/P07/vault/g-00000002")
        with pytest.raises(RolledBack):
            VersionedDocuments(open_zone(zone.root).store, "vault").latest(P07)

    def test_home_without_counters(self, zone: StorageZone) -> None:
        """An older home starts from what is there."""
        VersionedDocuments(zone.store, "vault").put(P07, b"one", 0)
        for path in (zone.root / "counters").rglob("0*-*"):
            path.unlink()
        again = VersionedDocuments(open_zone(zone.root).store, "vault")
        assert again.latest(P07) == (b"one", 1)
        assert list((zone.root / "counters").rglob("00000001-*"))

    def test_two_processes(self, zone: StorageZone) -> None:
        """What another process wrote is no rollback for one that knew the state before."""
        here = VersionedDocuments(zone.store, "vault")
        there = VersionedDocuments(open_zone(zone.root).store, "vault")
        for number in range(0, 6, 2):
            assert here.put(P07, b"here", number) == number + 1
            assert there.latest(P07) == (b"here", number + 1)
            assert there.put(P07, b"there", number + 1) == number + 2
            assert here.latest(P07) == (b"there", number + 2)

    def test_forged_counter(self, zone: StorageZone) -> None:
        """A counter that the zone did not make stops nothing, and is named."""
        VersionedDocuments(zone.store, "vault").put(P07, b"one", 0)
        [genuine] = (zone.root / "counters/peer-2026/P07/vault").iterdir()
        genuine.with_name("00000009" + genuine.name[8:]).write_bytes(b"\n")
        again = open_zone(zone.root).store
        assert VersionedDocuments(again, "vault").latest(P07) == (b"one", 1)
        assert again.counters.floors("").forged

    def test_generation_of_no_key(self, zone: StorageZone) -> None:
        """What somebody lays there without a key is damage, and over once it is removed."""
        documents = VersionedDocuments(zone.store, "vault")
        documents.put(P07, b"one", 0)
        path = zone.root / "objects/peer-2026/P07/vault/g-00000009"
        path.write_bytes(b"x" * 200)
        with pytest.raises(errors.Corrupted):
            documents.latest(P07)
        path.unlink()
        assert documents.latest(P07) == (b"one", 1)

    def test_erased(self, zone: StorageZone) -> None:
        """An erasure is told as such."""
        documents = VersionedDocuments(zone.store, "vault")
        documents.put(P07, b"one", 0)
        documents.put(P08, b"one", 0)
        zone.keyring.destroy(P07, ())
        for name in list(zone.store.list(P07.prefix)):
            zone.objects.delete(name)
        with pytest.raises(errors.Erased):
            documents.latest(P07)
