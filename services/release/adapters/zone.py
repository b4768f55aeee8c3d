# SPDX-License-Identifier: Apache-2.0
"""The store of the research zone, over gRPC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

import grpc

from services.release.domain.approval import Approval, ReviewMode
from services.release.domain.ports import StoredFile, StoredRelease, Study, StudyContents
from services.release.domain.transcript import Segment, TranscriptSummary
from services.storage_client import chunks
from services.storage_client.catalog import CatalogClient, recording_ref
from services.storage_client.transcripts import read_transcript
from sotto.storage.v1 import (
    bundle_pb2,
    bundle_service_pb2_grpc,
    recording_pb2,
    review_pb2,
    review_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import transcript_pb2


class ResearchZoneClient:
    """Client of the storage service of the research zone."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._catalog = CatalogClient(channel)
        self._bundles = bundle_service_pb2_grpc.BundleServiceStub(channel)
        self._reviews = review_service_pb2_grpc.ReviewStoreServiceStub(channel)

    def study(self, study_id: str) -> Study:
        """Return a study."""
        study = self._catalog.study(study_id)
        automatic = study.review == study_pb2.REVIEW_MODE_AUTOMATIC
        review = ReviewMode.AUTOMATIC if automatic else ReviewMode.REQUIRED
        return Study(study.id, study.policy, review)

    def contents(self, study_id: str) -> StudyContents:
        """Return the transcripts of a study."""
        runs: dict[str, tuple[TranscriptSummary, ...]] = {}
        withdrawn: set[str] = set()
        for state in self._catalog.recordings(study_id):
            if state.erased:
                withdrawn.add(state.ref.participant)
            else:
                runs[state.ref.recording_id] = tuple(
                    _summary(state.ref, state.session, one.manifest) for one in state.transcripts
                )
        return StudyContents(runs, tuple(sorted(withdrawn)))

    def segments(self, study_id: str, summary: TranscriptSummary) -> tuple[Segment, ...]:
        """Read a transcript; raises Corrupted when it does not have the hash of its summary."""
        # The certificate is signed over this hash, so the store's own check is not enough.
        stored = read_transcript(
            self._channel,
            _ref(study_id, summary),
            run_key=summary.run_key,
            content_sha256=bytes.fromhex(summary.content_sha256),
        )
        return tuple(_segment(one) for one in stored.segments)

    def approvals(self, study_id: str, summary: TranscriptSummary) -> Sequence[Approval]:
        """Return the approvals of a recording, oldest first."""
        request = review_pb2.ListReviewsRequest(ref=_ref(study_id, summary))
        return [
            Approval(one.run_key, one.decided_by, one.decided_at.ToDatetime(UTC))
            for one in self._reviews.ListReviews(request).reviews
            if one.state == review_pb2.REVIEW_STATE_APPROVED
        ]

    def put_approval(self, study_id: str, summary: TranscriptSummary, approval: Approval) -> bool:
        """Store an approval."""
        request = review_pb2.PutReviewRequest(
            ref=_ref(study_id, summary),
            review=review_pb2.Review(
                run_key=approval.run_key,
                state=review_pb2.REVIEW_STATE_APPROVED,
                decided_by=approval.approver,
            ),
        )
        self._reviews.PutReview(request)
        return False

    def put_file(self, study_id: str, release_id: str, file: StoredFile, data: bytes) -> bool:
        """Upload a file of a release in chunks."""
        ref = bundle_pb2.ReleaseRef(study_id=study_id, release_id=release_id)

        def messages() -> Iterator[bundle_pb2.PutBundleFileRequest]:
            header = bundle_pb2.BundleFileHeader(ref=ref, file=_file(file))
            yield bundle_pb2.PutBundleFileRequest(header=header)
            for chunk in chunks.of_bytes(data):
                yield bundle_pb2.PutBundleFileRequest(chunk=chunk)

        return bool(self._bundles.PutBundleFile(messages()).existed)

    def commit(self, study_id: str, release_id: str, files: Iterable[StoredFile]) -> bool:
        """Make a release visible."""
        request = bundle_pb2.CommitBundleRequest(
            ref=bundle_pb2.ReleaseRef(study_id=study_id, release_id=release_id),
            files=[_file(one) for one in files],
        )
        return bool(self._bundles.CommitBundle(request).existed)

    def releases(self, study_id: str) -> Sequence[StoredRelease]:
        """Return the finished releases, oldest first."""
        request = bundle_pb2.ListBundlesRequest(study_id=study_id)
        return [
            StoredRelease(
                one.ref.study_id,
                one.ref.release_id,
                tuple(
                    StoredFile(file.path, file.content_sha256.hex(), file.size, file.participant)
                    for file in one.files
                ),
                one.committed_at.ToDatetime(UTC),
            )
            for one in self._bundles.ListBundles(request).bundles
        ]

    def read(self, release: StoredRelease, path: str) -> Iterator[bytes]:
        """Stream a file of a finished release."""
        request = bundle_pb2.GetBundleFileRequest(
            ref=bundle_pb2.ReleaseRef(study_id=release.study_id, release_id=release.release_id),
            path=path,
        )
        for part in self._bundles.GetBundleFile(request):
            yield part.chunk


def _ref(study_id: str, summary: TranscriptSummary) -> recording_pb2.RecordingRef:
    return recording_ref(study_id, summary.participant, summary.recording_id)


def _file(file: StoredFile) -> bundle_pb2.BundleFile:
    return bundle_pb2.BundleFile(
        path=file.path,
        content_sha256=bytes.fromhex(file.sha256),
        size=file.size,
        participant=file.participant,
    )


def _summary(
    ref: recording_pb2.RecordingRef, session: int, manifest: transcript_pb2.TranscriptManifest
) -> TranscriptSummary:
    done = manifest.deidentification
    policy = f"{done.policy}/{done.policy_version}/{done.policy_digest}"
    return TranscriptSummary(
        recording_id=ref.recording_id,
        participant=ref.participant,
        session=session,
        run_key=manifest.run_key,
        content_sha256=manifest.content_sha256.hex(),
        versions={**manifest.provenance, "deidentification.policy": policy},
        redactions=dict(done.redactions),
    )


def _segment(one: transcript_pb2.Segment) -> Segment:
    timed = one.start_ms >= 0
    return Segment(
        speaker=one.speaker,
        role=one.role,
        text=one.text,
        start_ms=one.start_ms if timed else None,
        end_ms=one.end_ms if timed and one.end_ms >= 0 else None,
        language=one.language,
    )
