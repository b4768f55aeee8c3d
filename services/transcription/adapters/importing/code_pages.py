# SPDX-License-Identifier: Apache-2.0
"""Code pages of Windows by their numbers and by the character sets of fonts."""

from __future__ import annotations

import codecs

# Looking a codec up loads it, which the process that reads cannot do any more.
_BY_NUMBER = {
    number: codecs.lookup(name).name
    for number, name in (
        (437, "cp437"),
        (850, "cp850"),
        (852, "cp852"),
        (866, "cp866"),
        (874, "cp874"),
        (932, "cp932"),
        (936, "gb18030"),
        (949, "cp949"),
        (950, "cp950"),
        (1250, "cp1250"),
        (1251, "cp1251"),
        (1252, "cp1252"),
        (1253, "cp1253"),
        (1254, "cp1254"),
        (1255, "cp1255"),
        (1256, "cp1256"),
        (1257, "cp1257"),
        (1258, "cp1258"),
        (1361, "johab"),
        (10000, "mac_roman"),
        (54936, "gb18030"),
        (65001, "utf-8"),
    )
}

WESTERN = _BY_NUMBER[1252]

_BY_CHARSET = {
    77: 10000,
    128: 932,
    129: 949,
    130: 1361,
    134: 936,
    136: 950,
    161: 1253,
    162: 1254,
    163: 1258,
    177: 1255,
    178: 1256,
    186: 1257,
    204: 1251,
    222: 874,
    238: 1250,
    254: 437,
    255: 850,
}

_OF_PAIRS = frozenset(_BY_NUMBER[number] for number in (932, 936, 949, 950, 1361))


def by_number(number: int) -> str:
    """Return the codec of a code page, or "" where it is not known."""
    return _BY_NUMBER.get(number, "")


def by_charset(charset: int, default: str) -> str:
    """Return the codec of the character set of a font (GDI's numbers), or the document's `default`.

    The set 0 is Western; but documents in other single-byte code pages give it to any font.
    """
    if charset == 0 and default in _OF_PAIRS:
        return WESTERN
    return _BY_NUMBER[_BY_CHARSET[charset]] if charset in _BY_CHARSET else default
