# SPDX-License-Identifier: Apache-2.0
"""Seals files in the clinical zone: recordings, and transcripts made elsewhere."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from flows.catalog import require_study
from services.common.client import Peers
from services.common.errors import InvalidInput, NotFound
from services.common.wording import unknown
from services.registry import identities
from services.registry.import_formats import SUFFIXES, format_by_suffix
from services.storage_client import chunks
from services.storage_client.catalog import CatalogClient
from services.storage_client.recordings import put_recording
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
}
# How files begin that hold no recording, and that are easily taken for one.
_NO_RECORDINGS = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "an office document or a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an office document of old",
    b"{\\rtf": "a rich text document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_LONGEST_START = max(map(len, _NO_RECORDINGS))


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
    """Measure and hash a file.

    Raises InvalidInput when it is empty, cannot be read, begins as a document does, or is no
    regular file: a device or a pipe may never end, and a symbolic link may point to what nobody
    meant to seal.
    """
    digest = hashlib.sha256()
    size = 0
    try:
        with _open_regular(path) as file:
            start = file.read(_LONGEST_START)
            file.seek(0)
            for chunk in chunks.of_file(file):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); nothing was sealed"
        ) from error
    if size == 0:
        raise InvalidInput(f"{path} is empty; nothing was sealed")
    source = SourceFile(path, size, digest.digest())
    if not source.is_transcript:
        _refuse_documents(path, start)
    return source


def _refuse_documents(path: Path, start: bytes) -> None:
    """Raise InvalidInput for a file that is no recording: what is sealed stays with a participant.

    Judged by its first bytes alone; whether it can be decoded is found in the sandbox.
    """
    for beginning, what in _NO_RECORDINGS.items():
        if start.startswith(beginning):
            raise InvalidInput(
                f"{path} is {what}, and no recording; nothing was sealed. A transcript made"
                f" elsewhere is a file with one of the suffixes {', '.join(SUFFIXES)}"
            )


def check_participant(peers: Peers, study: str, participant: str) -> None:
    """Refuse a participant who is not in the study: raises NotFound, with the nearest code."""
    require_study(peers, study)
    known = CatalogClient(peers.channel(identities.CLINICAL)).study(study).participants
    if participant not in known:
        raise NotFound(
            f"{unknown('participant', participant, known, there=f'study {study} has').message}"
            " (a new code goes into the study's file, then: sotto study create STUDY.yaml)"
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
        with _open_regular(source.path) as file:
            yield from chunks.of_file(file)
    except OSError as error:
        raise InvalidInput(
            f"{source.path} cannot be read to its end ({error.strerror}); ingest it again"
        ) from error


def _open_regular(path: Path) -> BinaryIO:
    """Open a regular file to be read; raises InvalidInput for anything else, and OSError."""
    # Opening a device may do something, and opening a pipe waits for who writes.
    _refuse_irregular(path, path.lstat().st_mode)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    file = os.fdopen(handle, "rb")
    try:
        # It may have been replaced in between.
        _refuse_irregular(path, os.fstat(handle).st_mode)
    except InvalidInput:
        file.close()
        raise
    return file


def _refuse_irregular(path: Path, mode: int) -> None:
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        raise InvalidInput(
            f"{path} is a symbolic link; nothing was sealed. Name the file that it points to"
        )
    if kind != stat.S_IFREG:
        raise InvalidInput(
            f"{path} is {_KINDS.get(kind, 'no file')}, not a regular file; nothing was sealed"
        )
