# SPDX-License-Identifier: Apache-2.0
"""Importer of OpenDocument text (ISO/IEC 26300): .odt, .ott and, in one file, .fodt.

The content is streamed, as that of Word documents is; what LibreOffice hides, tracks or notes in a
document is told from what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing.odt_body import Body, Styles
from services.transcription.adapters.importing.package import Package
from services.transcription.adapters.importing.stated_names import (
    know_names,
    know_person,
    know_title,
)
from services.transcription.adapters.importing.story import Story
from services.transcription.adapters.importing.xml_events import Event, Start, Text, read_events
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_WHAT = "OpenDocument text (.odt)"

_PEOPLE = frozenset(("creator", "initial-creator", "printed-by"))
_TITLES = frozenset(("title", "subject", "description", "keyword", "user-defined"))
"""Properties of a document that are somebody's name, or may hold one."""


def read(source: Source) -> Iterator[Passage]:
    """Yield the passages of a document, in order; raises `BadTranscript` or `TooLarge`."""
    findings = source.findings
    append = source.options.append_notes
    if not source.data.startswith(b"PK"):
        styles = Styles(read_events(source.data, f"an {_WHAT}"))
        know_properties(read_events(source.data, f"an {_WHAT}"), findings)
        yield from _passages(read_events(source.data, f"an {_WHAT}"), styles, findings, append)
        return
    package = Package(source.data, source.limits.max_unpacked_bytes, _WHAT)
    if "content.xml" not in package:
        raise BadTranscript("The transcript is a zip archive but not an OpenDocument text.")
    if any(
        isinstance(event, Start) and event.name == "encryption-data"
        for event in package.events("META-INF/manifest.xml")
    ):
        raise BadTranscript(
            "The transcript is an OpenDocument text with a password; save it without one."
        )
    styles = Styles(package.events("styles.xml"))
    styles.add(package.events("content.xml"))
    know_properties(package.events("meta.xml"), findings)
    # Headers and footers stand among the styles of pages.
    for one in _passages(package.events("styles.xml"), styles, findings, append_notes=False):
        findings.leave_out("headers_footers", one.text)
        know_names(one.text, findings)
    yield from _passages(package.events("content.xml"), styles, findings, append)


def _passages(
    events: Iterable[Event], styles: Styles, findings: Findings, append_notes: bool
) -> Iterator[Passage]:
    story = Story(findings)
    body = Body(story, findings, styles, append_notes)
    for event in events:
        body.take(event)
        if not isinstance(event, Text):
            yield from story.take()
    yield from story.end()


def know_properties(events: Iterable[Event], findings: Findings) -> None:
    """Note properties of a document that may be names."""
    stack: list[str] = []
    for event in events:
        if isinstance(event, Start):
            stack.append(event.name)
        elif isinstance(event, Text):
            if "meta" in stack[-2:-1] and stack[-1] in _PEOPLE:
                know_person(event.text, findings)
            elif "meta" in stack[-2:-1] and stack[-1] in _TITLES:
                know_title(event.text, findings)
        else:
            stack.pop()
