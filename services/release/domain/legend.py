# SPDX-License-Identifier: Apache-2.0
"""The legend of a release: which pseudonyms stand in it, how often, and in which interviews.

It says nothing of whom they stand for. A label of the whole study has one row; the people of a
participant have rows of their own, since "Person 1" of P07 and "Person 1" of P08 are two people.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.registry.label_scopes import is_study_wide
from services.release.domain.text import clean
from services.release.domain.transcript import Transcript, labelled_segments

COLUMNS = ("label", "kind", "scope", "count", "interviews", "first_interview", "first_turn")
STUDY = "study"
#: `Nurse 2`, `P07's brother`, `P07's friend 3`. Tags, masks and coarser values name nobody.
_NUMBERED = re.compile(r"([A-Z][A-Za-z -]{0,40}) ([1-9][0-9]{0,5})")
_OF_PARTICIPANT = r"{code}(?:'s [a-z][a-z -]{{0,40}}(?: [1-9][0-9]{{0,5}})?)?"
#: Types whose coarser values look like a label with a number: "March 2019".
_VALUES = {"DATE_TIME": "Date time", "AGE": "Age"}


@dataclass
class _Row:
    kind: str
    first_interview: str
    first_turn: int
    count: int = 0
    interviews: dict[str, None] = field(default_factory=dict)  # in order


@dataclass(frozen=True)
class LegendPart:
    """The rows of one participant, or, where `participant` is empty, heading and study's rows."""

    participant: str
    data: bytes


class Legend:
    """Collects the labels of transcripts, which are added in the order of the release."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], _Row] = {}

    def add(self, interview: str, transcript: Transcript) -> None:
        """Count the labels of a transcript, whose file is called `interview` without its suffix."""
        code = transcript.summary.participant
        for turn, label, kind in _labels(transcript):
            wide = is_study_wide(label, kind, transcript.summary.study_wide)
            key = ("" if wide else code, label)
            row = self._rows.setdefault(key, _Row(kind, interview, turn))
            row.count += 1
            row.interviews[interview] = None

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return, by kind, the number of labels, and of those that are the whole study's."""
        every = Counter(row.kind for row in self._rows.values())
        wide = Counter(row.kind for (code, _), row in self._rows.items() if not code)
        return {kind: (every[kind], wide[kind]) for kind in sorted(every)}

    def parts(self) -> Sequence[LegendPart]:
        """Return the file in parts, the study's first: UTF-8, LF, a heading, a row a label.

        A participant's rows are apart, so that they are sealed under the participant's key and go
        with it.
        """
        codes = sorted({code for code, _ in self._rows} | {""})
        return [LegendPart(code, self._part(code)) for code in codes]

    def _part(self, code: str) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if not code:
            writer.writerow(COLUMNS)
        rows = [(label, row) for (owner, label), row in self._rows.items() if owner == code]
        for label, row in sorted(rows, key=lambda one: (one[1].kind, _natural(one[0]))):
            names = " ".join(row.interviews)
            first = (row.first_interview, row.first_turn)
            writer.writerow((label, row.kind, code or STUDY, row.count, names, *first))
        return text.getvalue().encode()


def _labels(transcript: Transcript) -> Iterator[tuple[int, str, str]]:
    """Yield turn (from 1), label and entity type of each pseudonym in the text, in order."""
    own = re.compile(_OF_PARTICIPANT.format(code=re.escape(transcript.summary.participant)))
    shown = labelled_segments(transcript)
    for part in transcript.segments:
        if not clean(part.text).strip():
            continue
        turn = next(shown).turn
        for one in part.replacements:
            label = part.text[one.start : one.end].strip("[]")
            if own.fullmatch(label) or _is_numbered(label, one.entity_type):
                yield turn, label, one.entity_type


def _is_numbered(label: str, entity_type: str) -> bool:
    found = _NUMBERED.fullmatch(label)
    return found is not None and found[1] == _VALUES.get(entity_type, found[1])


def _natural(label: str) -> tuple[str, int]:
    found = _NUMBERED.fullmatch(label)
    return (found[1], int(found[2])) if found else (label, 0)
