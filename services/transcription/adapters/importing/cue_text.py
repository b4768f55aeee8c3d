# SPDX-License-Identifier: Apache-2.0
"""Text of a cue: tags of WebVTT and of formatting, character references, voices."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

# Tags that WebVTT knows, and those of HTML that subtitles are formatted with. Whatever else stands
# between angle brackets was written by somebody: "<8 last month and >15", "<inaudible>".
_TAG = re.compile(
    r"""
      <v(?:\.[^\s<>]{0,200})?(?:\s(?P<voice>[^<>]{0,200}))?>
    | (?P<end></v\s{0,8}>)
    | (?P<break><[bB][rR]\s{0,8}/?>)
    | <\d{1,4}:\d{1,2}(?::\d{1,2})?[.,]\d{1,3}>
    | </?(?i:c|i|b|u|s|em|strong|ruby|rt|lang|font|span)(?:\.[^\s<>]{0,200})?\s{0,8}/?>
    | <(?i:lang|font|span)(?:\.[^\s<>]{0,200})?\s[^<>]{0,200}>
    | \{\\[^{}\n]{0,100}\}
    """,
    re.VERBOSE,
)
_TIME_TAG = re.compile(r"<\d{1,4}:\d{1,2}(?::\d{1,2})?[.,]\d{1,3}>")
_REFERENCE = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_WORD = re.compile(r"\w")


class Span(NamedTuple):
    """A stretch of a cue: its voice, "" for a voice without a name, None for none; its text."""

    voice: str | None
    text: str


def decode(text: str) -> str:
    """Return a text with its character references decoded once, as HTML does."""
    if "&" in text:
        text = _REFERENCE.sub(lambda found: html.unescape(found[0]), text)
    return text.replace("\u00a0", " ")


def has_time_tags(text: str) -> bool:
    """Return whether single words of a cue have times, as captions made by machine do."""
    return _TIME_TAG.search(text) is not None


def spans(text: str) -> list[Span]:
    """Return the stretches of a cue, by voice, without tags; line breaks stay."""
    found: list[Span] = []
    voice: str | None = None
    pieces: list[str] = []
    at = 0
    for tag in _TAG.finditer(text):
        pieces.append(text[at : tag.start()])
        at = tag.end()
        if tag["break"]:
            pieces.append("\n")
        elif tag["end"] or tag[0].startswith(("<v>", "<v ", "<v.", "<v\n", "<v\t")):
            _add(found, voice, pieces)
            pieces = []
            voice = None if tag["end"] else " ".join(decode(tag["voice"] or "").split())
    pieces.append(text[at:])
    _add(found, voice, pieces)
    return found


def _add(found: list[Span], voice: str | None, pieces: list[str]) -> None:
    """Add a stretch; marks without a word belong to the stretch beside them."""
    text = decode("".join(pieces)).strip()
    if not text:
        return
    if found and not _WORD.search(text):
        found[-1] = Span(found[-1].voice, f"{found[-1].text} {text}")
    elif len(found) == 1 and not _WORD.search(found[0].text):
        found[0] = Span(voice, f"{found[0].text} {text}")
    else:
        found.append(Span(voice, text))
