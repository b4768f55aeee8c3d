# SPDX-License-Identifier: Apache-2.0
"""`sotto review`: see what waits, look at it, correct it, decide."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import review_steps
from flows.cli.review_calls import (
    AnyStudyOption,
    PlaceArgument,
    RecordingArgument,
    SeenOption,
    look_again,
    read_run,
    reviewing_as,
)
from services.common.errors import InvalidInput, PermissionDenied, WrongUse
from services.common.options import HomeOption, JsonOption
from services.common.output import print_message, print_record, print_table
from services.registry import identities

if TYPE_CHECKING:
    from services.release_client.review_places import Place
    from services.release_client.reviewing import Reading, Reviewing
    from sotto.storage.v1 import review_pb2 as stored_pb2

app = typer.Typer(no_args_is_help=True, help="See what waits for review, correct it, decide.")
review_steps.add_to(app)

_PLACE = re.compile(r"[0-9]+:[0-9]+")
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


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
def add(
    recording: RecordingArgument,
    what: Annotated[
        str, typer.Argument(metavar="PLACE|WORDS", help="A place, as 12:3, or words of a segment.")
    ],
    entity_type: Annotated[str, typer.Option("--type", help="Kind of identifier.")] = "PERSON",
    segment: Annotated[
        int | None, typer.Option("--segment", min=0, help="Segment that holds the words.")
    ] = None,
    occurrence: Annotated[
        int, typer.Option("--occurrence", min=0, help="Which one, where it holds them often.")
    ] = 0,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Redact words that the engine left, here and wherever the transcript means the same."""
    from sotto.storage.v1 import review_pb2

    entity_type = _type_name(entity_type)
    with reviewing_as(home, identities.DEIDENTIFICATION) as reviewing:
        from services.release_client import review_places

        reading = read_run(reviewing, recording, study, run)
        if segment is None and _PLACE.fullmatch(what):
            place = review_places.find(reading.segments, what)
            if place.replacement is not None:
                raise InvalidInput(
                    f"{what} is replaced already; give it another type with: sotto review retype"
                )
            index, start, end = place.segment, place.start, place.end
        elif segment is None:
            raise WrongUse("name the segment that holds the words: --segment NUMBER")
        elif segment >= len(reading.segments):
            raise InvalidInput(f"the last segment is {len(reading.segments) - 1}")
        else:
            index = segment
            start, end = review_places.find_words(reading.segments[index], what, occurrence)
        kind = review_pb2.CORRECTION_KIND_REDACT
        _correct(reviewing, reading, kind, (index, start, end), as_json, entity_type=entity_type)


@app.command()
def restore(
    recording: RecordingArgument,
    place: PlaceArgument,
    text: Annotated[str, typer.Option("--text", help="The words to put back.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the words back that the engine replaced at a place."""
    from sotto.storage.v1 import review_pb2

    needs = () if text else (identities.CLINICAL,)
    with reviewing_as(home, *needs) as reviewing:
        from flows.review_output import printable

        reading = read_run(reviewing, recording, study, run)
        spot = _replaced(reading, place)
        words = text or _original(reviewing, reading, spot)
        before = reading.segments[spot.segment].text.text[spot.start : spot.end]
        question = printable(f"Put {words!r} back in the place of {before}?")
        if not yes:
            _confirm(question)
        kind = review_pb2.CORRECTION_KIND_RESTORE
        _correct(
            reviewing, reading, kind, (spot.segment, spot.start, spot.end), as_json, text=words
        )


@app.command()
def retype(
    recording: RecordingArgument,
    place: PlaceArgument,
    entity_type: Annotated[str, typer.Argument(metavar="TYPE", help="Kind of identifier.")],
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a replacement, and all of the same label, another type."""
    from sotto.storage.v1 import review_pb2

    entity_type = _type_name(entity_type)
    with reviewing_as(home, identities.DEIDENTIFICATION) as reviewing:
        reading = read_run(reviewing, recording, study, run)
        spot = _replaced(reading, place)
        kind = review_pb2.CORRECTION_KIND_RETYPE
        where = (spot.segment, spot.start, spot.end)
        _correct(reviewing, reading, kind, where, as_json, entity_type=entity_type)


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


def _type_name(text: str) -> str:
    """Return the name of a kind of identifier as the engine writes it, in capitals or not."""
    name = text.strip().upper()
    if not _TYPE.fullmatch(name):
        raise WrongUse(f"{text!r} is no kind of identifier; one is PERSON, LOCATION or FACILITY")
    return name


def _confirm(question: str) -> None:
    """Ask before words go back to where researchers read them."""
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        agreed = False
        print_message("")  # behind the question
    if not agreed:
        raise PermissionDenied("nothing was changed; who has seen the words may also say --yes")


def _replaced(reading: Reading, name: str) -> Place:
    from services.release_client import review_places

    place = review_places.find(reading.segments, name)
    if place.replacement is None:
        raise InvalidInput(f"the engine replaced nothing at {name}; see: sotto review show --full")
    return place


def _original(reviewing: Reviewing, reading: Reading, place: Place) -> str:
    from services.release_client.review_places import original_words

    words = original_words(
        reading.segments[place.segment], place, reviewing.identified(reading.item.ref)
    )
    if words is None:
        raise InvalidInput(
            f"it cannot be told from the identified transcript what stood at {place.name}; say the"
            " words with --text"
        )
    return words


def _correct(
    reviewing: Reviewing,
    reading: Reading,
    kind: stored_pb2.CorrectionKind,
    where: tuple[int, int, int],
    as_json: bool,
    *,
    entity_type: str = "",
    text: str = "",
) -> None:
    """Add a correction and tell what was done, and where it spread to."""
    from flows.review_output import added_records, printable
    from sotto.release.v1 import review_pb2

    recording = reading.item.ref.recording_id
    answer = reviewing.add(
        review_pb2.AddCorrectionRequest(
            ref=reading.item.ref,
            run_key=reading.item.run_key,
            kind=kind,
            segment=where[0],
            start=where[1],
            end=where[2],
            entity_type=entity_type,
            text=text,
        )
    )
    if as_json:
        print_record({"recording_id": recording, "added": added_records(answer.added)})
        return
    for one in answer.added:
        before = reading.segments[one.segment].text.text[one.start : one.end]
        spread = " (the same, elsewhere)" if one.spread else ""
        print_message(printable(f"segment {one.segment}: {before} -> {one.text}{spread}"))
    print_message(look_again(recording))
