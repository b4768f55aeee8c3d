# SPDX-License-Identifier: Apache-2.0
"""Words that a recogniser wrote one by one, put together into what each speaker said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.transcription.domain.reading import Passage

_PAUSE_MS = 2000
"""Pause at which the words of one speaker, or of nobody, are cut into two turns."""

_LONG = 300
"""Characters from which the end of a sentence cuts as well, where there is no speaker."""

_ENDS = (".", "?", "!", "。", "？", "！")


class Word(NamedTuple):
    """A word, or a mark of punctuation. `glued`: no space goes before it."""

    text: str
    speaker: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    glued: bool = False


def join(words: Iterable[Word]) -> str:
    """Return words as a text."""
    return "".join(one.text if one.glued else f" {one.text}" for one in words).strip()


def turns(words: Iterable[Word]) -> Iterator[Passage]:
    """Yield a passage for each run of words of one speaker, cut at long pauses."""
    run: list[Word] = []
    size = 0
    for word in words:
        if run and _cuts(run[-1], word, size):
            yield _passage(run)
            run, size = [], 0
        run.append(word)
        size += len(word.text) + 1
    if run:
        yield _passage(run)


def cut(whole: Passage, words: list[Word]) -> list[Passage]:
    """Return a segment, cut where its words are of several speakers.

    The text is cut as it stands, so that spaces and marks stay; where the words are not those of
    the text, they are put together.
    """
    speakers = {word.speaker for word in words if word.speaker is not None}
    if not speakers:
        return [whole]
    if len(speakers) == 1:
        only = whole.speaker if whole.speaker is not None else speakers.pop()
        return [_of(whole, only, whole.text, whole.start_ms, whole.end_ms)]
    runs: list[list[Word]] = []
    last = next(word.speaker for word in words if word.speaker is not None)
    for word in words:
        # A word without a speaker is of the one before it.
        last = word.speaker if word.speaker is not None else last
        if not runs or runs[-1][0].speaker != last:
            runs.append([])
        runs[-1].append(word._replace(speaker=last))
    texts = _slices(whole.text, runs) or [join(run) for run in runs]
    return [
        _of(whole, run[0].speaker, text, _first_start(run), _last_end(run))
        for run, text in zip(runs, texts, strict=True)
    ]


def _cuts(before: Word, word: Word, size: int) -> bool:
    if word.speaker != before.speaker and word.speaker is not None:
        return True
    if (
        before.end_ms is not None
        and word.start_ms is not None
        and word.start_ms - before.end_ms >= _PAUSE_MS
    ):
        return True
    ended = before.text.endswith(_ENDS) and not word.glued
    return word.speaker is None and ended and size > _LONG


def _slices(text: str, runs: list[list[Word]]) -> list[str]:
    """Return the parts of a text that runs of words stand in, or [] where some do not."""
    starts: list[int] = []
    at = 0
    for run in runs:
        for n, word in enumerate(run):
            wanted = word.text.strip()
            found = text.find(wanted, at, at + len(wanted) + 200)
            if found < 0:
                return []
            if not n:
                starts.append(found)
            at = found + len(wanted)
    starts[0] = 0
    return [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


def _passage(run: list[Word]) -> Passage:
    return Passage(join(run), run[0].speaker, _first_start(run), _last_end(run))


def _of(
    whole: Passage, speaker: str | None, text: str, start: int | None, end: int | None
) -> Passage:
    return Passage(text, speaker, start, end, place=whole.place)


def _first_start(run: list[Word]) -> int | None:
    return next((word.start_ms for word in run if word.start_ms is not None), None)


def _last_end(run: list[Word]) -> int | None:
    return next((word.end_ms for word in reversed(run) if word.end_ms is not None), None)
