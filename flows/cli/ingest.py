# SPDX-License-Identifier: Apache-2.0
"""``sotto ingest``: seal recordings, and transcripts made elsewhere, and have them worked on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.shared import StudyOption, connected, emit, say
from services.common import supervisor
from services.common.errors import InvalidInput, from_status
from services.common.options import HomeOption, JsonOption, installation_of
from services.registry import identities


def ingest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="What to bring in.")],
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
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all are worked on.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal recordings or transcripts; several files are sessions N, N+1, ...

    The same file again changes nothing. One that failed before is tried again.
    """
    from flows import intake

    dates = days(date or [], len(files))
    sources = [intake.examine(path) for path in files]
    house = installation_of(home)
    stays_up = supervisor.state(house) is not None
    needs = supervisor.ALL if wait else (identities.CLINICAL,)
    with connected(house, identities.OPERATOR, needs) as peers:
        intake.check_participant(peers, study, participant)
        sealed = []
        for number, source in enumerate(sources):
            ref, existed = intake.seal(
                peers, source, study, participant, session + number, dates[number]
            )
            sealed.append((ref, session + number, existed))
        if not wait:
            for ref, number, existed in sealed:
                _report(as_json, ref.recording_id, participant, number, existed, "sealed", "")
            if not stays_up:
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
        stopped = [one for one in settled.values() if one.state == "failed"]
        reasons = "; ".join(sorted({one.message for one in stopped}))
        msg = f"{failed} of {len(sealed)} did not come through: {reasons}"
        raise from_status(stopped[0].reason, msg)


def days(given: list[str], files: int) -> list[str]:
    """The day of each file, empty where none was given; raises InvalidInput."""
    if given and len(given) != files:
        msg = f"{files} files and {len(given)} dates were given; give each file its own, or none"
        raise InvalidInput(msg)
    try:
        meant = [datetime.strptime(day, "%Y-%m-%d").date() for day in given]  # noqa: DTZ007 - a day
    except ValueError as error:
        msg = "a day of an interview is written as YYYY-MM-DD, such as 2026-03-20"
        raise InvalidInput(msg) from error
    tomorrow = datetime.now().astimezone().date() + timedelta(days=1)
    if any(day > tomorrow for day in meant):
        msg = "an interview has no date in the future; give its day as YYYY-MM-DD"
        raise InvalidInput(msg)
    return [day.isoformat() for day in meant] or [""] * files


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
