# SPDX-License-Identifier: Apache-2.0
"""`sotto ingest`: seal recordings, and transcripts made elsewhere, and have them processed."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.common import supervisor
from services.common.client_session import connected
from services.common.errors import (
    InvalidInput,
    NotReady,
    SottoError,
    Unavailable,
    WrongUse,
    from_status,
)
from services.common.installation import Installation
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record
from services.registry import identities

if TYPE_CHECKING:
    from flows.cli.ingest_progress import Screen
    from services.common.client import Peers
    from services.intake.batch import Batch
    from services.intake.checks import StudyContents
    from services.intake.outcomes import Outcome
    from services.intake.planning import Given, Plan
    from services.recordings_client.catalog import RecordingSummary
    from sotto.storage.v1 import recording_pb2

_INTERRUPTED = 130
"""Exit status of a command that was ended from the keyboard, as shells have it."""


def ingest(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE|FOLDER...", help="What to ingest.", show_default=False),
    ] = None,
    study: Annotated[str, typer.Option("--study", help="Study id.", metavar="ID")] = "",
    participant: Annotated[str, typer.Option(metavar="CODE", help="Participant code.")] = "",
    session: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=999,
            help="Number of the first file's interview (default: 1).",
            show_default=False,
        ),
    ] = None,
    date: Annotated[
        list[str] | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Day of the interview; for several files once for each, in their order.",
        ),
    ] = None,
    name_pattern: Annotated[
        str,
        typer.Option(
            metavar="PATTERN",
            help="How names tell whose they are, such as '{participant}_{session}_{date}'.",
        ),
    ] = "",
    manifest: Annotated[
        Path | None,
        typer.Option(metavar="LIST.csv", help="A list of files, and whose each is."),
    ] = None,
    template: Annotated[
        bool,
        typer.Option("--template", help="Print such a list of the files, for you to fill in."),
    ] = False,
    speakers: Annotated[
        int | None,
        typer.Option(
            "--speakers",
            metavar="N",
            min=1,
            max=20,
            help="How many people speak in the recordings (default: as the study says).",
            show_default=False,
        ),
    ] = None,
    speaker: Annotated[
        list[str] | None,
        typer.Option(
            metavar="S1=ROLE",
            help="Who a speaker is, in the order of appearance: interviewer or participant.",
        ),
    ] = None,
    encoding: Annotated[
        str,
        typer.Option(metavar="NAME", help="Encoding of transcripts, such as windows-1252."),
    ] = "",
    notes: Annotated[
        bool,
        typer.Option("--notes", help="Read footnotes and comments too, behind what they are of."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is found in the files; seal nothing.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse files that there is a warning about.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until all are processed.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at recordings and transcripts, say what was found, and seal them.

    Several files are sessions N, N+1, ... of a participant, or what their names or a list say.

    The same again changes nothing and goes on where it ended. One that failed is tried again.
    """
    if template:
        _print_template(files or [])
        return
    from flows.cli.ingest_progress import Screen
    from services.intake.batch import Batch, BatchOptions

    plan = _plan(
        files or [], manifest, name_pattern,
        _given(participant, (session or 0, speakers or 0), date or [],
               (encoding, notes, speaker or []), dry_run),
    )  # fmt: skip
    if not study and not dry_run:
        raise WrongUse("say which study it is for: --study ID (or look alone: --dry-run)")
    needs = _needs(plan, wait and not dry_run)
    installation = installation_of(home)
    stays_up = supervisor.state(installation) is not None
    settled: Mapping[str, RecordingSummary] = {}
    only_looks = dry_run and not study and home is None and not installation.is_made
    with (
        _made_for_a_while() if only_looks else contextlib.nullcontext(installation) as place,
        connected(place, identities.OPERATOR, needs, makes_home=only_looks) as peers,
    ):
        screen = Screen(
            plan, as_json=as_json, defers=wait and not dry_run, passes=1 if dry_run else 2
        )
        foresees = stays_up and not wait and not dry_run
        batch = Batch(peers, _contents(peers, plan, study), BatchOptions(strict, dry_run))
        told = _bring_in(batch, plan, screen, _Foresight(peers) if foresees else None)
        sealed = [] if dry_run else [one.ref for one in told if one.ref and one.error is None]
        if sealed and not batch.interrupted and (wait or stays_up):
            _start_runs(installation, peers, sealed)
        if sealed and not batch.interrupted and wait:
            from flows.cli.waiting import wait_for

            settled = wait_for(peers, installation, sealed)
    if wait and not dry_run:
        _print_settled(plan, told, settled, as_json)
    if sealed and not wait and not stays_up:
        print_message(
            "Sealed. It is processed at the next: sotto up"
            if installation.is_made
            else "Sealed. The next sweep of the installation takes it up."
        )
    _end(plan, batch, told, dry_run)
    raise_if_failed(settled)


@contextlib.contextmanager
def _made_for_a_while() -> Iterator[Installation]:
    """Provide an installation for the command alone: whoever only looks at a file needs none."""
    with tempfile.TemporaryDirectory(prefix="sotto-") as folder:
        yield Installation(Path(folder) / "home")


def _given(
    participant: str,
    numbers: tuple[int, int],
    dates: Sequence[str],
    reading: tuple[str, bool, Sequence[str]],
    dry_run: bool,
) -> Given:
    from services.intake.planning import Given
    from services.intake.reading_options import reading_options

    session, speakers = numbers
    return Given(participant, session, dates, reading_options(*reading), dry_run, speakers)


