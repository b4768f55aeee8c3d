# SPDX-License-Identifier: Apache-2.0
"""`sotto recordings`: how far each recording is, what was found in it; making it again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import recording_table, removals
from flows.cli.options import StudyFilter
from services.common import supervisor
from services.common.client_session import connected
from services.common.errors import WrongUse
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.registry import identities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.common.client import Peers
    from services.common.installation import Installation
    from services.recordings_client.redo import Due

app = typer.Typer(
    no_args_is_help=True, help="See how far each recording is, make it again, undo its intake."
)
app.command()(removals.remove)
app.command()(removals.move)

_ZONES = (identities.CLINICAL, identities.RESEARCH)
_ENGINES = (identities.TRANSCRIPTION, identities.DEIDENTIFICATION)


class StageName(StrEnum):
    """Stages by which `redo` can be narrowed."""

    TRANSCRIPTION = "transcription"
    DEIDENTIFICATION = "deidentification"


@app.callback()
def recordings() -> None:
    """See how far each recording is, make it again, undo its intake."""


@app.command("list")
def list_recordings(
    study: StudyFilter = "",
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Show them again as they change, until nothing is under way."),
    ] = False,
    removed: Annotated[
        bool,
        typer.Option("--removed", help="List instead what was removed, why, when and by whom."),
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the recordings, their states, and where and why they failed."""
    if watch and as_json:
        raise WrongUse("--watch is for people; ask for --json alone as often as you like")
    if watch and removed:
        raise WrongUse("--watch shows what is under way; ask for --removed without it")
    installation = installation_of(home)
    with connected(installation, identities.OPERATOR, _ZONES) as peers:
        from services.recordings_client import catalog, work

        catalog.require_study(peers, study)
        if removed:
            _print_removed(peers, study, as_json)
            return
        found = catalog.recordings(peers, study)
        if watch:
            from flows.cli.watching import watch as show_until_done

            show_until_done(peers, installation, found)
            return
        progress = work.read(peers, study).progress
    if as_json:
        for recording in found:
            now = progress.get(recording.recording_id)
            print_record({**recording.as_record(), "progress": now.as_record() if now else None})
        return
    print_table(
        recording_table.COLUMNS,
        [recording_table.row(one, progress.get(one.recording_id)) for one in found],
    )


@app.command()
def show(
    recording: Annotated[str, typer.Argument(metavar="REC", help="Recording id.")],
    study: StudyFilter = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is known of a recording: what was found in it, its runs, reviews and failure."""
    with connected(installation_of(home), identities.OPERATOR, _ZONES) as peers:
        from services.recordings_client import showing

        found = showing.show(peers, recording, study)
    if as_json:
        print_record(showing.record(found))
        return
    print_table(("recording", found.summary.recording_id), list(showing.facts(found)))


def _print_removed(peers: Peers, study: str, as_json: bool) -> None:
    from services.recordings_client import removals as removing

    found = removing.removed(peers, study)
    if as_json:
        for record in found:
            print_record(record)
        return
    print_table(
        ("STUDY", "WHO", "RECORDING", "S", "REASON", "REMOVED", "BY", "MOVED TO"),
        [tuple(record.values()) for record in found],
    )


@app.command()
def redo(
    study: StudyFilter = "",
    recording: Annotated[
        str, typer.Option("--recording", metavar="REC", help="Only this recording.")
    ] = "",
    stage: Annotated[
        StageName | None, typer.Option("--stage", help="Only what would begin with this stage.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be made again; make nothing.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all are processed.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make again what study, policy, roster, models or engines ask for now, and say why.

    Earlier transcripts stay until retention. What was approved passes to no new one.
    """
    installation = installation_of(home)
    stays_up = supervisor.state(installation) is not None
    needs = (*_ZONES, *_ENGINES) if dry_run or not wait else supervisor.WHOLE_WAY
    with connected(installation, identities.OPERATOR, needs) as peers:
        from services.recordings_client import redo
        from services.recordings_client.stages import Stage

        due = redo.find_due(peers, study, recording, Stage(stage) if stage else None)
        _print_due(due, as_json)
        if due and not dry_run:
            for one in due:
                redo.mark(peers, one)
            if wait or stays_up:
                _start(peers, installation, due, wait)
    if not due:
        print_message("Nothing is due: every transcript is as it would be made now.")
    elif not dry_run and not wait:
        follow = "sotto recordings list --watch" if stays_up else "sotto up"
        print_message(f"{len(due)} are made again; see how far with: {follow}")


def _start(peers: Peers, installation: Installation, due: Sequence[Due], wait: bool) -> None:
    from flows.submit import submit

    refs = [one.recording.ref for one in due]
    submit(installation, peers, refs)
    if wait:
        from flows.cli.ingest import raise_if_failed
        from flows.cli.waiting import wait_for

        raise_if_failed(wait_for(peers, installation, refs))


def _print_due(due: Sequence[Due], as_json: bool) -> None:
    if as_json:
        for one in due:
            print_record(one.as_record())
    elif due:
        print_table(
            ("RECORDING", "STUDY", "WHO", "S", "STATE", "FROM", "WHY"),
            [
                (
                    one.recording.recording_id,
                    one.recording.study_id,
                    one.recording.participant,
                    one.recording.session,
                    one.recording.label,
                    one.stage_label,
                    "; ".join(one.reasons),
                )
                for one in due
            ],
        )
