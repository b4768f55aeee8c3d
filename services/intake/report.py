# SPDX-License-Identifier: Apache-2.0
"""Says what was found in a file, for people and for programs: counts, codes and ids, no content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.common.wording import counted
from services.intake.outcomes import IntakeState, Outcome
from services.registry import left_out
from services.registry.reading_warnings import sentence
from sotto.transcript.v1 import reading_pb2

_MOST_SPEAKERS = 6
_PERCENT = 10
"""Thousandths in a percent."""

_STATES = {
    IntakeState.SEALED: "sealed",
    IntakeState.EXISTED: "sealed (was there already)",
    IntakeState.CHECKED: "looked at, nothing sealed",
    IntakeState.REFUSED: "refused",
    IntakeState.NOT_TRIED: "not tried",
}


def told(reading: reading_pb2.Reading) -> list[str]:
    """Return what was found in a transcript, a fact each, for people."""
    facts = [f"read as {reading.form}{_encoding(reading)}", counted(reading.turns, "turn")]
    if reading.turns:
        timed = reading.timed_turns * 1000 // reading.turns
        facts[-1] += f", {_percent(timed) if reading.timed_turns else 'none'} with times"
    if reading.words:
        facts.append(counted(reading.words, "word"))
    if reading.speaker_count:
        facts.append(f"{counted(reading.speaker_count, 'speaker')}: {speakers(reading)}")
    if reading.languages:
        ordered = sorted(reading.languages.items(), key=lambda one: (-one[1], one[0]))
        facts.append("languages " + ", ".join(f"{name} {_percent(n)}" for name, n in ordered))
    if left := left_out.told(reading.left_out):
        words = f" {counted(reading.words_left_out, 'word')}" if reading.words_left_out else ""
        facts.append(f"left out{words}: {left}")
    return facts


def speakers(reading: reading_pb2.Reading) -> str:
    """Return who says how much, such as "S1 interviewer 31 % in 40 turns"."""
    shown = [
        f"{one.label}{f' {one.role}' if one.role else ''} {_percent(one.share)}"
        f" in {counted(one.turns, 'turn')}"
        for one in reading.speakers[:_MOST_SPEAKERS]
    ]
    more = reading.speaker_count - len(shown)
    return "; ".join(shown + ([f"and {more} more"] if more > 0 else []))


def reading_record(reading: reading_pb2.Reading) -> dict[str, object]:
    """Return what was found in a transcript as JSON; shares are thousandths of the words.

    Without numbers of words where they are not told: lists of the store leave them out.
    """
    words = {"words": reading.words, "words_left_out": reading.words_left_out}
    return {
        "form": reading.form,
        "encoding": reading.encoding,
        "encoding_guessed": reading.encoding_guessed,
        "turns": reading.turns,
        "timed_turns": reading.timed_turns,
        "speaker_count": reading.speaker_count,
        "speakers": [
            {"label": one.label, "role": one.role, "turns": one.turns, "share": one.share}
            for one in reading.speakers
        ],
        "languages": dict(sorted(reading.languages.items())),
        "left_out": dict(sorted(reading.left_out.items())),
        **(words if reading.words else {}),
    }


def warning_records(warnings: Iterable[reading_pb2.ReadingWarning]) -> list[dict[str, object]]:
    """Return warnings of a reading as JSON."""
    return [
        {
            "kind": one.kind,
            "count": one.count,
            "place": one.place,
            "message": sentence(one.kind, one.count, one.place),
        }
        for one in warnings
    ]


def outcome_record(outcome: Outcome) -> dict[str, object]:
    """Return what became of a file as JSON, without its name, which is content.

    `state` and `message` of one that was sealed are for whoever knows more to replace.
    """
    interview, ref, error = outcome.interview, outcome.ref, outcome.error
    return {
        "number": outcome.number,
        "recording_id": ref.recording_id if ref else "",
        "participant": interview.participant,
        "session": interview.session,
        "existed": outcome.state is IntakeState.EXISTED,
        "state": "sealed" if outcome.state is IntakeState.EXISTED else outcome.state.value,
        "kind": outcome.kind,
        "form": outcome.form,
        "reading": reading_record(outcome.reading) if outcome.reading else None,
        "warnings": [
            {"kind": one.kind, "count": one.count, "place": one.place, "message": one.sentence}
            for one in outcome.warnings
        ],
        "replaced": outcome.replaced.recording_id if outcome.replaced else "",
        "reason": error.reason if error else "",
        "message": error.message if error else "",
    }


def outcome_lines(outcome: Outcome, name: str, *, brief: bool) -> list[str]:
    """Return what became of a file for people: a line, its report and its warnings.

    `name` is the file's, which is shown at the terminal alone; `brief` puts the report on one line.
    """
    interview, ref = outcome.interview, outcome.ref
    who = f", {interview.participant} session {interview.session}" if interview.participant else ""
    line = f"{ref.recording_id}  " if ref else ""
    line += f"{name}{who}: {_STATES[outcome.state]}"
    if outcome.error:
        return [f"{line}: {outcome.error.message}"]
    facts: Sequence[str] = ()
    if outcome.reading:
        facts = told(outcome.reading)
    elif outcome.kind == "media":
        facts = [f"a recording ({outcome.form or 'of a form that is not known'})"]
    if outcome.replaced:
        verb = "would be" if outcome.state is IntakeState.CHECKED else "was"
        failed = outcome.replaced.recording_id
        facts = [*facts, f"the failed {failed} {verb} removed: this one stands for it"]
    lines = [line]
    if facts:
        lines += ["    " + "; ".join(facts)] if brief else [f"    {one}" for one in facts]
    return lines + [f"    ! {one.sentence}" for one in outcome.warnings]


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return how many files went which way."""
    counts = [(state, sum(1 for one in outcomes if one.state is state)) for state in IntakeState]
    words = {
        IntakeState.SEALED: "sealed",
        IntakeState.EXISTED: "there already",
        IntakeState.CHECKED: "looked at",
        IntakeState.REFUSED: "refused",
        IntakeState.NOT_TRIED: "not tried",
    }
    parts = [f"{count} {words[state]}" for state, count in counts if count]
    warned = sum(1 for one in outcomes if one.warnings)
    tail = f"; {warned} with warnings" if warned else ""
    return f"{counted(len(outcomes), 'file')}: {', '.join(parts)}{tail}"


def _encoding(reading: reading_pb2.Reading) -> str:
    if not reading.encoding:
        return ""
    return f" in {reading.encoding}{' (found out)' if reading.encoding_guessed else ''}"


def _percent(thousandths: int) -> str:
    return f"{round(thousandths / _PERCENT)} %"
