# SPDX-License-Identifier: Apache-2.0
"""Lists of segments, as most programs write them: a text, a speaker, and two times each.

They differ in names and in the unit of times: Whisper and what is built on it count seconds,
AssemblyAI milliseconds, whisper.cpp has `offsets`, transformers `timestamp`.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.transcription.adapters.importing.json_text import Node, clock_time
from services.transcription.adapters.importing.json_words import Word, cut, join
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript

TEXTS = ("text", "body", "transcript", "content", "Content", "sentence", "utterance")
SPEAKERS = (
    "speaker",
    "speaker_name",
    "speakerName",
    "speakerDisplayName",
    "speaker_label",
    "speaker_id",
    "speakerId",
    "spk",
    "name",
    "role",
    "ParticipantRole",
    "who",
    "participant",
    "author",
    "username",
    "displayName",
)
STARTS = ("start", "start_time", "startTime", "begin", "startOffset", "data_start")
_ENDS = ("end", "end_time", "endTime", "stop", "endOffset", "data_end")
_STARTS_MS = ("start_ms", "startMs", "BeginOffsetMillis", "offsetMilliseconds")
_ENDS_MS = ("end_ms", "endMs", "EndOffsetMillis")
_WORDS = ("word", "punctuated_word", "text", "content", "value")

_FASTEST = 200.0
"""Characters a second that nobody speaks: such times are not milliseconds."""

_SLOWEST = 0.05
"""Characters a second that no interview falls to: such times are not seconds."""


def segments(
    items: list[Node], findings: Findings, scale: int = 1000, *, sure: bool = False
) -> Iterator[Passage]:
    """Yield the passages of segments; `scale` is the milliseconds of a unit of their times.

    Unless `sure`, the unit is another one where people would have to talk faster or slower than
    anybody does, and that is told.
    """
    if not sure and (other := _other_scale(items, scale)):
        findings.warn("times_guessed")
        scale = other
    for number, item in enumerate(items, 1):
        yield from segment(item, number, findings, scale)


def segment(item: Node, number: int, findings: Findings, scale: int) -> list[Passage]:
    """Return the passages of a segment: more than one where its words are of several speakers."""
    speaker = item.first(*SPEAKERS).speaker()
    start, end = _times(item, scale)
    if start is not None and end is not None and end < start:
        findings.warn("ends_before_start", number)
        end = None
    words = words_of(item.at("words"), scale)
    text = item.first(*TEXTS)
    said = join(words) if text.value is None and words else text.string()
    whole = Passage(said.strip(), speaker, start, end, place=number)
    if start is None and words:
        whole = Passage(whole.text, speaker, words[0].start_ms, words[-1].end_ms, place=number)
    return cut(whole, words)


def words_of(listed: Node, scale: int) -> list[Word]:
    """Return the words of a segment, where it has a list of them."""
    if not isinstance(listed.value, list) or not all(isinstance(w, dict) for w in listed.value):
        return []
    found: list[Word] = []
    for item in listed.items():
        text = item.first(*_WORDS)
        if isinstance(text.value, str) and text.string().strip():
            start, end = _times(item, scale)
            found.append(Word(text.value, item.first(*SPEAKERS).speaker(), start, end))
    # Whisper writes the space before a word into it.
    if any(one.text[0].isspace() for one in found):
        found = [one._replace(glued=True) for one in found]
    return found


def _times(item: Node, scale: int) -> tuple[int | None, int | None]:
    for name in ("timestamp", "timestamps"):
        pair = item.at(name)
        if isinstance(pair.value, list):
            if len(pair.value) != 2:
                raise BadTranscript(f"{pair.path} of the transcript must be two times.")
            first, last = (Node(one, pair.path).time(scale) for one in pair.value)
            return first, last
    if item.has("offsets"):
        offsets = item.at("offsets")
        return offsets.at("from").time(1), offsets.at("to").time(1)
    if item.has("timestamps"):
        stamps = item.at("timestamps")
        return stamps.at("from").time(scale), stamps.at("to").time(scale)
    start_ms, end_ms = item.first(*_STARTS_MS), item.first(*_ENDS_MS)
    start, end = item.first(*STARTS), item.first(*_ENDS)
    found = start_ms.time(1) if start_ms.value is not None else start.time(scale)
    stamp = item.at("timestamp").value
    if found is None and isinstance(stamp, str):
        # Some write a clock time there, others the date of the day.
        found = clock_time(stamp)
    until = end_ms.time(1) if end_ms.value is not None else end.time(scale)
    lasts = item.first("duration", "dur")
    if until is None and found is not None and isinstance(lasts.value, int | float):
        until = found + (lasts.time(scale) or 0)
    if item.has("durationMilliseconds") and found is not None:
        until = found + (item.at("durationMilliseconds").time(1) or 0)
    return found, until


def _other_scale(items: list[Node], scale: int) -> int:
    """Return the unit that times must have if they are not of this one, or 0."""
    characters, time = 0, 0.0
    for item in items:
        start, end = item.first(*STARTS).value, item.first(*_ENDS).value
        if start is None and end is None:
            continue
        # A unit is in doubt only where all times are whole numbers.
        if type(start) is not int or type(end) is not int or not 0 <= start <= end < 10**12:
            return 0
        text = item.first(*TEXTS).value
        characters += len(text) if isinstance(text, str) else 0
        time += end - start
    if not characters or not time:
        return 0
    rate = characters / (time * scale / 1000)
    if scale == 1 and rate > _FASTEST:
        return 1000
    return 1 if scale == 1000 and rate < _SLOWEST else 0
