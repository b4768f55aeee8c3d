# SPDX-License-Identifier: Apache-2.0
"""Small transcripts of every form, the seeds from which hostile ones are made.

Each file of `tests/data/forms` is one, and so is each folder, which is packed as a zip archive. In
one place, where something is said, it holds the mark `@@`. A new form, or a new dialect of one, is
added by adding its file.
"""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parents[1] / "data" / "forms"

MARK = b"@@"

SECRETS = ("Halimah", "Zubaidah", "Osman", "Serunding", "sister")
"""Words of the seeds that no message may repeat."""

_NOT_MEANT = {".json", ".jsonl", ".otr"}
_MARKUP = {".ttml", ".html", ".eaf", ".exb", ".docx", ".docm", ".odt"}


@cache
def names() -> tuple[str, ...]:
    """Return the names of all seeds."""
    return tuple(sorted(path.name for path in FOLDER.iterdir()))


def seed(name: str, said: bytes = b"and him") -> bytes:
    """Return a seed where `said` stands at its mark, as it is."""
    path = FOLDER / name
    if path.is_file():
        return path.read_bytes().replace(MARK, said)
    return pack(
        {
            part.relative_to(path).as_posix(): part.read_bytes().replace(MARK, said)
            for part in sorted(path.rglob("*"))
            if part.is_file()
        }
    )


def spelled(name: str, said: bytes) -> bytes:
    """Return bytes of text as the form of a seed spells them, so that they are said."""
    suffix = Path(name).suffix
    if suffix in _NOT_MEANT:
        return json.dumps(said.decode(), ensure_ascii=False)[1:-1].encode()
    if suffix in _MARKUP:
        return escape(said.decode()).encode()
    return said


def pack(parts: dict[str, bytes]) -> bytes:
    """Return a zip archive of these parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return packed.getvalue()


def mutated(content: bytes, chance: random.Random, others: tuple[bytes, ...]) -> bytes:
    """Return a content that was flipped, cut, spliced with another, or repeated in places."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(data) + 1)
        until = at + chance.choice((1, 2, 8, 60))
        what = chance.random()
        if what < 0.35:
            data[at : at + 1] = bytes([chance.choice(_ODD)])
        elif what < 0.5:
            del data[at:until]
        elif what < 0.65:
            data[at:at] = data[at:until] * chance.choice((1, 2, 30))
        elif what < 0.8:
            other = chance.choice(others)
            start = chance.randrange(len(other) + 1)
            data[at:at] = other[start : start + chance.choice((1, 8, 60, 400))]
        elif what < 0.95:
            data[at:at] = chance.choice(_PIECES)
        else:
            del data[at:]
    return bytes(data)


_ODD = (0, 9, 10, 13, 32, 34, 38, 39, 44, 58, 60, 62, 91, 92, 93, 123, 125, 127, 128, 194, 237, 255)

_PIECES = (
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\0",
    b"\x0c", b"\xe2\x80\xae", b"\xcc\x81" * 40, b"\x1a", b"\xc2\x85", b"\xe2\x80\xa8",
    b"&#x110000;", b"&#0;", b"&#xD800;", b"&x;", b"\\ud800", b"\\u0000", b"-->", b"]]>",
    b"<![CDATA[", b"<!--", b"<?x?>", b"<!DOCTYPE a>", b"{\\", b"\\'zz", b"\\u-1?",
    b"\\bin99999999999 ", b"99999999999999999999", b"-1", b"1e999", b"NaN", b"null", b"true",
    b"[]", b"{}", b"99:99:99,999", b"00:00:00", b"[00:", b"A: ", b"//S01: ", b"\t", b"\n\n", b"\r",
)  # fmt: skip


@cache
def repacked(name: str) -> dict[str, bytes]:
    """Return the parts of a seed that is a folder, by their names."""
    with zipfile.ZipFile(io.BytesIO(seed(name))) as archive:
        return {part: archive.read(part) for part in archive.namelist()}


def is_packed(name: str) -> bool:
    """Say whether a seed is a zip archive."""
    return (FOLDER / name).is_dir()


def broken(name: str, chance: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield what a seed may become: mutated, cut, disguised, glued to others; names and bytes."""
    whole = seed(name)
    others = tuple(seed(other) for other in names())
    for _ in range(count):
        yield name, mutated(whole, chance, others)
        if is_packed(name):
            parts = dict(repacked(name))
            part = chance.choice(list(parts))
            parts[part] = mutated(parts[part], chance, others)
            yield name, pack(parts)
    for at in range(0, len(whole), max(1, len(whole) // 100)):
        yield name, whole[:at]
    for other in names():
        yield f"x{Path(other).suffix}", whole
        yield name, whole + seed(other)
    for piece in _PIECES:
        yield name, seed(name, piece)
        yield name, piece + whole
    text = "".join(chr(byte) for byte in whole)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-7"):
        yield name, text.encode(encoding)
