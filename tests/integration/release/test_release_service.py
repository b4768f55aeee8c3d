# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.common.errors import Erased, InvalidInput, NotFound, NotReady, PermissionDenied
from services.registry import identities
from services.registry.export_formats import ExportFormat
from services.release.cli import trusted_keys, verify_folder
from services.release.errors import ReleaseAltered
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.release.v1 import release_pb2, release_service_pb2_grpc
from sotto.storage.v1 import recording_pb2
from tests.support.release_service import ReleaseDeployment

FORMATS = {one.value: release_pb2.Format.Value(f"FORMAT_{one.name}") for one in ExportFormat}


def entries(deployment: ReleaseDeployment, name: str, study_id: str) -> list[entry_pb2.Entry]:
    """Read the audit log as the compliance officer does."""
    with deployment.peers(identities.COMPLIANCE) as peers:
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        answer = stub.ListEntries(
            entry_pb2.ListEntriesRequest(
                page_size=1000, filter=entry_pb2.EntryFilter(name=name, study_id=study_id)
            )
        )
        return list(answer.entries)


class TestWholeWay:
    """From stored transcripts to a verified folder, through real services."""

    def test_approve_build_export_verify(
        self, deployment: ReleaseDeployment, tmp_path: Path
    ) -> None:
        """All formats of one release come out whole, verify with the home's key, and again."""
        deployment.create_study("whole-way")
        deployment.add_transcript("whole-way", "P07")
        deployment.add_transcript("whole-way", "P08", timed=False)
        with pytest.raises(NotReady, match="wait for approval: rec-"):
            deployment.build("whole-way")
        built = deployment.build("whole-way", approve=True)
        assert (built.existed, built.release.transcripts) == (False, 2)
        assert dict(built.release.replacements) == {"PERSON": 2}
        trusted = trusted_keys(None, deployment.root)
        for name, kind in FORMATS.items():
            names = deployment.export("whole-way", tmp_path / name, kind)
            assert names == [
                *(f"P07_S1.{name}", f"P08_S1.{name}"),
                *("README.txt", "certificate.json", "certificate.sig"),
            ]
            found = verify_folder(tmp_path / name, trusted)
            assert found.certificate.release_id == built.release.release_id
            assert {one.approval.approver for one in found.certificate.inputs} == {"dr.lim"}
        assert (tmp_path / "txt" / "P07_S1.txt").read_text("utf-8").startswith("Interviewer: What")
        again = deployment.build("whole-way")
        assert again.existed
        assert again.release == built.release

    def test_certificate_cites_the_log(self, deployment: ReleaseDeployment, tmp_path: Path) -> None:
        """The checkpoint in the certificate covers the announcement of the build itself."""
        deployment.create_study("cites-log", automatic=True)
        deployment.add_transcript("cites-log", "P07")
        deployment.build("cites-log")
        deployment.export("cites-log", tmp_path / "out")
        document = json.loads((tmp_path / "out" / "certificate.json").read_bytes())
        intent = entries(deployment, "release:bundle:built", "cites-log")[0]
        assert intent.event.phase == entry_pb2.PHASE_INTENT
        size = int(document["audit"]["checkpoint"].split("\n")[1])
        assert size > intent.index
        assert document["audit"]["verifier_keys"]

    def test_policy_approves_in_its_own_name(
        self, deployment: ReleaseDeployment, tmp_path: Path
    ) -> None:
        """An automatic study is approved by its policy, which the certificate says."""
        deployment.create_study("by-policy", automatic=True)
        deployment.add_transcript("by-policy", "P07")
        deployment.build("by-policy", person="")
        deployment.export("by-policy", tmp_path / "out")
        document = json.loads((tmp_path / "out" / "certificate.json").read_bytes())
        assert document["inputs"][0]["approval"]["approver"] == "policy:research-default"

    def test_one_transcript_approved_by_a_reviewer(self, deployment: ReleaseDeployment) -> None:
        """A reviewer approves a run once; approving again says so; an unknown run is refused."""
        deployment.create_study("one-by-one")
        ref, run_key = deployment.add_transcript("one-by-one", "P07")
        with deployment.peers(identities.REVIEWER, "siti") as peers:
            stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(
                peers.channel(identities.RELEASE)
            )
            request = release_pb2.ApproveTranscriptRequest(ref=ref, run_key=run_key)
            assert not stub.ApproveTranscript(request).existed
            assert stub.ApproveTranscript(request).existed
            with pytest.raises(NotFound, match="no finished de-identified transcript"):
                stub.ApproveTranscript(
                    release_pb2.ApproveTranscriptRequest(ref=ref, run_key="0" * 32)
                )
        assert not deployment.build("one-by-one").existed
        found = entries(deployment, "release:transcript:approved", "one-by-one")
        assert {(one.event.person, one.event.participant) for one in found} == {("siti", "P07")}

    def test_withdrawal(self, deployment: ReleaseDeployment, tmp_path: Path) -> None:
        """After an erasure the old release is handed out no more, and a new one names the code."""
        deployment.create_study("withdrawal", automatic=True)
        deployment.add_transcript("withdrawal", "P07")
        deployment.add_transcript("withdrawal", "P08")
        old = deployment.build("withdrawal").release
        deployment.erase("withdrawal", "P08")
        with pytest.raises(Erased, match=r"P08.*build a new one"):
            deployment.export("withdrawal", tmp_path / "old", release=old.release_id)
        new = deployment.build("withdrawal").release
        assert (new.transcripts, list(new.withdrawn)) == (1, ["P08"])
        assert deployment.export("withdrawal", tmp_path / "new")[0] == "P07_S1.txt"
        trusted = trusted_keys(None, deployment.root)
        assert verify_folder(tmp_path / "new", trusted).certificate.withdrawn == ("P08",)

    def test_a_large_interview_streams(self, deployment: ReleaseDeployment, tmp_path: Path) -> None:
        """Files beyond one message of a stream come out whole."""
        deployment.create_study("large", automatic=True)
        words = "lah kan dan " * 5000
        spoken = tuple(
            ("S2", "participant", f"{number} {words}", number * 1000, number * 1000 + 900)
            for number in range(40)
        )
        deployment.add_transcript("large", "P07", spoken=spoken)
        deployment.build("large")
        deployment.export("large", tmp_path / "out", release_pb2.FORMAT_JSONL)
        assert (tmp_path / "out" / "P07_S1.jsonl").stat().st_size > 4 * 1024 * 1024
        verify_folder(tmp_path / "out", trusted_keys(None, deployment.root))


