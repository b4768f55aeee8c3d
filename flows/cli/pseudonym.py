# SPDX-License-Identifier: Apache-2.0
"""`sotto pseudonym`: who stands behind a label, by two people."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import StudyFilter, StudyOption
from services.common.client_session import connected
from services.common.errors import WrongUse
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.registry import identities
from services.registry.reveals import (
    MOST_HOURS,
    MOST_TIMES,
    USUAL_HOURS,
    USUAL_TIMES,
    RevealReason,
)

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from services.release_client.reveals import Reveals
    from sotto.storage.v1 import reveal_pb2

app = typer.Typer(
    no_args_is_help=True, help="Have a pseudonym revealed: one person asks, another grants."
)

RevealArgument = Annotated[str, typer.Argument(metavar="REQUEST", help="Id of the request.")]


@app.command()
def request(
    label: Annotated[
        str, typer.Argument(metavar="LABEL", help="As the transcript has it, such as 'Nurse 2'.")
    ],
    study: StudyOption,
    reason: Annotated[
        str, typer.Option("--reason", metavar="REASON", help=f"One of: {', '.join(RevealReason)}.")
    ],
    participant: Annotated[
        str,
        typer.Option(
            "--participant",
            metavar="CODE",
            help="In whose transcript the label stands; none for one that the study shares.",
        ),
    ] = "",
    recording: Annotated[
        str, typer.Option("--recording", metavar="ID", help="Recording that gives the occasion.")
    ] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask, as a reviewer of the study, who or what a label stands for; shows nothing yet."""
    if reason not in list(RevealReason):
        raise WrongUse(f"--reason takes one of: {', '.join(RevealReason)}")
    if participant != participant.upper():
        raise WrongUse(f"codes are in capital letters: is {participant.upper()} meant?")
    with _reveals(home, identities.REVIEWER) as reveals:
        answer = reveals.request(study, participant, label, RevealReason(reason), recording)
    _tell(answer.reveal, as_json)
    if not as_json:
        was = "You had asked for it, and it is open" if answer.existed else "Asked"
        print_message(
            f"{was}. A compliance officer who is not you decides: sotto pseudonym grant"
            f" {answer.reveal.reveal_id} --study {study}"
        )


@app.command("list")
def list_requests(
    study: StudyFilter = "",
    everybody: Annotated[
        bool, typer.Option("--everybody", help="All requests, as a compliance officer.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List your own requests as a reviewer, or those of everybody as a compliance officer."""
    client = identities.COMPLIANCE if everybody else identities.REVIEWER
    with _reveals(home, client) as reveals:
        found = reveals.list(study)
    if as_json:
        for one in found:
            _tell(one, as_json)
    elif found:
        _print(found)
    else:
        print_message("Nobody asked for a pseudonym." if everybody else "You asked for none.")


@app.command()
def grant(
    reveal: RevealArgument,
    study: StudyOption,
    hours: Annotated[
        int, typer.Option("--hours", min=1, max=MOST_HOURS, help="For so many hours from now.")
    ] = USUAL_HOURS,
    times: Annotated[
        int, typer.Option("--times", min=1, max=MOST_TIMES, help="So many times.")
    ] = USUAL_TIMES,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the reviewer who asked see it, as a compliance officer who is somebody else."""
    with _reveals(home, identities.COMPLIANCE) as reveals:
        _tell(reveals.grant(study, reveal, hours=hours, times=times), as_json)


@app.command()
def refuse(
    reveal: RevealArgument, study: StudyOption, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Refuse a request, as a compliance officer who is somebody else."""
    with _reveals(home, identities.COMPLIANCE) as reveals:
        _tell(reveals.refuse(study, reveal), as_json)


@app.command()
def reveal(
    reveal: RevealArgument, study: StudyOption, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show, to the reviewer who asked, who or what stands behind the label; each time counts."""
    with _reveals(home, identities.REVIEWER) as reveals:
        answer = reveals.show(study, reveal)
    if as_json:
        print_record(
            {
                **_record(answer.reveal),
                "revealed": [
                    {"study_wide": one.study_wide, "forms": list(one.forms)}
                    for one in answer.revealed
                ],
            }
        )
        return
    if len(answer.revealed) > 1:
        print_message(
            "Two entries have this label: the participant's own, and one that the study shares."
            " Which one a transcript means depends on the policy when it was made."
        )
    for one in answer.revealed:
        whose = "the study" if one.study_wide else answer.reveal.participant
        sys.stdout.write(f"[{answer.reveal.label}] of {whose}: {'; '.join(one.forms)}\n")
    left = answer.reveal.most_times - len(answer.reveal.shown_at)
    print_message(f"As transcripts have it, with their errors of hearing. Times left: {left}.")


@contextlib.contextmanager
def _reveals(home: Path | None, client: str) -> Iterator[Reveals]:
    services = (identities.DEIDENTIFICATION,)
    with connected(installation_of(home), client, services, purpose="reveal") as peers:
        from services.release_client.reveals import Reveals

        yield Reveals(peers.channel(identities.DEIDENTIFICATION))


def _tell(one: reveal_pb2.Reveal, as_json: bool) -> None:
    if as_json:
        print_record(_record(one))
    else:
        _print([one])


def _print(found: Iterable[reveal_pb2.Reveal]) -> None:
    from services.release_client.reveals import reason_of, state_of

    rows = []
    for one in found:
        state = state_of(one)
        shown = f"{len(one.shown_at)} of {one.most_times}" if one.most_times else ""
        until = _time(one.expires_at)[:16] if state == "granted" else ""
        rows.append(
            (
                one.reveal_id, one.study_id, one.participant, one.label, reason_of(one),
                one.requested_by, state, one.decided_by, until, shown,
            )
        )  # fmt: skip
    print_table(
        ("REQUEST", "STUDY", "OF", "LABEL", "REASON", "ASKED BY", "STATE", "BY", "UNTIL", "SHOWN"),
        rows,
    )


def _record(one: reveal_pb2.Reveal) -> dict[str, object]:
    from services.release_client.reveals import reason_of, state_of

    return {
        "request": one.reveal_id,
        "study_id": one.study_id,
        "participant": one.participant,
        "label": one.label,
        "recording_id": one.recording_id,
        "reason": reason_of(one),
        "requested_by": one.requested_by,
        "requested_at": _time(one.requested_at),
        "state": state_of(one),
        "decided_by": one.decided_by,
        "decided_at": _time(one.decided_at) if one.HasField("decided_at") else "",
        "expires_at": _time(one.expires_at) if one.HasField("expires_at") else "",
        "most_times": one.most_times,
        "shown_at": [_time(stamp) for stamp in one.shown_at],
    }


def _time(stamp: Timestamp) -> str:
    return stamp.ToDatetime(UTC).isoformat(timespec="seconds")
