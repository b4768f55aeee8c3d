# SPDX-License-Identifier: Apache-2.0
"""``sotto ingest``: seal recordings, and transcripts made elsewhere, and have them worked on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.shared import HomeOption, JsonOption, StudyOption, connected, emit, home_of, say
from services.plumbing import access, supervisor
from services.plumbing.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from services.plumbing.client import Peers
    from sotto.storage.v1 import recording_pb2

_CHUNK_BYTES = 1024 * 1024
_TRANSCRIPT_SUFFIXES = {".txt", ".docx", ".vtt", ".srt", ".json"}


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    size: int
    sha256: bytes

    @property
    def is_transcript(self) -> bool:
        return self.path.suffix.lower() in _TRANSCRIPT_SUFFIXES


def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to bring in.")],
    study: StudyOption,
    participant: Annotated[str, typer.Option(metavar="CODE", help="Participant code.")],
    session: Annotated[
        int,
        typer.Option(metavar="N", min=1, max=999, help="Number of the first file's interview."),
    ] = 1,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all are worked on.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal recordings or transcripts; several files are sessions N, N+1, ...

    The same file again changes nothing. One that failed before is tried again.
    """
    sources = [_examine(path) for path in files]
    house = home_of(home)
    needs = supervisor.ALL if wait else (access.CLINICAL,)
    with connected(house, access.OPERATOR, needs) as peers:
        _check_participant(peers, study, participant)
        sealed = []
        for number, source in enumerate(sources):
            ref, existed = _seal(peers, source, study, participant, session + number)
            sealed.append((ref, session + number, existed))
        if not wait:
            for ref, number, existed in sealed:
                _report(as_json, ref.recording_id, participant, number, existed, "sealed", "")
            if supervisor.state(house) is None:
                say("Sealed. It is worked on at the next: sotto up")
            return
        from flows.cli.waiting import wait_for

        settled = wait_for(peers, house, study, [ref.recording_id for ref, _, _ in sealed])
        failed = 0
        for ref, number, existed in sealed:
            one = settled[ref.recording_id]
            _report(as_json, ref.recording_id, participant, number, existed, one.state, one.message)
            failed += one.state == "failed"
    if failed:
        reasons = {one.message for one in settled.values() if one.state == "failed"}
        msg = f"{failed} of {len(sealed)} did not come through: {'; '.join(sorted(reasons))}"
        raise InvalidInput(msg)


def _examine(path: Path) -> _Source:
    """Measure a file and hash it, before anything is sent."""
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
    return _Source(path, size, digest.digest())


def _check_participant(peers: Peers, study: str, participant: str) -> None:
    from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc

    catalog = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(access.CLINICAL))
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


def _seal(
    peers: Peers, source: _Source, study: str, participant: str, session: int
) -> tuple[recording_pb2.RecordingRef, bool]:
    from sotto.storage.v1 import (
        catalog_pb2,
        catalog_service_pb2_grpc,
        recording_pb2,
        recording_service_pb2_grpc,
    )

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
        )
        yield recording_pb2.PutRecordingRequest(header=header)
        with source.path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield recording_pb2.PutRecordingRequest(chunk=chunk)

    channel = peers.channel(access.CLINICAL)
    writer = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
    answer = writer.PutRecording(parts())
    if answer.existed:
        # Bringing a file in again is how people ask for another try.
        catalog_service_pb2_grpc.CatalogWriterServiceStub(channel).PutFailure(
            catalog_pb2.PutFailureRequest(ref=answer.ref)
        )
    return answer.ref, answer.existed


def _report(
    as_json: bool,
    recording_id: str,
    participant: str,
    session: int,
    existed: bool,
    state: str,
    message: str,
) -> None:
    if as_json:
        emit(
            {
                "recording_id": recording_id,
                "participant": participant,
                "session": session,
                "existed": existed,
                "state": state,
                "message": message,
            }
        )
    else:
        again = " (was there already)" if existed else ""
        say(f"{recording_id}  {participant} session {session}: {state}{again} {message}".rstrip())
