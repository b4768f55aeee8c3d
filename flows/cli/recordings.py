# SPDX-License-Identifier: Apache-2.0
"""``sotto recordings``: how far each recording is, where it failed and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from flows.cli.shared import connected, emit, table
from services.common.options import HomeOption, JsonOption, installation_of
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
    with connected(
        installation_of(home), identities.OPERATOR, (identities.CLINICAL, identities.RESEARCH)
    ) as peers:
        from flows import catalog

        found = catalog.recordings(peers, study)
    if as_json:
        for one in found:
            emit(asdict(one))
        return
    table(
        ("RECORDING", "STUDY", "WHO", "S", "KIND", "STATE", "SEGMENTS", "REDACTED", "WHY"),
        [
            (
                one.recording_id,
                one.study_id,
                one.participant,
                one.session,
                one.kind,
                one.state,
                one.segments or "",
                one.replacements or "",
                f"{one.stage}: {one.message}" if one.message else "",
            )
            for one in found
        ],
    )
