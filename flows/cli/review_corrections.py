# SPDX-License-Identifier: Apache-2.0
"""`sotto review add`, `restore`, `retype`, `reword`: corrections of words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

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
from services.common.output import print_message, print_record
from services.registry import identities

if TYPE_CHECKING:
    from services.release_client.review_places import Place
    from services.release_client.reviewing import Reading, Reviewing
    from sotto.storage.v1 import review_pb2 as stored_pb2

_PLACE = re.compile(r"[0-9]+:[0-9]+")
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")


SegmentOption = Annotated[
    int | None, typer.Option("--segment", min=0, help="Segment that holds the words.")
]
OccurrenceOption = Annotated[
    int, typer.Option("--occurrence", min=0, help="Which one, where it holds them often.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to those of a reviewer."""
    for command in (add, restore, retype, reword):
        app.command()(command)


def add(
    recording: RecordingArgument,
    what: Annotated[
        str, typer.Argument(metavar="PLACE|WORDS", help="A place, as 12:3, or words of a segment.")
    ],
    entity_type: Annotated[str, typer.Option("--type", help="Kind of identifier.")] = "PERSON",
    segment: SegmentOption = None,
    occurrence: OccurrenceOption = 0,
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
            where = (place.segment, place.start, place.end)
        else:
            where = _words(reading, what, segment, occurrence)
        kind = review_pb2.CORRECTION_KIND_REDACT
        _correct(reviewing, reading, kind, where, as_json, entity_type=entity_type)


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


def reword(
    recording: RecordingArgument,
    what: Annotated[
        str, typer.Argument(metavar="WORDS", help="Misheard words of a segment, as they stand.")
    ],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What was said.")],
    segment: SegmentOption = None,
    occurrence: OccurrenceOption = 0,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write misheard words anew, once the engine has looked at the new ones; the original stays."""
    from sotto.storage.v1 import review_pb2

    if not text.strip():
        raise WrongUse("say what was said: sotto review reword REC WORDS TEXT --segment NUMBER")
    with reviewing_as(home, identities.DEIDENTIFICATION) as reviewing:
        reading = read_run(reviewing, recording, study, run)
        where = _words(reading, what, segment, occurrence)
        kind = review_pb2.CORRECTION_KIND_WORDING
        _correct(reviewing, reading, kind, where, as_json, text=text)


def _words(
    reading: Reading, words: str, segment: int | None, occurrence: int
) -> tuple[int, int, int]:
    """Return where words of a segment are."""
    from services.release_client import review_places

    if segment is None:
        raise WrongUse("name the segment that holds the words: --segment NUMBER")
    if segment >= len(reading.segments):
        raise InvalidInput(f"the last segment is {len(reading.segments) - 1}")
    return segment, *review_places.find_words(reading.segments[segment], words, occurrence)


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
