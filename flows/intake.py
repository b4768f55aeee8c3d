# SPDX-License-Identifier: Apache-2.0
"""Seals files in the clinical zone: recordings, and transcripts made elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.catalog import require_study
from services.common.client import Peers
from services.common.errors import InvalidInput, NotFound
from services.common.wording import unknown
from services.registry import identities
from services.registry.import_formats import format_by_suffix
from services.storage_client import chunks
from services.storage_client.catalog import CatalogClient
from services.storage_client.recordings import put_recording
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to seal, with its size in bytes and its SHA-256."""

    path: Path
    size: int
    sha256: bytes

    @property
    def is_transcript(self) -> bool:
        """Whether the file is a transcript made elsewhere, judged by its suffix."""
        return format_by_suffix(self.path.name) is not None


def examine(path: Path) -> SourceFile:
    """Measure and hash a file; raises InvalidInput when it is empty or cannot be read."""
    digest = hashlib.sha256()
    size = 0
    try:
        with path.open("rb") as file:
            for chunk in chunks.of_file(file):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); nothing was sealed"
        ) from error
    if size == 0:
        raise InvalidInput(f"{path} is empty; nothing was sealed")
    return SourceFile(path, size, digest.digest())


def check_participant(peers: Peers, study: str, participant: str) -> None:
    """Refuse a participant who is not in the study: raises NotFound, with the nearest code."""
    require_study(peers, study)
    known = CatalogClient(peers.channel(identities.CLINICAL)).study(study).participants
    if participant not in known:
        raise NotFound(
            f"{unknown('participant', participant, known, there=f'study {study} has').message};"
            " a new code goes into the study's file, then: sotto study create STUDY.yaml"
        )


def seal(
    peers: Peers, source: SourceFile, study: str, participant: str, session: int, date: str = ""
) -> tuple[recording_pb2.RecordingRef, bool]:
    """Seal a file; return its names, and whether the same content was there already.

    `date` is the day of the interview, YYYY-MM-DD; empty when it is unknown. A recording that was
    there and had failed is cleared to be tried again.
    """
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
    channel = peers.channel(identities.CLINICAL)
    answer = put_recording(channel, header, _content(source))
    if answer.existed:
        # Ingesting a file again is how people ask for another try.
        catalog_service_pb2_grpc.FailureServiceStub(channel).PutFailure(
            catalog_pb2.PutFailureRequest(ref=answer.ref)
        )
    return answer.ref, answer.existed


def _content(source: SourceFile) -> Iterator[bytes]:
    try:
        with source.path.open("rb") as file:
            yield from chunks.of_file(file)
    except OSError as error:
        raise InvalidInput(
            f"{source.path} cannot be read to its end ({error.strerror}); ingest it again"
        ) from error
