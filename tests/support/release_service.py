# SPDX-License-Identifier: Apache-2.0
"""A deployment with the release service, and what operators, reviewers and researchers do in it."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

from services.common.errors import SottoError
from services.registry import identities
from services.storage_client.transcripts import content_hash, encode
from sotto.release.v1 import copy_pb2, release_pb2, release_service_pb2_grpc, review_pb2
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
from tests.support.taking import PURPOSE, VERSION

SPOKEN = (
    ("S1", "interviewer", "What does recovery mean to you?", 0, 2100),
    ("S2", "participant", "Bagi saya, [P07's brother] came <every> day & stayed.", 2500, 6000),
)


_T = TypeVar("_T")
MEMBERS = {"dr.lim": "reviewer researcher", "dr.tan": "reviewer", "nur": "researcher"}


class ReleaseDeployment(Deployment):
    """Audit log, research storage and release service of one installation."""

    def start(self, *names: str) -> Self:
        """Start the named services or, without names, the release service and all that it needs."""
        return super().start(*(names or (identities.RELEASE,)))

    def create_study(
        self,
        study_id: str,
        *,
        automatic: bool = False,
        members: Mapping[str, str] = MEMBERS,
        by: str = "hospital-it",
        quality: study_pb2.QualityGate | None = None,
        terms: str = "",
        until: str = "",
    ) -> None:
        """Describe a study in the research zone; `members` maps accounts to their roles.

        `by`, who describes it, is none of them: whoever chooses the rule approves nothing.
        """
        study = study_pb2.Study(
            id=study_id,
            title="Recovery",
            languages=["en", "ms"],
            policy="research-default",
            review=(
                study_pb2.REVIEW_MODE_AUTOMATIC if automatic else study_pb2.REVIEW_MODE_REQUIRED
            ),
            participants=["P07", "P08"],
            quality=quality,
            release_terms=terms,
            copies_until=until,
            members=[
                study_pb2.Member(
                    person=person,
                    roles=[f"MEMBER_ROLE_{role.upper()}" for role in roles.split()],
                )
                for person, roles in members.items()
            ],
        )
        with self.peers(identities.OPERATOR, person=by) as peers:
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
        risk: float = 0.03,
        threshold: float = 0.05,
        made: int = 0,
        changed_by: Sequence[str] = (),
    ) -> tuple[recording_pb2.RecordingRef, str]:
        """Store a de-identified transcript; returns the recording and its run key.

        Everything in square brackets is a replacement, and a word behind a question mark doubtful.
        Another `made` makes another run of the same recording. `changed_by` changed the study's
        policy before it was made.
        """
        segments = [
            transcript_pb2.Segment(
                index=index,
                speaker=speaker,
                role=role,
                text=text,
                start_ms=start if timed else -1,
                end_ms=end if timed else -1,
                language="en",
                replacements=[
                    transcript_pb2.Replacement(
                        start=found.start(), end=found.end(), entity_type="PERSON"
                    )
                    for found in re.finditer(r"\[[^]]+\]", text)
                ],
                doubts=[
                    transcript_pb2.Doubt(
                        start=found.start() + 1,
                        end=found.end(),
                        reason="name_like",
                        weight=0.4,
                    )
                    for found in re.finditer(r"\?\w+", text)
                ],
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
        run_key = hashlib.sha256(content + bytes([made])).hexdigest()[:32]
        manifest = transcript_pb2.TranscriptManifest(
            run_key=run_key,
            content_sha256=content,
            segment_count=len(segments),
            window_count=1,
            source_run_key="5" * 32,
            session=1,
            word_count=17,
            deidentification=transcript_pb2.Deidentification(
                policy="research-default",
                policy_version=1,
                policy_digest="0" * 16,
                redactions={"PERSON": sum(len(one.replacements) for one in segments)},
                residual_risk=risk,
                review_threshold=threshold,
                policy_changed_by=changed_by,
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

    def add_approved(
        self, study_id: str, participant: str, number: int = 0, *, timed: bool = True
    ) -> recording_pb2.RecordingRef:
        """Store a transcript of an automatic study, and let its rule approve it."""
        ref, run_key = self.add_transcript(study_id, participant, number, timed=timed)
        self.apply_rule(ref, run_key)
        return ref

    def erase(self, study_id: str, participant: str) -> None:
        """Withdraw a participant from the research zone."""
        with self.peers(identities.COMPLIANCE) as peers:
            stub = admin_service_pb2_grpc.ErasureServiceStub(peers.channel(identities.RESEARCH))
            stub.EraseParticipant(
                admin_pb2.EraseParticipantRequest(study_id=study_id, participant=participant)
            )

    def build(self, study_id: str, *, person: str = "dr.lim") -> release_pb2.BuildReleaseResponse:
        """Build a release as an operator."""
        with self.peers(identities.OPERATOR, person) as peers:
            stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(
                peers.channel(identities.RELEASE)
            )
            return stub.BuildRelease(release_pb2.BuildReleaseRequest(study_id=study_id))

    @contextlib.contextmanager
    def reviewing(
        self, person: str = "dr.lim"
    ) -> Iterator[release_service_pb2_grpc.ReviewServiceStub]:
        """Review as a person while the block lasts."""
        with self.peers(identities.REVIEWER, person) as peers:
            yield release_service_pb2_grpc.ReviewServiceStub(peers.channel(identities.RELEASE))

    def read(
        self, ref: recording_pb2.RecordingRef, person: str = "dr.lim"
    ) -> review_pb2.ReviewSummary:
        """Read the newest transcript of a recording and return what comes before the words."""
        with self.reviewing(person) as stub:
            return next(iter(list(stub.GetReview(review_pb2.GetReviewRequest(ref=ref))))).summary

    def decide(
        self,
        ref: recording_pb2.RecordingRef,
        seen: review_pb2.ReviewSummary,
        *,
        reason: str = "",
        person: str = "dr.lim",
    ) -> review_pb2.DecideReviewResponse:
        """Approve what was read or, with a reason, reject it."""
        request = review_pb2.DecideReviewRequest(
            ref=ref,
            run_key=seen.item.run_key,
            corrections_generation=seen.corrections.generation,
            review_generation=seen.item.review.generation,
            decision=review_pb2.DECISION_REJECT if reason else review_pb2.DECISION_APPROVE,
            reason=reason,
        )
        with self.reviewing(person) as stub:
            return stub.DecideReview(request)

    def approve(self, *refs: recording_pb2.RecordingRef) -> None:
        """Read and approve the newest transcripts of some recordings."""
        for ref in refs:
            self.decide(ref, self.read(ref))

    def apply_rule(
        self, ref: recording_pb2.RecordingRef, run_key: str
    ) -> review_pb2.ApplyReviewRuleResponse:
        """Apply the rule as the orchestrator does."""
        with self.peers(identities.FLOWS, person="") as peers:
            stub = release_service_pb2_grpc.ReviewRuleServiceStub(peers.channel(identities.RELEASE))
            return stub.ApplyReviewRule(review_pb2.ApplyReviewRuleRequest(ref=ref, run_key=run_key))

    def export(
        self,
        study_id: str,
        folder: Path,
        kind: release_pb2.Format = release_pb2.FORMAT_TXT,
        release: str = "",
        style: release_pb2.Style = release_pb2.STYLE_UNSPECIFIED,
        *,
        terms: str = VERSION,
        purpose: copy_pb2.Purpose = PURPOSE,
    ) -> list[str]:
        """Write an export into a new folder and return the file names in order."""
        folder.mkdir()
        names: list[str] = []
        with self.peers(identities.RESEARCHER, "nur") as peers:
            stub = release_service_pb2_grpc.ReleaseReaderServiceStub(
                peers.channel(identities.RELEASE)
            )
            request = release_pb2.ExportReleaseRequest(
                study_id=study_id,
                release_id=release,
                format=kind,
                style=style,
                terms_sha256=terms,
                purpose=purpose,
            )
            for part in stub.ExportRelease(request):
                if part.file_name:
                    names.append(part.file_name)
                with (folder / names[-1]).open("ab") as file:
                    file.write(part.chunk)
        return names


def retried(act: Callable[[], _T]) -> _T:
    """Act as a flow does: try again while the error says that it helps."""
    for _ in range(100):
        try:
            return act()
        except SottoError as error:
            if not error.retryable:
                raise
            time.sleep(0.2)
    return act()
