# SPDX-License-Identifier: Apache-2.0
"""Copies of releases, from the terms to the word that one is destroyed, through real services."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.audit_client.copies import unrecorded_exports
from services.audit_client.withdrawal import people_to_tell
from services.common.errors import NotFound, NotReady
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.release.v1 import copy_pb2, release_pb2, release_service_pb2_grpc
from tests.support.held_copies import of_nur, reading, told
from tests.support.release_service import ReleaseDeployment
from tests.support.taking import PURPOSE, VERSION


def exports(deployment: ReleaseDeployment, study: str) -> list[entry_pb2.Entry]:
    """Return what the log has of exports of a study."""
    with deployment.peers(identities.COMPLIANCE) as peers:
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        wanted = entry_pb2.EntryFilter(name="release:bundle:exported", study_id=study)
        request = entry_pb2.ListEntriesRequest(page_size=1000, filter=wanted)
        return list(stub.ListEntries(request).entries)


@pytest.fixture
def study(deployment: ReleaseDeployment, request: pytest.FixtureRequest) -> str:
    """A study with a release of two participants."""
    name = "copies-" + request.node.name.removeprefix("test_").replace("_", "-")[:30]
    deployment.create_study(name, automatic=True)
    deployment.add_approved(name, "P07")
    deployment.add_approved(name, "P08")
    deployment.build(name)
    return name


class TestTaking:
    def test_not_without_terms_and_purpose(
        self, deployment: ReleaseDeployment, study: str, tmp_path: Path
    ) -> None:
        """Nothing leaves and no copy is on record; the error says what to do."""
        with pytest.raises(NotReady, match="is taken on terms; read them with: sotto release"):
            deployment.export(study, tmp_path / "a", terms="")
        with pytest.raises(NotReady, match="others than those accepted"):
            deployment.export(study, tmp_path / "b", terms="0" * 64)
        with pytest.raises(
            NotReady, match="say what the release is for: on its page, or with --purpose"
        ):
            deployment.export(study, tmp_path / "c", purpose=copy_pb2.PURPOSE_UNSPECIFIED)
        with pytest.raises(NotReady, match="say in words"):
            deployment.export(study, tmp_path / "d", purpose=copy_pb2.PURPOSE_OTHER)
        assert of_nur(deployment, study) == []
        assert {one.event.reason for one in exports(deployment, study)} == {
            "", "terms_not_accepted", "no_purpose",
        }  # fmt: skip
        with deployment.peers(identities.COMPLIANCE) as peers:
            people, unknown = people_to_tell(peers.channel, study, "P07")
        assert (people, unknown) == ([], None)

    def test_own_terms_are_accepted_anew(
        self, deployment: ReleaseDeployment, study: str, tmp_path: Path
    ) -> None:
        """A study's own terms have a version of their own, and what was accepted stays known."""
        deployment.export(study, tmp_path / "before")
        deployment.create_study(study, automatic=True, terms="Keep it to the study.")
        with pytest.raises(NotReady, match="others than those accepted"):
            deployment.export(study, tmp_path / "old")
        with reading(deployment) as stub:
            terms = stub.GetTerms(copy_pb2.GetTermsRequest(study_id=study)).terms
        assert (terms.text, terms.is_default) == ("Keep it to the study.", False)
        deployment.export(study, tmp_path / "new", terms=terms.sha256)
        with deployment.peers(identities.COMPLIANCE) as peers:
            stub = release_service_pb2_grpc.CopyReaderServiceStub(peers.channel(identities.RELEASE))
            found = stub.ListHeldCopies(copy_pb2.ListHeldCopiesRequest(study_id=study))
        assert {one.sha256 for one in found.terms} == {VERSION, terms.sha256}
        assert {one.terms_sha256 for one in found.copies} == {VERSION, terms.sha256}

    def test_on_record_before_the_first_byte(
        self, deployment: ReleaseDeployment, study: str
    ) -> None:
        """Whoever leaves after the first piece holds a copy, in the log and on record."""
        with reading(deployment) as stub:
            call = stub.ExportRelease(
                release_pb2.ExportReleaseRequest(
                    study_id=study,
                    format=release_pb2.FORMAT_TXT,
                    terms_sha256=VERSION,
                    purpose=PURPOSE,
                    purpose_text="a sentence that only the record has",
                )
            )
            next(iter(call))
            call.cancel()  # type: ignore[attr-defined] # a call, which the stub's type hides
        [copy] = of_nur(deployment, study)
        assert (copy.person, copy.form, copy.purpose) == ("nur", "txt", PURPOSE)
        assert copy.purpose_text == "a sentence that only the record has"
        assert not any(copy.purpose_text in str(one.event) for one in exports(deployment, study))
        with deployment.peers(identities.COMPLIANCE) as peers:
            [person], _ = people_to_tell(peers.channel, study, "P07")
        assert (person.person, person.copy_id) == ("nur", copy.copy_id)


