# SPDX-License-Identifier: Apache-2.0
"""Importer of ELAN's annotation documents (EAF 2.x and 3.0, Max Planck Institute, Nijmegen)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import tiers
from services.transcription.adapters.importing.properties import file_stem
from services.transcription.adapters.importing.stated_names import know_file_name, know_person
from services.transcription.adapters.importing.tiers import Annotation, Tier
from services.transcription.adapters.importing.xml_events import End, Start, Text, read_events
from services.transcription.domain.reading import Passage
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_UNITS = {"NTSC-frames": 1001 / 30, "PAL-frames": 40.0}
"""Milliseconds of a unit of time, where it is not one."""

_LONGEST_MS = 10_000 * 3600 * 1000


def read(source: Source) -> Iterator[Passage]:
    """Yield annotations in the order of their time; raises `BadTranscript` or `TooLarge`."""
    document = _Document(source)
    for event in read_events(source.data, "an ELAN file"):
        if isinstance(event, Start):
            document.start(event.name, event.attributes)
        elif isinstance(event, Text):
            document.text(event.text)
        else:
            document.end(event)
    yield from tiers.passages(document.tiers(), source.findings)


class _Document:
    """Collects tiers; annotations that depend on others have their times when all were read."""

    def __init__(self, source: Source) -> None:
        self._findings = source.findings
        self._unit = 1.0
        self._slots: dict[str, int | None] = {}
        self._tiers: list[Tier] = []
        self._spans: dict[str, tuple[str, str]] = {}
        self._parents: dict[str, str] = {}
        self._ids: list[str] = []
        """Identifier of each annotation, by its place."""
        self._value: list[str] | None = None
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the start of an element."""
        self._depth += 1
        if self._depth == 1 and name != "ANNOTATION_DOCUMENT":
            raise BadTranscript("The transcript is XML, but no ELAN file.")
        if name == "ANNOTATION_DOCUMENT":
            know_person(attributes.get("AUTHOR", ""), self._findings)
        elif name == "HEADER":
            self._unit = _UNITS.get(attributes.get("TIME_UNITS", ""), 1.0)
            know_file_name(file_stem(attributes.get("MEDIA_FILE", "")), self._findings)
        elif name == "MEDIA_DESCRIPTOR":
            know_file_name(file_stem(attributes.get("MEDIA_URL", "")), self._findings)
        elif name == "TIME_SLOT":
            self._slots[attributes.get("TIME_SLOT_ID", "")] = self._time(attributes)
        elif name == "TIER":
            know_person(attributes.get("ANNOTATOR", ""), self._findings)
            self._tiers.append(
                Tier(
                    attributes.get("TIER_ID", ""),
                    attributes.get("PARTICIPANT", ""),
                    attributes.get("PARENT_REF", ""),
                )
            )
        elif name in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
            self._begin(attributes)
        elif name == "ANNOTATION_VALUE":
            self._value = []

    def text(self, text: str) -> None:
        """Take text."""
        if self._value is not None:
            self._value.append(text)

    def end(self, element: End) -> None:
        """Take the end of an element."""
        self._depth -= 1
        if element.name == "ANNOTATION_VALUE" and self._value is not None:
            if self._tiers and self._ids:
                place = len(self._ids)
                self._tiers[-1].annotations.append(
                    Annotation("".join(self._value), None, None, place)
                )
            self._value = None

    def tiers(self) -> list[Tier]:
        """Return all tiers with the times of their annotations."""
        times = dict(zip(self._slots, tiers.fill_times(list(self._slots.values())), strict=True))
        for tier in self._tiers:
            for one in tier.annotations:
                first, last = self._span(self._ids[one.place - 1])
                one.start_ms, one.end_ms = times.get(first), times.get(last)
        return self._tiers

    def _begin(self, attributes: dict[str, str]) -> None:
        identifier = attributes.get("ANNOTATION_ID", f" {len(self._ids)}")
        self._ids.append(identifier)
        if "TIME_SLOT_REF1" in attributes:
            slots = attributes["TIME_SLOT_REF1"], attributes.get("TIME_SLOT_REF2", "")
            self._spans[identifier] = slots
        else:
            self._parents[identifier] = attributes.get("ANNOTATION_REF", "")

    def _span(self, identifier: str) -> tuple[str, str]:
        """Return the time slots of an annotation, or of the one that it depends on."""
        passed: list[str] = []
        while identifier not in self._spans and identifier in self._parents:
            passed.append(identifier)
            # Taking it away ends circles, and what was found is kept for the next.
            identifier = self._parents.pop(identifier)
        span = self._spans.get(identifier, ("", ""))
        for one in passed:
            self._spans[one] = span
        return span

    def _time(self, attributes: dict[str, str]) -> int | None:
        value = attributes.get("TIME_VALUE", "")
        if not value.isdecimal() or len(value) > 12:
            return None
        time = round(int(value) * self._unit)
        return time if time <= _LONGEST_MS else None
