# SPDX-License-Identifier: Apache-2.0
"""Paths and contents of a log laid out as files (C2SP tlog-tiles v0.1.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.frontier import TILE_WIDTH

_PATH = re.compile(
    r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII
)
_MAX_LEVEL = 63
_MAX_INDEX = 1 << 64


@dataclass(frozen=True)
class TilePath:
    """A tile of hashes, or a bundle of entries (`level` None); a width below 256 is a part."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @classmethod
    def parse(cls, text: str) -> TilePath:
        """Read a path; raises InvalidFormat for any but the one right spelling."""
        match = _PATH.fullmatch(text)
        if match is None:
            raise InvalidFormat("this is not the path of a tile")
        level = None if match[1] == "entries" else int(match[1])
        groups = match[2].replace("x", "").split("/")
        width = int(match[3]) if match[3] else TILE_WIDTH
        found = cls(level, int("".join(groups)), width)
        outside = (level or 0) > _MAX_LEVEL or found.index >= _MAX_INDEX
        if outside or (match[3] and width >= TILE_WIDTH) or str(found) != text:
            raise InvalidFormat("this is not the path of a tile")
        return found

    def __str__(self) -> str:
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
        part = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{'entries' if self.level is None else self.level}/{number}{part}"


def pack_bundle(entries: Iterable[bytes]) -> bytes:
    """Put entries one behind the other, each with its length as two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_bundle(data: bytes) -> list[bytes]:
    """Take a bundle apart; raises InvalidFormat when a length leads beyond its end."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + size]
        if len(data) - at < 2 or len(entry) != size:
            raise InvalidFormat("the bundle of entries is cut off")
        entries.append(entry)
        at += 2 + size
    return entries
