# SPDX-License-Identifier: Apache-2.0
"""Reads HTML as a stream of tags and text, as the tokenizer of the HTML standard does.

https://html.spec.whatwg.org/multipage/parsing.html. No tree is made and nothing is read twice, so
that any text takes linear time. What the standard forgives is forgiven: `<8` is text, a tag may
lack its end, and character references may lack their semicolon.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from services.transcription.adapters.importing.xml_events import End, Event, Start, Text
from services.transcription.errors import TooLarge

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
"""Elements without content and end."""

RAW = frozenset("script style xmp iframe noembed noframes".split())
"""Elements whose content is no markup."""

_MAX_TAGS = 4_000_000
"""Most tags: Word makes some ten for each line."""

_LONGEST_TEXT = 64 * 1024

_REFERENCE = re.compile(
    r"&(?:#\d{1,10}(?!\d)|#[xX][0-9a-fA-F]{1,8}(?![0-9a-fA-F])|[A-Za-z][A-Za-z0-9]{0,40});?"
)

_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/>][^\s/>=]*)(?:\s*(=)\s*)?")
_UNQUOTED = re.compile(r"[^\s>]+")
_TAG_END = re.compile(r"[\s/]*>")


def read_events(text: str) -> Iterator[Event]:
    """Yield tags and text in order; names are lower case. Raises `TooLarge` above a limit of tags.

    Only elements of `VOID` have no end; comments and declarations are left out.
    """
    return _Tokenizer(text).events()


def unescape(text: str) -> str:
    """Return text with character references resolved; those of absurd numbers stay as they are."""
    return text if "&" not in text else _REFERENCE.sub(lambda one: html.unescape(one[0]), text)


class _Tokenizer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._unclosed: set[str] = set()
        """Quotes that do not occur any more, so that nobody looks for them again."""

    def events(self) -> Iterator[Event]:
        text, size = self._text, len(self._text)
        tags = 0
        while self._at < size:
            opened = text.find("<", self._at)
            if opened < 0:
                opened = size
            yield from self._stretch(opened)
            self._at = opened + 1
            if opened == size:
                return
            following = text[opened + 1 : opened + 2]
            if following == "/" and text[opened + 2 : opened + 3].isalpha():
                self._at = opened + 2
                yield End(self._tag()[0], "")
            elif following.isascii() and following.isalpha():
                yield from self._element()
            elif following in ("!", "?", "/") and following:
                self._skip_declaration(opened)
            else:
                yield Text("<")
            tags += 1
            if tags > _MAX_TAGS:
                raise TooLarge(
                    f"The transcript is an HTML file of more than {_MAX_TAGS} tags; "
                    "save it as plain text, or split it."
                )

    def _stretch(self, end: int) -> Iterator[Text]:
        """Yield text without tags, in parts where it is long."""
        while self._at < end:
            until = end
            if end - self._at > _LONGEST_TEXT:
                space = self._text.rfind("\n", self._at, self._at + _LONGEST_TEXT)
                until = space + 1 or end
            yield Text(unescape(self._text[self._at : until]))
            self._at = until

    def _element(self) -> Iterator[Event]:
        name, attributes = self._tag()
        yield Start(name, attributes, name)
        if name in RAW or name in ("title", "textarea"):
            ended = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._text, self._at)
            until = ended.start() if ended else len(self._text)
            content = self._text[self._at : until]
            yield Text(content if name in RAW else unescape(content))
            self._at = until
            if not ended:
                yield End(name, name)

    def _tag(self) -> tuple[str, dict[str, str]]:
        """Return name and attributes of the tag whose name begins here, and go behind it."""
        text = self._text
        found = _NAME.match(text, self._at)
        name = found[0].lower() if found else ""
        self._at = found.end() if found else self._at
        attributes: dict[str, str] = {}
        while attribute := _ATTRIBUTE.match(text, self._at):
            self._at = attribute.end()
            value = self._value() if attribute[2] else ""
            attributes.setdefault(attribute[1].lower(), value)
        if ended := _TAG_END.match(text, self._at):
            self._at = ended.end()
        else:
            self._at = len(text)
        return name, attributes

    def _value(self) -> str:
        quote = self._text[self._at : self._at + 1]
        if quote in ('"', "'") and quote and quote not in self._unclosed:
            end = self._text.find(quote, self._at + 1)
            if end >= 0:
                value = self._text[self._at + 1 : end]
                self._at = end + 1
                return unescape(value)
            self._unclosed.add(quote)
        found = _UNQUOTED.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return unescape(found[0]) if found else ""

    def _skip_declaration(self, opened: int) -> None:
        """Go behind a comment, a declaration, or what is none of them."""
        comment = self._text.startswith("<!--", opened)
        end = self._text.find("-->" if comment else ">", opened + 2)
        self._at = len(self._text) if end < 0 else end + (3 if comment else 1)
