# SPDX-License-Identifier: Apache-2.0
"""Importer of Rich Text (Microsoft's specification 1.9.1), as Word, f4 and TextEdit write it.

A tokenizer of our own: readers that exist give one text without what is hidden, deleted, struck or
bold, and take more than linear time for some files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from services.transcription.adapters.importing import rtf_words as words
from services.transcription.adapters.importing.rtf_flow import Flow
from services.transcription.adapters.importing.rtf_fonts import Fonts
from services.transcription.adapters.importing.stated_names import know_person, know_title
from services.transcription.adapters.importing.story import Story
from services.transcription.domain.reading import Passage, PassageKind
from services.transcription.errors import BadTranscript, TooLarge

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_MAX_DEPTH = 500
"""Deepest nesting of groups; Word stays below fifty."""

_MAX_TOKENS = 20_000_000
"""Most control words, groups and stretches of text. Word makes some ten for each word that was
corrected or tracked, so an interview of three hours stays below a tenth of it."""

_TOKEN = re.compile(
    rb"\\(?:(?P<word>[a-zA-Z]{1,64})(?P<number>-?[0-9]{1,10})?[ ]?"
    rb"|'(?P<hex>[0-9a-fA-F]{2})|(?P<symbol>[^a-zA-Z]))"
    rb"|(?P<brace>[{}])|[\r\n]+|(?P<text>[^\\{}\r\n]+)|\\"
)


@dataclass(slots=True)
class _Group:
    """What holds until the end of a group."""

    reads: str = "text"
    """What text is: `text`, `around`, `nothing`, `fonts`, `styles`, `info`, or `name`."""
    ends: str = ""
    """What its end means: a kind of note, `box`, `name`, `title`, `number`, `style`, or nothing."""
    starred: bool = False
    font: int = -1
    skips: int = 1
    bold: bool = False
    slanted: bool = False
    struck: bool = False
    hidden: bool = False
    deleted: bool = False


def looks_like(data: bytes) -> bool:
    """Return whether bytes begin as Rich Text does."""
    return data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf")


def read(source: Source) -> Iterator[Passage]:
    """Yield paragraphs and table rows; raises `BadTranscript` or `TooLarge`."""
    return _Reader(source).passages()


class _Reader:
    def __init__(self, source: Source) -> None:
        self._data = source.data
        self._notes = source.options.append_notes
        self._findings = source.findings
        self._story = Story(source.findings)
        self._group = _Group()
        self._groups: list[_Group] = []
        self._flow = Flow(self._story)
        self._bytes: list[bytes] = []
        self._high = 0
        self._to_skip = 0
        self._kept: list[str] = []
        """Text of a destination that is not read as text, such as a name."""
        self._fonts = Fonts(source.options.encoding)
        self._headings: set[int] = set()
        self._style = -1
        self._utf8 = _has_utf8(source.data)

    def passages(self) -> Iterator[Passage]:
        data = self._data
        at = data.find(b"{\\rtf", 0, 64)
        if at < 0:
            raise BadTranscript("The transcript is not RTF: it must begin with {\\rtf.")
        tokens = 0
        while token := _TOKEN.match(data, at):
            at = token.end() + self._take(token)
            tokens += 1
            if not tokens % 4096:
                self._check(tokens)
                yield from self._story.take()
            if not self._groups:
                break
        if self._groups:
            self._findings.warn("ends_early")
        while self._groups:
            self._close()
        if rest := data[at:].replace(b"\0", b"").strip():
            self._findings.leave_out("markup", rest.decode("latin-1"))
        self._flow.end_table()
        yield from self._story.end()

    def _take(self, token: re.Match[bytes]) -> int:
        """Take a token, and return how many bytes behind it are no text."""
        kind = token.lastgroup
        if kind == "text":
            self._plain(token["text"])
        elif kind == "hex":
            self._byte(bytes.fromhex(token["hex"].decode()))
        elif kind == "symbol":
            self._symbol(token["symbol"])
        elif kind == "brace" and token["brace"] == b"{":
            self._open()
        elif kind == "brace":
            self._close()
        elif kind:
            number = int(token["number"]) if token["number"] else None
            if token["word"] == b"bin":
                return max(0, number or 0)
            self._control(token["word"].decode(), number)
        return 0

    def _check(self, tokens: int) -> None:
        if tokens > _MAX_TOKENS:
            raise TooLarge(
                f"The transcript is an RTF file of more than {_MAX_TOKENS} control words; "
                "save it as plain text, or split it."
            )

    # Groups and destinations.

    def _open(self) -> None:
        self._flush()
        if len(self._groups) >= _MAX_DEPTH:
            raise BadTranscript("The transcript is an RTF file that is nested too deeply.")
        self._groups.append(self._group)
        self._group = replace(self._group, ends="", starred=False)
        self._to_skip = 0

    def _close(self) -> None:
        self._flush()
        ended, self._group = self._group, self._groups.pop()
        self._to_skip = 0
        if ended.ends:
            self._end(ended.ends)

    def _end(self, what: str) -> None:
        if what in ("name", "title", "number", "style"):
            text = "".join(self._kept)
            self._kept.clear()
            if what == "name":
                # A table of authors is a list in one destination.
                for name in text.split(";"):
                    know_person(name, self._findings)
            elif what == "title":
                know_title(text, self._findings)
            elif what == "number":
                self._number(text)
            elif what == "style" and self._style >= 0 and words.HEADING.match(text):
                self._headings.add(self._style)
            return
        if what == "box":
            self._flow.end_box()
            return
        found = self._flow.end_part()
        if what != "headers_footers" and self._notes:
            self._story.insert(replace(one, kind=PassageKind.NOTE) for one in found)
        elif found:
            self._findings.leave_out(what, "\n".join(one.text for one in found))

    def _number(self, text: str) -> None:
        """Take the number or the bullet of a list, which may be the label of who speaks."""
        if words.LABEL.fullmatch(text):
            self._write(text)
        elif text.strip():
            self._findings.leave_out("markup", text)

    def _begin_part(self, ends: str) -> None:
        self._group.ends, self._group.reads = ends, "text"
        self._group.hidden = self._group.deleted = False
        self._flow.begin_part()

    def _begin_kept(self, ends: str) -> None:
        self._group.ends, self._group.reads = ends, "name"
        self._kept.clear()

    def _destination(self, word: str) -> bool:
        """Turn to a destination, and return whether the control word is one."""
        group = self._group
        starred, group.starred = group.starred, False
        if group.reads == "nothing":
            return True
        if word in words.NAMES and (group.reads == "info" or word in words.AUTHORS):
            self._begin_kept("title" if word in words.TITLES else "name")
        elif word in words.TABLES:
            group.reads = words.TABLES[word]
        elif word in words.PICTURES:
            self._findings.leave_out(words.PICTURES[word])
            group.reads = "nothing" if word == "pict" else "around"
        elif group.reads in ("text", "around") and word in words.PARTS:
            self._begin_part(words.PARTS[word])
        elif group.reads == "around" and word in words.INSIDE:
            group.reads = "text"
        elif group.reads == "text" and word in words.AROUND:
            group.reads = "around"
        elif group.reads == "text" and word in words.NUMBERS:
            self._begin_kept("number")
        elif word in words.SKIPPED or (
            starred and word not in words.READ and group.reads != "styles"
        ):
            group.reads = "nothing"
        else:
            return False
        return True

    # Control words.

    def _control(self, word: str, number: int | None) -> None:
        if self._to_skip and word not in ("u", "uc"):
            self._to_skip -= 1
            return
        if word == "u":
            self._unit(number or 0)
            return
        self._flush()
        if self._destination(word):
            return
        if word == "uc":
            self._group.skips = max(0, min(number or 0, 16))
        elif self._group.reads == "fonts":
            self._fonts.read(word, number or 0)
        elif self._group.reads == "styles":
            self._style_word(word, number)
        elif word in words.CHARACTERS:
            self._write(words.CHARACTERS[word])
        elif self._group.reads == "text":
            self._formatting(word, number)

    def _formatting(self, word: str, number: int | None) -> None:
        on = number != 0
        group = self._group
        if word == "f":
            group.font = number or 0
        elif word == "b":
            group.bold = on
        elif word == "i" or (word.startswith("ul") and word != "ulc"):
            group.slanted = on and word != "ulnone"
        elif word in ("strike", "striked"):
            group.struck = on
        elif word == "v":
            group.hidden = on
        elif word in ("deleted", "mvf"):
            group.deleted = on
        elif word == "plain":
            group.bold = group.slanted = group.struck = group.hidden = group.deleted = False
            group.font = self._fonts.default_font
        else:
            self._paragraph_word(word, number)

    def _paragraph_word(self, word: str, number: int | None) -> None:
        flow = self._flow
        if word in words.PARAGRAPH_ENDS:
            flow.end_paragraph(joined=self._group.deleted and word == "par")
        elif word in words.PARAGRAPH_STATES:
            words.PARAGRAPH_STATES[word](flow)
        elif (word == "s" and number in self._headings) or (word == "outlinelevel" and number != 9):
            flow.is_heading()
        elif word == "ftnalt" and self._group.ends == "footnotes":
            self._group.ends = "endnotes"
        elif word in ("ansi", "mac", "pc", "pca", "ansicpg", "deff"):
            self._document_word(word, number or 0)

    def _document_word(self, word: str, number: int) -> None:
        if word == "deff":
            self._fonts.default_font = number
            if self._group.font < 0:
                self._group.font = number
        else:
            self._fonts.set_page({"mac": 10000, "pc": 437, "pca": 850}.get(word, number))

    def _style_word(self, word: str, number: int | None) -> None:
        if word in ("s", "cs", "ds", "ts"):
            self._style = (number or 0) if word == "s" else -1
            self._kept.clear()
            self._group.ends = "style"
        elif word == "outlinelevel" and number != 9 and self._style >= 0:
            self._headings.add(self._style)

    # Text.

    def _plain(self, text: bytes) -> None:
        if self._group.reads in ("nothing", "around", "fonts", "info"):
            return
        if self._to_skip:
            skipped = min(self._to_skip, len(text))
            self._to_skip -= skipped
            text = text[skipped:]
        if not text:
            return
        if self._utf8 and not text.isascii():
            self._flush()
            self._write(text.decode("utf-8", "replace"))
        else:
            self._bytes.append(text)

    def _byte(self, byte: bytes) -> None:
        if self._to_skip:
            self._to_skip -= 1
        elif self._group.reads in ("text", "name", "styles"):
            self._bytes.append(byte)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._flush()
            self._group.starred = True
        elif self._to_skip:
            self._to_skip -= 1
        elif symbol in (b"\\", b"{", b"}"):
            # It may be the second byte of a Chinese character.
            self._byte(symbol)
        elif symbol in (b"\r", b"\n"):
            self._flush()
            if self._group.reads == "text":
                self._paragraph_word("par", None)
        elif symbol in words.SYMBOLS:
            self._flush()
            self._write(words.SYMBOLS[symbol])

    def _unit(self, number: int) -> None:
        """Take a unit of UTF-16, or a whole character as some programs write it."""
        self._decode()
        number += 0x10000 if number < 0 else 0
        self._to_skip = self._group.skips
        if 0xD800 <= number < 0xDC00:
            self._high = number
        elif 0xDC00 <= number < 0xE000 and self._high:
            self._write(chr(0x10000 + ((self._high - 0xD800) << 10) + number - 0xDC00))
            self._high = 0
        elif 0 < number < 0x110000 and not 0xDC00 <= number < 0xE000:
            self._high = 0
            self._write(chr(number))

    def _flush(self) -> None:
        self._decode()
        self._high = 0

    def _decode(self) -> None:
        if not self._bytes:
            return
        whole = b"".join(self._bytes)
        self._bytes.clear()
        text = whole.decode(self._fonts.codec(self._group.font), "replace")
        if "\ufffd" in text:
            self._findings.warn("encoding_guessed", self._story.place)
        self._write(text)

    def _write(self, text: str) -> None:
        group = self._group
        if group.reads in ("name", "styles"):
            self._kept.append(text)
        elif group.reads == "text":
            self._flow.prepare()
            if group.deleted or group.hidden:
                kind = "deleted_text" if group.deleted else "hidden_text"
                self._story.leave_out(kind, text)
            else:
                self._story.write(text, group.bold or group.slanted, group.struck)


def _has_utf8(data: bytes) -> bool:
    """Return whether bytes that are not ASCII stand for themselves, and are UTF-8.

    The specification wants them escaped; programs that fill a template write UTF-8.
    """
    if data.isascii():
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
