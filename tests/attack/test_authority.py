# SPDX-License-Identifier: Apache-2.0
"""Reading through the engine: by the policy, by the orchestrator, and in others' names.

That a certificate calls nothing that the list does not name is in `test_methods.py`.
"""

from __future__ import annotations

import hashlib

import pytest

from services.registry.identities import (
    CLINICAL,
    COMPLIANCE,
    DEIDENTIFICATION,
    FLOWS,
    OPERATOR,
    RELEASE,
    RESEARCH,
    RESEARCHER,
    REVIEWER,
    TRANSCRIPTION,
)
from sotto.deidentification.v1 import deidentification_pb2
from sotto.release.v1 import release_pb2, review_pb2
from sotto.storage.v1 import catalog_pb2, recording_pb2, segment_pb2
from sotto.study.v1 import study_pb2
from sotto.transcription.v1 import transcription_pb2
from tests.attack.conftest import INTERVIEWS
from tests.support.attacker import Answer, Attacker, Sent, honest, named

KEEP = "name: {name}\nversion: 1\nthreshold: 0.99\ndefault: keep\nentities:\n  PERSON: keep\n"
STUDY = "kept-2026"
CODE = "P01"
MALLORY = "mallory"


def _call(attacker: Attacker, client: str, server: str, name: str, *sent: Sent) -> Answer:
    """Call as one person in whatever role the certificate has."""
    return attacker.call(client, named(server, name), *sent, metadata=honest(client, MALLORY))


def _study(name: str) -> study_pb2.Study:
    both = ["MEMBER_ROLE_REVIEWER", "MEMBER_ROLE_RESEARCHER"]
    return study_pb2.Study(
        id=STUDY,
        title="Kept",
        languages=["en"],
        policy=name,
        policy_document=KEEP.format(name=name),
        review=study_pb2.REVIEW_MODE_AUTOMATIC,
        participants=[CODE],
        members=[study_pb2.Member(person=MALLORY, roles=both)],
    )


def _put(attacker: Attacker, client: str, study: study_pb2.Study) -> list[str]:
    request = catalog_pb2.PutStudyRequest(study=study)
    return [
        _call(attacker, client, zone, "PutStudy", request).code for zone in (CLINICAL, RESEARCH)
    ]


@pytest.fixture(scope="module")
def kept(attacker: Attacker) -> recording_pb2.RecordingRef:
    """A recording in a study whose policy keeps everything, all of it by the operator's key."""
    assert _put(attacker, OPERATOR, _study("keep-all")) == ["OK", "OK"]
    content = INTERVIEWS["P01"].encode()
    header = recording_pb2.RecordingHeader(
        study_id=STUDY,
        participant=CODE,
        session=1,
        kind=recording_pb2.RECORDING_KIND_TRANSCRIPT,
        file_name="a.txt",
        size=len(content),
    )
    header.content_sha256 = hashlib.sha256(content).digest()
    sealed = _call(
        attacker, OPERATOR, CLINICAL, "PutRecording",
        recording_pb2.PutRecordingRequest(header=header),
        recording_pb2.PutRecordingRequest(chunk=content),
    )  # fmt: skip
    assert sealed.code == "OK", sealed
    return sealed.message.ref


