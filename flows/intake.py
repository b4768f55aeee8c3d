# SPDX-License-Identifier: Apache-2.0
"""Brings files in: measured, hashed, sealed in the clinical zone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.common.client import Peers
from services.common.errors import InvalidInput, NotFound
from services.registry import identities
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)

_CHUNK_BYTES = 1024 * 1024
_TRANSCRIPT_SUFFIXES = {".txt", ".docx", ".vtt", ".srt", ".json"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to be brought in."""

    path: Path
    size: int
    sha256: bytes

    @property
    def is_transcript(self) -> bool:
        """Whether it is a transcript made elsewhere, by its suffix."""
        return self.path.suffix.lower() in _TRANSCRIPT_SUFFIXES


def examine(path: Path) -> Source:
    """Measure a file and hash it, before anything is sent; raises InvalidInput."""
    digest = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}); nothing was brought in"
        raise InvalidInput(msg) from error
    if size == 0:
        msg = f"{path} is empty; nothing was brought in"
        raise InvalidInput(msg)
    return Source(path, size, digest.digest())


def check_participant(peers: Peers, study: str, participant: str) -> None:
    """Raise NotFound or InvalidInput unless the study exists and has the participant."""
    catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(identities.CLINICAL))
    try:
        found = catalog.GetStudy(catalog_pb2.GetStudyRequest(study_id=study)).study
    except NotFound:
        msg = f"there is no study {study}; create it with: sotto study create STUDY.yaml"
        raise NotFound(msg) from None
    if participant not in found.participants:
        msg = (
            f"study {study} has no participant with that code; add the code to its file, then:"
            " sotto study create STUDY.yaml"
        )
        raise InvalidInput(msg)


def seal(
    peers: Peers, source: Source, study: str, participant: str, session: int, date: str = ""
) -> tuple[recording_pb2.RecordingRef, bool]:
    """Seal a file; returns its names and whether the same content was there already.

    `date` is the day of the interview, YYYY-MM-DD; empty where nobody knows.

    A recording that failed before is cleared to be tried again.
    """

    def parts() -> Iterator[recording_pb2.PutRecordingRequest]:
        header = recording_pb2.RecordingHeader(
            study_id=study,
            participant=participant,
            session=session,
            kind=recording_pb2.RECORDING_KIND_TRANSCRIPT
            if source.is_transcript
            else recording_pb2.RECORDING_KIND_MEDIA,
            file_name=source.path.name.encode("utf-8", "replace").decode(),
            size=source.size,
            content_sha256=source.sha256,
            session_date=date,
        )
        yield recording_pb2.PutRecordingRequest(header=header)
        try:
            with source.path.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    yield recording_pb2.PutRecordingRequest(chunk=chunk)
        except OSError as error:
            msg = f"{source.path} cannot be read to its end ({error.strerror}); bring it in again"
            raise InvalidInput(msg) from error

    channel = peers.channel(identities.CLINICAL)
    writer = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
    answer = writer.PutRecording(parts())
    if answer.existed:
        # Bringing a file in again is how people ask for another try.
        catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutFailure(
            catalog_pb2.PutFailureRequest(ref=answer.ref)
        )
    return answer.ref, answer.existed
