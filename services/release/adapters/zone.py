# SPDX-License-Identifier: Apache-2.0
"""The store of the research zone, over gRPC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC

import grpc

from services.common.errors import Erased
from services.corrections import convert
from services.corrections.model import Replacement
from services.registry import notations
from services.release.adapters.quality_store import gate_of
from services.release.adapters.review_store import ref_of, review
from services.release.domain.marks import Overlap, Pause
from services.release.domain.ports import AudioMode, StoredFile, StoredRelease, Study
from services.release.domain.reviews import Review, ReviewMode, StudyContents
from services.release.domain.transcript import (
    RecordingName,
    Segment,
    TranscriptSummary,
    Writing,
)
from services.storage_client import chunks
from services.storage_client.catalog import CatalogClient, recording_ref
from services.storage_client.transcripts import is_invented, read_encoded, read_transcript
from sotto.storage.v1 import (
    bundle_pb2,
    bundle_service_pb2_grpc,
    catalog_pb2,
    recording_pb2,
)
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import transcript_pb2

_AUDIO = {
    study_pb2.AUDIO_MODE_UNSPECIFIED: AudioMode.NONE,
    study_pb2.AUDIO_MODE_BLEEPED: AudioMode.BLEEPED,
    study_pb2.AUDIO_MODE_MUTED: AudioMode.MUTED,
}


class ResearchZoneClient:
    """Client of the storage service of the research zone."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._catalog = CatalogClient(channel)
        self._bundles = bundle_service_pb2_grpc.BundleServiceStub(channel)

    def study(self, study_id: str) -> Study:
        """Return a study."""
        study = self._catalog.study(study_id)
        automatic = study.review == study_pb2.REVIEW_MODE_AUTOMATIC
        mode = ReviewMode.AUTOMATIC if automatic else ReviewMode.REQUIRED
        # A notation that came later than this version is none that it knows.
        notation = notations.BY_NUMBER.get(study.notation, notations.Notation.NONE)
        writing = Writing(
            notation=notation,
            language=study.languages[0],
            doubtful_words=study.mark_doubtful_words,
        )
        return Study(
            study.id,
            study.policy,
            mode,
            frozenset(study.policy_changed_by),
            writing,
            _AUDIO[study.audio],
            study.disguise_voices,
            gate_of(study.quality) if study.HasField("quality") else None,
            study.release_terms,
            study.copies_until,
        )

    def contents(self, study_id: str) -> StudyContents:
        """Return the transcripts of a study and their reviews."""
        return _contents(self._catalog.recordings(study_id))

    def contents_of(self, recording: RecordingName) -> StudyContents:
        """Return the transcripts of one recording and their reviews."""
        ref = recording_ref(recording.study_id, recording.participant, recording.recording_id)
        state = self._catalog.recording(ref)
        if state.erased:
            raise Erased(f"the participant of {recording.recording_id} withdrew; it is erased")
        return _contents([state])

    def segments(self, study_id: str, summary: TranscriptSummary) -> tuple[Segment, ...]:
        """Read a transcript; raises Corrupted when it does not have the hash of its summary."""
        # The certificate is signed over this hash, so the store's own check is not enough.
        stored = read_transcript(
            self._channel,
            ref_of(study_id, summary),
            run_key=summary.run_key,
            content_sha256=bytes.fromhex(summary.content_sha256),
        )
        return tuple(segment_of(one) for one in stored.segments)

    def windows(self, study_id: str, summary: TranscriptSummary) -> Sequence[Sequence[bytes]]:
        """Read the encoded segments of a transcript, a window each."""
        return read_encoded(
            self._channel,
            ref_of(study_id, summary),
            run_key=summary.run_key,
            content_sha256=bytes.fromhex(summary.content_sha256),
        ).windows

    def put_file(self, study_id: str, release_id: str, file: StoredFile, data: bytes) -> bool:
        """Upload a file of a release in chunks."""
        ref = bundle_pb2.ReleaseRef(study_id=study_id, release_id=release_id)

        def messages() -> Iterator[bundle_pb2.PutBundleFileRequest]:
            header = bundle_pb2.BundleFileHeader(ref=ref, file=_file(file))
            yield bundle_pb2.PutBundleFileRequest(header=header)
            for chunk in chunks.of_bytes(data):
                yield bundle_pb2.PutBundleFileRequest(chunk=chunk)

        return bool(self._bundles.PutBundleFile(messages()).existed)

    def commit(
        self,
        study_id: str,
        release_id: str,
        files: Iterable[StoredFile],
        runs: Iterable[TranscriptSummary],
    ) -> bool:
        """Make a release visible."""
        request = bundle_pb2.CommitBundleRequest(
            ref=bundle_pb2.ReleaseRef(study_id=study_id, release_id=release_id),
            files=[_file(one) for one in files],
            runs=[
                bundle_pb2.ReleasedRun(ref=ref_of(study_id, one), run_key=one.run_key)
                for one in runs
            ],
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
                tuple((run.ref.recording_id, run.run_key) for run in one.runs),
                tuple(one.removed_recordings),
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


def _contents(states: Iterable[catalog_pb2.RecordingState]) -> StudyContents:
    runs: dict[str, tuple[TranscriptSummary, ...]] = {}
    reviews: dict[tuple[str, str], Review] = {}
    withdrawn: set[str] = set()
    without_audio: set[str] = set()
    for state in states:
        if state.erased:
            withdrawn.add(state.ref.participant)
            continue
        if state.HasField("content_deleted_at"):
            without_audio.add(state.ref.recording_id)
        runs[state.ref.recording_id] = tuple(
            _summary(state.ref, state.session, one) for one in state.transcripts
        )
        reviews.update(
            {
                (state.ref.recording_id, one.manifest.run_key): review(one.review)
                for one in state.transcripts
                if one.HasField("review")
            }
        )
    return StudyContents(runs, reviews, tuple(sorted(withdrawn)), frozenset(without_audio))


def _file(file: StoredFile) -> bundle_pb2.BundleFile:
    return bundle_pb2.BundleFile(
        path=file.path,
        content_sha256=bytes.fromhex(file.sha256),
        size=file.size,
        participant=file.participant,
    )


def _summary(
    ref: recording_pb2.RecordingRef, session: int, transcript: catalog_pb2.TranscriptState
) -> TranscriptSummary:
    manifest = transcript.manifest
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
        policy=done.policy,
        residual_risk=done.residual_risk,
        threshold=done.review_threshold,
        doubts=dict(manifest.doubts),
        segments=manifest.segment_count,
        words=manifest.word_count,
        committed_at=transcript.committed_at.ToDatetime(UTC),
        invented=is_invented(manifest),
        source_form=manifest.reading.form,
        left_out=dict(manifest.reading.left_out),
        is_keyed=bool(manifest.source_run_key),
        policy_changed_by=tuple(done.policy_changed_by),
        study_wide=tuple(done.study_wide),
        source_run_key=manifest.source_run_key,
        canaries={kind: (one.planted, one.found) for kind, one in done.canaries.items()} or None,
    )


def segment_of(one: transcript_pb2.Segment) -> Segment:
    """Return a stored segment; it may state when it ended and not when it began."""
    return Segment(
        speaker=one.speaker,
        role=one.role,
        text=one.text,
        start_ms=one.start_ms if one.start_ms >= 0 else None,
        end_ms=one.end_ms if one.end_ms >= 0 else None,
        language=one.language,
        replacements=tuple(
            Replacement(part.start, part.end, part.entity_type) for part in one.replacements
        ),
        doubtful_words=tuple((part.start, part.end) for part in one.doubtful_words),
        doubts=convert.doubts(one.doubts),
        pauses=tuple(Pause(part.at, part.duration_ms) for part in one.pauses),
        overlaps=tuple(Overlap(part.start, part.end, part.comes_in) for part in one.overlaps),
    )
