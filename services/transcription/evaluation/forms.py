# SPDX-License-Identifier: Apache-2.0
"""Reads what is compared: Sotto's JSON lines, RTTM, STM, and whatever form intake reads.

The suffix decides, since the three are plain text and look alike. Messages name the line and never
what stands there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from services.common.errors import InvalidInput
from services.transcription.adapters.sandboxed_transcript import read_confined
from services.transcription.domain.turns import Turn
from services.transcription.evaluation.utterances import (
    BadComparison,
    Document,
    Utterance,
    in_order,
)

_LONGEST = 30 * 24 * 3600.0
"""Seconds; a time beyond is none, and most likely milliseconds."""

_RTTM_OTHERS = frozenset(
    "NOSCORE NO_RT_METADATA SEGMENT LEXEME NON-LEX NON-SPEECH FILLER EDIT IP CB A/P SU SPKR-INFO"
    .split()
)  # fmt: skip
"""Types of lines beside SPEAKER (NIST RT-09 evaluation plan, appendix A); they are passed over."""


def read(path: Path, *, allow_weak: bool = False) -> Document:
    """Return what a file says; raises BadComparison naming the file and the place."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadComparison(f"{path.name} cannot be read: {error.strerror}") from error
    parsers: Mapping[str, Callable[[str], Document]] = {
        ".rttm": parse_rttm,
        ".stm": parse_stm,
    }
    suffix = path.suffix.lower()
    try:
        if suffix in parsers:
            found = parsers[suffix](_text(data))
        elif suffix == ".jsonl" and _is_of_sotto(data):
            found = parse_lines(_text(data))
        else:
            found = _of_intake(path, allow_weak)
    except InvalidInput as error:
        raise BadComparison(f"{path.name}: {error.message}") from error
    if not found.utterances:
        raise BadComparison(f"{path.name}: nobody says anything in it")
    return Document(
        in_order(found.utterances), found.has_text, found.has_speakers, found.has_doubts
    )


def parse_lines(text: str) -> Document:
    """Return segments of `sotto transcribe`, or turns of a release in its form jsonl.

    Times are `start` and `end` in seconds, or `start_ms` and `end_ms`; all but `text` may be
    missing. Raises BadComparison.
    """
    found: list[Utterance] = []
    doubts = False
    for number, line in _numbered(text):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise BadComparison(
                f"line {number} is not JSON; an object a line is expected"
            ) from None
        if not isinstance(record, dict):
            raise BadComparison(f"line {number} is no JSON object")
        doubts = doubts or "doubts" in record
        speaker = _word(record, "speaker", number)
        parts = record.get("segments")
        if parts is None:
            found.append(_utterance(record, speaker, number))
            continue
        if not isinstance(parts, list) or not all(isinstance(one, dict) for one in parts):
            raise BadComparison(f'line {number}: "segments" is no list of objects')
        found += [_utterance(one, speaker, number) for one in parts]
    return Document(tuple(found), has_speakers=any(one.speaker for one in found), has_doubts=doubts)


def parse_rttm(text: str) -> Document:
    """Return the speakers' times of an RTTM file (NIST RT-09); raises BadComparison."""
    found: list[Utterance] = []
    recordings: set[str] = set()
    for number, line in _numbered(text, comment=";;"):
        fields = line.split()
        if fields[0].upper() in _RTTM_OTHERS:
            continue
        if fields[0].upper() != "SPEAKER" or not 8 <= len(fields) <= 10:
            raise BadComparison(
                f"line {number} is none of RTTM: SPEAKER, recording, channel, start, duration,"
                " <NA>, <NA> and the speaker are expected"
            )
        recordings.add(fields[1])
        start = _seconds(fields[3], number)
        end = start + _seconds(fields[4], number)
        found.append(Utterance(speaker=fields[7], start=start, end=_seconds(end, number)))
    _refuse_several(recordings)
    return Document(tuple(found), has_text=False)


