# SPDX-License-Identifier: Apache-2.0
"""The clinical zone as this service uses it: recordings to read, runs to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import grpc

from services.common.errors import Corrupted
from services.storage_client.catalog import CatalogClient
from services.storage_client.recording_rosters import put_recording_roster
from services.storage_client.recordings import RecordingDownload, read_header
from services.storage_client.run_keys import make_run_key
from services.storage_client.transcripts import RunWriter, is_invented, read_own
from services.storage_client.uploads import UploadDownload
from services.storage_client.voices import describe_voices, get_voice
from services.transcription.adapters.convert import (
    from_message,
    name_to_message,
    options_from_message,
    reading_to_message,
    to_message,
)
from services.transcription.domain.bleep_job import IdentifiedTranscript
from services.transcription.domain.enrolled_voices import EnrolledVoice
from services.transcription.domain.examination import UploadedFile
from services.transcription.domain.hotwords import StudyContext
from services.transcription.domain.ports import ManifestFields, RecordingContent, RecordingIdentity
from services.transcription.domain.reading import Reading, with_file_name
from services.transcription.domain.transcript import Segment
from sotto.storage.v1 import recording_pb2, upload_pb2, vault_pb2, vault_service_pb2_grpc
from sotto.transcript.v1 import transcript_pb2


class StoredRecording:
    """Implements `SourceRecording` on the clinical zone; its bytes are fetched when it is opened.

    `content_deleted` is True where nothing can be made of it any more. Raises NotFound.
    """

    def __init__(self, channel: grpc.Channel, ref: recording_pb2.RecordingRef) -> None:
        self._channel, self._ref = channel, ref
        found = read_header(channel, ref)
        self._session = found.header.session
        self._file_name = ""  # content: the store sends it with the recording alone
        self.content_deleted: bool = found.content_deleted
        self.identity = RecordingIdentity(
            recording_id=ref.recording_id,
            is_transcript=found.header.kind == recording_pb2.RECORDING_KIND_TRANSCRIPT,
            content_sha256=found.header.content_sha256,
            reading=options_from_message(found.header.reading),
        )
        self.study = _study(channel, ref, self.identity, found.header.speakers)

    @contextmanager
    def open(self) -> Iterator[RecordingContent]:
        """Begin to read it; leaving the context ends the download."""
        with RecordingDownload(self._channel, self._ref) as download:
            if download.header.content_sha256 != self.identity.content_sha256:
                raise Corrupted("The store sent another recording; run `sotto storage scrub`.")
            self._file_name = download.header.file_name
            yield RecordingContent(download.header.file_name, download.chunks())

    def voice(self, voice: EnrolledVoice) -> bytes:
        """Return the clip of one of the study's voices."""
        return get_voice(
            self._channel, self._ref.study_id, voice.person, bytes.fromhex(voice.clip_sha256)
        )

    def run_key(self, digest: bytes) -> str:
        """Return the key of the run whose inputs have this digest (32 bytes)."""
        return make_run_key(self._channel, self._ref, digest)

    def run(self, key: str) -> StoredRun:
        """Open a run by its key."""
        writer = RunWriter(self._channel, self._ref, key)

        def keep(reading: Reading | None) -> None:
            names = with_file_name(reading, self._file_name)
            put_recording_roster(self._channel, self._ref, key, map(name_to_message, names))

        return StoredRun(writer, self._session, keep)

    def transcript(self, run_key: str) -> IdentifiedTranscript:
        """Read a finished run; raises NotFound."""
        found = read_own(self._channel, self._ref, run_key)
        return IdentifiedTranscript(
            tuple(map(from_message, found.segments)),
            found.manifest.duration_ms,
            found.manifest.provenance.get("layout", ""),
            is_invented(found.manifest),
        )


@contextmanager
def open_upload(channel: grpc.Channel, ref: upload_pb2.UploadRef) -> Iterator[UploadedFile]:
    """Begin to read an upload; leaving the context ends the download."""
    with UploadDownload(channel, ref) as download:
        yield UploadedFile(
            download.file.file_name,
            download.file.kind == recording_pb2.RECORDING_KIND_TRANSCRIPT,
            download.chunks(),
        )


class StoredRun:
    """Implements `Run` on the store; `keep_names` seals the names that came with the recording."""

    def __init__(
        self,
        writer: RunWriter,
        session: int,
        keep_names: Callable[[Reading | None], None],
    ) -> None:
        self._writer = writer
        self._session = session
        self._keep_names = keep_names

    def finished(self) -> int | None:
        """Return the number of segments of a run that was finished before, else None."""
        manifest = self._writer.finished()
        return None if manifest is None else manifest.segment_count

    def select(self) -> None:
        """Make a run that was finished before the newest one."""
        self._writer.select()

    def stored(self) -> int:
        """Return how many windows, from the first on, are stored already."""
        return self._writer.stored()

    def read(self, index: int) -> Sequence[Segment]:
        """Return a stored window."""
        return [from_message(message) for message in self._writer.read(index)]

    def write(self, index: int, segments: Sequence[Segment]) -> None:
        """Store a window."""
        self._writer.write(index, map(to_message, segments))

    def commit(self, fields: ManifestFields) -> None:
        """Seal the names that came with the recording, then write the manifest: whoever finds the
        run finished finds them too.
        """
        self._keep_names(fields.reading)
        self._writer.commit(
            transcript_pb2.TranscriptManifest(
                session=self._session,
                duration_ms=fields.duration_ms,
                provenance=fields.provenance,
                word_count=fields.words,
                speaker_count=fields.speakers,
                doubtful_segment_count=fields.doubtful_segments,
                doubtful_word_count=fields.doubtful_words,
                doubts=fields.doubts,
                invented=fields.invented,
                reading=reading_to_message(fields.reading) if fields.reading else None,
            )
        )


def _study(
    channel: grpc.Channel,
    ref: recording_pb2.RecordingRef,
    recording: RecordingIdentity,
    speakers: int,
) -> StudyContext:
    """Return what the speech model needs to know of the study; `speakers` is the number that was
    given with the recording, which goes before the study's.

    The roster is fetched only where there is speech and the study wants its names used.
    """
    study = CatalogClient(channel).study(ref.study_id)
    roster = b""
    voices: tuple[EnrolledVoice, ...] = ()
    if not recording.is_transcript:
        described = describe_voices(channel, ref.study_id)
        voices = tuple(EnrolledVoice(one.person, one.clip_sha256.hex()) for one in described)
    if study.roster_hotwords and not recording.is_transcript:
        stub = vault_service_pb2_grpc.RosterReaderServiceStub(channel)
        roster = stub.GetRoster(vault_pb2.GetRosterRequest(study_id=ref.study_id)).document
    return StudyContext(
        tuple(study.languages), ref.participant, roster, speakers or study.speakers, voices
    )
