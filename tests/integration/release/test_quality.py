# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.quality_output import overview_lines, passage_lines, round_record
from services.common.errors import InvalidInput, NotReady, PermissionDenied
from services.registry import identities
from services.release.cli import trusted_keys, verify_folder
from services.release.domain.quality.drawing import FrameRun, frame_digest, seed_of
from services.release_client.quality import Quality
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.release.v1 import quality_pb2, release_pb2, release_service_pb2_grpc
from sotto.study.v1 import study_pb2
from tests.support.release_service import ReleaseDeployment

STUDY = "gated"
MEMBERS = {
    "dr.lim": "reviewer",
    "dr.tan": "reviewer",
    "dr.ong": "reviewer",
    "nur": "researcher",
}
SPOKEN = tuple(
    (f"S{1 + at % 2}", "participant", f"Line {at} of [Person 1], and all is ?well.", at, at + 1)
    if at % 10 == 3
    else (f"S{1 + at % 2}", "participant", f"Line {at} of [Person 1].", at, at + 1)
    for at in range(40)
)
GATE = study_pb2.QualityGate(
    bound=0.2,
    alpha=0.05,
    second_reader=0.2,
    planted=3,
    detection=0.5,
    agreement=0.5,
    other_signer=True,
)


@contextlib.contextmanager
def reading(deployment: ReleaseDeployment, person: str) -> Iterator[Quality]:
    """Take part in rounds as a reviewer."""
    with deployment.peers(identities.REVIEWER, person) as peers:
        yield Quality(peers.channel(identities.RELEASE))


def read_all(deployment: ReleaseDeployment, person: str) -> quality_pb2.QualityRound:
    """Have a person read all that is left for them, and mark the sentences that nobody said."""
    with reading(deployment, person) as quality:
        while found := quality.passages(STUDY, 1, 50):
            misses: dict[int, list[tuple[str, str]]] = {}
            for one in found:
                known = "and all is ?well." if "?well" in one.text else "[Person 1]."
                planted = one.text.partition(known)[2].strip()
                if planted:
                    misses[one.number] = [("PERSON", planted)]
            made = quality.record(STUDY, 1, [one.number for one in found], misses)
        return made


def attributes(deployment: ReleaseDeployment, name: str) -> list[dict[str, str]]:
    """Return the attributes of the entries of an event, in order."""
    with deployment.peers(identities.COMPLIANCE) as peers:
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
        answer = stub.ListEntries(
            entry_pb2.ListEntriesRequest(
                page_size=1000, filter=entry_pb2.EntryFilter(name=name, study_id=STUDY)
            )
        )
        return [dict(one.event.attributes) for one in answer.entries]


