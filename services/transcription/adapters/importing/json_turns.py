# SPDX-License-Identifier: Apache-2.0
"""Importer of JSON: {"turns": [{"speaker", "start", "end", "text"}]}, in seconds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge

_LONGEST_SECONDS = 1_000_000
"""Latest time in a transcript, about eleven days: later ones are not seconds."""

_VALUES_A_TURN = 8
"""Values that one turn may have, with its own: four are read, others are skipped."""

_MORE_VALUES = 1000
"""Values beside those of the turns: what else programs write into a file."""

# A string that does not end is taken to its end, so that each character is looked at once.
_STRING_OR_MARK = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{,]', re.DOTALL)


def refuse_many(text: str, max_turns: int) -> None:
    """Raise `TooLarge` where a text holds more values than so many turns may have.

    A value takes fifty times the memory of its text, so they are counted before they are made:
    each but the first follows a comma, or opens what holds it.
    """
    left = max_turns * _VALUES_A_TURN + _MORE_VALUES
    for found in _STRING_OR_MARK.finditer(text):
        if text[found.start()] != '"':
            left -= 1
            if left < 0:
                raise TooLarge(
                    f"The transcript has more than {max_turns} turns, or values for more; "
                    "split it or raise the limit in the settings."
                )


def parse(text: str) -> Iterator[Turn]:
    """Yield the turns; raises `BadTranscript` naming the turn and the field."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadTranscript(
            f"The transcript is not valid JSON at line {error.lineno} column {error.colno}."
        ) from None
    except ValueError:
        raise BadTranscript("The transcript is JSON with a number of too many digits.") from None
    except RecursionError:
        raise BadTranscript("The transcript is JSON that is nested too deeply.") from None
    turns = document.get("turns") if isinstance(document, dict) else None
    if not isinstance(turns, list):
        raise BadTranscript('The transcript must be a JSON object with a list named "turns".')
    for index, turn in enumerate(turns):
        yield _turn(turn, index)


def _turn(turn: Any, index: int) -> Turn:
    if not isinstance(turn, dict):
        raise BadTranscript(f"turns[{index}] of the transcript must be an object.")
    text, speaker = _string(turn.get("text"), "text", index), ""
    if turn.get("speaker") is not None:
        speaker = _string(turn["speaker"], "speaker", index)
    start, end = _time(turn, "start", index), _time(turn, "end", index)
    if start is not None and end is not None and end < start:
        raise BadTranscript(f"turns[{index}] of the transcript ends before it starts.")
    return Turn(speaker, squeeze(text), start, end)


def _string(value: Any, field: str, index: int) -> str:
    if not isinstance(value, str):
        raise BadTranscript(f"turns[{index}].{field} of the transcript must be a string.")
    # JSON can spell half a surrogate pair, which no file and no message can hold.
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadTranscript(
            f"turns[{index}].{field} of the transcript is not valid Unicode."
        ) from None
    return value


def _time(turn: dict[str, Any], field: str, index: int) -> int | None:
    value = turn.get(field)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    # Comparing before anything else: an integer may be too large to become a float.
    if number and 0 <= value <= _LONGEST_SECONDS and math.isfinite(value):
        return round(float(value) * 1000)
    raise BadTranscript(
        f"turns[{index}].{field} of the transcript must be seconds up to {_LONGEST_SECONDS}."
    )