class TestAccessAndValidation:
    """Who may do what, and what is asked of requests."""

    def test_researchers_cannot_build_or_approve(self, deployment: ReleaseDeployment) -> None:
        """Building and approving is not for researchers."""
        with deployment.peers(identities.RESEARCHER) as peers:
            stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(
                peers.channel(identities.RELEASE)
            )
            with pytest.raises(PermissionDenied):
                stub.BuildRelease(release_pb2.BuildReleaseRequest(study_id="any-study"))

    def test_nobody_cannot_approve(self, deployment: ReleaseDeployment) -> None:
        """Without a person nothing is approved."""
        deployment.create_study("nobody")
        deployment.add_transcript("nobody", "P07")
        with pytest.raises(PermissionDenied, match="sign in"):
            deployment.build("nobody", approve=True, person="")

    @pytest.mark.parametrize(
        "request_",
        [
            release_pb2.ExportReleaseRequest(study_id="any-study"),
            release_pb2.ExportReleaseRequest(study_id="../x", format=release_pb2.FORMAT_TXT),
            release_pb2.ExportReleaseRequest(
                study_id="any-study", release_id="rel-x", format=release_pb2.FORMAT_TXT
            ),
        ],
        ids=["format", "study_id", "release_id"],
    )
    def test_unsound_requests_name_the_field(
        self,
        deployment: ReleaseDeployment,
        request_: release_pb2.ExportReleaseRequest,
        request: pytest.FixtureRequest,
    ) -> None:
        """A bad field is named."""
        field = request.node.callspec.id
        with deployment.peers(identities.RESEARCHER) as peers:
            stub = release_service_pb2_grpc.ReleaseReaderServiceStub(
                peers.channel(identities.RELEASE)
            )
            with pytest.raises(InvalidInput, match=field):
                next(iter(stub.ExportRelease(request_)))

    def test_missing_reference_is_named(self, deployment: ReleaseDeployment) -> None:
        """An approval must say of what."""
        with deployment.peers(identities.REVIEWER) as peers:
            stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(
                peers.channel(identities.RELEASE)
            )
            with pytest.raises(InvalidInput, match="ref"):
                stub.ApproveTranscript(release_pb2.ApproveTranscriptRequest(run_key="0" * 32))
            with pytest.raises(InvalidInput, match=r"ref\.recording_id"):
                stub.ApproveTranscript(
                    release_pb2.ApproveTranscriptRequest(
                        ref=recording_pb2.RecordingRef(
                            study_id="any-study", participant="P07", recording_id="x"
                        ),
                        run_key="0" * 32,
                    )
                )

    def test_unknown_study(self, deployment: ReleaseDeployment, tmp_path: Path) -> None:
        """A study that is not there is told."""
        with pytest.raises(NotFound):
            deployment.build("no-such-study")
        with pytest.raises(NotFound):
            deployment.export("no-such-study", tmp_path / "out")


