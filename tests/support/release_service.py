# SPDX-License-Identifier: Apache-2.0
"""A deployment with the release service, and what operators, reviewers and researchers do in it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Self

from services.registry import identities
from services.storage_client.transcripts import content_hash, encode
from sotto.release.v1 import release_pb2, release_service_pb2_grpc
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    segment_pb2,
    segment_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import transcript_pb2
from tests.support.deployment import Deployment
from tests.support.members import member

SPOKEN = (
    ("S1", "interviewer", "What does recovery mean to you?", 0, 2100),
    ("S2", "participant", "Bagi saya, [P07's brother] came <every> day & stayed.", 2500, 6000),
)


class ReleaseDeployment(Deployment):
    """Audit log, research storage and release service of one installation."""

    def start(self, *names: str) -> Self:
        """Start the named services or, without names, the release service and all that it needs."""
        return super().start(*(names or (identities.RELEASE,)))

    def create_study(self, study_id: str, *, automatic: bool = False) -> None:
        """Describe a study in the research zone."""
        study = study_pb2.Study(
            id=study_id,
            title="Recovery",
            languages=["en", "ms"],
            policy="research-default",
            review=(
                study_pb2.REVIEW_MODE_AUTOMATIC if automatic else study_pb2.REVIEW_MODE_REQUIRED
            ),
            participants=["P07", "P08"],
            members=[member("dr.lim")],
        )
        with self.peers(identities.OPERATOR) as peers:
            stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(
                peers.channel(identities.RESEARCH)
            )
            stub.PutStudy(catalog_pb2.PutStudyRequest(study=study))

    def add_transcript(
        self,
        study_id: str,
        participant: str,
        number: int = 0,
        *,
        timed: bool = True,
        spoken: tuple[tuple[str, str, str, int, int], ...] = SPOKEN,
    ) -> tuple[recording_pb2.RecordingRef, str]:
        """Store a de-identified transcript; returns the recording and its run key."""
        segments = [
            transcript_pb2.Segment(
                index=index,
                speaker=speaker,
                role=role,
                text=text,
                start_ms=start if timed else -1,
                end_ms=end if timed else -1,
                language="en",
            )
            for index, (speaker, role, text, start, end) in enumerate(spoken)
        ]
        seed = f"{study_id}{participant}{number}"
        letters = "abcdefghijklmnopqrstuvwxyz"
        name = "".join(letters[byte % 26] for byte in hashlib.sha256(seed.encode()).digest()[:26])
        ref = recording_pb2.RecordingRef(
            study_id=study_id, participant=participant, recording_id=f"rec-{name}"
        )
        encoded = encode(segments)
        content = content_hash(encoded)
        run_key = content.hex()[:32]
        manifest = transcript_pb2.TranscriptManifest(
            run_key=run_key,
            content_sha256=content,
            segment_count=len(segments),
            window_count=1,
            source_sha256=b"s" * 32,
            session=1,
            word_count=17,
            deidentification=transcript_pb2.Deidentification(
                policy="research-default",
                policy_version=1,
                policy_digest="0" * 16,
                redactions={"PERSON": 1},
            ),
        )
        with self.peers(identities.DEIDENTIFICATION) as peers:
            stub = segment_service_pb2_grpc.SegmentWriterServiceStub(
                peers.channel(identities.RESEARCH)
            )
            stub.PutWindow(
                segment_pb2.PutWindowRequest(
                    ref=ref, run_key=run_key, window=0, encoded_segments=encoded
                )
            )
            stub.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))
        return ref, run_key

    def erase(self, study_id: str, participant: str) -> None:
        """Withdraw a participant from the research zone."""
        with self.peers(identities.COMPLIANCE) as peers:
            stub = admin_service_pb2_grpc.ErasureServiceStub(peers.channel(identities.RESEARCH))
            stub.EraseParticipant(
                admin_pb2.EraseParticipantRequest(study_id=study_id, participant=participant)
            )

    def build(
        self, study_id: str, *, approve: bool = False, person: str = "dr.lim"
    ) -> release_pb2.BuildReleaseResponse:
        """Build a release."""
        with self.peers(identities.OPERATOR, person) as peers:
            stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(
                peers.channel(identities.RELEASE)
            )
            return stub.BuildRelease(
                release_pb2.BuildReleaseRequest(study_id=study_id, approve=approve)
            )

    def export(
        self,
        study_id: str,
        folder: Path,
        kind: release_pb2.Format = release_pb2.FORMAT_TXT,
        release: str = "",
    ) -> list[str]:
        """Write an export into a new folder and return the file names in order."""
        folder.mkdir()
        names: list[str] = []
        with self.peers(identities.RESEARCHER, "nur") as peers:
            stub = release_service_pb2_grpc.ReleaseReaderServiceStub(
                peers.channel(identities.RELEASE)
            )
            request = release_pb2.ExportReleaseRequest(
                study_id=study_id, release_id=release, format=kind
            )
            for part in stub.ExportRelease(request):
                if part.file_name:
                    names.append(part.file_name)
                with (folder / names[-1]).open("ab") as file:
                    file.write(part.chunk)
        return names
