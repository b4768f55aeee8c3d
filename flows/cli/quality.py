# SPDX-License-Identifier: Apache-2.0
"""`sotto quality`: read samples of approved transcripts, rule on doubts, vouch for a round."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import StudyOption
from services.common.client_session import connected
from services.common.errors import WrongUse
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record
from services.common.wording import counted
from services.registry import identities

if TYPE_CHECKING:
    from services.release_client.quality import Quality
    from sotto.release.v1 import quality_pb2

app = typer.Typer(
    no_args_is_help=True, help="Read samples of approved transcripts, and vouch for them."
)

RoundOption = Annotated[
    int, typer.Option("--round", min=0, help="Number of the round; the newest if none.")
]
MissOption = Annotated[
    list[str] | None,
    typer.Option(
        "--miss",
        metavar="NUMBER:TYPE:WORDS",
        help="Words of a passage that should have been replaced, such as 12:PERSON:Siti; repeat.",
    ),
]
_MOST = 50


@app.command()
def show(study: StudyOption, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the gate of a study, how its rounds stand, and what comes next."""
    with _quality(home) as quality:
        from flows.quality_output import overview_lines, overview_record

        found = quality.overview(study)
    if as_json:
        print_record(overview_record(study, found))
        return
    sys.stdout.write("\n".join(overview_lines(study, found)) + "\n")


@app.command("open")
def open_round(study: StudyOption, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Open a round over all approved transcripts that passed none yet, and draw its sample."""
    with _quality(home) as quality:
        made = quality.open(study)
    _tell(made, as_json)


@app.command()
def sample(
    study: StudyOption,
    round_number: RoundOption = 0,
    count: Annotated[int, typer.Option("--count", min=1, max=_MOST, help="How many.")] = 10,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print passages that you have still to read; some hold made-up items, to test readers."""
    with _quality(home) as quality:
        from flows.quality_output import passage_lines, passage_record

        number = quality.number(study, round_number)
        found = quality.passages(study, number, count)
    if as_json:
        for one in found:
            print_record(passage_record(one))
        return
    for one in found:
        sys.stdout.write("\n".join(passage_lines(one)) + "\n\n")
    if not found:
        print_message(f"Nothing of round {number} is left for you to read.")
        return
    numbers = " ".join(str(one.number) for one in found)
    print_message(f"When you have read them: sotto quality record --study {study} {numbers}")


@app.command()
def record(
    study: StudyOption,
    passages: Annotated[list[int], typer.Argument(metavar="NUMBER...", help="What you read.")],
    miss: MissOption = None,
    round_number: RoundOption = 0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say that you read passages, and what in them should have been replaced."""
    misses = _misses(miss or [])
    if unknown := sorted(set(misses) - set(passages)):
        raise WrongUse(f"name the passages that you read, {unknown[0]} too")
    if len(passages) > _MOST:
        raise WrongUse(f"record at most {_MOST} passages at a time")
    with _quality(home) as quality:
        number = quality.number(study, round_number)
        made = quality.record(study, number, passages, misses)
    _tell(made, as_json)


@app.command()
def disputes(
    study: StudyOption,
    round_number: RoundOption = 0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print passages on which two others disagree, the lowest agreement first."""
    with _quality(home) as quality:
        from flows.quality_output import passage_lines, passage_record

        number = quality.number(study, round_number)
        found = quality.disputes(study, number)
    if as_json:
        for one in found:
            print_record(passage_record(one))
        return
    for one in found:
        sys.stdout.write("\n".join(passage_lines(one)) + "\n\n")
    if not found:
        print_message(f"Nothing of round {number} waits for your ruling.")


@app.command()
def rule(
    study: StudyOption,
    passage: Annotated[int, typer.Argument(metavar="NUMBER", help="The passage.")],
    miss: MissOption = None,
    round_number: RoundOption = 0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is right where two others disagree; nothing if all is well."""
    misses = _misses(miss or [])
    if set(misses) - {passage}:
        raise WrongUse("a ruling is on one passage")
    with _quality(home) as quality:
        number = quality.number(study, round_number)
        made = quality.rule(study, number, passage, misses.get(passage, []))
    _tell(made, as_json)


@app.command()
def search(
    study: StudyOption,
    round_number: RoundOption = 0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Replace what a round found missed, wherever it stands in the study."""
    with _quality(home) as quality:
        number = quality.number(study, round_number)
        answer = quality.search(study, number)
    if as_json:
        print_record({"study_id": study, "round": number, "replaced": answer.replaced})
        return
    places = counted(answer.replaced, "place")
    print_message(
        f"{places} replaced. The transcripts wait for review again: sotto review list --study"
        f" {study}. Then draw a new sample: sotto quality open --study {study}"
    )


@app.command()
def sign(
    study: StudyOption,
    round_number: RoundOption = 0,
    generation: Annotated[
        int, typer.Option("--seen", min=0, help="What `show` printed behind the round.")
    ] = 0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Vouch for a round that is ready, as you saw it."""
    if not generation:
        raise WrongUse(f"look at it first, with: sotto quality show --study {study}")
    with _quality(home) as quality:
        number = quality.number(study, round_number)
        made = quality.sign(study, number, generation)
    _tell(made, as_json)


@contextlib.contextmanager
def _quality(home: Path | None) -> Iterator[Quality]:
    services = (identities.RELEASE,)
    with connected(installation_of(home), identities.REVIEWER, services, purpose="review") as peers:
        from services.release_client.quality import Quality

        yield Quality(peers.channel(identities.RELEASE))


def _tell(made: quality_pb2.QualityRound, as_json: bool) -> None:
    from flows.quality_output import round_lines, round_record

    if as_json:
        print_record(round_record(made))
        return
    sys.stdout.write("\n".join(round_lines(made)) + "\n")


def _misses(given: Sequence[str]) -> dict[int, list[tuple[str, str]]]:
    """Read misses as entity type and words, by passage."""
    found: dict[int, list[tuple[str, str]]] = {}
    for one in given:
        number, _, rest = one.partition(":")
        entity_type, _, words = rest.partition(":")
        if not (number.isdigit() and entity_type and words.strip()):
            raise WrongUse("a miss is a passage, a type and words: --miss 12:PERSON:Siti")
        found.setdefault(int(number), []).append((entity_type.upper(), words.strip()))
    return found
