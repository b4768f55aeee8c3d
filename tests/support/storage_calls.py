# SPDX-License-Identifier: Apache-2.0
"""Calls to a storage service as its tests make them, each as the client that may."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from services.storage.domain import clock
from services.storage_client.catalog import CatalogClient
from services.storage_client.transcripts import content_hash, encode
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    bundle_pb2,
    bundle_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
)
from sotto.transcript.v1 import transcript_pb2
from tests.support.storage_service import StorageServer, upload

RUN = "0123456789abcdef0123456789abcdef"


def ingest(
    service: StorageServer, content: bytes, **more: Any
) -> recording_pb2.PutRecordingResponse:
    """Send a recording in."""
    stub = recording_service_pb2_grpc.RecordingWriterServiceStub(service.channel("operator"))
    return stub.PutRecording(upload(content, **more))


def fetch(service: StorageServer, ref: recording_pb2.RecordingRef) -> tuple[Any, bytes, bool]:
    """Header, content and end mark of a recording."""
    stub = recording_service_pb2_grpc.RecordingReaderServiceStub(service.channel("transcription"))
    header, content, verified = None, b"", False
    for part in stub.GetRecording(recording_pb2.GetRecordingRequest(ref=ref)):
        kind = part.WhichOneof("part")
        if kind == "header":
            header = part.header
        elif kind == "chunk":
            content += part.chunk
        else:
            verified = part.verified
    return header, content, verified


def states(service: StorageServer, **more: Any) -> catalog_pb2.ListRecordingsResponse:
    """A page of the list."""
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(service.channel("flows"))
    return stub.ListRecordings(catalog_pb2.ListRecordingsRequest(**more))


def erase(service: StorageServer, participant: str = "P07") -> admin_pb2.ErasureReceipt:
    """Erase a participant."""
    stub = admin_service_pb2_grpc.ErasureServiceStub(service.channel("compliance"))
    return stub.EraseParticipant(
        admin_pb2.EraseParticipantRequest(study_id="peer-2026", participant=participant)
    ).receipt


def preview(
    service: StorageServer, participant: str = "P07"
) -> list[admin_pb2.PreviewErasureResponse]:
    """What an erasure would take."""
    stub = admin_service_pb2_grpc.ErasureServiceStub(service.channel("compliance"))
    request = admin_pb2.PreviewErasureRequest(study_id="peer-2026", participant=participant)
    return list(stub.PreviewErasure(request))


def segment(index: int, text: str) -> transcript_pb2.Segment:
    """A segment."""
    return transcript_pb2.Segment(
        index=index, speaker="S1", role="participant", start_ms=0, end_ms=1, text=text
    )


def write_transcript(
    service: StorageServer, ref: recording_pb2.RecordingRef, client: str, run: str = RUN
) -> list[transcript_pb2.Segment]:
    """Write and finish a run."""
    stub = segment_service_pb2_grpc.SegmentWriterServiceStub(service.channel(client))
    segments = [segment(n, f"line {n}") for n in range(4)]
    for window in range(2):
        stub.PutWindow(
            segment_pb2.PutWindowRequest(
                ref=ref,
                run_key=run,
                window=window,
                encoded_segments=encode(segments[2 * window : 2 * window + 2]),
            )
        )
    stub.CommitTranscript(
        segment_pb2.CommitTranscriptRequest(ref=ref, manifest=transcript_manifest(segments, run))
    )
    return segments


def transcript_manifest(
    segments: list[transcript_pb2.Segment], run: str = RUN
) -> transcript_pb2.TranscriptManifest:
    """The manifest over segments."""
    return transcript_pb2.TranscriptManifest(
        run_key=run,
        content_sha256=content_hash(encode(segments)),
        segment_count=len(segments),
        window_count=2,
        provenance={"engine": "test"},
        session=3,
    )


def objects_of(service: StorageServer, participant: str = "P07") -> list[str]:
    """Names of a participant's objects."""
    return list(service.zone.store.list(f"peer-2026/{participant}/"))


def spoil(service: StorageServer, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change an object behind the service's back."""
    backend = service.zone.store.backend
    reader = backend.open(name)
    data = b"".join(iter(lambda: reader.read(1 << 20), b""))
    reader.close()
    backend.delete(name)
    staged = backend.stage(name)
    staged.write(change(data))
    staged.commit()
    staged.abort()


def delete_content(service: StorageServer, ref: recording_pb2.RecordingRef) -> Any:
    """Delete the content of a recording, which the rule of its study asks for."""
    channel = service.channel("operator")
    described = CatalogClient(channel).study(ref.study_id)
    described.keep_recordings_days = 30
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=40)
    with pytest.MonkeyPatch.context() as patched:
        # A rule that was made just now deletes nothing yet.
        patched.setattr(clock, "now", lambda: long_ago.isoformat(timespec="microseconds"))
        catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutStudy(
            catalog_pb2.PutStudyRequest(study=described)
        )
    service.released.times[ref.recording_id] = long_ago
    stub = recording_service_pb2_grpc.RetentionServiceStub(service.channel("flows"))
    return stub.DeleteContent(
        recording_pb2.DeleteContentRequest(ref=ref, rule="30_days_after_release")
    )


def hold(service: StorageServer, ref: recording_pb2.RecordingRef, *, held: bool) -> bool:
    """Set or lift a legal hold."""
    stub = recording_service_pb2_grpc.HoldServiceStub(service.channel("compliance"))
    return stub.PutHold(recording_pb2.PutHoldRequest(ref=ref, held=held)).existed


def release(research: StorageServer, ref: recording_pb2.RecordingRef) -> dt.datetime:
    """Finish an empty de-identified transcript and a release with it; return the time of it."""
    writer = segment_service_pb2_grpc.SegmentWriterServiceStub(research.channel("deidentification"))
    writer.CommitTranscript(
        segment_pb2.CommitTranscriptRequest(
            ref=ref,
            manifest=transcript_pb2.TranscriptManifest(
                run_key=RUN, content_sha256=hashlib.sha256(b"").digest()
            ),
        )
    )
    bundle_service = bundle_service_pb2_grpc.BundleServiceStub(research.channel("release"))
    name = bundle_pb2.ReleaseRef(study_id="peer-2026", release_id="rel-" + "a" * 26)
    file = bundle_pb2.BundleFile(
        path="txt/a.txt",
        content_sha256=hashlib.sha256(b"a").digest(),
        size=1,
        participant=ref.participant,
    )
    parts = [
        bundle_pb2.PutBundleFileRequest(header=bundle_pb2.BundleFileHeader(ref=name, file=file)),
        bundle_pb2.PutBundleFileRequest(chunk=b"a"),
    ]
    bundle_service.PutBundleFile(iter(parts))
    bundle_service.CommitBundle(
        bundle_pb2.CommitBundleRequest(
            ref=name, files=[file], runs=[bundle_pb2.ReleasedRun(ref=ref, run_key=RUN)]
        )
    )
    bundles = bundle_service.ListBundles(
        bundle_pb2.ListBundlesRequest(study_id="peer-2026")
    ).bundles
    return bundles[0].committed_at.ToDatetime(dt.UTC)
