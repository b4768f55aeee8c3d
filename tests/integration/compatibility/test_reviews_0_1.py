# SPDX-License-Identifier: Apache-2.0
"""Approvals and releases of version 0.1.0 (`tests/data/home-0.1`) under today's review."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.errors import PermissionDenied
from services.registry import identities
from services.release.cli import trusted_keys, verify_folder
from services.storage_client.catalog import CatalogClient, recording_ref
from sotto.release.v1 import release_pb2, release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from sotto.storage.v1 import review_pb2 as stored_pb2
from tests.support import old_home
from tests.support.members import member
from tests.support.release_service import ReleaseDeployment

STUDY = "recovery-2026"
OLD_RELEASE = "rel-egqeypqh4ib3jr2ppcohisnayg"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseDeployment]:
    """Today's release service on the old home."""
    home = old_home.unpack(tmp_path_factory.mktemp("old"))
    with ReleaseDeployment(home).start() as started:
        yield started


class TestOldHome:
    """What was approved and released then."""

    def test_nobody_is_a_member_yet(self, deployment: ReleaseDeployment) -> None:
        """A study of then names no members: reviewers and researchers are told what to do."""
        with deployment.reviewing() as stub, pytest.raises(PermissionDenied, match="members"):
            stub.ListReviews(review_pb2.ListReviewsRequest(study_id=STUDY))
        with deployment.peers(identities.RESEARCHER) as peers:
            reader = release_service_pb2_grpc.ReleaseReaderServiceStub(
                peers.channel(identities.RELEASE)
            )
            with pytest.raises(PermissionDenied, match="sotto study create"):
                reader.ListReleases(release_pb2.ListReleasesRequest(study_id=STUDY))

    def test_approvals_of_persons_count(
        self, deployment: ReleaseDeployment, tmp_path: Path
    ) -> None:
        """With members named, what a person approved then is released; the old release is there."""
        with deployment.peers(identities.OPERATOR) as peers:
            channel = peers.channel(identities.RESEARCH)
            study = CatalogClient(channel).study(STUDY)
            study.members.extend([member("dr.lim"), member("nur")])
            catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
                catalog_pb2.PutStudyRequest(study=study)
            )
        with deployment.reviewing() as stub:
            items = stub.ListReviews(review_pb2.ListReviewsRequest(study_id=STUDY)).items
        assert items
        for item in items:
            assert item.review.state == stored_pb2.REVIEW_STATE_APPROVED
            assert not item.review.decided_by.startswith("policy:")
        built = deployment.build(STUDY).release
        assert built.release_id != OLD_RELEASE
        assert (built.transcripts, list(built.withdrawn)) == (len(items), ["P02"])
        deployment.export(STUDY, tmp_path / "new")
        found = verify_folder(tmp_path / "new", trusted_keys(None, deployment.root))
        for one in found.certificate.inputs:
            assert (one.approval.kind, one.corrections) == ("person", 0)
            # The run keys of then answer guesses of what was said, so that no certificate has them.
            assert (one.run_key, one.content_sha256) == (None, None)
        deployment.export(STUDY, tmp_path / "old", release=OLD_RELEASE)
        old = verify_folder(tmp_path / "old", trusted_keys(None, deployment.root))
        assert old.certificate.format == "sotto-release-certificate/1"

    def test_they_can_be_decided_anew(self, deployment: ReleaseDeployment) -> None:
        """A person's word of today stands over one of then."""
        with deployment.reviewing() as stub:
            item = stub.ListReviews(review_pb2.ListReviewsRequest(study_id=STUDY)).items[0]
        ref = recording_ref(STUDY, item.ref.participant, item.ref.recording_id)
        deployment.decide(ref, deployment.read(ref), reason="a name is left")
        assert deployment.read(ref).item.review.state == stored_pb2.REVIEW_STATE_REJECTED