class TestKeepPolicy:
    def test_orchestrator_writes_no_study(self, attacker: Attacker) -> None:
        """The worker's key puts no policy into either zone, and builds no release."""
        denied = ["PERMISSION_DENIED", "PERMISSION_DENIED"]
        assert _put(attacker, FLOWS, _study("keep-all")) == denied
        build = release_pb2.BuildReleaseRequest(study_id="red-2026")
        answer = _call(attacker, FLOWS, RELEASE, "BuildRelease", build)
        assert answer.code == "PERMISSION_DENIED"

    def test_nothing_runs_under_it(
        self, attacker: Attacker, kept: recording_pb2.RecordingRef
    ) -> None:
        """The operator's key alone, and with that of a reviewer, gets no word out of it."""
        run = _call(
            attacker, OPERATOR, TRANSCRIPTION, "Transcribe",
            transcription_pb2.TranscribeRequest(ref=kept),
        )  # fmt: skip
        assert run.code == "OK", run
        for client in (OPERATOR, FLOWS):
            request = deidentification_pb2.DeidentifyRequest(ref=kept)
            answer = _call(attacker, client, DEIDENTIFICATION, "Deidentify", request)
            assert answer.code == "FAILED_PRECONDITION", answer
            assert "sotto study countersign" in answer.details
            assert not any(part.HasField("result") for part in answer.messages)
        build = release_pb2.BuildReleaseRequest(study_id=STUDY)
        for client in (OPERATOR, REVIEWER):
            assert _call(attacker, client, RELEASE, "BuildRelease", build).code != "OK"
        export = release_pb2.ExportReleaseRequest(study_id=STUDY, format=1)
        assert _call(attacker, RESEARCHER, RELEASE, "ExportRelease", export).code != "OK"

    @pytest.mark.usefixtures("kept")
    def test_its_author_lets_it_pass_in_no_role(self, attacker: Attacker) -> None:
        """Nor does the same person with the compliance officer's key."""
        validate = deidentification_pb2.ValidatePolicyRequest(
            name="keep-all", document=KEEP.format(name="keep-all")
        )
        digest = _call(
            attacker, COMPLIANCE, DEIDENTIFICATION, "ValidatePolicy", validate
        ).message.digest
        request = catalog_pb2.CountersignPolicyRequest(study_id=STUDY, policy_digest=digest)

        answer = _call(attacker, COMPLIANCE, CLINICAL, "CountersignPolicy", request)
        assert answer.code == "PERMISSION_DENIED"
        assert "changed the policy" in answer.details

    @pytest.mark.parametrize("name", ["research-default", "safe-harbor"])
    def test_bears_no_shipped_name(self, attacker: Attacker, name: str) -> None:
        """Neither the engine nor a store takes it under the name of a policy that ships."""
        validate = deidentification_pb2.ValidatePolicyRequest(
            name="mine", document=KEEP.format(name=name)
        )
        answer = _call(attacker, OPERATOR, DEIDENTIFICATION, "ValidatePolicy", validate)
        assert answer.code == "INVALID_ARGUMENT"
        assert _put(attacker, OPERATOR, _study(name)) == ["INVALID_ARGUMENT", "INVALID_ARGUMENT"]


class TestNames:
    def test_nobody_reads_identified_words_without_a_name(self, attacker: Attacker) -> None:
        """The reviewer's key without a person reads nothing, nor with a role of others."""
        ref = self._ref(attacker)
        request = segment_pb2.GetTranscriptRequest(ref=ref)
        for said in ((), (("sotto-person", "dr.lim"), ("sotto-role", "compliance"))):
            answer = attacker.call(
                REVIEWER, named(CLINICAL, "GetTranscript"), request, metadata=said
            )
            assert answer.code == "PERMISSION_DENIED", answer
            assert not answer.messages

    def test_no_role_comes_by_metadata(self, attacker: Attacker) -> None:
        """The operator's key approves nothing as a compliance officer or a reviewer."""
        request = review_pb2.DecideReviewRequest(
            ref=self._ref(attacker), run_key="0" * 32, decision=review_pb2.DECISION_APPROVE
        )
        for role in (COMPLIANCE, REVIEWER, OPERATOR):
            said = (("sotto-person", "dr.lim"), ("sotto-role", role))
            answer = attacker.call(OPERATOR, named(RELEASE, "DecideReview"), request, metadata=said)
            assert answer.code == "PERMISSION_DENIED"

    def test_researcher_of_one_study_sees_no_other(self, attacker: Attacker) -> None:
        """Releases are listed for members of their study alone."""
        request = release_pb2.ListReleasesRequest(study_id="red-2026")
        answer = _call(attacker, RESEARCHER, RELEASE, "ListReleases", request)

        assert answer.code == "PERMISSION_DENIED"
        assert not answer.messages

    @staticmethod
    def _ref(attacker: Attacker) -> recording_pb2.RecordingRef:
        request = catalog_pb2.ListRecordingsRequest(study_id="red-2026")
        listed = attacker.call(OPERATOR, named(CLINICAL, "ListRecordings"), request)
        return listed.message.recordings[0].ref
