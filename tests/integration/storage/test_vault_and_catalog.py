# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json

import pytest

from services.common import errors
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from tests.support.storage_calls import ingest, spoil, states
from tests.support.storage_service import StorageServer, study


class TestVault:
    """Vaults change by compare-and-swap."""

    def test_compare_and_swap(self, clinical: StorageServer) -> None:
        """Of two writers on one generation the second is sent back."""
        stub = vault_service_pb2_grpc.VaultServiceStub(clinical.channel("deidentification"))
        ref = vault_pb2.VaultRef(study_id="peer-2026", participant="P07")
        assert stub.GetVault(vault_pb2.GetVaultRequest(ref=ref)).generation == 0
        put = vault_pb2.PutVaultRequest(ref=ref, document=b"one", base_generation=0)
        assert stub.PutVault(put).generation == 1
        with pytest.raises(errors.Conflict):
            stub.PutVault(put)
        found = stub.GetVault(vault_pb2.GetVaultRequest(ref=ref))
        assert (found.document, found.generation) == (b"one", 1)

    def test_roster(self, clinical: StorageServer) -> None:
        """The operator sets the roster and cannot read it."""
        writer = vault_service_pb2_grpc.RosterWriterServiceStub(clinical.channel("operator"))
        for name in ("Faizal", "Bulan"):
            document = json.dumps({"people": [{"name": name}]}).encode()
            writer.PutRoster(vault_pb2.PutRosterRequest(study_id="peer-2026", document=document))
        request = vault_pb2.GetRosterRequest(study_id="peer-2026")
        for service in ("deidentification", "transcription"):
            reader = vault_service_pb2_grpc.RosterReaderServiceStub(clinical.channel(service))
            assert reader.GetRoster(request).document == document
        operator = vault_service_pb2_grpc.RosterReaderServiceStub(clinical.channel("operator"))
        with pytest.raises(errors.PermissionDenied):
            operator.GetRoster(request)

    def test_names_are_added(self, clinical: StorageServer) -> None:
        """What is there stays, a name with its spellings stands once, and a look tells of none."""
        writer = vault_service_pb2_grpc.RosterWriterServiceStub(clinical.channel("operator"))
        first = b'{"people":[{"name":"Bulan","role":"nurse"}],"places":[{"name":"Taman Zorblax"}]}'
        writer.PutRoster(vault_pb2.PutRosterRequest(study_id="peer-2026", document=first))
        more = vault_pb2.PutRosterRequest(
            study_id="peer-2026", document=b'{"people":[{"name":"Bulan","also":["Lan"]}]}', add=True
        )
        looked = vault_pb2.PutRosterRequest()
        looked.CopyFrom(more)
        looked.dry_run = True
        answers = [writer.PutRoster(one) for one in (looked, more, looked, more)]
        assert [(one.existed, one.names_before) for one in answers] == [
            (False, 2), (False, 2), (False, 3), (True, 3),
        ]  # fmt: skip
        reader = vault_service_pb2_grpc.RosterReaderServiceStub(clinical.channel("transcription"))
        request = vault_pb2.GetRosterRequest(study_id="peer-2026")
        roster = json.loads(reader.GetRoster(request).document)
        assert roster["people"] == [
            {"name": "Bulan", "also": ["Lan"], "role": "nurse", "participant": ""}
        ]
        assert [one["name"] for one in roster["places"]] == ["Taman Zorblax"]

    @pytest.mark.parametrize(
        "document",
        [
            b"",
            b"no JSON",
            b"[]",
            b'{"people":[{"also":["Faizal"]}]}',
            b'{"people":[{"name":"Faizal","nmae":"Siti"}]}',
            b'{"places":[{"name":"Taman Zorblax","kind":"planet"}]}',
            b'{"people":[{"name":"Siti"}],"people":[]}',
            b"[" * 100_000,
        ],
    )
    def test_a_roster_that_no_engine_could_read(
        self, clinical: StorageServer, document: bytes
    ) -> None:
        """What is no roster is refused, without its words, and the one before it stays."""
        writer = vault_service_pb2_grpc.RosterWriterServiceStub(clinical.channel("operator"))
        kept = b'{"people":[{"name":"Bulan"}]}'
        writer.PutRoster(vault_pb2.PutRosterRequest(study_id="peer-2026", document=kept))

        with pytest.raises(errors.InvalidInput, match="roster") as refused:
            writer.PutRoster(vault_pb2.PutRosterRequest(study_id="peer-2026", document=document))

        assert "Faizal" not in str(refused.value)
        assert "nmae" not in str(refused.value)
        reader = vault_service_pb2_grpc.RosterReaderServiceStub(clinical.channel("transcription"))
        request = vault_pb2.GetRosterRequest(study_id="peer-2026")
        assert reader.GetRoster(request).document == kept


