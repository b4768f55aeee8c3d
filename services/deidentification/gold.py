# SPDX-License-Identifier: Apache-2.0
"""Gold sets: transcripts in which every identifier is marked, and the forms in which they come."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from services.deidentification.domain.entities import ALIASES, DIRECT
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.errors import TranscriptError
from services.registry import role_words

# Labels of other gold sets that are no aliases of our types. Empty: cannot be told, counted for
# neither recall nor precision.
LABELS = ALIASES | {
    "DATETIME": "DATE_TIME",
    "CODE": "ID_NUMBER",
    "DEM": "NRP",
    "MISC": "",
    "QUANTITY": "",
    "OTHER": "",
}


@dataclass(frozen=True, slots=True)
class Gold:
    """A span that must be redacted; `direct` where it names a person by itself."""

    turn: int
    start: int
    end: int
    kind: str
    direct: bool
    must: bool = True


@dataclass(frozen=True, slots=True)
class GoldTranscript:
    """A transcript with its gold; `style` is the kind of talk that it stands for, empty where the
    set does not say.
    """

    transcript: Transcript
    gold: tuple[Gold, ...]
    style: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the turns."""
        return tuple(turn.text for turn in self.transcript.turns)


def read_gold(record: Mapping[str, Any], number: int) -> GoldTranscript:
    """Return a gold record, `{"turns", "spans": [{"turn", ...}]}` or `{"text", "spans"}`; raises
    TranscriptError with the line.
    """
    golds: list[Gold] = []
    try:
        turns = _turns(record)
        for span in record.get("spans", ()):
            label = span.get("entity_type") or span["label"]
            kind = LABELS.get(label, label)
            turn, start, end = int(span.get("turn", 0)), int(span["start"]), int(span["end"])
            if not 0 <= start < end <= len(turns[turn].text):
                raise ValueError("outside of its turn")
            identifier = str(span.get("identifier") or span.get("identifier_type") or "").lower()
            direct = identifier == "direct" if identifier else kind in DIRECT
            golds.append(
                Gold(turn, start, end, kind, direct, must=bool(kind) and identifier != "no_mask")
            )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise TranscriptError(
            f"line {number} has a gold span that cannot be used: each needs a label or "
            "entity_type, the number of a turn from 0 (none where there is one text), and start "
            "and end in code points inside of its text"
        ) from error
    participant, style = record.get("participant", ""), record.get("style", "")
    return GoldTranscript(
        Transcript(turns, participant if isinstance(participant, str) else ""),
        tuple(golds),
        style if isinstance(style, str) else "",
    )


def _turns(record: Mapping[str, Any]) -> tuple[Turn, ...]:
    if "turns" not in record:
        return (Turn(record["text"]),)
    return tuple(
        Turn(
            t["text"],
            t.get("speaker") or "",
            role_words.role_of(t.get("role") or t.get("speaker") or ""),
        )
        for t in record["turns"]
    )


def is_tagged(record: Mapping[str, Any]) -> bool:
    """Return whether a record is a sentence of words with BIO tags, `{"tokens", "tags"}`."""
    tokens, tags = record.get("tokens"), record.get("tags")
    return (
        isinstance(tokens, list)
        and isinstance(tags, list)
        and len(tokens) == len(tags)
        and all(isinstance(one, str) for one in (*tokens, *tags))
    )


def read_all(records: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[GoldTranscript]:
    """Yield the gold transcripts of numbered records. Tagged sentences in a row that name the same
    `source` are turns of one transcript. Raises TranscriptError with the line.
    """
    for source, group in groupby(records, key=_source):
        if source is None:
            for number, record in group:
                yield read_gold(record, number)
        else:
            members = list(group)
            yield read_gold(_from_tags([record for _, record in members]), members[0][0])


def _source(numbered: tuple[int, Mapping[str, Any]]) -> str | None:
    """Return what tagged sentences of one document share; None for a record of another form."""
    number, record = numbered
    return str(record.get("source", number)) if is_tagged(record) else None


_NO_BLANK_BEFORE = frozenset(
    ". , ; : ? ! ) ] } % 's 'S n't 're 've 'll 'd 'm \u2019s \u2019t".split()
)
_NO_BLANK_AFTER = frozenset("( [ { $ \u00a3 RM".split())


def _from_tags(sentences: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return tagged sentences as a record with turns and spans."""
    turns, spans = list[dict[str, str]](), list[dict[str, Any]]()
    for turn, sentence in enumerate(sentences):
        text, before, kind = "", "", ""
        for token, tag in zip(sentence["tokens"], sentence["tags"], strict=True):
            if text and token not in _NO_BLANK_BEFORE and before not in _NO_BLANK_AFTER:
                text += " "
            start, text = len(text), text + token
            prefix, _, label = tag.partition("-")
            if label and prefix == "I" and label == kind:
                spans[-1]["end"] = len(text)
            elif label and token:
                spans.append({"turn": turn, "start": start, "end": len(text), "label": label})
            before, kind = token, label
        turns.append({"text": text})
    return {"turns": turns, "spans": spans}


def lowered(document: GoldTranscript) -> GoldTranscript:
    """Return a gold transcript in lower case, letter by letter, so that offsets stay."""
    turns = tuple(
        replace(turn, text="".join(_low(c) for c in turn.text))
        for turn in document.transcript.turns
    )
    return replace(document, transcript=replace(document.transcript, turns=turns))


def _low(char: str) -> str:
    return low if len(low := char.lower()) == 1 else char


# Signs that belong to a word or number where they stand inside it: 10.30, a/p, o'clock, a@b.my.
_INNER = frozenset("./@_:'\u2019")


def flat(document: GoldTranscript) -> GoldTranscript:
    """Return a gold transcript without case and punctuation, with its gold moved.

    Signs inside a word or number stay, but for hyphens, which become blanks. A span of which
    nothing is left is none.
    """
    turns, moved = list[Turn](), list[list[int]]()
    for turn in document.transcript.turns:
        text, places = _flat(turn.text)
        turns.append(replace(turn, text=text))
        moved.append(places)
    golds = (
        replace(g, start=moved[g.turn][g.start], end=moved[g.turn][g.end]) for g in document.gold
    )
    return replace(
        document,
        transcript=replace(document.transcript, turns=tuple(turns)),
        gold=tuple(g for g in golds if g.start < g.end),
    )


def _flat(text: str) -> tuple[str, list[int]]:
    """Return a text without case and punctuation, and where each offset of it is now."""
    kept, places = list[str](), list[int]()
    for at, char in enumerate(text):
        places.append(len(kept))
        inside = text[at - 1 : at].isalnum() and text[at + 1 : at + 2].isalnum()
        if char.isalnum() or unicodedata.category(char)[0] == "M" or (inside and char in _INNER):
            kept.append(_low(char))
        elif (char.isspace() or (inside and unicodedata.category(char) == "Pd")) and (
            kept and kept[-1] != " "
        ):
            kept.append(" ")
    places.append(len(kept))
    return "".join(kept), places