def _plan(files: Sequence[Path], manifest: Path | None, name_pattern: str, given: Given) -> Plan:
    from services.intake import planning
    from services.intake.name_pattern import NamePattern

    if manifest is not None:
        if files or name_pattern:
            raise WrongUse("--manifest names the files; give no others and no --name-pattern")
        return planning.plan_list(manifest, given)
    if not files:
        raise WrongUse("name files or folders, or a list by --manifest")
    pattern = NamePattern(name_pattern) if name_pattern else None
    return planning.plan_files(files, pattern, given)


def _needs(plan: Plan, wait: bool) -> Sequence[str]:
    """Return the services that are needed: recordings alone need no reader of transcripts.

    Raises InvalidInput where no file can be read, before any service is started.
    """
    from flows.review_output import printable_name
    from services.intake import source_files

    kinds: set[bool] = set()
    faults: list[str] = []
    for interview, name in zip(plan.interviews, plan.names, strict=True):
        try:
            kinds.add(source_files.begins_as_recording(interview.path))
        except InvalidInput as error:
            faults.append(f"{printable_name(name)}: {error.message}")
    if not kinds:
        raise InvalidInput(faults[0])
    if wait:
        return supervisor.WHOLE_WAY
    readers = (identities.TRANSCRIPTION,) if False in kinds else ()
    return (identities.CLINICAL, *readers)


def _print_template(folders: Sequence[Path]) -> None:
    from services.intake.entry_list import template
    from services.intake.sources import find

    # Spreadsheets know by the mark that it is UTF-8; a terminal would show it.
    mark = "" if sys.stdout.isatty() else "\ufeff"
    files = find(folders).files
    if missing := [file for file in files if not file.exists()]:
        raise InvalidInput(f"there is no {missing[0]}")
    text = mark + template(files)
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def _contents(peers: Peers, plan: Plan, study: str) -> StudyContents | None:
    """Return what the study has; raises NotFound for a study or participant that is not there."""
    if not study:
        return None
    from services.intake import source_files
    from services.intake.checks import StudyContents

    codes = sorted({one.participant for one in plan.interviews} - {""})
    return StudyContents(peers, source_files.check_participants(peers, study, codes))


def _bring_in(
    batch: Batch, plan: Plan, screen: Screen, foresight: _Foresight | None
) -> list[Outcome]:
    """Look at the files and seal them, and print what became of each as soon as it is known."""

    def tell(outcome: Outcome) -> None:
        screen.tell(outcome, foresight(outcome) if foresight else "")

    with screen:
        return batch.run(plan.interviews, tell, screen.advance)


class _Foresight:
    """Knows beforehand that a demo model will refuse a recording, or invent its words."""

    def __init__(self, peers: Peers) -> None:
        from sotto.transcription.v1 import transcription_service_pb2_grpc

        self._stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
            peers.channel(identities.TRANSCRIPTION)
        )
        self._is_up = True

    def __call__(self, outcome: Outcome) -> str:
        from flows.cli.recording_table import INVENTED
        from sotto.transcription.v1 import transcription_pb2

        if outcome.kind != "media" or outcome.ref is None or not self._is_up:
            return ""
        try:
            request = transcription_pb2.PlanRequest(ref=outcome.ref)
            return INVENTED if self._stub.Plan(request, timeout=10.0).invented else ""
        except NotReady as error:
            return error.message
        except SottoError:
            # It is not up yet; whatever it says later is in the list of recordings.
            self._is_up = False
            return ""


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


def _print_settled(
    plan: Plan,
    outcomes: Sequence[Outcome],
    settled: Mapping[str, RecordingSummary],
    as_json: bool,
) -> None:
    """Print what became of files that were waited for."""
    from flows.cli.recording_table import why
    from flows.review_output import printable_name
    from services.intake.report import outcome_record

    for outcome in outcomes:
        if outcome.ref is None or outcome.error is not None:
            continue
        status = settled.get(outcome.ref.recording_id)
        if as_json:
            told = {"state": status.state, "message": why(status)} if status else {}
            print_record({**outcome_record(outcome), **told})
        elif status:
            name = printable_name(plan.names[outcome.number - 1])
            tail = f": {why(status)}" if why(status) else ""
            print_message(f"{status.recording_id}  {name}: {status.label}{tail}")


def _end(plan: Plan, batch: Batch, outcomes: Sequence[Outcome], dry_run: bool) -> None:
    """Print the sum where there are several files, and end as the first that went wrong asks."""
    from flows.review_output import printable_name
    from services.intake.report import summary

    wrong = [one for one in outcomes if one.error is not None]
    if len(outcomes) > 1:
        print_message(summary(outcomes))
    if batch.interrupted:
        print_message("Ended from the keyboard; the same command again goes on from here.")
        raise typer.Exit(_INTERRUPTED)
    if not wrong:
        return
    first = wrong[0].error or InvalidInput("")
    if len(outcomes) == 1:
        name = printable_name(plan.names[0])
        raise from_status(first.status, f"{name}: {first.message}", first.reason)
    advice = ""
    if isinstance(first, Unavailable):
        advice = "; the same command again goes on from here"
    verb = "was" if len(wrong) == 1 else "were"
    were = "would be refused" if dry_run else f"{verb} not sealed"
    raise from_status(
        first.status,
        f"{len(wrong)} of {len(outcomes)} files {were}, as told above{advice}",
        first.reason,
    )


def raise_if_failed(settled: Mapping[str, RecordingSummary]) -> None:
    """Raise the error of the first recording that failed, with the messages of all."""
    failed = [one for one in settled.values() if one.state == "failed"]
    if failed:
        reasons = "; ".join(sorted({one.message for one in failed}))
        raise from_status(failed[0].reason, f"{len(failed)} of {len(settled)} failed: {reasons}")