class TestSigningKey:
    """The key that others check with."""

    def test_is_given_and_lies_in_the_home(self, deployment: ReleaseDeployment) -> None:
        """The service gives the key whose private half only its owner can read."""
        with deployment.peers(identities.RESEARCHER) as peers:
            stub = release_service_pb2_grpc.ReleaseReaderServiceStub(
                peers.channel(identities.RELEASE)
            )
            answer = stub.GetSigningKey(release_pb2.GetSigningKeyRequest())
        folder = deployment.root / "release"
        assert (folder / "release-key.pem").read_text() == answer.public_key_pem
        assert trusted_keys(None, deployment.root)[0].fingerprint == answer.fingerprint
        assert (folder / "signing-key.pem").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700


class TestList:
    """Listing releases."""

    def test_is_oldest_first(self, deployment: ReleaseDeployment) -> None:
        """Each new input makes a new release, listed in order."""
        deployment.create_study("listing", automatic=True)
        deployment.add_transcript("listing", "P07")
        first = deployment.build("listing").release
        deployment.add_transcript("listing", "P08")
        second = deployment.build("listing").release
        with deployment.peers(identities.RESEARCHER) as peers:
            stub = release_service_pb2_grpc.ReleaseReaderServiceStub(
                peers.channel(identities.RELEASE)
            )
            answer = stub.ListReleases(release_pb2.ListReleasesRequest(study_id="listing"))
        assert list(answer.releases) == [first, second]


class TestTampering:
    """A changed byte in an export is found by the offline command."""

    def test_is_found(self, deployment: ReleaseDeployment, tmp_path: Path) -> None:
        """Verification names the file."""
        deployment.create_study("tampering", automatic=True)
        deployment.add_transcript("tampering", "P07")
        deployment.build("tampering")
        deployment.export("tampering", tmp_path / "out")
        path = tmp_path / "out" / "P07_S1.txt"
        path.write_bytes(path.read_bytes().replace(b"every", b"evere"))
        with pytest.raises(ReleaseAltered, match=r"P07_S1\.txt was changed"):
            verify_folder(tmp_path / "out", trusted_keys(None, deployment.root))