class TestTold:
    def test_withdrawal_new_release_and_the_word_that_it_is_gone(
        self, deployment: ReleaseDeployment, study: str, tmp_path: Path
    ) -> None:
        """Who holds a copy learns what concerns it; compliance learns what they say."""
        deployment.export(study, tmp_path / "txt")
        [copy] = of_nur(deployment, study)
        assert told(copy) == []
        deployment.erase(study, "P08")
        [copy] = of_nur(deployment, study)
        assert told(copy) == [("WITHDRAWN", "P08")]
        newer = deployment.build(study).release.release_id
        [copy] = of_nur(deployment, study)
        assert told(copy) == [("WITHDRAWN", "P08"), ("NEWER", newer)]

        with reading(deployment) as stub:
            stub.AcknowledgeNotices(
                copy_pb2.AcknowledgeNoticesRequest(
                    study_id=study, copy_id=copy.copy_id, notices=copy.notices[:1]
                )
            )
        [copy] = of_nur(deployment, study)
        assert [one.HasField("seen_at") for one in copy.notices] == [True, False]
        with deployment.peers(identities.COMPLIANCE) as peers:
            [person], _ = people_to_tell(peers.channel, study, "P08")
        assert (bool(person.read_at), person.destroyed_at) == (True, "")

        request = copy_pb2.DeclareDestroyedRequest(study_id=study, copy_id=copy.copy_id)
        with reading(deployment) as stub:
            assert [stub.DeclareDestroyed(request).existed for _ in range(2)] == [False, True]
        [copy] = of_nur(deployment, study)
        assert (told(copy), copy.HasField("destroyed_at")) == ([], True)
        with deployment.peers(identities.COMPLIANCE) as peers:
            [person], _ = people_to_tell(peers.channel, study, "P08")
            assert unrecorded_exports(peers.channel(identities.AUDIT), study) == 0
        assert person.destroyed_at

    def test_nobody_speaks_for_another(
        self, deployment: ReleaseDeployment, study: str, tmp_path: Path
    ) -> None:
        """A copy is the person's who took it; whoever left the study still learns of theirs."""
        deployment.export(study, tmp_path / "txt")
        [copy] = of_nur(deployment, study)
        notice = copy_pb2.Notice(kind=copy_pb2.NOTICE_KIND_ENDED, subject="2020-01-01")
        with reading(deployment, "dr.lim") as stub:
            assert not stub.ListCopies(copy_pb2.ListCopiesRequest(study_id=study)).copies
            with pytest.raises(NotFound):
                stub.DeclareDestroyed(
                    copy_pb2.DeclareDestroyedRequest(study_id=study, copy_id=copy.copy_id)
                )
        with reading(deployment) as stub, pytest.raises(NotFound, match="not concerned"):
            stub.AcknowledgeNotices(
                copy_pb2.AcknowledgeNoticesRequest(
                    study_id=study, copy_id=copy.copy_id, notices=[notice]
                )
            )
        deployment.create_study(
            study, automatic=True, members={"dr.lim": "researcher"}, until="2020-01-01"
        )
        with reading(deployment) as stub:
            found = stub.ListCopies(copy_pb2.ListCopiesRequest()).copies
            theirs = [one for one in found if one.study_id == study]
            assert [told(one) for one in theirs] == [[("ENDED", "2020-01-01")]]
            stub.AcknowledgeNotices(
                copy_pb2.AcknowledgeNoticesRequest(
                    study_id=study, copy_id=copy.copy_id, notices=[notice]
                )
            )


class TestLegend:
    def test_is_that_of_the_files(
        self, deployment: ReleaseDeployment, study: str, tmp_path: Path
    ) -> None:
        """It is what the archive holds, until the release is held back; reading it is recorded."""
        deployment.export(study, tmp_path / "txt")
        [copy] = of_nur(deployment, study)
        request = copy_pb2.GetLegendRequest(study_id=study, release_id=copy.release_id)
        with reading(deployment) as stub:
            legend = stub.GetLegend(request).legend
        assert legend == (tmp_path / "txt" / "legend.csv").read_bytes()
