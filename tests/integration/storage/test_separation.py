# SPDX-License-Identifier: Apache-2.0
"""Who changed a study's policy or review, as each zone notes it, and who countersigned policies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common import context
from services.common.errors import InvalidInput, NotFound, PermissionDenied
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from sotto.study.v1 import study_pb2
from tests.integration.storage.test_pending import pending, settle_all
from tests.support.storage_calls import ingest
from tests.support.storage_service import StorageServer, start, study


@pytest.fixture
def clinical(tmp_path: Path) -> Iterator[StorageServer]:
    """The clinical zone, in a directory: what is stored where is of no matter here."""
    service = start(tmp_path / "clinical", "clinical")
    put_study(service, study())
    yield service
    service.stop()


@pytest.fixture
def research(tmp_path: Path) -> Iterator[StorageServer]:
    """The research zone."""
    service = start(tmp_path / "research", "research")
    yield service
    service.stop()


def put_study(zone: StorageServer, given: study_pb2.Study) -> None:
    """Write a study as the operator."""
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(zone.channel("operator"))
    stub.PutStudy(catalog_pb2.PutStudyRequest(study=given))


AUTOMATIC = study_pb2.REVIEW_MODE_AUTOMATIC
OWN = "name: own\nversion: 1\nentities: {PERSON: keep}\n"
DIGEST = "5" * 64


def _put(zone: StorageServer, person: str, study_id: str = "apart", **changes: object) -> None:
    """Write a study as a person, with some fields changed."""
    given = study()
    given.id = study_id
    for name, value in changes.items():
        setattr(given, name, value)
    with context.acting(person=person):
        put_study(zone, given)


def _get(zone: StorageServer, study_id: str = "apart") -> catalog_pb2.GetStudyResponse:
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(zone.channel("operator"))
    return stub.GetStudy(catalog_pb2.GetStudyRequest(study_id=study_id))


def _changed_by(zone: StorageServer, study_id: str = "apart") -> list[str]:
    return list(_get(zone, study_id).study.policy_changed_by)


def _countersign(zone: StorageServer, person: str, study_id: str = "apart") -> bool:
    stub = catalog_service_pb2_grpc.CountersignatureServiceStub(zone.channel("compliance"))
    request = catalog_pb2.CountersignPolicyRequest(study_id=study_id, policy_digest=DIGEST)
    with context.acting(person=person):
        return stub.CountersignPolicy(request).existed


class TestWhoChanged:
    @pytest.mark.parametrize("name", ["clinical", "research"])
    def test_is_noted_from_the_call(
        self, name: str, clinical: StorageServer, research: StorageServer
    ) -> None:
        """Each who changes policy, its text or review is added, in each zone, and stays."""
        zone = clinical if name == "clinical" else research
        _put(zone, "ana")
        assert _changed_by(zone) == []
        _put(zone, "ben", title="Another title")
        assert _changed_by(zone) == []
        _put(zone, "chua", policy="safe-harbor")
        _put(zone, "dev", policy="own", policy_document=OWN)
        _put(zone, "chua", policy="own", policy_document=OWN + "\n")
        _put(zone, "ana", policy="own", policy_document=OWN + "\n", review=AUTOMATIC)
        assert _changed_by(zone) == ["ana", "chua", "dev"]
        _put(zone, "eve")
        assert _changed_by(zone) == ["ana", "chua", "dev", "eve"]

    @pytest.mark.parametrize(
        "first", [{"review": AUTOMATIC}, {"policy": "own", "policy_document": OWN}]
    )
    def test_begins_with_a_policy_or_rule_of_ones_own(
        self, clinical: StorageServer, first: dict[str, object]
    ) -> None:
        """A new study counts where it brings its own policy, or lets a rule approve."""
        _put(clinical, "ana", **first)

        assert _changed_by(clinical) == ["ana"]

    def test_is_nobodys_to_say(self, clinical: StorageServer) -> None:
        """A caller that names who changed it is refused, and takes nobody off the list."""
        _put(clinical, "ana", review=AUTOMATIC)
        given = study()
        given.id = "apart"
        given.policy_changed_by.append("ben")

        with pytest.raises(InvalidInput, match=r"policy.changed.by"):
            put_study(clinical, given)
        assert _changed_by(clinical) == ["ana"]

    def test_the_same_again_changes_nothing(self, clinical: StorageServer) -> None:
        """Who sends what is there is nobody who changed it, and writes no new generation."""
        _put(clinical, "ana", review=AUTOMATIC)
        before = list(clinical.zone.store.list("apart/_study/study/"))
        _put(clinical, "ben", review=AUTOMATIC)

        assert _changed_by(clinical) == ["ana"]
        assert list(clinical.zone.store.list("apart/_study/study/")) == before

    @pytest.mark.parametrize("name", ["research-default", "safe-harbor"])
    def test_names_of_shipped_policies_are_taken(self, clinical: StorageServer, name: str) -> None:
        """A study's own text under the name of a policy that ships is refused by the store."""
        with pytest.raises(InvalidInput, match="ships"):
            _put(clinical, "ana", policy=name, policy_document=OWN)
        with pytest.raises(NotFound):
            _get(clinical)


class TestCountersigning:
    def test_is_kept_with_name_and_time(self, clinical: StorageServer) -> None:
        """An officer's word is in the study's answer and in the log; twice is once."""
        _put(clinical, "ana", policy="own", policy_document=OWN)

        assert _countersign(clinical, "puan.aishah") is False
        assert _countersign(clinical, "puan.aishah") is True
        [signed] = _get(clinical).countersignatures
        assert (signed.policy_digest, signed.person) == (DIGEST, "puan.aishah")
        assert signed.time.seconds > 1_700_000_000
        told = [one for one in clinical.log.events if one.name == "study:policy:countersigned"]
        assert [one.person for one in told] == ["puan.aishah"] * 4
        assert told[0].attributes["policy_version"] == DIGEST[:16]

    def test_is_not_for_who_changed_the_policy(self, clinical: StorageServer) -> None:
        """Whoever wrote the policy lets it pass in no other role either."""
        _put(clinical, "ana", policy="own", policy_document=OWN)

        with pytest.raises(PermissionDenied, match="ana changed the policy"):
            _countersign(clinical, "ana")
        assert not _get(clinical).countersignatures

    def test_makes_work_due(self, clinical: StorageServer) -> None:
        """What failed for want of it is looked at again."""
        ref = ingest(clinical, b"interview").ref
        settle_all(clinical)

        _countersign(clinical, "puan.aishah", ref.study_id)
        assert [one.ref.recording_id for one in pending(clinical)] == [ref.recording_id]
        settle_all(clinical)
        _countersign(clinical, "puan.aishah", ref.study_id)
        assert pending(clinical) == []

    def test_of_no_study(self, clinical: StorageServer) -> None:
        """A study that does not exist has no policy to countersign."""
        with pytest.raises(NotFound):
            _countersign(clinical, "puan.aishah", "nowhere")

    def test_survives_a_restart(self, clinical: StorageServer) -> None:
        """Who countersigned is still known when the zone is opened again."""
        _put(clinical, "ana", policy="own", policy_document=OWN)
        _countersign(clinical, "puan.aishah")
        _countersign(clinical, "encik.ravi")
        clinical.server.stop(0)

        again = start(clinical.home, "clinical")
        try:
            people = [one.person for one in _get(again).countersignatures]
        finally:
            again.stop()
        assert people == ["puan.aishah", "encik.ravi"]
