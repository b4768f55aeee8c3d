# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import pytest

from services.common.sandbox.limits import Limits
from services.transcription.errors import BadTranscript, TooLarge
from tests.support import forms
from tests.support.reading import confined_turns, turns_of

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = (
    '<Relationships xmlns="x"><Relationship Type="x/officeDocument" {more}'
    'Target="{target}"/></Relationships>'
)

_LIMITS = Limits(memory_bytes=512 * 1024**2, cpu_seconds=10, wait_seconds=120.0)
"""Linear parsers take a second at most for what is below; quadratic ones took longer than this."""

_CUE = b"1\n00:00:01,000 --> 00:00:02,000\n"
_TTML = b'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>%s</div></body></tt>'
_VTT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n"


def docx(
    body: str,
    *,
    declaration: str = "",
    encoding: str = "utf-8",
    target: str = "word/document.xml",
    more: str = "",
) -> bytes:
    """A Word document with this body, as little as makes one."""
    packed = io.BytesIO()
    document = f'{declaration}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", _RELATIONS.format(target=target, more=more))
        archive.writestr("word/document.xml", document.encode(encoding))
    return packed.getvalue()


def said(text: str) -> str:
    """A paragraph of a Word document."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


_CELL = f"<w:tc>{said('a')}</w:tc>"


def _laughs(encoding: str = "UTF-8") -> str:
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        f'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">{entities}]>'
    )


class TestGrowth:
    """Inputs of which some parser once took square time, or memory of many times their size."""

    @pytest.mark.parametrize(
        ("name", "make"),
        [
            ("continued.srt", lambda: _CUE + b"a\n\n" + b"bb\n\n" * 200_000),
            ("tags.srt", lambda: _CUE + b"<font " * 500_000),
            ("braces.srt", lambda: _CUE + b"{\\" * 1_000_000),
            ("lines.srt", lambda: _CUE + b"a" + b"\n" * 4_000_000),
            ("tags.vtt", lambda: _VTT + b"<v " * 1_000_000),
            ("voices.vtt", lambda: _VTT + b"<v a>b" * 100_000),
            ("escapes.vtt", lambda: _VTT + b"&amp;" * 500_000),
            ("spaces.vtt", lambda: _VTT + b"<v" + b" " * 4_000_000),
            ("many.vtt", lambda: _VTT + b"a --> \n\n1\n" * 400_000),
            ("rolls.vtt", lambda: _VTT + (b"a\nb\n" * 20 + b"\n" + _VTT[8:]) * 10_000),
            ("notes.vtt", lambda: _VTT + b"a\n\nNOTE a\n" * 400_000),
            ("stamps.srt", lambda: _CUE + b"a 00:00:01,000 --> " * 200_000),
            (
                "spaces.srt",
                lambda: _CUE + b"a\n" + b" " * 2_000_000 + b"\n00:00" + b" " * 2_000_000,
            ),
            ("lines.sbv", lambda: b"0:00:01.000,0:00:02.000\na" + b"\n" * 4_000_000),
            ("spans.ttml", lambda: _TTML % (b"<p>%s</p>" % (b"<span>a </span>" * 200_000))),
            ("breaks.ttml", lambda: _TTML % (b"<p>a%s</p>" % (b"<br/>" * 500_000))),
            ("colons.txt", lambda: (b"A" * 39 + b":") * 50_000),
            ("one-line.txt", lambda: b"I: " + b"a " * 2_000_000),
            ("lines.txt", lambda: b"I:\n" * 200_000 + b"I: a\n"),
            ("spaces.txt", lambda: b"I: a" + b" " * 4_000_000 + b"b"),
            ("labels.txt", lambda: b"".join(b"L%d: a\n" % n for n in range(100_000))),
            ("escapes.json", lambda: b'{"turns":[{"text":"' + b"\\u4e2d" * 500_000 + b'"}]}'),
            ("runs.docx", lambda: docx(f"<w:p>{'<w:r><w:t>a </w:t></w:r>' * 200_000}</w:p>")),
            (
                "cells.docx",
                lambda: docx(f"<w:tbl><w:tr>{_CELL * 50_000}</w:tr></w:tbl>"),
            ),
        ],
    )
    def test_large_inputs_are_read(self, name: str, make: Callable[[], bytes]) -> None:
        """Each is read within limits that only linear parsers keep."""
        assert confined_turns(make(), name, sandbox=_LIMITS)

    @pytest.mark.parametrize(
        ("name", "make", "advice"),
        [
            ("turns.vtt", lambda: _VTT[:8] + _cues(250_000), "200000 turns"),
            (
                "lists.json",
                lambda: b'{"turns":[],"x":[%s]}' % b",".join([b"[]"] * 2_000_000),
                "values",
            ),
            (
                "objects.json",
                lambda: b'{"turns":[%s]}' % b",".join([b'{"text":"a"}'] * 900_000),
                "turns",
            ),
            (
                "numbers.json",
                lambda: b'{"turns":[],"x":[%s]}' % b",".join([b"1"] * 2_000_000),
                "values",
            ),
            ("turn.docx", lambda: docx(said("word " * 2_100_000)), "characters"),
            ("elements.docx", lambda: docx("<w:r/>" * 2_100_000), "elements"),
            ("bomb.docx", lambda: docx("a" * (257 << 20)), "unpacks to more"),
        ],
    )
    def test_too_large_ones_are_refused(
        self, name: str, make: Callable[[], bytes], advice: str
    ) -> None:
        """The refusal names the limit, before the memory is taken."""
        with pytest.raises(TooLarge, match=advice):
            confined_turns(make(), name, sandbox=_LIMITS)

    @pytest.mark.parametrize(
        ("name", "make"),
        [
            ("open.json", lambda: b'{"' + b'\\"' * 2_000_000),
            ("deep.json", lambda: b'{"turns":' + b"[" * 400_000),
            ("objects.json", lambda: b'{"turns":' * 400_000),
            ("digits.json", lambda: b'{"turns":[{"text":"a","start":' + b"9" * 4_000_000 + b"}]}"),
            ("header.vtt", lambda: b"WEBVTT\n" + b"a\n" * 1_000_000),
            (
                "attributes.docx",
                lambda: docx("<w:p " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>"),
            ),
            (
                "spaces.docx",
                lambda: docx("".join(f'<w:p xmlns:a{n}="u"/>' for n in range(100_000))),
            ),
        ],
    )
    def test_senseless_ones_are_refused(self, name: str, make: Callable[[], bytes]) -> None:
        """What says nothing is refused as such, not for a limit."""
        with pytest.raises(BadTranscript, match=r"^(?!.*broke)"):
            confined_turns(make(), name, sandbox=_LIMITS)


class TestLimits:
    """Limits of the sandbox itself, for what no limit of a parser knows."""

    def test_memory(self) -> None:
        """A parser that needs more memory is ended, and the refusal says how much there was."""
        limits = Limits(memory_bytes=64 * 1024**2)
        with pytest.raises(TooLarge, match="64 MiB of memory"):
            confined_turns(b"I: a\n" * 8_000_000, "a.txt", sandbox=limits)

    def test_time(self) -> None:
        """A parser that goes on and on is ended, and the refusal says how long it had."""
        limits = Limits(cpu_seconds=1)
        with pytest.raises(TooLarge, match="1 s of processor time"):
            confined_turns(b"L: a\n" * 8_000_000, "a.txt", sandbox=limits)


class TestTricks:
    @pytest.mark.parametrize(
        ("data", "advice"),
        [
            (
                docx("&x;", declaration='<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
                "DTD",
            ),
            (docx("&j;", declaration=_laughs()), "DTD"),
            (docx("&j;", declaration=_laughs("UTF-16"), encoding="utf-16"), "DTD"),
            (docx("&j;", declaration=_laughs("UTF-16"), encoding="utf-16-le"), "DTD"),
            (docx("&j;", declaration=_laughs("UTF-7")), "DTD"),
            (docx(said("a"), target="../../../../etc/passwd"), "not a Word document"),
            (
                docx(said("a"), target="http://127.0.0.1:9/x", more='TargetMode="External" '),
                "not a Word document",
            ),
        ],
    )
    def test_word_files_that_point_elsewhere(self, data: bytes, advice: str) -> None:
        """Entities, other files and hosts are refused; nothing is fetched."""
        with pytest.raises(BadTranscript, match=advice):
            confined_turns(data, "a.docx")

    def test_mutations(self) -> None:
        """Damaged files of every format give turns or a refusal, and nothing else."""
        chance = random.Random(12)
        whole = {name: forms.seed(name) for name in forms.names()}
        for name, content in whole.items():
            for _ in range(300):
                try:
                    turns_of(_mutated(content, chance), name)
                except (BadTranscript, TooLarge):
                    continue


def _cues(count: int) -> bytes:
    return (_VTT[8:] + b"a\n\n") * count


def _mutated(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    if chance.random() < 0.15:
        return bytes(data[: chance.randrange(1, len(data))])
    for _ in range(chance.choice([1, 3, 10, 60])):
        at = chance.randrange(len(data) + 1)
        what = chance.random()
        if what < 0.5:
            data[at : at + 1] = bytes(
                [chance.choice([0, 10, 34, 60, 127, 255, chance.randrange(256)])]
            )
        elif what < 0.75:
            del data[at : at + chance.randrange(1, 20)]
        else:
            data[at:at] = chance.randbytes(chance.randrange(1, 20))
    return bytes(data)
