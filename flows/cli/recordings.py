# SPDX-License-Identifier: Apache-2.0
"""`sotto recordings`: how far each recording is, where it failed and why."""

from __future__ import annotations

from typing import Annotated

import typer

from services.common.client_session import connected
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_record, print_table
from services.registry import identities

app = typer.Typer(no_args_is_help=True, help="See how far each recording is.")


@app.callback()
def recordings() -> None:
    """See how far each recording is."""


@app.command("list")
def list_recordings(
    study: Annotated[str, typer.Option("--study", metavar="ID", help="Only this study.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the recordings, their states, and where and why they failed."""
    zones = (identities.CLINICAL, identities.RESEARCH)
    with connected(installation_of(home), identities.OPERATOR, zones) as peers:
        from flows import catalog

        found = catalog.recordings(peers, study)
    if as_json:
        for recording in found:
            print_record(recording.as_record())
        return
    print_table(
        ("RECORDING", "STUDY", "WHO", "S", "KIND", "STATE", "SEGMENTS", "REDACTED", "WHY"),
        [
            (
                recording.recording_id,
                recording.study_id,
                recording.participant,
                recording.session,
                recording.kind,
                recording.state.replace("_", " "),
                recording.segments or "",
                recording.replacements or "",
                f"{recording.stage}: {recording.message}" if recording.message else "",
            )
            for recording in found
        ],
    )
