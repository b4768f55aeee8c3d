# SPDX-License-Identifier: Apache-2.0
"""Seals files in the clinical zone: recordings, and transcripts made elsewhere."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.common.client import Channels
from services.common.errors import InvalidInput, NotFound
from services.common.wording import unknown
from services.recordings_client.catalog import require_study
from services.registry import identities
from services.registry.media_forms import HEAD_BYTES, UNREADABLE, recording_form
from services.storage_client import chunks
from services.storage_client.catalog import CatalogClient
from services.storage_client.recordings import put_recording
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import reading_pb2

OnBytes = Callable[[int], object]
"""Called with the number of bytes that were read since the last call; it may raise to stop."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to seal, with its size in bytes and its SHA-256.

    `form` is the form of a recording by its start, such as "wav"; "" where the start is none that
    is known. `is_media`: it is sealed as a recording, since its start or its suffix says so.
    """

    path: Path
    size: int
    sha256: bytes
    form: str
    is_media: bool

    @property
    def is_transcript(self) -> bool:
        """Whether it is to be read as a transcript made elsewhere, which may refuse it."""
        return not self.is_media


def examine(path: Path, on_bytes: OnBytes = lambda _count: None) -> SourceFile:
    """Measure and hash a file, and tell by its first bytes whether it is a recording.

    Raises InvalidInput, without the file's name, when it is empty, cannot be read, is of a form
    that nothing here decodes, or is no regular file: a device or a pipe may never end, and a
    symbolic link may point to what nobody meant to seal.
    """
    digest = hashlib.sha256()
    size = 0
    try:
        with _open_regular(path) as file:
            form, is_media = _kind(file.read(HEAD_BYTES), path)
            file.seek(0)
            for chunk in chunks.of_file(file):
                digest.update(chunk)
                size += len(chunk)
                on_bytes(len(chunk))
    except OSError as error:
        raise _unreadable(error) from error
    if size == 0:
        raise _empty()
    return SourceFile(path, size, digest.digest(), form, is_media)


def begins_as_recording(path: Path) -> bool:
    """Return whether a file would be sealed as a recording; raises InvalidInput as `examine`."""
    try:
        with _open_regular(path) as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise _unreadable(error) from error
    if not head:
        raise _empty()
    return _kind(head, path)[1]


def _unreadable(error: OSError) -> InvalidInput:
    return InvalidInput(f"it cannot be read ({error.strerror}); nothing was sealed")


def _empty() -> InvalidInput:
    return InvalidInput("it is empty; nothing was sealed")


def _kind(head: bytes, path: Path) -> tuple[str, bool]:
    """Return the form of a recording by its start, and whether a file is sealed as a recording.

    Raises InvalidInput for a form of which it is known that it can never be read.
    """
    form, is_media = recording_form(head, path.name)
    if form in UNREADABLE:
        raise InvalidInput(f"{UNREADABLE[form]}; nothing was sealed")
    return form, is_media


def check_participant(peers: Channels, study: str, participant: str) -> None:
    """Refuse a participant who is not in the study: raises NotFound, with the nearest code."""
    check_participants(peers, study, [participant])


def check_participants(peers: Channels, study: str, codes: list[str]) -> study_pb2.Study:
    """Return a study that has all of these participants; raises NotFound as above."""
    require_study(peers, study)
    found = CatalogClient(peers.channel(identities.CLINICAL)).study(study)
    for code in codes:
        if code not in found.participants:
            there = f"study {study} has"
            raise NotFound(
                f"{unknown('participant', code, found.participants, there=there).message}"
                " (a new code goes into the study's file, then: sotto study create STUDY.yaml)"
            )
    return found


def seal(
    peers: Channels,
    source: SourceFile,
    study: str,
    participant: str,
    session: int,
    date: str = "",
    reading: reading_pb2.ReadingOptions | None = None,
    on_bytes: OnBytes = lambda _count: None,
    speakers: int = 0,
) -> tuple[recording_pb2.RecordingRef, bool]:
    """Seal a file; return its names, and whether the same content was there already.

    `date` is the day of the interview, YYYY-MM-DD; empty when it is unknown. `reading` says how a
    transcript is to be read, and who the speakers of a recording are; `speakers` is how many of
    these there are, 0 for what the study says. A recording that was there and had failed is cleared
    to be tried again. Raises InvalidInput where the file is no longer the one that was examined.
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
        reading=reading if source.is_transcript else _of_recording(reading),
        speakers=0 if source.is_transcript else speakers,
    )
    channel = peers.channel(identities.CLINICAL)
    answer = put_recording(channel, header, content(source, on_bytes))
    if answer.existed:
        # Ingesting a file again is how people ask for another try.
        catalog_service_pb2_grpc.FailureServiceStub(channel).PutFailure(
            catalog_pb2.PutFailureRequest(ref=answer.ref)
        )
    return answer.ref, answer.existed


def _of_recording(reading: reading_pb2.ReadingOptions | None) -> reading_pb2.ReadingOptions | None:
    """Return of the options of reading what a recording has use for: who its speakers are."""
    return reading_pb2.ReadingOptions(roles=reading.roles) if reading and reading.roles else None


def content(source: SourceFile, on_bytes: OnBytes = lambda _count: None) -> Iterator[bytes]:
    """Yield the bytes of a file that was examined.

    Raises InvalidInput, at its end at the latest, unless they are those that were examined: what is
    sealed is what was looked at.
    """
    digest = hashlib.sha256()
    try:
        with _open_regular(source.path) as file:
            for chunk in chunks.of_file(file):
                digest.update(chunk)
                on_bytes(len(chunk))
                yield chunk
    except OSError as error:
        raise InvalidInput(
            f"it cannot be read to its end ({error.strerror}); ingest it again"
        ) from error
    if digest.digest() != source.sha256:
        raise InvalidInput(
            "it changed while it was read, and nothing was sealed; ingest it again once nobody"
            " writes to it"
        )


def _open_regular(path: Path) -> BinaryIO:
    """Open a regular file to be read; raises InvalidInput for anything else, and OSError."""
    # Opening a device may do something, and opening a pipe waits for who writes.
    _refuse_irregular(path.lstat().st_mode)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    file = os.fdopen(handle, "rb")
    try:
        # It may have been replaced in between.
        _refuse_irregular(os.fstat(handle).st_mode)
    except InvalidInput:
        file.close()
        raise
    return file


def _refuse_irregular(mode: int) -> None:
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        raise InvalidInput(
            "it is a symbolic link; nothing was sealed. Name the file that it points to"
        )
    if kind != stat.S_IFREG:
        raise InvalidInput(
            f"it is {_KINDS.get(kind, 'no file')}, not a regular file; nothing was sealed"
        )
