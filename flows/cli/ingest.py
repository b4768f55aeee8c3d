# SPDX-License-Identifier: Apache-2.0
"""`sotto ingest`: seal recordings, and transcripts made elsewhere, and have them processed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import StudyOption
from services.common import supervisor
from services.common.client_session import connected
from services.common.errors import InvalidInput, NotReady, SottoError, from_status
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record
from services.registry import identities

if TYPE_CHECKING:
    from flows.catalog import RecordingSummary
    from flows.intake import SourceFile
    from services.common.client import Peers
    from services.common.installation import Installation
    from sotto.storage.v1 import recording_pb2


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A file that was sealed, or was there already.

    Its name is for the terminal of whoever typed it, and goes nowhere else.
    """

    name: str
    recording_id: str
    participant: str
    session: int
    existed: bool


def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to ingest.")],
    study: StudyOption,
    participant: Annotated[str, typer.Option(metavar="CODE", help="Participant code.")],
    session: Annotated[
        int,
        typer.Option(metavar="N", min=1, max=999, help="Number of the first file's interview."),
    ] = 1,
    date: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Day of the interview; for several files once for each, in their order.",
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all are processed.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal recordings or transcripts; several files are sessions N, N+1, ...

    The same file again changes nothing. One that failed before is tried again.
    """
    from flows import intake
    from services.storage_client.catalog import recording_ref

    dates = interview_days(date or [], len(files))
    sources = [intake.examine(path) for path in files]
    installation = installation_of(home)
    stays_up = supervisor.state(installation) is not None
    needs = supervisor.ALL if wait else (identities.CLINICAL,)
    settled: Mapping[str, RecordingSummary] = {}
    with connected(installation, identities.OPERATOR, needs) as peers:
        intake.check_participant(peers, study, participant)
        sealed = _seal(peers, sources, dates, study, participant, session)
        refs = [recording_ref(study, participant, one.recording_id) for one in sealed]
        if wait or stays_up:
            _start_runs(installation, peers, refs)
        warnings = {} if wait or not stays_up else _foreseen(peers, refs)
        if wait:
            from flows.cli.waiting import wait_for

            settled = wait_for(peers, installation, refs)
    for one in sealed:
        _print(one, settled.get(one.recording_id), warnings.get(one.recording_id, ""), as_json)
    if not wait and not stays_up:
        print_message(
            "Sealed. It is processed at the next: sotto up"
            if installation.is_made
            else "Sealed. The next sweep of the installation takes it up."
        )
    raise_if_failed(settled)


def interview_days(given: Sequence[str], files: int) -> list[str]:
    """Return the day of each file's interview, YYYY-MM-DD; empty strings when none was given.

    Raises InvalidInput for another number of days than of files, for what is no day, and for a day
    in the future.
    """
    if given and len(given) != files:
        raise InvalidInput(
            f"{files} files and {len(given)} dates were given; give each file its own, or none"
        )
    try:
        days = [datetime.strptime(day, "%Y-%m-%d").date() for day in given]  # noqa: DTZ007 - a day
    except ValueError as error:
        raise InvalidInput(
            "the day of an interview is written as YYYY-MM-DD, such as 2026-03-20"
        ) from error
    tomorrow = datetime.now().astimezone().date() + timedelta(days=1)
    if any(day > tomorrow for day in days):
        raise InvalidInput("an interview has no date in the future; give its day as YYYY-MM-DD")
    return [day.isoformat() for day in days] or [""] * files


def _seal(
    peers: Peers,
    sources: Sequence[SourceFile],
    dates: Sequence[str],
    study: str,
    participant: str,
    first_session: int,
) -> list[_Sealed]:
    from flows import intake

    sealed = []
    for session, (source, date) in enumerate(zip(sources, dates, strict=True), first_session):
        ref, existed = intake.seal(peers, source, study, participant, session, date)
        sealed.append(_Sealed(source.path.name, ref.recording_id, participant, session, existed))
    return sealed


def _start_runs(
    installation: Installation, peers: Peers, refs: Sequence[recording_pb2.RecordingRef]
) -> None:
    """Have the recordings processed now; where that does not work, a sweep finds them later."""
    from flows.submit import submit

    try:
        submit(installation, peers, refs)
    except SottoError as error:
        print_message(
            f"All is sealed, and processed within some minutes; not at once: {error.message}"
        )


def _foreseen(peers: Peers, refs: Sequence[recording_pb2.RecordingRef]) -> Mapping[str, str]:
    """Return what is known already about transcripts that cannot be had, by the recording's id.

    That is that a demo model will refuse a recording, or invent its words.
    """
    from flows.cli.recording_table import INVENTED
    from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        peers.channel(identities.TRANSCRIPTION)
    )
    found = {}
    for ref in refs:
        try:
            if stub.Plan(transcription_pb2.PlanRequest(ref=ref), timeout=10.0).invented:
                found[ref.recording_id] = INVENTED
        except NotReady as error:
            found[ref.recording_id] = error.message
        except SottoError:
            break  # it is not up yet; whatever it says later is in the list of recordings
    return found


def _print(sealed: _Sealed, status: RecordingSummary | None, warning: str, as_json: bool) -> None:
    """Print what became of a file; `status` is None when the command did not wait for it.

    `warning` is what is known beforehand about its transcript.
    """
    from flows.cli.recording_table import why

    state = status.state if status else "sealed"
    label = status.label if status else "sealed"
    message = why(status) if status else warning
    if as_json:
        print_record(
            {
                "recording_id": sealed.recording_id,
                "participant": sealed.participant,
                "session": sealed.session,
                "existed": sealed.existed,
                "state": state,
                "message": message,
            }
        )
        return
    from flows.review_output import printable

    who = f"{printable(sealed.name)}, {sealed.participant} session {sealed.session}"
    again = " (was there already)" if sealed.existed else ""
    told = f": {message}" if message else ""
    print_message(f"{sealed.recording_id}  {who}: {label}{again}{told}")


def raise_if_failed(settled: Mapping[str, RecordingSummary]) -> None:
    """Raise the error of the first recording that failed, with the messages of all."""
    failed = [one for one in settled.values() if one.state == "failed"]
    if failed:
        reasons = "; ".join(sorted({one.message for one in failed}))
        raise from_status(failed[0].reason, f"{len(failed)} of {len(settled)} failed: {reasons}")