class TestGate:
    """A round from its opening to a release that states what it shows, through real services."""

    def test_two_read_a_third_signs_and_the_certificate_states_the_bound(
        self, deployment: ReleaseDeployment, tmp_path: Path
    ) -> None:
        """Nothing is released before; afterwards the sample can be drawn again from the folder."""
        deployment.create_study(STUDY, members=MEMBERS, quality=GATE)
        refs = [deployment.add_transcript(STUDY, who, spoken=SPOKEN)[0] for who in ("P07", "P08")]
        deployment.approve(*refs)
        with pytest.raises(NotReady, match="gate of quality"):
            deployment.build(STUDY)

        with reading(deployment, "dr.lim") as quality:
            opened = quality.open(STUDY)
            with pytest.raises(NotReady, match="is open"):
                quality.open(STUDY)
            assert "waits" not in "".join(overview_lines(STUDY, quality.overview(STUDY)))
            shown = quality.passages(STUDY, 1, 2)
            assert len(shown) == 2
            assert any("Line" in line for line in passage_lines(shown[0]))
            with pytest.raises(InvalidInput, match="does not hold"):
                quality.record(STUDY, 1, [shown[0].number], {shown[0].number: [("PERSON", "Zul")]})
        assert (opened.census, opened.segments) == (8, 80)
        assert opened.first_left == opened.census + opened.sampled

        assert read_all(deployment, "dr.lim").first_left == 0
        made = read_all(deployment, "dr.tan")
        assert made.state == quality_pb2.ROUND_STATE_READY
        assert made.planted == made.found >= 3
        with reading(deployment, "dr.lim") as quality:
            assert quality.disputes(STUDY, 1) == []
            with pytest.raises(PermissionDenied, match="somebody else"):
                quality.sign(STUDY, 1, made.generation)
        with reading(deployment, "dr.ong") as quality:
            signed = quality.sign(STUDY, 1, made.generation)
            assert round_record(signed)["signed_by"] == "dr.ong"

        built = deployment.build(STUDY)
        deployment.export(STUDY, tmp_path / "out")
        found = verify_folder(tmp_path / "out", trusted_keys(None, deployment.root)).certificate
        assert found.release_id == built.release.release_id
        (said,) = found.quality or ()
        assert (said.misses, said.most, said.census) == (0, made.most, 8)
        assert said.bound <= 0.2
        assert said.readers == ("dr.lim", "dr.tan")
        self._check_the_log(deployment, opened)
        self._check_with_sha256_alone(tmp_path / "out")

    def _check_the_log(
        self, deployment: ReleaseDeployment, opened: quality_pb2.QualityRound
    ) -> None:
        """The digest of the frame is in the log twice before the seed is: no words ever are."""
        framed = attributes(deployment, "release:quality:framed")
        drawn = attributes(deployment, "release:quality:opened")
        assert framed[1]["frame"] == drawn[0]["frame"] == opened.frame_sha256
        assert "seed" not in drawn[0]
        assert drawn[1]["seed"] == opened.seed

    def _check_with_sha256_alone(self, folder: Path) -> None:
        """The certificate has all that it takes."""
        (said,) = json.loads((folder / "certificate.json").read_bytes())["quality"]
        frame = [
            FrameRun(
                one["recording_id"],
                one["run_key"],
                one["corrections_generation"],
                one["segments"],
            )
            for one in said["frame"]
        ]
        assert seed_of(said["round"], frame_digest(frame), said["checkpoint"]) == said["seed"]

    def test_a_compliance_officer_sees_numbers_and_reads_nothing(
        self, deployment: ReleaseDeployment
    ) -> None:
        """How rounds stand is theirs to see; passages are not."""
        with deployment.peers(identities.COMPLIANCE, "officer") as peers:
            channel = peers.channel(identities.RELEASE)
            stub = release_service_pb2_grpc.QualityReaderServiceStub(channel)
            answer = stub.ListRounds(quality_pb2.ListRoundsRequest(study_id=STUDY))
            assert [one.state for one in answer.rounds] == [quality_pb2.ROUND_STATE_PASSED]
            reader = release_service_pb2_grpc.QualityServiceStub(channel)
            with pytest.raises(PermissionDenied):
                reader.ReadPassages(quality_pb2.ReadPassagesRequest(study_id=STUDY, round=1))

    def test_a_stranger_sees_nothing(self, deployment: ReleaseDeployment) -> None:
        """Rounds are for the reviewers of the study."""
        with reading(deployment, "nur") as quality, pytest.raises(PermissionDenied):
            quality.overview(STUDY)

    def test_what_is_approved_later_waits_for_a_round_of_its_own(
        self, deployment: ReleaseDeployment, tmp_path: Path
    ) -> None:
        """It is left out by name, and the round before it goes on speaking for the others."""
        ref, _ = deployment.add_transcript(STUDY, "P08", 5, spoken=SPOKEN)
        deployment.approve(ref)
        built = deployment.build(STUDY).release
        assert [(one.recording_id, one.reason) for one in built.left_out] == [
            (ref.recording_id, release_pb2.LEFT_OUT_REASON_QUALITY)
        ]
        deployment.export(STUDY, tmp_path / "again")
        readme = (tmp_path / "again" / "README.txt").read_text("utf-8")
        assert "at most" in readme
        with reading(deployment, "dr.tan") as quality:
            assert list(quality.overview(STUDY).waiting) == [ref.recording_id]
        shutil.rmtree(tmp_path / "again")
