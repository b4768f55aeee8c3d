# SPDX-License-Identifier: Apache-2.0
"""Importer of EXMARaLDA's basic transcriptions (Hamburg Centre for Language Corpora)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import tiers
from services.transcription.adapters.importing.properties import file_stem
from services.transcription.adapters.importing.seconds import milliseconds
from services.transcription.adapters.importing.stated_names import know_file_name, know_title
from services.transcription.adapters.importing.tiers import Annotation, Tier
from services.transcription.adapters.importing.xml_events import Start, Text, read_events
from services.transcription.domain.reading import Passage
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_STATED = ("transcription-name", "project-name", "abbreviation")
_SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")


def read(source: Source) -> Iterator[Passage]:
    """Yield what was said in the order of its time; raises `BadTranscript` or `TooLarge`."""
    document = _Document(source)
    for event in read_events(source.data, "an EXMARaLDA file"):
        if isinstance(event, Start):
            document.start(event.name, event.attributes)
        elif isinstance(event, Text):
            document.text(event.text)
        else:
            document.end(event.name)
    yield from tiers.passages(document.tiers(), source.findings)


@dataclass(slots=True)
class _Event:
    start: str
    end: str
    text: str
    place: int


class _Document:
    def __init__(self, source: Source) -> None:
        self._findings = source.findings
        self._depth = self._count = 0
        self._line: dict[str, int | None] = {}
        self._speakers: dict[str, str] = {}
        self._speaker = ""
        self._tiers: list[tuple[Tier, list[_Event]]] = []
        self._text: list[str] | None = None
        self._event: _Event | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        self._depth += 1
        if self._depth == 1 and name != "basic-transcription":
            raise BadTranscript("The transcript is XML, but no basic transcription of EXMARaLDA.")
        if name == "tli":
            self._line[attributes.get("id", "")] = milliseconds(attributes.get("time", ""))
        elif name == "referenced-file":
            know_file_name(file_stem(attributes.get("url", "")), self._findings)
        elif name == "speaker":
            self._speaker = attributes.get("id", "")
        elif name == "tier":
            self._tiers.append((self._tier(attributes), []))
        elif name == "event":
            self._count += 1
            start, end = attributes.get("start", ""), attributes.get("end", "")
            self._event = _Event(start, end, "", self._count)
            self._text = []
        elif name in _STATED:
            self._text = []

    def text(self, text: str) -> None:
        """Take text."""
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self._depth -= 1
        if self._text is None or name not in (*_STATED, "event"):
            return
        text, self._text = "".join(self._text), None
        if name == "event":
            if self._event is not None and self._tiers:
                self._event.text = text
                self._tiers[-1][1].append(self._event)
        elif name == "abbreviation" and text.strip():
            self._speakers[self._speaker] = text
        else:
            know_title(text, self._findings)

    def tiers(self) -> list[Tier]:
        """Return all tiers with the times of their annotations."""
        times = dict(zip(self._line, tiers.fill_times(list(self._line.values())), strict=True))
        for tier, events in self._tiers:
            for one in _joined(events):
                tier.annotations.append(
                    Annotation(one.text, times.get(one.start), times.get(one.end), one.place)
                )
        return [tier for tier, _ in self._tiers]

    def _tier(self, attributes: dict[str, str]) -> Tier:
        identifier = attributes.get("speaker", "")
        speaker = self._speakers.get(identifier, identifier)
        name = attributes.get("display-name") or attributes.get("id") or "tier"
        # t is what was said, d a description of what happened, a an annotation of t.
        kind = attributes.get("type")
        return Tier(name, speaker, speech=None if kind is None else kind == "t")


def _joined(events: list[_Event]) -> Iterator[_Event]:
    """Yield utterances: events are cut where another speaker begins, even within a word.

    The form has the spaces between events in their texts; where it has none they are put in.
    """
    space = "" if any(one.text[-1:].isspace() for one in events) else " "
    before: _Event | None = None
    parts: list[str] = []
    for one in events:
        whole = parts and parts[-1].rstrip().endswith(_SENTENCE_ENDS)
        if before is not None and before.end == one.start and not whole:
            parts += [space, one.text]
            before.end = one.end
            continue
        if before is not None:
            yield _Event(before.start, before.end, "".join(parts), before.place)
        before, parts = _Event(one.start, one.end, "", one.place), [one.text]
    if before is not None:
        yield _Event(before.start, before.end, "".join(parts), before.place)
