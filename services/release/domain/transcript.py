# SPDX-License-Identifier: Apache-2.0
"""De-identified transcripts as readers see them: turns with speaker labels."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from services.corrections.model import Doubt, Replacement
from services.registry import ids
from services.registry.export_formats import Style
from services.registry.notations import Notation
from services.release.domain.marks import Overlap, Pause, Piece, Place
from services.release.domain.notation import marked
from services.release.domain.readable import SpokenText, readable
from services.release.domain.text import clean, cleaned_places

INTERVIEWER = "Interviewer"
_NUMBERED_SPEAKER = re.compile(rf"(?:{ids.NUMBERED_SPEAKER})\Z")
_PAUSE_MS = 1000
"""Silence from which a turn ends where speakers are not told apart: between the turns of talk it is
hardly ever longer (Jefferson 1989, "Preliminary notes on a possible metric which provides for a
'standard maximum' silence of approximately one second in conversation")."""
_TENTH_MS = 100
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")


@dataclass(frozen=True)
class Segment:
    """What one speaker says without a break; times in ms, None when the source has none.

    Offsets of `replacements`, `doubts`, `pauses`, `overlaps` and `doubtful_words` (start, end),
    which may be misheard, are code points in the text.
    """

    speaker: str
    role: str
    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    language: str = ""
    replacements: tuple[Replacement, ...] = ()
    pauses: tuple[Pause, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    doubtful_words: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    doubts: tuple[Doubt, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class RecordingName:
    """The names of a recording."""

    study_id: str
    participant: str
    recording_id: str


@dataclass(frozen=True)
class TranscriptSummary:
    """What is known of a de-identified transcript without reading it: names, hash and making.

    `content_sha256` (hex) is the manifest's hash over the stored segments, `versions` and
    `redactions` (entity type to count) are its provenance and counts. `residual_risk` and
    `threshold`, the policy's, are 0 to 1; `doubts` counts doubtful places by reason. `invented`
    says that a demo model wrote the words, from a recording that it does not know. `source_form` is
    the form of a transcript made elsewhere, such as "docx", and `left_out` how many things of each
    kind its file holds beside what was read. `is_keyed` says
    that the run's key was made under a secret: that of an earlier version answers guesses of what
    was said. `policy_changed_by` are the accounts that had changed the study's policy or
    review by then, and `study_wide` says whose pseudonyms mean the same in all interviews.
    `source_run_key` is the key of the identified run that it was made from, empty where an earlier
    version made it.
    `canaries` counts, by entity type, the made-up identifiers that were planted in a copy and those
    that were found; None where an earlier version made the run.
    """

    recording_id: str
    participant: str
    session: int
    run_key: str
    content_sha256: str
    versions: Mapping[str, str] = field(default_factory=dict)
    redactions: Mapping[str, int] = field(default_factory=dict)
    policy: str = ""
    residual_risk: float = 0.0
    threshold: float = 0.0
    doubts: Mapping[str, int] = field(default_factory=dict)
    segments: int = 0
    words: int = 0
    committed_at: datetime | None = None
    invented: bool = False
    source_form: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)
    is_keyed: bool = True
    policy_changed_by: tuple[str, ...] = ()
    study_wide: tuple[str, ...] = ()
    canaries: Mapping[str, tuple[int, int]] | None = None
    source_run_key: str = ""

    @property
    def words_judged(self) -> bool:
        """Whether words were marked that may be misheard."""
        return "word_doubts" in self.versions

    @property
    def policy_version(self) -> str:
        """The policy that made it, with version and digest."""
        return self.versions.get("deidentification.policy", "")


@dataclass(frozen=True, slots=True)
class Writing:
    """How the words of a transcript are written.

    `notation` marks pauses and overlap, and `doubtful_words` words that may be misheard, where the
    style is verbatim. `language` is that of segments that state none, as transcripts made elsewhere
    do.
    """

    style: Style = Style.VERBATIM
    notation: Notation = Notation.NONE
    language: str = ""
    doubtful_words: bool = False


@dataclass(frozen=True)
class Transcript:
    """A de-identified transcript of one recording."""

    summary: TranscriptSummary
    segments: tuple[Segment, ...]
    writing: Writing = field(default_factory=Writing)

    @property
    def timed(self) -> bool:
        """Whether any segment has times."""
        return any(segment.start_ms is not None for segment in self.segments)

    @cached_property
    def turns(self) -> Sequence[Turn]:
        """Its turns, in order: each format is made of them."""
        written = _readable if self.writing.style is Style.READABLE else _marked
        groups = itertools.groupby(_labelled(self), key=lambda segment: segment.turn)
        return [Turn(tuple(written(list(group), self.writing))) for _, group in groups]


@dataclass(frozen=True)
class LabelledSegment:
    """One cleaned segment under the label that readers see; `turn` and `number` count from 1.

    `marked` is its text with the marks of the notation, in pieces, and `replaced` the places of
    replacements in its text. Its first pause is before it where it has the offset 0.
    `doubtful_words` are places in its text; None where they are not marked.
    """

    turn: int
    number: int
    label: str
    role: str
    text: str
    start_ms: int | None
    end_ms: int | None
    language: str
    pieces: tuple[Piece, ...]
    replaced: tuple[Place, ...] = ()
    pauses: tuple[Pause, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    doubtful_words: tuple[Place, ...] | None = None

    @property
    def marked(self) -> str:
        """The text with the marks of the notation."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Turn:
    """What one speaker says until another speaks: at least one segment.

    Where all have one label, nobody knows when another speaks, and a pause ends the turn.
    """

    segments: tuple[LabelledSegment, ...]

    @property
    def number(self) -> int:
        """The number of the turn, from 1."""
        return self.segments[0].turn

    @property
    def label(self) -> str:
        """The label of the speaker."""
        return self.segments[0].label

    @property
    def text(self) -> str:
        """The texts of all segments, joined with single spaces."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def marked(self) -> str:
        """The texts of all segments with the marks of the notation, joined with single spaces."""
        return " ".join(segment.marked for segment in self.segments)

    @property
    def pieces(self) -> Iterator[Piece]:
        """The same in pieces."""
        for number, segment in enumerate(self.segments):
            if number:
                yield Piece(" ")
            yield from segment.pieces


def labels(transcript: Transcript) -> dict[tuple[str, str], str]:
    """Name each speaker from role and participant code alone, in the order of appearance.

    A stored label is shown only in the form S1, S2, ...: anything else could be a name. Labels hold
    no colon and stay far below the 63 characters that analysis programs read as a speaker.
    """
    speakers = list(dict.fromkeys((part.speaker, part.role) for part in transcript.segments))
    plain = [speaker for speaker, role in speakers if role not in {"interviewer", "participant"}]
    keep = all(_NUMBERED_SPEAKER.match(speaker) for speaker in plain)
    seen: dict[str, int] = {}
    result: dict[tuple[str, str], str] = {}
    for speaker, role in speakers:
        role_key = role if role in {"interviewer", "participant"} else ""
        seen[role_key] = count = seen.get(role_key, 0) + 1
        if role_key:
            base = INTERVIEWER if role_key == "interviewer" else transcript.summary.participant
            label = base if count == 1 else f"{base} {count}"
        else:
            label = speaker if keep else f"S{count}"
        result[speaker, role] = label
    return result


def labelled_segments(transcript: Transcript) -> Iterator[LabelledSegment]:
    """Yield the cleaned segments that are not empty, numbered and grouped into turns.

    Numbers are the same in every style; in the readable one segments of fillers alone are missing.
    """
    for turn in turns(transcript):
        yield from turn.segments


def turns(transcript: Transcript) -> Iterator[Turn]:
    """Yield the turns in order."""
    yield from transcript.turns


def _labelled(transcript: Transcript) -> Iterator[LabelledSegment]:
    """Yield the segments with all their words and without marks."""
    names = labels(transcript)
    by_pauses = len(set(names.values())) == 1
    turn, number, last = 0, 0, ""
    ended: int | None = None
    silent_since: int | None = None
    for part in transcript.segments:
        text = clean(part.text)
        if not text.strip():
            continue
        label = names[part.speaker, part.role]
        if label != last or (by_pauses and _has_paused(ended, part.start_ms)):
            turn, last = turn + 1, label
        ended = part.end_ms
        number += 1
        language = part.language if _LANGUAGE.match(part.language) else ""
        made = LabelledSegment(
            turn,
            number,
            label,
            part.role,
            text,
            part.start_ms,
            part.end_ms,
            language,
            (Piece(text),),
        )
        yield _with_places(made, part, _silence(silent_since, part.start_ms))
        if part.end_ms is not None:
            silent_since = max(silent_since or 0, part.end_ms)


def _with_places(made: LabelledSegment, part: Segment, before: int) -> LabelledSegment:
    """Return a segment with what is known of places in the text, which was cleaned; `before` it
    there was a silence of so many ms.
    """
    if not (part.replacements or part.pauses or part.overlaps or part.doubtful_words or before):
        return made
    places = cleaned_places(part.text)
    pauses = [Pause(places[one.at], one.duration_ms) for one in part.pauses]
    return replace(
        made,
        replaced=tuple(Place(places[one.start], places[one.end]) for one in part.replacements),
        pauses=tuple([Pause(0, before), *pauses] if before else pauses),
        overlaps=tuple(
            Overlap(places[one.start], places[one.end], one.comes_in) for one in part.overlaps
        ),
        doubtful_words=tuple(
            Place(places[start], places[end]) for start, end in part.doubtful_words
        ),
    )


def _marked(segments: Sequence[LabelledSegment], writing: Writing) -> Iterator[LabelledSegment]:
    for one in segments:
        words = (one.doubtful_words or ()) if writing.doubtful_words else None
        places = (one.replaced, one.pauses, one.overlaps, words or ())
        pieces = tuple(marked(one.text, *places, writing.notation))
        yield replace(one, pieces=pieces, doubtful_words=words)


def _readable(segments: Sequence[LabelledSegment], writing: Writing) -> Iterator[LabelledSegment]:
    texts = readable(
        [SpokenText(one.text, one.language or writing.language, one.replaced) for one in segments]
    )
    for one, text in zip(segments, texts, strict=True):
        if text:
            yield replace(
                one,
                text=text,
                pieces=(Piece(text),),
                replaced=(),
                pauses=(),
                overlaps=(),
                doubtful_words=None,
            )


def _has_paused(ended: int | None, begun: int | None) -> bool:
    return ended is not None and begun is not None and begun - ended >= _PAUSE_MS


def _silence(since: int | None, begun: int | None) -> int:
    """Return the silence before a segment in ms, to a tenth of a second; 0 where there is none."""
    if since is None or begun is None:
        return 0
    return max(0, round((begun - since) / _TENTH_MS) * _TENTH_MS)