class TestCatalog:
    """Studies, states, failures."""

    def test_studies(self, clinical: StorageServer) -> None:
        """A study is described again, and the same description changes nothing."""
        writer = catalog_service_pb2_grpc.CatalogWriterServiceStub(clinical.channel("operator"))
        reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(clinical.channel("flows"))
        assert writer.PutStudy(catalog_pb2.PutStudyRequest(study=study())).existed
        changed = study(("P07", "P08", "P09"))
        assert not writer.PutStudy(catalog_pb2.PutStudyRequest(study=changed)).existed
        request = catalog_pb2.GetStudyRequest(study_id="peer-2026")
        assert reader.GetStudy(request).study == changed
        assert list(reader.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids) == ["peer-2026"]
        with pytest.raises(errors.NotFound):
            reader.GetStudy(catalog_pb2.GetStudyRequest(study_id="other"))

    def test_members(self, clinical: StorageServer) -> None:
        """Who works on a study is stored with it; the log says that this changed, and not who."""
        writer = catalog_service_pb2_grpc.CatalogWriterServiceStub(clinical.channel("operator"))
        reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(clinical.channel("flows"))
        changed = study()
        changed.members.add(person="somebody.else", roles=[study_pb2.MEMBER_ROLE_REVIEWER])
        assert not writer.PutStudy(catalog_pb2.PutStudyRequest(study=changed)).existed
        written = [one for one in clinical.log.events if one.name == "study:description:written"]
        assert [one.attributes["changed"] for one in written if "changed" in one.attributes] == [
            "members"
        ]
        assert "somebody" not in str(written)
        request = catalog_pb2.GetStudyRequest(study_id="peer-2026")
        assert reader.GetStudy(request).study == changed

    def test_pages(self, clinical: StorageServer) -> None:
        """All recordings are listed once each, in order, over pages of any size."""
        refs = {
            ingest(clinical, bytes([n]), participant=p).ref.recording_id
            for p in ("P07", "P08")
            for n in range(4)
        }
        for size in (1, 3, 8, 100):
            found, token = [], ""
            while True:
                page = states(clinical, study_id="peer-2026", page_size=size, page_token=token)
                found += [(s.ref.participant, s.ref.recording_id) for s in page.recordings]
                token = page.next_page_token
                if not token:
                    break
            assert found == sorted(found)
            assert {recording_id for _, recording_id in found} == refs
            assert len(found) == len(refs)

    def test_damage(self, clinical: StorageServer) -> None:
        """A damaged manifest shows as a failure of its recording and hides no other."""
        refs = [ingest(clinical, bytes([n])).ref for n in range(2)]
        name = f"peer-2026/P07/{refs[0].recording_id}/manifest"
        spoil(clinical, name, lambda data: data[:-1])
        found = {s.ref.recording_id: s.failure.reason for s in states(clinical).recordings}
        assert found == {refs[0].recording_id: "DATA_LOSS", refs[1].recording_id: ""}

    def test_failure(self, clinical: StorageServer) -> None:
        """A failure is kept, shown and cleared."""
        ref = ingest(clinical, b"interview").ref
        writer = catalog_service_pb2_grpc.FailureServiceStub(clinical.channel("flows"))
        failure = recording_pb2.StageFailure(
            stage="transcription", reason="INVALID_ARGUMENT", message="no audio stream"
        )
        failure.time.FromSeconds(1_700_000_000)
        writer.PutFailure(catalog_pb2.PutFailureRequest(ref=ref, failure=failure))
        assert states(clinical).recordings[0].failure == failure
        writer.PutFailure(catalog_pb2.PutFailureRequest(ref=ref))
        assert not states(clinical).recordings[0].HasField("failure")
