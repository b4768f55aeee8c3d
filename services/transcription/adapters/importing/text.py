# SPDX-License-Identifier: Apache-2.0
"""Decoding of text: by its byte order mark, as UTF-8, by statistics, or as it is stated."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from services.transcription.errors import BadTranscript

# A plain space alone is left as it is, so that long lines are not taken to pieces.
_UNEVEN = re.compile(r"\s{2,}|[^\S ]")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1254": "cp1254",
    "windows-1258": "cp1258",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "macintosh": "mac-roman",
    "gb18030": "gb18030",
    "gbk": "gbk",
    "big5": "big5",
    "big5-hkscs": "big5hkscs",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
}
"""Encodings that can be stated, by their names of the IANA, with Python's codecs."""

_ALSO = {"cp1252": "windows-1252", "ansi": "windows-1252", "latin-1": "iso-8859-1", "utf8": "utf-8"}

_STATISTICS = ("cp1252", "mac_roman")
"""Codecs of Western text, which letter statistics tell apart, the more likely first."""

_WINDOWS_QUOTES = re.compile(rb"[\x91-\x97]")
"""Quotation marks, dashes and dots that Word writes; on a Macintosh these are accented letters."""

_NAMES = {codecs.lookup(codec).name: name for name, codec in ENCODINGS.items()}

_DECLARATION = re.compile(
    rb"""(?:charset|encoding)\s{0,4}=\s{0,4}["']?\s{0,4}([A-Za-z0-9_.-]{2,40})""", re.IGNORECASE
)

_MIXED = "mixed"
"""UTF-8 with bytes of Windows-1252 in it; nobody can state it."""

_SURROGATE = re.compile(r"[\udc80-\udcff]")
"""What Python makes of a byte that is not UTF-8."""

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

_SAMPLE = 256 * 1024
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x7f-\x84\x86-\x9f]")
_GB2312_COMMON = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")
_BIG5_COMMON = re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]")
_CHINESE_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
"""Both encodings begin with the few thousand characters that are in daily use."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with plain newlines, the encoding that it was read by, and whether it was guessed."""

    text: str
    encoding: str
    guessed: bool = False
    broken: int = 0
    """Bytes that do not fit UTF-8 and are read as Windows-1252."""
    broken_line: int = 0
    """The first line that has one."""


def decode(data: bytes, stated: str = "") -> Decoded:
    """Return the text; `stated` is the name of an encoding, or "" where it is found out.

    Raises `BadTranscript` with the offset of a byte that does not fit.
    """
    encoding, skip, guessed = _encoding(data, stated)
    if encoding == _MIXED:
        return _decode_mixed(data)
    try:
        text = codecs.decode(memoryview(data)[skip:], ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        if not stated and _CONTROLS.search(data[:4096]):
            raise BadTranscript(
                "This is neither a recording nor a transcript in any form that is known: it is no "
                "text, and does not begin as a known form does."
            ) from None
        raise BadTranscript(
            f"The transcript is not valid {encoding} at byte {error.start + skip}; state its "
            f"encoding, such as windows-1252 or gb18030, or save it again as UTF-8 text."
        ) from None
    if (at := text.find("\0")) >= 0:
        raise BadTranscript(
            f"The transcript holds a zero at character {at}, so it is not text; "
            "save it again as UTF-8 text."
        )
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), encoding, guessed)


def recode(data: bytes, encoding: str) -> bytes:
    """Return a text of an encoding as UTF-8, or as it is where it is not of that encoding."""
    name = _ALSO.get(encoding, encoding)
    try:
        return codecs.decode(data, ENCODINGS.get(name, "utf-8")).encode()
    except UnicodeDecodeError:
        return data


def _decode_mixed(data: bytes) -> Decoded:
    """Return a text of two encodings, as files have that were put together from several."""
    text = data.decode("utf-8", "surrogateescape")
    first = _SURROGATE.search(text)
    broken = len(_SURROGATE.findall(text))
    text = _SURROGATE.sub(lambda byte: _western(ord(byte[0]) - 0xDC00), text)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    line = text.count("\n", 0, first.start()) + 1 if first else 0
    return Decoded(text, "utf-8", True, broken, line)


def _western(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "replace")


def squeeze(text: str) -> str:
    """Return the text with single spaces for all runs of white space, and none at its ends."""
    return _UNEVEN.sub(" ", text).strip()


