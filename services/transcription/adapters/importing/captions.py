# SPDX-License-Identifier: Apache-2.0
"""Passages out of cues: voices, captions that roll, cues that hold a label or a stamp alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.transcription.adapters.importing.cue_text import Span, has_time_tags, spans
from services.transcription.adapters.importing.cues import Cue, Splitter
from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import TooLarge

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_MOST_LINES_REPEATED = 4
"""Lines of a caption that the next one may begin with again; players show two or three."""

_NEXT_MS = 1500
"""Longest pause between two captions of which the second one rolls on from the first."""

_SURE_PAIRS, _SURE_SHARE = 5, 0.6
"""Pairs of captions, and their share, from which captions roll though no word has a time."""

_LABEL_ALONE = re.compile(r"\s{0,8}([^\s:：][^:：\n]{0,80}?)\s{0,8}[:：]\s{0,8}")
_STAMP_ALONE = re.compile(r"\s{0,8}[\[(#]?\d{1,3}:\d{2}(?::\d{2})?(?:[.,-]\d{1,3})?[\])#]?\s{0,8}")


@dataclass(slots=True)
class _Said:
    cue: Cue
    spans: list[Span]


def read(source: Source, splitter: Splitter, text: str) -> Iterator[Passage]:
    """Yield what stands before the first cue, and a passage for each voice of each cue.

    Raises `BadTranscript` where there is no cue, `TooLarge` where there are too many.
    """
    found = passages(splitter.cues(text), source.findings, source.limits.max_turns)
    # What stands before the cues is known once they are there.
    first = next(found, None)
    yield from splitter.head
    if first is not None:
        yield first
    yield from found


def passages(cues: Iterable[Cue], findings: Findings, max_turns: int) -> Iterator[Passage]:
    """Yield a passage for each voice of each cue; raises `TooLarge` above `max_turns` cues."""
    said: list[_Said] = []
    for cue in cues:
        if found := spans(cue.text):
            said.append(_Said(cue, [Span(cue.speaker if v is None else v, t) for v, t in found]))
        if len(said) > max_turns:
            raise TooLarge(
                f"The transcript has more than {max_turns} turns; "
                "split it or raise the limit in the settings."
            )
    _unroll(said, findings)
    named = _take_labels(said)
    for one in said:
        cue = one.cue
        for voice, text in one.spans:
            # Where no voice has a name, it is no statement that nobody speaks.
            speaker = voice if named else voice or None
            yield Passage(text, speaker, cue.start_ms, cue.end_ms, place=cue.place)


def _unroll(said: list[_Said], findings: Findings) -> None:
    """Take out what captions repeat as they roll, where the captions of the file do.

    YouTube writes each line twice or three times: while it is spoken, and above the next one.
    Where that is not so all over the file, somebody said the same words again.
    """
    lines = [_lines(one) for one in said]
    repeated = [0] * len(said)
    for at in range(1, len(said)):
        end = said[at - 1].cue.end_ms
        if end is not None and abs(said[at].cue.start_ms - end) <= _NEXT_MS:
            repeated[at] = _overlap(lines[at - 1], lines[at])
    pairs = sum(1 for count in repeated if count)
    timed = any(has_time_tags(one.cue.text) for one in said)
    rolls = (
        pairs * 2 >= len(said) - 1
        if timed
        else (pairs >= _SURE_PAIRS and pairs >= _SURE_SHARE * (len(said) - 1))
    )
    if not pairs or not rolls:
        return
    for one, own, count in zip(said, lines, repeated, strict=True):
        if count:
            findings.leave_out("repeated_lines", count=count)
            rest = "\n".join(own[count:])
            one.spans = [Span(None, rest)] if rest else []


def _lines(one: _Said) -> list[str]:
    """Return the lines of a cue without voices."""
    if len(one.spans) != 1 or one.spans[0].voice is not None:
        return []
    return [line for line in map(squeeze, one.spans[0].text.split("\n")) if line]


def _overlap(before: list[str], after: list[str]) -> int:
    """Return how many lines of one caption are the last ones of the caption before."""
    for count in range(min(len(before), len(after), _MOST_LINES_REPEATED), 0, -1):
        if before[-count:] == after[:count]:
            return count
    return 0


def _take_labels(said: list[_Said]) -> bool:
    """Take out cues that hold the label or the stamp of the next one, as noScribe's editor writes.

    The label goes before the name of the voice, which is the program's own. Return whether any
    voice has a name.
    """
    voices: dict[str, str] = {}
    named = False
    for at, one in enumerate(said):
        voice = one.spans[0].voice if len(one.spans) == 1 else None
        if voice and at + 1 < len(said):
            after = said[at + 1]
            goes_on = (
                after.cue.start_ms == one.cue.start_ms
                and len(after.spans) == 1
                and after.spans[0].voice == voice
            )
            if goes_on and _STAMP_ALONE.fullmatch(one.spans[0].text):
                one.spans = []
            elif goes_on and (label := _LABEL_ALONE.fullmatch(one.spans[0].text)):
                voices[voice] = label[1]
                one.spans = []
        one.spans = [Span(voices.get(v, v) if v else v, text) for v, text in one.spans]
        named = named or any(span.voice for span in one.spans)
    return named
