# SPDX-License-Identifier: Apache-2.0
"""What may be the head of a turn at the start of a line: a label in one of many shapes, stamps.

A line may be read in several shapes; `evidence` decides over the whole file which one it is.
Sources of shapes: exports of Otter, Teams, Word, Zoom, whisperX, whisper.cpp, noScribe, aTrain,
Happy Scribe, QualCoder, f4, NVivo, Rev, Trint, Descript, Amberscript, WhatsApp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.transcription.adapters.importing.labels import Likeness, likeness
from services.transcription.adapters.importing.stamps import Stamp, stamp_at

_LONGEST = 120
"""Characters of a line in which a label and what ends it must stand."""


class Frame(StrEnum):
    """Shapes of heads."""

    COLON = "colon"
    BRACKET_COLON = "bracket_colon"
    STAMPED = "stamped"
    """Label and stamp, then text: `Name (0:03) text`."""

    STAMPED_LINE = "stamped_line"
    """Label and stamp alone on a line, the text below."""

    CHAT = "chat"
    """`From Name to Everyone:`."""

    EMPHASIS = "emphasis"
    SQUARE = "square"
    ROUND = "round"
    CURLY = "curly"
    ANGLE = "angle"
    HASH = "hash"
    TAB = "tab"
    SPACES = "spaces"
    DASH = "dash"
    DOT = "dot"
    SIGN = "sign"
    """A label and another sign that parts it from its text, as `I> text` or `I; text`."""

    CAPITALS = "capitals"
    """A label in capitals, or a role, that nothing but a space parts from its text."""

    LINE = "line"
    """A label alone on a line, the text below."""


@dataclass(frozen=True, slots=True)
class Head:
    """A way to read the start of a line: `before` label `behind` rest.

    `rest` is the text behind, "" where the label is alone on its line; `raw` is the rest with the
    stamp `behind` the label, as it stands there.
    """

    frame: Frame
    label: str
    rest: str
    raw: str
    before: Stamp | None
    behind: Stamp | None
    likeness: Likeness
    emphasised: bool


_BULLET = re.compile(r"(?:[-–—•*·‣>»]{1,3}\s{1,8}|>{1,3}\s{0,8})(?=\S)")
_SEPARATOR = re.compile(
    r"[\s\u200b\u200e\u200f\ufeff]{0,16}(?:[-–—|:,·•/~]{1,2}(?=\s|$)|[;|])?\s{0,16}"
)
_NUMBERED = re.compile(
    r"(?:\d{1,4}[.)]|\[\d{1,4}\]|\(\d{1,4}\))\s{1,8}(?=[^\W\d][^\n:：]{0,80}[:：])"
    r"|\d{1,5}\t(?=[^\W\d][^\t\n]{0,60}\t)"
)
"""The number of a turn before its label."""

_START = re.compile(r"[\s\u200b\u200e\u200f\ufeff\u2060]{0,64}")
_EMPHASIS = re.compile(r"(\*{1,3})(?=\S)([^*\n]{1,100})\1|(_{1,3})(?=\S)([^_\n]{1,100})\3")
_CHAT = re.compile(
    r"From\s{1,8}([^:\n]{1,80}?)\s{1,8}to\s{1,8}([^:\n]{1,80}):(?=\s|$)|From\s{1,8}([^:\n]{1,80}?)\s{0,8}:(?=\s|$)"
)
_PAIRS = {
    "[": ("]", Frame.SQUARE), "(": (")", Frame.ROUND), "{": ("}", Frame.CURLY),
    "<": (">", Frame.ANGLE), "【": ("】", Frame.SQUARE), "（": ("）", Frame.ROUND),
    "［": ("］", Frame.SQUARE), "「": ("」", Frame.SQUARE),
}  # fmt: skip
_COLON = re.compile(r"\s{0,4}(?::(?!:)|：)(?=\s|$|[^\W\d]|[\"“‘'(\[{<…¿¡.*_-])")
_FULL_COLON = "："
_HASH = re.compile(r"[#@]([^\W\d][^\s:#@]{0,40})[:\s]\s{0,8}|[#@]([^\W\d][^:#@]{0,60})$")
_DASH = re.compile(r"\s{1,8}(?:[-–—|=]|>{1,2}|-{1,2}>)\s{1,8}|\s?[–—]\s{1,8}|-\s{1,8}")
_SPACES = re.compile(r"[ \u00a0\u3000]{2,16}(?=\S)")
_DOT = re.compile(r"([^\W\d][^.,:;?!)\n]{0,40})[.)]\s{1,8}(?=\S)")
_SIGN = re.compile(
    r"([^\W\d][^;>|/=~\n]{0,60}?)\s{0,4}(?:[;>|/=~]{1,3}|[-=]{1,2}>)\s{0,8}(?=\S)"
    r"|([A-Z]{1,3}\d{0,2})-(?=[^\W\d])"
)
_CAPITALS = re.compile(r"[A-Z][A-Z.'’/-]{1,30}\d{0,3}|[A-Z]\d{0,3}|\d{1,3}")
_MOST_CAPITALS = 4
"""Words of a label in capitals."""


def heads(line: str, emphasised: int = 0) -> Iterator[Head]:
    """Yield the ways to read the start of a line, surest first.

    `emphasised`: characters at its start that stand out by their type.
    """
    start = _START.match(line)
    at = start.end() if start else 0
    lead, at = _lead(line, at)
    bullet = _BULLET.match(line, at)
    if bullet and not _EMPHASIS.match(line, at):
        at = bullet.end()
        if lead is None:
            lead, at = _lead(line, at)
    if numbered := _NUMBERED.match(line, at):
        at = numbered.end()
    body = line[at:]
    stand_out = max(0, emphasised - at)
    if found := _EMPHASIS.match(body):
        inner = found[2] or found[4]
        body = inner + body[found.end() :]
        stand_out = len(inner)
    for frame, label, rest, behind, raw in _readings(body[:_LONGEST], body, stand_out):
        how = likeness(label)
        if how is not Likeness.NONE:
            shape = Frame.STAMPED_LINE if frame is Frame.LINE and lead else frame
            yield Head(shape, label, rest, raw, lead, behind, how, bool(stand_out))


def _lead(line: str, at: int) -> tuple[Stamp | None, int]:
    """Return the stamp at a place of a line, and where the text behind it begins."""
    stamp = stamp_at(line, at)
    if stamp is None or (not stamp.marked and _glued(line, stamp)):
        return None, at
    behind = _SEPARATOR.match(line, stamp.end)
    return stamp, behind.end() if behind else stamp.end


def _glued(line: str, stamp: Stamp) -> bool:
    following = line[stamp.end : stamp.end + 1]
    return bool(following) and not following.isspace() and following not in "-–—|:,;"


Reading = tuple[Frame, str, str, Stamp | None, str]


def _readings(head: str, body: str, stand_out: int) -> Iterator[Reading]:
    """Yield frame, label, rest, stamp behind the label, and the rest with that stamp.

    `head` is the part of `body` that may hold a label.
    """
    if not head.strip():
        return
    if found := _CHAT.match(head):
        rest = body[found.end() :]
        yield Frame.CHAT, found[1] or found[3], rest, None, rest
    elif head[0] in _PAIRS:
        yield from _bracketed(head, body)
    else:
        if head[0] in "#@" and (found := _HASH.match(body)):
            yield _with_stamp(Frame.HASH, found[1] or found[2], body[found.end() :])
        yield from _unmarked(head, body, stand_out)


def _unmarked(head: str, body: str, stand_out: int) -> Iterator[Reading]:
    """Yield the readings of a label that begins the line without a sign."""
    stamped = _stamped(head, body)
    if stamped:
        yield stamped
    colon = _COLON.search(head)
    if colon and stamped and stamped[0] is Frame.COLON:
        return
    if colon and "://" not in head[: colon.end() + 2]:
        yield _with_stamp(Frame.COLON, head[: colon.start()], body[colon.end() :])
    elif 0 < stand_out < len(body.rstrip()):
        yield _with_stamp(Frame.EMPHASIS, body[:stand_out], body[stand_out:])
    yield from _parted(head, body)
    if len(body) <= _LONGEST and not stamped and not colon:
        yield Frame.LINE, body.strip(), "", None, ""


def _parted(head: str, body: str) -> Iterator[Reading]:
    """Yield the readings of a label that white space, a dash or a full stop parts from its text."""
    if (at := head.find("\t")) > 0:
        yield _with_stamp(Frame.TAB, head[:at], body[at:].lstrip("\t "))
    for frame, pattern in ((Frame.SPACES, _SPACES), (Frame.DASH, _DASH)):
        if found := pattern.search(head):
            yield _with_stamp(frame, head[: found.start()], body[found.end() :])
    if found := _DOT.match(head):
        yield _with_stamp(Frame.DOT, found[1], body[found.end() :])
    if found := _SIGN.match(head):
        yield _with_stamp(Frame.SIGN, found[1] or found[2], body[found.end() :])
    for at in _capitals(head):
        yield _with_stamp(Frame.CAPITALS, head[:at], body[at:])


def _capitals(head: str) -> Iterator[int]:
    """Yield where a label in capitals, or one that is a role, may end."""
    at = 0
    for number, word in enumerate(head.split(" ")[: _MOST_CAPITALS + 1]):
        rest = head[at + len(word) + 1 :].lstrip()
        plain = _CAPITALS.fullmatch(word)
        role = not number and len(word) > 2 and likeness(word) is Likeness.ROLE
        if not rest or not (plain or role):
            return
        at += len(word) + 1
        if (len(word) > 1 or number or not rest[0].islower()) and (role or not rest.isupper()):
            yield at - 1


def _with_stamp(frame: Frame, label: str, raw: str) -> Reading:
    raw = raw.lstrip()
    behind, at = _lead(raw, 0)
    return frame, label, raw[at:], behind, raw


def _bracketed(head: str, body: str) -> Iterator[Reading]:
    close, frame = _PAIRS[head[0]]
    end = head.find(close, 1)
    if end < 0:
        return
    label, raw = head[1:end], body[end + 1 :].lstrip()
    if raw[:1] and raw[0] in ":：":
        yield _with_stamp(Frame.BRACKET_COLON, label, raw[1:])
        return
    behind, at = _lead(raw, 0)
    rest = raw[at:]
    if behind and not rest.strip():
        yield Frame.STAMPED_LINE, label, "", behind, raw
    else:
        yield frame, label, rest, behind, raw


def _stamped(head: str, body: str) -> Reading | None:
    """Return the reading as a label with a stamp behind it."""
    for at, character in enumerate(head):
        if not at or not (
            character in "[({<#（【" or (character.isdigit() and not head[at - 1].isalnum())
        ):
            continue
        stamp = stamp_at(body, at)
        if stamp is None:
            continue
        label = head[:at].rstrip(" \t\u00a0-–—|,·•(@")
        if not label or ":" in label or (not stamp.marked and _glued(body, stamp)):
            return None
        rest = body[stamp.end :].lstrip(" \t\u00a0)")
        frame = Frame.STAMPED if rest.strip() else Frame.STAMPED_LINE
        if rest[:1] and rest[0] in ":：":
            frame = Frame.COLON
        if rest[:1] and rest[0] in ":：-–—|":
            rest = rest[1:]
        return frame, label, rest, stamp, body[at:]
    return None
