# SPDX-License-Identifier: Apache-2.0
"""Decoding of text: UTF-8 with or without a byte order mark, UTF-16 with one."""

from __future__ import annotations

import codecs
import re

from services.transcription.errors import BadTranscript

# A plain space alone is left as it is, so that long lines are not taken to pieces.
_UNEVEN = re.compile(r"\s{2,}|[^\S ]")
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decode(data: bytes) -> str:
    """Return the text with plain newlines; raises `BadTranscript` with the offset of a bad byte."""
    encoding, skip = _encoding(data)
    try:
        text = codecs.decode(memoryview(data)[skip:], encoding)
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding == "utf-8" else "UTF-16"
        raise BadTranscript(
            f"The transcript is not valid {name} at byte {error.start + skip}; "
            "save it again as UTF-8 text."
        ) from None
    if (at := text.find("\0")) >= 0:
        raise BadTranscript(
            f"The transcript holds a zero at character {at}, so it is not text; "
            "save it again as UTF-8 text."
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def squeeze(text: str) -> str:
    """Return the text with single spaces for all runs of white space, and none at its ends."""
    return _UNEVEN.sub(" ", text).strip()


def head(data: bytes, size: int = 4096) -> str:
    """Return the beginning as text, with what cannot be decoded replaced."""
    encoding, skip = _encoding(data)
    return data[skip : skip + size].decode(encoding, "replace")


def _encoding(data: bytes) -> tuple[str, int]:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    for mark, encoding in _UTF16.items():
        if data.startswith(mark):
            return encoding, 2
    return "utf-8", 0