def parse_stm(text: str) -> Document:
    """Return the utterances of an STM file (NIST SCTK); raises BadComparison."""
    found: list[Utterance] = []
    recordings: set[str] = set()
    for number, line in _numbered(text, comment=";;"):
        fields = line.split(maxsplit=5)
        if len(fields) < 5:
            raise BadComparison(
                f"line {number} is none of STM: recording, channel, speaker, start, end and the"
                " words are expected"
            )
        start, end = _seconds(fields[3], number), _seconds(fields[4], number)
        if end < start:
            raise BadComparison(f"line {number} ends before it begins")
        words = fields[5] if len(fields) == 6 else ""
        if words.startswith("<") and ">" in words:
            words = words[words.index(">") + 1 :]
        if "IGNORE_TIME_SEGMENT" in words.upper() or "{" in words:
            raise BadComparison(
                f"line {number} is to be ignored or has alternatives in braces, which is not read;"
                " take it out of both files, or choose one of them"
            )
        recordings.add(fields[0])
        found.append(Utterance(words.strip(), fields[2], "", start, end))
    _refuse_several(recordings)
    return Document(tuple(found))


def _of_intake(path: Path, allow_weak: bool) -> Document:
    """Return the turns of a transcript in a form that intake reads, as it reads them."""
    with path.open("rb") as stream:
        turns = [
            one
            for one in read_confined(stream, path.name, allow_weak=allow_weak)
            if isinstance(one, Turn)
        ]
    found = tuple(
        Utterance(one.text, one.speaker, "", _in_seconds(one.start_ms), _in_seconds(one.end_ms))
        for one in turns
    )
    return Document(found, has_speakers=any(one.speaker for one in found))


def _utterance(record: Mapping[str, Any], speaker: str, number: int) -> Utterance:
    text = record.get("text")
    if not isinstance(text, str):
        raise BadComparison(f'line {number}: "text" is missing or no text')
    start, end = _time(record, "start", number), _time(record, "end", number)
    if start is not None and end is not None and end < start:
        raise BadComparison(f"line {number} ends before it begins")
    doubts = record.get("doubts") or []
    if not isinstance(doubts, list):
        raise BadComparison(f'line {number}: "doubts" is no list')
    return Utterance(text, speaker, _word(record, "language", number), start, end, bool(doubts))


def _time(record: Mapping[str, Any], name: str, number: int) -> float | None:
    for key, unit in ((name, 1.0), (f"{name}_ms", 1000.0)):
        value = record.get(key)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadComparison(f'line {number}: "{key}" is no number')
        # Compared before it is converted: an integer of JSON may be larger than any float.
        if not 0 <= value <= _LONGEST * unit:
            raise _no_time(number)
        return value / unit
    return None


def _seconds(value: str | float, number: int) -> float:
    try:
        seconds = float(value)
    except ValueError:
        raise _no_time(number) from None
    if not (math.isfinite(seconds) and 0 <= seconds <= _LONGEST):
        raise _no_time(number)
    return seconds


def _no_time(number: int) -> BadComparison:
    return BadComparison(f"line {number} has a time that is none: seconds from 0 on are expected")


def _word(record: Mapping[str, Any], key: str, number: int) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadComparison(f'line {number}: "{key}" is no text')
    return value


def _refuse_several(recordings: set[str]) -> None:
    if len(recordings) > 1:
        raise BadComparison(
            f"it is about {len(recordings)} recordings; make a file of each, and give the folder"
        )


def _is_of_sotto(data: bytes) -> bool:
    """Return whether the first line is a segment or turn as Sotto writes them."""
    first = data.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    try:
        record = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(record, dict)
        and "text" in record
        and bool(record.keys() & {"index", "turn", "start", "start_ms", "language"})
    )


def _numbered(text: str, comment: str = "") -> Iterator[tuple[int, str]]:
    # Not `splitlines`, which breaks at characters that may stand inside JSON text.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not (comment and line.lstrip().startswith(comment)):
            yield number, line


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise BadComparison(f"line {number} is not UTF-8; save the file so") from None


def _in_seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
