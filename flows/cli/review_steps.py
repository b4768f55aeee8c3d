# SPDX-License-Identifier: Apache-2.0
"""`sotto review accept`, `clear`, `later`, `merge`, `undo`, `redo`: steps that correct no words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
from services.common.output import print_message, print_record
from services.common.wording import counted

if TYPE_CHECKING:
    from services.corrections.model import MarkedPlace
    from services.release_client.reviewing import Reading
    from sotto.release.v1 import review_pb2
    from sotto.storage.v1 import review_pb2 as stored_pb2

PlacesArgument = Annotated[
    list[str], typer.Argument(metavar="PLACE...", help="Places as `show` prints them: 12:3 14:1.")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to those of a reviewer."""
    for command in (accept, clear, later, merge, undo, redo):
        app.command()(command)


def accept(
    recording: RecordingArgument,
    places: PlacesArgument,
    mentions: Annotated[
        bool, typer.Option("--mentions", help="Doubtful places of the same words as well.")
    ] = False,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say of doubtful places that they may stay as they are: one step, whatever their number."""
    from sotto.release.v1 import review_pb2

    with reviewing_as(home) as reviewing:
        reading = read_run(reviewing, recording, study, run)
        spots = _doubtful(reading, places)
        if mentions:
            spots += [other for one in spots for other in reviewing.mentions(reading, one)]
        answer = reviewing.mark(reading, review_pb2.MARK_ACCEPT, dict.fromkeys(spots))
    _tell(reading, answer, as_json)


def clear(
    recording: RecordingArgument,
    segments: Annotated[
        list[int], typer.Argument(min=0, metavar="SEGMENT...", help="Numbers of segments.")
    ],
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say of segments that nothing is left in them that identifies anybody."""
    from sotto.release.v1 import review_pb2

    with reviewing_as(home) as reviewing:
        from services.corrections.model import MarkedPlace

        reading = read_run(reviewing, recording, study, run)
        turns = [MarkedPlace(one) for one in dict.fromkeys(segments)]
        answer = reviewing.mark(reading, review_pb2.MARK_NOTHING_HERE, turns)
    _tell(reading, answer, as_json)


def later(
    recording: RecordingArgument,
    places: PlacesArgument,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put doubtful places off to the end of the list."""
    from sotto.release.v1 import review_pb2

    with reviewing_as(home) as reviewing:
        reading = read_run(reviewing, recording, study, run)
        spots = dict.fromkeys(_doubtful(reading, places))
        answer = reviewing.mark(reading, review_pb2.MARK_SKIP, spots)
    _tell(reading, answer, as_json)


def merge(
    recording: RecordingArgument,
    merged: Annotated[str, typer.Argument(metavar="LABEL", help="As it stands: '[Person 2]'.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The label that it gets.")],
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give all places of one label another one of this transcript: both mean the same."""
    with reviewing_as(home) as reviewing:
        reading = read_run(reviewing, recording, study, run)
        answer = reviewing.merge(reading, merged, into)
    _tell(reading, answer, as_json)


def undo(
    recording: RecordingArgument,
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A corrected place; else a step is undone.")
    ] = "",
    step: Annotated[
        int, typer.Option("--step", min=0, help="Its number; your newest one if none.")
    ] = 0,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo your newest step with all that it did; or take the correction of a place back, with
    those that spread from it.
    """
    if place and step:
        raise WrongUse("name a place or a step, not both")
    with reviewing_as(home) as reviewing:
        from services.release_client import review_places

        reading = read_run(reviewing, recording, study, run)
        if not place:
            undone = reviewing.undo(reading, step)
        else:
            spot = review_places.find(reading.segments, place)
            if spot.correction is None:
                raise InvalidInput(f"{place} was not corrected; see: sotto review show --full")
            answer = reviewing.remove(reading, spot.segment, spot.start)
    if not place:
        _tell(reading, undone, as_json)
        return
    if as_json:
        print_record({"recording_id": recording, "removed": answer.removed})
        return
    verb = "is" if answer.removed == 1 else "are"
    taken = counted(answer.removed, "correction")
    print_message(f"{taken} {verb} taken back. {look_again(recording)}")


def redo(
    recording: RecordingArgument,
    run: SeenOption = "",
    study: AnyStudyOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do again what you undid last."""
    with reviewing_as(home) as reviewing:
        reading = read_run(reviewing, recording, study, run)
        answer = reviewing.redo(reading)
    _tell(reading, answer, as_json)


def _doubtful(reading: Reading, places: list[str]) -> list[MarkedPlace]:
    """Return the doubtful places of these names."""
    from services.corrections.model import MarkedPlace
    from services.release_client import review_places

    found = [review_places.find(reading.segments, one) for one in places]
    return [MarkedPlace(one.segment, one.start, one.end) for one in found]


def _tell(
    reading: Reading,
    answer: review_pb2.MarkPlacesResponse
    | review_pb2.MergeLabelsResponse
    | review_pb2.UndoStepResponse
    | review_pb2.RedoStepResponse,
    as_json: bool,
) -> None:
    """Tell which step was taken, what it did, and how many doubtful places are left."""
    recording, step = reading.item.ref.recording_id, answer.step
    after = reading.after(step, answer.generation)
    left = after.undecided if after else None
    if as_json:
        print_record(
            {
                "recording_id": recording,
                "step": step.number,
                "of": step.of,
                "places": len(step.places),
                "added": len(step.added),
                "removed": len(step.removed),
                "undecided": left,
            }
        )
        return
    rest = "" if left is None else f" {counted(left, 'doubtful place')} left."
    print_message(f"Step {step.number}: {_done(step)}.{rest} {look_again(recording)}")


def _done(step: stored_pb2.ReviewStep) -> str:
    """Return what a step did, in words."""
    turned = f"step {step.of} with " if step.of else ""
    parts = [
        counted(count, what)
        for count, what in (
            (len(step.places), "place"),
            (len(step.added), "correction"),
            (len(step.removed), "earlier correction"),
        )
        if count
    ]
    return turned + (", ".join(parts) or "roles")
