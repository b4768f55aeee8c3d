# SPDX-License-Identifier: Apache-2.0
"""Reading and writing of transcripts, with their content hash.

The hash of a transcript is SHA-256 over its encoded segments in order, byte for byte as they are
stored. A segment is encoded once, by its writer; readers hash the bytes that came before they parse
them, since the encoding of Protocol Buffers is not canonical.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import grpc
from google.protobuf.message import DecodeError

from services.common.errors import Corrupted, NotFound
from sotto.storage.v1 import recording_pb2, segment_pb2, segment_service_pb2_grpc
from sotto.transcript.v1 import transcript_pb2

Segment = transcript_pb2.Segment


@dataclass(frozen=True, slots=True)
class StoredTranscript:
    """A finished transcript, verified; `session_date` is YYYY-MM-DD or empty."""

    manifest: transcript_pb2.TranscriptManifest
    segments: tuple[Segment, ...]
    session_date: str


@dataclass(frozen=True, slots=True)
class EncodedTranscript:
    """A finished transcript, verified, with the encoded segments of each window as they came."""

    manifest: transcript_pb2.TranscriptManifest
    windows: tuple[tuple[bytes, ...], ...]
    session_date: str


def read_transcript(
    channel: grpc.Channel,
    ref: recording_pb2.RecordingRef,
    *,
    run_key: str = "",
    content_sha256: bytes = b"",
) -> StoredTranscript:
    """Read a whole finished transcript; the one finished last where no run is named.

    Raises NotFound, and Corrupted where what came does not fit the hash of its manifest, or
    `content_sha256` where that is given.
    """
    found = read_encoded(channel, ref, run_key=run_key, content_sha256=content_sha256)
    segments = decode(segment for window in found.windows for segment in window)
    return StoredTranscript(found.manifest, segments, found.session_date)


def read_encoded(
    channel: grpc.Channel,
    ref: recording_pb2.RecordingRef,
    *,
    run_key: str = "",
    content_sha256: bytes = b"",
) -> EncodedTranscript:
    """Read a whole finished transcript without parsing its segments; see `read_transcript`."""
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(channel)
    manifest: transcript_pb2.TranscriptManifest | None = None
    session_date = ""
    windows: list[tuple[bytes, ...]] = []
    for answer in stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=ref, run_key=run_key)):
        if answer.WhichOneof("part") == "manifest":
            manifest, session_date = answer.manifest, answer.session_date
        else:
            windows.append(tuple(answer.window.encoded_segments))
    found = content_hash(segment for window in windows for segment in window)
    wanted = content_sha256 or (manifest.content_sha256 if manifest is not None else b"")
    if manifest is None or found != manifest.content_sha256 or found != wanted:
        raise Corrupted(
            f"The stored transcript of {ref.recording_id} is not what its manifest says, so none of"
            " it was used; run `sotto storage scrub`."
        )
    return EncodedTranscript(manifest, tuple(windows), session_date)


def read_own(
    channel: grpc.Channel, ref: recording_pb2.RecordingRef, run_key: str
) -> StoredTranscript:
    """Read a finished transcript by its own writer, which may read no other one.

    Raises NotFound where the run is not finished, and Corrupted as `read_transcript` does.
    """
    manifest = own_manifest(channel, ref, run_key)
    encoded: list[bytes] = []
    for window in range(manifest.window_count):
        encoded += _own_window(channel, ref, run_key, window)
    if content_hash(encoded) != manifest.content_sha256:
        raise Corrupted(
            f"The stored transcript of {ref.recording_id} is not what its manifest says, so none of"
            " it was used; run `sotto storage scrub`."
        )
    return StoredTranscript(manifest, decode(encoded), "")


def own_manifest(
    channel: grpc.Channel, ref: recording_pb2.RecordingRef, run_key: str
) -> transcript_pb2.TranscriptManifest:
    """Return the manifest of a finished transcript to its own writer; raises NotFound."""
    stub = segment_service_pb2_grpc.SegmentWriterServiceStub(channel)
    found = stub.ListWindows(segment_pb2.ListWindowsRequest(ref=ref, run_key=run_key))
    if not found.HasField("manifest"):
        raise NotFound(f"{ref.recording_id} has no such transcript; see: sotto recordings list")
    return found.manifest


def read_own_segment(
    channel: grpc.Channel,
    ref: recording_pb2.RecordingRef,
    manifest: transcript_pb2.TranscriptManifest,
    index: int,
) -> Segment:
    """Read one segment of a finished transcript by its own writer; raises NotFound.

    Few windows are read, each of which the store authenticates: where a segment is follows from
    those that were read before, since windows hold about as many each.
    """
    low, high = 0, manifest.window_count
    first, behind = 0, manifest.segment_count  # the segments of the windows from low up to high
    while first <= index < behind and low < high:
        window = low + (index - first) * (high - low) // (behind - first)
        found = window
        segments: tuple[Segment, ...] = ()
        while found < high and not segments:
            segments = decode(_own_window(channel, ref, manifest.run_key, found))
            found += 1
        if not segments:
            high = window
        elif index < segments[0].index:
            high, behind = window, segments[0].index
        elif index > segments[-1].index:
            low, first = found, segments[-1].index + 1
        else:
            return segments[index - segments[0].index]
    raise NotFound(f"{ref.recording_id} has no segment {index} in this transcript")


def _own_window(
    channel: grpc.Channel, ref: recording_pb2.RecordingRef, run_key: str, window: int
) -> Sequence[bytes]:
    stub = segment_service_pb2_grpc.SegmentWriterServiceStub(channel)
    request = segment_pb2.GetWindowRequest(ref=ref, run_key=run_key, window=window)
    return stub.GetWindow(request).encoded_segments


def read_manifest(
    channel: grpc.Channel, ref: recording_pb2.RecordingRef, *, run_key: str = ""
) -> segment_pb2.GetTranscriptManifestResponse:
    """Return the manifest of a finished transcript without its words; the one finished last where
    no run is named. Raises NotFound.
    """
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(channel)
    request = segment_pb2.GetTranscriptManifestRequest(ref=ref, run_key=run_key)
    return stub.GetTranscriptManifest(request)


def provenance_of(manifest: transcript_pb2.TranscriptManifest) -> dict[str, str]:
    """Return what made a transcript as `Plan` states it, so that the two can be compared: the
    manifest's provenance, and its policy, which a manifest has in fields of its own.
    """
    stated = dict(manifest.provenance)
    if manifest.HasField("deidentification"):
        made = manifest.deidentification
        stated["deidentification.policy"] = (
            f"{made.policy}/{made.policy_version}/{made.policy_digest}"
        )
    return stated


def is_invented(manifest: transcript_pb2.TranscriptManifest) -> bool:
    """Return whether a demo model wrote the words, from a recording that it does not know."""
    # A warning is how versions before the field said so, and they knew no other warning.
    return manifest.invented or "warning" in manifest.provenance


def content_hash(encoded: Iterable[bytes]) -> bytes:
    """Return SHA-256 (32 bytes) over encoded segments in order."""
    content = hashlib.sha256()
    for segment in encoded:
        content.update(segment)
    return content.digest()


def encode(segments: Iterable[Segment]) -> list[bytes]:
    """Encode segments, which happens once in their life.

    Equal segments give equal bytes within one version of Protocol Buffers, so that a stage that
    died and works again writes the same window.
    """
    return [segment.SerializeToString(deterministic=True) for segment in segments]


def decode(encoded: Iterable[bytes]) -> tuple[Segment, ...]:
    """Parse encoded segments; raises Corrupted where one is none."""
    try:
        return tuple(Segment.FromString(one) for one in encoded)
    except DecodeError as error:
        raise Corrupted("A stored segment cannot be read; run `sotto storage scrub`.") from error


class RunWriter:
    """Writes one run of a transcript: windows in order, then the manifest, last and once."""

    def __init__(
        self, channel: grpc.Channel, ref: recording_pb2.RecordingRef, run_key: str
    ) -> None:
        self._stub = segment_service_pb2_grpc.SegmentWriterServiceStub(channel)
        self._ref, self._key = ref, run_key
        self._content = hashlib.sha256()
        self._windows = self._segments = 0
        self._found = self._stub.ListWindows(
            segment_pb2.ListWindowsRequest(ref=ref, run_key=run_key)
        )

    def finished(self) -> transcript_pb2.TranscriptManifest | None:
        """Return the manifest where the run was finished before, else None."""
        return self._found.manifest if self._found.HasField("manifest") else None

    def select(self) -> None:
        """Make this finished run the newest of its recording, where another one came after it."""
        self._stub.SelectTranscript(
            segment_pb2.SelectTranscriptRequest(ref=self._ref, run_key=self._key)
        )

    def stored(self) -> int:
        """Return how many windows, from the first on without a gap, are stored already."""
        stored = 0
        for index in self._found.windows:
            if index != stored:
                break
            stored += 1
        return stored

    def read(self, window: int) -> tuple[Segment, ...]:
        """Read back the next window, which counts as written."""
        request = segment_pb2.GetWindowRequest(ref=self._ref, run_key=self._key, window=window)
        encoded = self._stub.GetWindow(request).encoded_segments
        self._add(encoded)
        return decode(encoded)

    def write(self, window: int, segments: Iterable[Segment]) -> None:
        """Store the next window; does nothing where the same is stored already."""
        encoded = encode(segments)
        self._stub.PutWindow(
            segment_pb2.PutWindowRequest(
                ref=self._ref, run_key=self._key, window=window, encoded_segments=encoded
            )
        )
        self._add(encoded)

    def commit(self, manifest: transcript_pb2.TranscriptManifest) -> None:
        """Write the manifest with the key, hash and sizes of this run filled in."""
        complete = transcript_pb2.TranscriptManifest()
        complete.CopyFrom(manifest)
        complete.run_key = self._key
        complete.content_sha256 = self._content.digest()
        complete.segment_count = self._segments
        complete.window_count = self._windows
        self._stub.CommitTranscript(
            segment_pb2.CommitTranscriptRequest(ref=self._ref, manifest=complete)
        )

    def _add(self, encoded: Sequence[bytes]) -> None:
        for segment in encoded:
            self._content.update(segment)
        self._segments += len(encoded)
        self._windows += 1