def _encoding(data: bytes, stated: str) -> tuple[str, int, bool]:
    """Return the name of the encoding, the bytes of its mark, and whether it was guessed."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark), False
    if stated:
        return _known(stated), 0, False
    if wide := _wide(data[:4096]):
        return wide, 0, True
    try:
        data.decode()
    except UnicodeDecodeError as error:
        if declared := _declared(data):
            return declared, 0, False
        if _is_mixed(data):
            return _MIXED, 0, True
        guess = _guess(data, error.start)
        return (guess, 0, True) if guess else ("utf-8", 0, False)
    return "utf-8", 0, False


def _is_mixed(data: bytes) -> bool:
    """Tell whether a text is UTF-8 but for some bytes, as no text in another encoding looks.

    Western letters are in a row by chance as UTF-8 has them less than once in four; what fits
    encodings of Chinese is told apart by them.
    """
    if _CONTROLS.search(data) or _chinese(data[:_SAMPLE]):
        return False
    text = data.decode("utf-8", "surrogateescape")
    broken = len(_SURROGATE.findall(text))
    whole = len(_NOT_ASCII.findall(text)) - broken
    return whole > 0 and 3 * whole >= broken


def _known(stated: str) -> str:
    name = stated.strip().lower().replace("_", "-")
    name = _ALSO.get(name, name).replace("shift-jis", "shift_jis")
    if name not in ENCODINGS:
        raise BadTranscript(
            f"The encoding that is stated is not known; known are {', '.join(ENCODINGS)}."
        )
    return name


def _declared(data: bytes) -> str:
    """Return the encoding that the head of HTML or XML declares, or "" where it does not fit."""
    found = _DECLARATION.search(data, 0, 4096) if data[:512].lstrip().startswith(b"<") else None
    name = found[1].decode().lower() if found else ""
    # Browsers take the first for the second, since so do those who write them.
    wider = {"iso-8859-1": "windows-1252", "gb2312": "gb18030", "x-sjis": "shift_jis"}
    name = wider.get(name, name)
    if name not in ENCODINGS:
        return ""
    try:
        codecs.decode(data, ENCODINGS[name])
    except UnicodeDecodeError:
        return ""
    return name


def _wide(head: bytes) -> str:
    """Return the UTF-16 without a mark that a text is in, or "".

    Western text has a zero in every second byte; Chinese text has line feeds and spaces that do.
    """
    even, odd = head[::2].count(0), head[1::2].count(0)
    encoding = ""
    if odd > 4 * even:
        encoding = "utf-16-le"
    elif even > 4 * odd:
        encoding = "utf-16-be"
    if encoding and _CONTROL.search(head[: len(head) // 2 * 2].decode(encoding, "replace")):
        return ""
    return encoding


def _guess(data: bytes, first: int) -> str:
    """Return the encoding of a text by its letters, or "" where none makes sense.

    `first` is the first byte that is not UTF-8: what is before it tells nothing.
    """
    sample = data[max(0, first - 1024) : first + _SAMPLE]
    # It may be cut in the middle of a character, so it ends and begins with a line.
    if len(data) > first + _SAMPLE and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n")]
    if first > 1024 and b"\n" in sample:
        sample = sample[sample.index(b"\n") :]
    if chinese := _chinese(sample):
        return chinese
    fitting = [codec for codec in _STATISTICS if _is_text(sample, codec)]
    if not fitting:
        return ""
    if "cp1252" in fitting and _WINDOWS_QUOTES.search(sample):
        return "windows-1252"
    best = from_bytes(sample, steps=8, chunk_size=2048, cp_isolation=fitting).best()
    return _NAMES[codecs.lookup(best.encoding if best else fitting[0]).name]


def _chinese(sample: bytes) -> str:
    """Return the encoding of a text in Chinese, or ""."""
    pairs = _CHINESE_PAIR.findall(sample)
    # Chinese comes first in the encoding that is written here; short texts fit the other as well.
    for encoding, common in (("gb18030", _GB2312_COMMON), ("big5", _BIG5_COMMON)):
        if _is_text(sample, encoding) and _mostly(pairs, common):
            return encoding
    return ""


def _is_text(sample: bytes, codec: str) -> bool:
    """Return whether bytes can be decoded, and then hold no control characters."""
    try:
        return not _CONTROL.search(sample.decode(codec))
    except UnicodeDecodeError:
        return False


def _mostly(pairs: list[bytes], common: re.Pattern[bytes]) -> bool:
    """Return whether nearly all characters of two bytes are in daily use, or are punctuation."""
    words = [pair for pair in pairs if not 0xA1 <= pair[0] <= 0xA3]
    known = sum(1 for pair in words if common.fullmatch(pair))
    return bool(words) and known >= 0.9 * len(words)
