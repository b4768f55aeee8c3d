# SPDX-License-Identifier: Apache-2.0
"""Reads XML that strangers wrote, as a stream of events within limits.

Nothing is kept but what a caller keeps. DTDs are refused, and with them entities and all that a
file could ask to be fetched, so that no bomb expands.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.parsers import expat

from services.transcription.errors import BadTranscript, TooLarge

MAX_DEPTH = 200
"""Deepest nesting of elements; tables inside tables stay far below."""

MAX_ELEMENTS = 2_000_000
"""Most elements. Word makes some six for each word that was corrected or tracked, so an interview
of three hours stays below a tenth of it."""

_CHUNK = 256 * 1024
_LONGEST_TAG = 8 * 1024 * 1024
"""Bytes of the longest tag or comment. Old versions of expat begin it anew with each chunk
(CVE-2023-52425); a picture inside a tag, as Word writes it, stays below."""


class Start(NamedTuple):
    """The start of an element: its name without and with its namespace, and its attributes.

    Names of attributes are plain, or `namespace}name` where they have a prefix.
    """

    name: str
    attributes: dict[str, str]
    full_name: str


class End(NamedTuple):
    """The end of an element."""

    name: str
    full_name: str


class Text(NamedTuple):
    """Characters between two tags; a long stretch comes as several of them."""

    text: str


Event = Start | End | Text


def read_events(
    part: IO[bytes] | bytes,
    what: str,
    *,
    encoding: str | None = None,
    max_elements: int = MAX_ELEMENTS,
    max_depth: int = MAX_DEPTH,
) -> Iterator[Event]:
    """Yield the events of an XML document, in order; `what` is its name, such as "an ELAN file".

    `encoding` goes before the one that the document declares. Raises `BadTranscript` where it is no
    XML, has a DTD or is nested too deeply, and `TooLarge` above `max_elements`.
    """
    return _Reader(what, encoding, max_elements, max_depth).events(
        io.BytesIO(part) if isinstance(part, bytes) else part
    )


class _Reader:
    def __init__(self, what: str, encoding: str | None, elements: int, depth: int) -> None:
        self._what = what
        self._depth, self._max_depth = 0, depth
        self._elements, self._max_elements = 0, elements
        self._found: list[Event] = []
        self._parser = expat.ParserCreate(encoding, "}")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse_dtd
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def events(self, part: IO[bytes]) -> Iterator[Event]:
        fed = 0
        last = False
        while not last:
            chunk = part.read(_CHUNK)
            last = not chunk
            try:
                self._parser.Parse(chunk, last)
            # LookupError: a declaration may name an encoding that does not exist.
            except (expat.ExpatError, LookupError, ValueError):
                raise BadTranscript(
                    f"The transcript is {self._what} with damaged XML in line "
                    f"{self._parser.CurrentLineNumber}; export it again from its program."
                ) from None
            fed += len(chunk)
            if fed - self._parser.CurrentByteIndex > _LONGEST_TAG:
                raise BadTranscript(
                    f"The transcript is {self._what} with a tag of more than {_LONGEST_TAG} bytes."
                )
            yield from self._found
            self._found.clear()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > self._max_depth:
            raise BadTranscript(f"The transcript is {self._what} that is nested too deeply.")
        if self._elements > self._max_elements:
            raise TooLarge(
                f"The transcript is {self._what} of more than {self._max_elements} elements; "
                "save it as plain text, or split it."
            )
        self._found.append(Start(tag.rpartition("}")[2], attributes, tag))

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._found.append(End(tag.rpartition("}")[2], tag))

    def _characters(self, text: str) -> None:
        self._found.append(Text(text))

    def _refuse_dtd(self, *_: object) -> None:
        raise BadTranscript(
            f"The transcript is {self._what} with a DTD, which its program never writes."
        )
