# SPDX-License-Identifier: Apache-2.0
"""`sotto review`: see what waits, look at it, correct it, decide."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import review_corrections, review_steps
from flows.cli.review_calls import (
    AnyStudyOption,
    RecordingArgument,
    SeenOption,
    look_again,
    read_run,
    reviewing_as,
)
from services.common.errors import InvalidInput, WrongUse
from services.common.options import HomeOption, JsonOption
from services.common.output import print_message, print_record, print_table
from services.registry import identities

app = typer.Typer(no_args_is_help=True, help="See what waits for review, correct it, decide.")


class State(StrEnum):
    """States of a review."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@app.command("list")
def list_reviews(
    study: AnyStudyOption = "",
    state: Annotated[State | None, typer.Option("--state", help="Only those.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List transcripts and their reviews: what waits first, by residual risk."""
    with reviewing_as(home) as reviewing:
        from flows.review_output import item_record
        from services.release_client.reviewing import STATES
        from sotto.storage.v1 import review_pb2

        numbers = {name: number for number, name in STATES.items()}
        wanted = numbers[state.value] if state else review_pb2.REVIEW_STATE_UNSPECIFIED
        found = list(reviewing.items(study, wanted))
    if as_json:
        for item in found:
            print_record(item_record(item))
        return
    if not found:
        where = f"of study {study}" if study else "that you review"
        which = f"{state} " if state else ""
        print_message(f"No {which}transcript {where}; see how far each is: sotto recordings list")
        return
    print_table(
        ("RECORDING", "STUDY", "WHO", "S", "STATE", "RISK", "BELOW", "DOUBTS", "CORRECTED", "BY"),
        [
            (
                item.ref.recording_id,
                item.ref.study_id,
                item.ref.participant,
                item.session,
                STATES[item.review.state] + (", INVENTED" if item.invented else ""),
                f"{item.residual_risk:.4f}",
                f"{item.threshold:.4f}",
                sum(item.doubts.values()),
                _corrected(item.corrections, item.lost_corrections),
                item.review.decided_by,
            )
            for item in found
        ],
    )


@app.command()
def show(
    recording: RecordingArgument,
    study: AnyStudyOption = "",
    full: Annotated[bool, typer.Option("--full", help="The whole transcript too.")] = False,
    identified: Annotated[
        bool, typer.Option("--identified", help="The identified words beside; logged apart.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a de-identified transcript: doubtful places first, each with its reason; then what was
    replaced with little certainty.
    """
    needs = (identities.CLINICAL,) if identified else ()
    with reviewing_as(home, *needs) as reviewing:
        from flows import review_output

        reading = reviewing.read(reviewing.find(recording, study).ref)
        words = reviewing.identified(reading.item.ref) if identified else None
    if as_json:
        shown = [one for one in reading.segments if full or one.open_places or one.restorable]
        print_record(review_output.reading_record(reading, shown, words))
        return
    lines = [*review_output.summary_lines(reading), ""]
    lines += review_output.doubt_lines(reading, words)
    restorable = list(review_output.restorable_lines(reading, words))
    lines += ["", *restorable] if restorable else []
    if full:
        lines += ["", *review_output.transcript_lines(reading, words)]
    command = f"{recording} --run {reading.seen}"
    lines += ["", f"sotto review approve {command}"]
    lines += [f'sotto review reject  {command} --reason "..."']
    sys.stdout.write("\n".join(lines) + "\n")


@app.command()
def listen(
    recording: RecordingArgument,
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A place, as 12:3, or a segment, as 12.")
    ],
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
) -> None:
    """Hear the sound of a place, as WAV for a player: sotto review listen REC 12:3 | aplay."""
    if sys.stdout.isatty():
        raise WrongUse(
            "the sound goes to a player, and into no file: sotto review listen"
            f" {recording} {place} | aplay"
        )
    with reviewing_as(home, identities.TRANSCRIPTION) as reviewing:
        from services.release_client import review_places

        reading = read_run(reviewing, recording, study, run)
        if place.isdecimal():
            if int(place) >= len(reading.segments):
                raise InvalidInput(f"the last segment is {len(reading.segments) - 1}")
            clip = reviewing.listen(reading, int(place))
        else:
            spot = review_places.find(reading.segments, place)
            clip = reviewing.listen(reading, spot.segment, spot.start, spot.end)
    sys.stdout.buffer.write(clip.wav)
    more = ", and the place goes on behind it" if clip.cut else ""
    print_message(
        f"{clip.start_ms / 1000:.1f} to {clip.end_ms / 1000:.1f} s{more}; you may hear"
        f" {clip.left_ms // 60_000} min {clip.left_ms // 1000 % 60} s more of this recording."
    )


@app.command()
def approve(
    recording: RecordingArgument,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve the run that you read, so that it may be released."""
    _decide(recording, run, study, home, as_json, approves=True)


@app.command()
def reject(
    recording: RecordingArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; sealed, in no log.")] = "",
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide that the run that you read must not be released."""
    if not reason.strip():
        raise WrongUse("a rejection needs a reason, for whoever looks at it next: --reason TEXT")
    _decide(recording, run, study, home, as_json, approves=False, reason=reason)


@app.command()
def roles(
    recording: RecordingArgument,
    speakers: Annotated[
        list[str],
        typer.Argument(
            metavar="SPEAKER=ROLE...",
            help="S1=interviewer or S2=participant; S1=engine gives the engine's role back.",
        ),
    ],
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which speaker is the interviewer or the participant."""
    from services.intake.reading_options import ROLES, speaker_roles

    engine = "engine"
    given = speaker_roles(speakers, (*ROLES, engine), f"sotto review show {recording}")
    wanted = {speaker: "" if role == engine else role for speaker, role in given.items()}
    with reviewing_as(home) as reviewing:
        reading = read_run(reviewing, recording, study, run)
        answer = reviewing.assign(reading, wanted)
    before = {one.message.speaker: one.role for one in reading.segments}
    now = {one: answer.roles[one] for one in sorted(answer.roles, key=lambda one: (len(one), one))}
    if as_json:
        print_record({"recording_id": recording, "roles": now})
        return
    for speaker in wanted:
        print_message(f"{speaker}: {now[speaker] or 'unknown'}")
    print_message("Nothing changed." if now == before else look_again(recording))


def _corrected(count: int, lost: int) -> str:
    return f"{count}, {lost} lost" if lost else str(count)


def _decide(
    recording: str,
    run: str,
    study: str,
    home: Path | None,
    as_json: bool,
    *,
    approves: bool,
    reason: str = "",
) -> None:
    from services.release_client.reviewing import Seen

    seen = Seen.parse(run, recording)
    with reviewing_as(home) as reviewing:
        from services.release_client.reviewing import STATES, moment
        from sotto.release.v1 import review_pb2

        decision = review_pb2.DECISION_APPROVE if approves else review_pb2.DECISION_REJECT
        ref = reviewing.find(recording, study).ref
        answer = reviewing.decide(ref, seen, decision, reason)
    review = answer.review
    if as_json:
        print_record(
            {
                "recording_id": recording,
                "run_key": review.run_key,
                "state": STATES[review.state],
                "decided_by": review.decided_by,
                "decided_at": moment(review),
                "existed": answer.existed,
            }
        )
        return
    again = "was" if answer.existed else "is"
    print_message(f"{recording} {again} {STATES[review.state]} by {review.decided_by}.")


# Behind the others, so that help begins with what one does first.
review_corrections.add_to(app)
review_steps.add_to(app)
