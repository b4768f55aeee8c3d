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
        first, _ = deployment.add_transcript("whole-way", "P07")
        second, _ = deployment.add_transcript("whole-way", "P08", timed=False)
        with pytest.raises(NotReady, match=r"is approved: rec-\w+ \(pending\), rec-"):
            deployment.build("whole-way")
        deployment.approve(first, second)
        built = deployment.build("whole-way")
        assert (built.existed, built.release.transcripts) == (False, 2)
        assert dict(built.release.replacements) == {"PERSON": 2}
        trusted = trusted_keys(None, deployment.root)
        for name, kind in FORMATS.items():
            names = deployment.export("whole-way", tmp_path / name, kind)
            assert names == [
                *(f"P07_S1.{name}", f"P08_S1.{name}"),
                *("legend.csv", "README.txt", "certificate.json", "certificate.sig"),
            ]
            found = verify_folder(tmp_path / name, trusted)
            assert found.certificate.release_id == built.release.release_id
            assert {one.approval.approver for one in found.certificate.inputs} == {"dr.lim"}
        readable = deployment.export(
            "whole-way", tmp_path / "readable", style=release_pb2.STYLE_READABLE
        )
        assert readable[:2] == ["P07_S1_readable.txt", "P08_S1_readable.txt"]
        assert verify_folder(tmp_path / "readable", trusted).formats == ("txt-readable",)
        assert (tmp_path / "txt" / "P07_S1.txt").read_text("utf-8").startswith("Interviewer: What")
        again = deployment.build("whole-way")
        assert again.existed
        assert again.release == built.release

    def test_certificate_cites_the_log(self, deployment: ReleaseDeployment, tmp_path: Path) -> None:
        """The checkpoint in the certificate covers the announcement of the build itself."""
        deployment.create_study("cites-log", automatic=True)
        deployment.add_approved("cites-log", "P07")
        deployment.build("cites-log")
        deployment.export("cites-log", tmp_path / "out")
        document = json.loads((tmp_path / "out" / "certificate.json").read_bytes())
        intent = entries(deployment, "release:bundle:built", "cites-log")[0]
        assert intent.event.phase == entry_pb2.PHASE_INTENT
        size = int(document["audit"]["checkpoint"].split("\n")[1])
        assert size > intent.index
        assert document["audit"]["verifier_keys"]

    def test_a_rule_approves_in_its_own_name(
        self, deployment: ReleaseDeployment, tmp_path: Path
    ) -> None:
        """What lies below the threshold is approved by the policy, which the certificate says."""
        deployment.create_study("by-policy", automatic=True)
        deployment.add_approved("by-policy", "P07")
        waiting, run_key = deployment.add_transcript("by-policy", "P08", risk=0.06)
        deployment.apply_rule(waiting, run_key)
        built = deployment.build("by-policy")
        [left_out] = built.release.left_out
        assert left_out.recording_id == waiting.recording_id
        assert left_out.reason == release_pb2.LEFT_OUT_REASON_PENDING
        deployment.export("by-policy", tmp_path / "out")
        document = json.loads((tmp_path / "out" / "certificate.json").read_bytes())
        approval = document["inputs"][0]["approval"]
        assert (approval["approver"], approval["kind"]) == ("policy:research-default", "rule")
        assert (approval["residual_risk"], approval["threshold"]) == (0.03, 0.05)
        assert [one["reason"] for one in document["left_out"]] == ["pending"]
        assert "P08 session 1: waits for review" in (tmp_path / "out" / "README.txt").read_text()

    def test_withdrawal(self, deployment: ReleaseDeployment, tmp_path: Path) -> None:
        """After an erasure the old release is handed out no more, and a new one names the code."""
        deployment.create_study("withdrawal", automatic=True)
        deployment.add_approved("withdrawal", "P07")
        deployment.add_approved("withdrawal", "P08")
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
        words = ("kan" * 20 + " ") * 1000
        spoken = tuple(
            ("S2", "participant", f"{number} {words}", number * 1000, number * 1000 + 900)
            for number in range(40)
        )
        deployment.apply_rule(*deployment.add_transcript("large", "P07", spoken=spoken))
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

    def test_only_researchers_of_the_study_receive_it(self, deployment: ReleaseDeployment) -> None:
        """Whoever is no member in that role neither lists nor exports its releases."""
        deployment.create_study("members-only", automatic=True)
        deployment.add_approved("members-only", "P07")
        deployment.build("members-only")
        for person in ("dr.tan", "stranger"):
            with deployment.peers(identities.RESEARCHER, person) as peers:
                stub = release_service_pb2_grpc.ReleaseReaderServiceStub(
                    peers.channel(identities.RELEASE)
                )
                with pytest.raises(PermissionDenied, match=f"{person} is no researcher"):
                    stub.ListReleases(release_pb2.ListReleasesRequest(study_id="members-only"))
                with pytest.raises(PermissionDenied, match=f"{person} is no researcher"):
                    list(
                        stub.ExportRelease(
                            release_pb2.ExportReleaseRequest(
                                study_id="members-only", format=release_pb2.FORMAT_TXT
                            )
                        )
                    )
        refused = entries(deployment, "release:bundle:exported", "members-only")
        assert {one.event.reason for one in refused if one.event.reason} == {"not_a_member"}

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
        field = request.node.callspec.id.replace("_", " ")
        with deployment.peers(identities.RESEARCHER) as peers:
            stub = release_service_pb2_grpc.ReleaseReaderServiceStub(
                peers.channel(identities.RELEASE)
            )
            with pytest.raises(InvalidInput, match=field):
                next(iter(stub.ExportRelease(request_)))

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
        deployment.add_approved("listing", "P07")
        first = deployment.build("listing").release
        deployment.add_approved("listing", "P08")
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
        deployment.add_approved("tampering", "P07")
        deployment.build("tampering")
        deployment.export("tampering", tmp_path / "out")
        path = tmp_path / "out" / "P07_S1.txt"
        path.write_bytes(path.read_bytes().replace(b"every", b"evere"))
        with pytest.raises(ReleaseAltered, match=r"P07_S1\.txt was changed"):
            verify_folder(tmp_path / "out", trusted_keys(None, deployment.root))
