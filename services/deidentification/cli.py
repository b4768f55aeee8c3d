# SPDX-License-Identifier: Apache-2.0
"""Offline commands `sotto deid run` and `sotto deid evaluate`: the engine alone, without services.

Imports are late, since the command line must start fast.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from services.deidentification.cli_attack import attack
from services.deidentification.errors import PolicyError, TranscriptError
from services.registry import role_words

if TYPE_CHECKING:
    from services.deidentification.domain.engine import EngineResult
    from services.deidentification.domain.policy import Policy
    from services.deidentification.domain.transcript import Transcript

app = typer.Typer(no_args_is_help=True)
app.command()(attack)

PolicyOption = Annotated[
    str,
    typer.Option("--policy", metavar="FILE", help="A policy file, or the name of one that ships."),
]
NeuralOption = Annotated[
    bool, typer.Option("--neural/--no-neural", help="Use the bundled neural tagger.")
]
NlpOption = Annotated[
    Path | None,
    typer.Option("--nlp", metavar="FILE", help="Presidio NLP engine configuration to use as well."),
]


def read_policy(place: str) -> Policy:
    """Return the policy of a file or of a name that ships; raises PolicyError."""
    from services.deidentification.domain.policy import Policy, load, shipped

    if place in shipped():
        return load(place)
    try:
        return Policy.parse(Path(place).read_bytes())
    except OSError as error:
        names = ", ".join(shipped())
        raise PolicyError(
            f"there is no policy file {place}, and no policy of that name; there are {names}"
        ) from error


@app.command()
def run(
    policy: PolicyOption = "research-default", neural: NeuralOption = True, nlp: NlpOption = None
) -> None:
    """De-identify JSON lines from stdin to stdout: {"id","turns":[{"speaker","text"}]} or
    {"text"}.
    """
    from services.deidentification.domain.study_codes import StudyCodes
    from services.deidentification.engine_factory import LazyDetector, make_engine

    engine = make_engine(read_policy(policy), LazyDetector(neural=neural, nlp_configuration=nlp))
    for number, record in records(sys.stdin.buffer):
        made = transcript(record)
        codes = StudyCodes(filter(None, (made.participant,)))
        result = engine.deidentify(made, codes=codes, reference=day_of(record, number))
        sys.stdout.write(json.dumps(answer(record, result), ensure_ascii=False) + "\n")
        sys.stdout.flush()


@app.command()
def evaluate(
    gold: Annotated[
        Path, typer.Argument(metavar="GOLD.jsonl", help="Transcripts with gold spans.")
    ],
    policy: PolicyOption = "research-default",
    misses: Annotated[
        bool, typer.Option("--misses", help="Show what was missed. It is content.")
    ] = False,
    lower: Annotated[bool, typer.Option("--lower", help="Lower-case the text first.")] = False,
    flat: Annotated[
        bool, typer.Option("--flat", help="Measure without case and punctuation as well.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    neural: NeuralOption = True,
    nlp: NlpOption = None,
) -> None:
    """Measure recall, precision and the second look on a gold set of your own, with confidence
    intervals.

    A record is {"turns" or "text", "spans", "style"}, or a sentence {"tokens", "tags"} with BIO
    tags.
    """
    from services.deidentification import evaluation_report
    from services.deidentification.engine_factory import LazyDetector, make_engine
    from services.deidentification.gold import read_all

    if not gold.is_file():
        raise TranscriptError(f"there is no file {gold}")
    engine = make_engine(read_policy(policy), LazyDetector(neural=neural, nlp_configuration=nlp))
    with gold.open("rb") as stream:
        documents = list(read_all(records(stream, tagged=True)))
    rows = evaluation_report.measure_styles(engine, documents, lower=lower, with_flat=flat)
    if as_json:
        made = evaluation_report.as_json(rows, misses=misses)
        sys.stdout.write(json.dumps(made, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(evaluation_report.render(rows, misses=misses))


def records(stream: BinaryIO, *, tagged: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield JSON objects with their line numbers, sentences of tagged words only where `tagged`;
    raises TranscriptError with the number of a bad line and none of its content.
    """
    from services.deidentification.gold import is_tagged

    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise TranscriptError(
                f"line {number} is not JSON in UTF-8; one object a line is expected"
            ) from None
        if not isinstance(record, dict) or not ((tagged and is_tagged(record)) or _shaped(record)):
            raise TranscriptError(
                f'line {number} has neither "text" nor "turns" with "text" in each'
            )
        yield number, record


def _shaped(record: dict[str, Any]) -> bool:
    if isinstance(record.get("text"), str) and "turns" not in record:
        return _clean(record["text"])
    turns = record.get("turns")
    return isinstance(turns, list) and all(
        isinstance(t, dict)
        and isinstance(t.get("text"), str)
        and _clean(t["text"])
        and isinstance(t.get("speaker", ""), str | None)
        for t in turns
    )


def _clean(text: str) -> bool:
    """Return whether the text can be written again: it has no lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def transcript(record: dict[str, Any]) -> Transcript:
    """Return the transcript of a record; roles are read from the speakers' labels where they say
    one.
    """
    from services.deidentification.domain.transcript import Transcript, Turn

    participant = record.get("participant", "")
    if "turns" not in record:
        return Transcript(
            (Turn(record["text"]),), participant if isinstance(participant, str) else ""
        )
    turns = tuple(
        Turn(t["text"], t.get("speaker") or "", role_of(t.get("role") or t.get("speaker") or ""))
        for t in record["turns"]
    )
    return Transcript(turns, participant if isinstance(participant, str) else "")


def day_of(record: dict[str, Any], number: int) -> date | None:
    """Return the day of the interview, from which relative dates count; raises TranscriptError."""
    said = record.get("date")
    if said in (None, ""):
        return None
    try:
        return date.fromisoformat(said)
    except (TypeError, ValueError):
        raise TranscriptError(f'line {number} has a "date" that is not YYYY-MM-DD') from None


def role_of(label: object) -> str:
    """Return the role that a speaker's label says; empty where it says none."""
    return role_words.role_of(label) if isinstance(label, str) else ""


def answer(record: dict[str, Any], result: EngineResult) -> dict[str, Any]:
    """Return the record with its text replaced, its redactions and the second look; speakers that
    are names are replaced too.
    """
    report = {
        "residual_risk": result.report.score,
        "places": [
            {"turn": p.turn, "start": p.start, "end": p.end, "reason": p.reason, "weight": p.weight}
            for p in result.report.flags
        ],
        "coarser": dict(result.report.coarser),
    }
    by_turn: dict[int, list[dict[str, Any]]] = {}
    for r in result.redactions:
        by_turn.setdefault(r.turn, []).append(
            {
                "start": r.start,
                "end": r.end,
                "entity_type": r.entity_type,
                "replacement": r.replacement,
                "score": r.score,
                "doubtful": r.doubtful,
            }
        )
    if "turns" not in record:
        redactions = by_turn.get(0, [])
        return {**record, "text": result.texts[0], "redactions": redactions, "report": report}
    turns = []
    for index, turn in enumerate(record["turns"]):
        changed = {**turn, "text": result.texts[index], "redactions": by_turn.get(index, [])}
        if turn.get("speaker"):
            changed["speaker"] = result.speakers[index]
        turns.append(changed)
    return {**record, "turns": turns, "report": report}
