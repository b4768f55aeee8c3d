# SPDX-License-Identifier: Apache-2.0
"""Transcripts that are made to grow, to nest or to point in circles: a name and what makes each.

What they have in common is size; what is repeated in one place of a form is in `forms`.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from itertools import chain, repeat

from tests.support.forms import pack, repacked, seed

Trap = tuple[str, Callable[[], bytes]]

_MANY = 1_000_000_000

_ENTITIES = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
_LAUGHS = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{_ENTITIES}]>'.encode()
_LONG = b'<!DOCTYPE x [<!ENTITY j "%s">]>' % (b"a" * 100_000)
_OUTSIDE = b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'

_XML = ("captions.ttml", "elan.eaf", "exmaralda.exb", "noscribe.html")
_PACKED = {"word.docx": "word/document.xml", "open.odt": "content.xml"}


def _with_type(document: bytes, declaration: bytes, said: bytes) -> bytes:
    """Return an XML document with this declaration of its type, and with `said` before a tag."""
    head, mark, rest = document.partition(b"?>")
    if not mark:
        head, mark, rest = b"", b"", document
    return head + mark + declaration + rest.replace(b"and him", said)


def _packed(name: str, document: bytes, **more: bytes) -> bytes:
    return pack({**repacked(name), _PACKED[name]: document, **more})


def _said(name: str, said: bytes) -> bytes:
    """Return a seed of a packed form with this XML in the place of what is said."""
    document = repacked(name)[_PACKED[name]].replace(b"and him", said)
    return _packed(name, document)


def _declared(declaration: bytes, said: bytes) -> list[Trap]:
    """Return traps whose documents declare entities, in every form that is XML."""
    plain = ((name, lambda n=name: _with_type(seed(n), declaration, said)) for name in _XML)
    packed = (
        (name, lambda n=name, p=part: _packed(n, _with_type(repacked(n)[p], declaration, said)))
        for name, part in _PACKED.items()
    )
    return [*plain, *packed]


_ENTITY_TRAPS: list[Trap] = [
    *_declared(_LAUGHS, b"&j;"),
    *_declared(_LONG, b"&j;" * 10_000),
    *_declared(_OUTSIDE, b"&p;"),
]


def _nested(opening: bytes, closing: bytes, count: int = 60_000) -> bytes:
    return opening * count + b"a" + closing * count


def _lying(size: int) -> bytes:
    """Return a Word file whose directory says that its document is `size` bytes long."""
    whole = bytearray(_packed("word.docx", b"a" * (8 << 20)))
    true = struct.pack("<I", 8 << 20)
    at = 0
    while (at := whole.find(true, at)) >= 0:
        whole[at : at + 4] = struct.pack("<I", size)
        at += 4
    return bytes(whole)


def _within(name: str, depth: int) -> bytes:
    """Return an archive within an archive, whose document is again the one inside."""
    inner = seed(name)
    for _ in range(depth):
        inner = _packed(name, inner)
    return inner


_ARCHIVES: list[Trap] = [
    ("open.odt", lambda: _packed("open.odt", b" " * (257 << 20))),
    *((name, lambda n=name: _within(n, 30)) for name in _PACKED),
    ("word.docx", lambda: pack({f"{n}.xml": b"" for n in range(6000)})),
    (
        "open.odt",
        lambda: pack(
            {
                "mimetype": b"application/vnd.oasis.opendocument.text",
                **{f"{n}.xml": b"" for n in range(6000)},
            }
        ),
    ),
    ("word.docx", lambda: _lying(100)),
    ("word.docx", lambda: _lying(0xFFFFFFFE)),
    ("word.docx", lambda: seed("word.docx") + seed("open.odt")),
    ("word.docx", lambda: pack({"[Content_Types].xml": b"", "_rels/.rels": b"<x/>" * 300_000})),
]

_W_CELL = b"<w:tc><w:tcPr><w:gridSpan w:val='1000000000'/></w:tcPr><w:p/></w:tc>"
_W_TABLE = b"<w:tbl><w:tr>" + _W_CELL * 2000 + b"</w:tr></w:tbl>"


_OFFICE: list[Trap] = [
    (
        "word.docx",
        lambda: _said("word.docx", b"</w:t></w:r></w:p>" + _W_TABLE + b"<w:p><w:r><w:t>"),
    ),
    (
        "word.docx",
        lambda: _said("word.docx", _nested(b"<w:tbl><w:tr><w:tc>", b"</w:tc></w:tr></w:tbl>")),
    ),
    (
        "word.docx",
        lambda: _said("word.docx", _nested(b"<w:sdt><w:sdtContent>", b"</w:sdtContent></w:sdt>")),
    ),
    (
        "word.docx",
        lambda: _said("word.docx", b"</w:t><w:footnoteReference w:id='2'/><w:t>" * 20_000),
    ),
    ("word.docx", lambda: _said("word.docx", b"</w:t><w:br/><w:t>I: " * 30_000)),
    ("word.docx", lambda: _said("word.docx", b"</w:t><w:tab/><w:t>" * 80_000)),
    ("word.docx", lambda: _said("word.docx", b"</w:t></w:r></w:p><w:p><w:r><w:t>" * 30_000)),
    ("open.odt", lambda: _said("open.odt", b"<text:s text:c='%d'/>" % _MANY * 100)),
    ("open.odt", lambda: _said("open.odt", b"<text:s text:c='%s'/>" % (b"9" * 30_000))),
    ("open.odt", lambda: _said("open.odt", b"<text:s text:c='-5'/><text:s text:c='x'/>")),
    (
        "open.odt",
        lambda: _said(
            "open.odt",
            b"</text:p><table:table><table:table-row table:number-rows-repeated='%d'>"
            b"<table:table-cell table:number-columns-repeated='%d'><text:p>I: a</text:p>"
            b"</table:table-cell></table:table-row></table:table><text:p>" % (_MANY, _MANY),
        ),
    ),
    ("open.odt", lambda: _said("open.odt", _nested(b"<text:span>", b"</text:span>"))),
    ("open.odt", lambda: _said("open.odt", b"<text:line-break/>I: " * 30_000)),
]


def _rtf(body: bytes) -> bytes:
    return seed("f4.rtf", body)


def _html(body: bytes) -> bytes:
    return seed("noscribe.html", body)


_RTF: list[Trap] = [
    ("f4.rtf", lambda: _rtf(_nested(b"{", b"}", 150_000))),
    ("f4.rtf", lambda: _rtf(b"{\\*\\x" * 80_000)),
    ("f4.rtf", lambda: _rtf(b"}" * 150_000)),
    ("f4.rtf", lambda: _rtf(b"\\bin%d " % _MANY + b"a" * 1000)),
    ("f4.rtf", lambda: _rtf(b"\\bin-5 \\bin%s " % (b"9" * 30_000))),
    ("f4.rtf", lambda: _rtf(b"\\uc%d\\u233 " % _MANY + b"a" * 1000)),
    ("f4.rtf", lambda: _rtf(b"\\uc9\\u-3?" * 30_000)),
    ("f4.rtf", lambda: _rtf(b"\\u55357?\\u56832?\\u55357?" * 20_000)),
    ("f4.rtf", lambda: _rtf(b"\\" + b"a" * 300_000)),
    ("f4.rtf", lambda: _rtf(b"\\b" + b"1" * 300_000)),
    ("f4.rtf", lambda: _rtf(b"{\\pict " + b"00" * 400_000 + b"}")),
    ("f4.rtf", lambda: _rtf(b"\\trowd" + b"\\cellx1" * 30_000 + b"\\cell" * 30_000 + b"\\row")),
    ("f4.rtf", lambda: _rtf(b"\\trowd a\\cell\\row " * 20_000)),
    ("f4.rtf", lambda: _rtf(b"{\\field{\\*\\fldinst x}{\\fldrslt " * 30_000)),
    ("f4.rtf", lambda: _rtf(b"\\par I: a\\par\n" * 30_000)),
    ("f4.rtf", lambda: b"{\\rtf1{\\fonttbl" + b"{\\f1\\fcharset134 a;}" * 30_000 + b"}I: a}"),
    ("f4.rtf", lambda: b"{\\rtf1\\ansicpg99999 " + b"\\'e9" * 80_000 + b"}"),
]

_HTML: list[Trap] = [
    ("noscribe.html", lambda: _html(_nested(b"<div>", b"</div>"))),
    ("noscribe.html", lambda: _html(_nested(b"<table><tr><td>", b"</td></tr></table>"))),
    ("noscribe.html", lambda: _html(_nested(b"<a><b><i><p>", b"", 20_000))),
    ("noscribe.html", lambda: _html(b"</b>" * 80_000)),
    (
        "noscribe.html",
        lambda: _html(b"<table><tr>" + b"<td colspan=100000 rowspan=100000>a" * 20_000),
    ),
    (
        "noscribe.html",
        lambda: _html(b"<p " + b" ".join(b"a%d=b" % n for n in range(60_000)) + b">"),
    ),
    ("noscribe.html", lambda: _html(b"<!--" * 80_000)),
    ("noscribe.html", lambda: _html(b"<!-- -" * 80_000)),
    ("noscribe.html", lambda: _html(b"<script>" * 60_000)),
    ("noscribe.html", lambda: _html(b"<textarea><title><style>" * 30_000)),
    ("noscribe.html", lambda: _html(b"<svg><math><select><template>" * 20_000)),
    ("noscribe.html", lambda: _html(b"&" + b"a" * 300_000)),
    ("noscribe.html", lambda: _html(b"&#" + b"9" * 300_000 + b";")),
    ("noscribe.html", lambda: _html(b"<![CDATA[" * 60_000)),
    ("noscribe.html", lambda: _html(b"<!" * 80_000)),
    ("noscribe.html", lambda: _html(b"<?" * 80_000)),
    ("noscribe.html", lambda: _html(b"<a href='" * 80_000)),
    (
        "noscribe.html",
        lambda: _html(b'<img src="data:image/png;base64,%s">' % base64.b64encode(bytes(2_000_000))),
    ),
    ("noscribe.html", lambda: _html(b"<br>I: a" * 30_000)),
    ("noscribe.html", lambda: _html(b"<p>I: a" * 30_000)),
    ("noscribe.html", lambda: _html(b"<p style='%s'>I: a" % (b"a:b;" * 80_000))),
    ("noscribe.html", lambda: b"<html><meta charset='utf-7'><p>I: +ADw-p+AD4-" * 10_000),
]

_TIERS = b"<TIER TIER_ID='%d' PARENT_REF='%d' LINGUISTIC_TYPE_REF='x'/>"
_REFERENCE = (
    b"<ANNOTATION><REF_ANNOTATION ANNOTATION_ID='b%d' ANNOTATION_REF='b%d'>"
    b"<ANNOTATION_VALUE>a</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
)


def _elan(more: bytes) -> bytes:
    return seed("elan.eaf").replace(b"<TIER ", more + b"<TIER ", 1)


def _chain(count: int, target: Callable[[int], int]) -> bytes:
    inside = b"".join(_REFERENCE % (n, target(n)) for n in range(count))
    return b"<TIER TIER_ID='x' PARENT_REF='Halimah' LINGUISTIC_TYPE_REF='tr'>%s</TIER>" % inside


_TIMED: list[Trap] = [
    ("elan.eaf", lambda: _elan(_chain(20_000, lambda n: n + 1))),
    ("elan.eaf", lambda: _elan(_chain(20_000, lambda n: n))),
    ("elan.eaf", lambda: _elan(_chain(20_000, lambda n: (n + 1) % 20_000))),
    ("elan.eaf", lambda: _elan(b"".join(_TIERS % (n, n + 1) for n in range(20_000)))),
    ("elan.eaf", lambda: _elan(b"".join(_TIERS % (n, (n + 1) % 20_000) for n in range(20_000)))),
    (
        "elan.eaf",
        lambda: seed("elan.eaf").replace(
            b"</TIME_ORDER>",
            b"".join(b"<TIME_SLOT TIME_SLOT_ID='u%d'/>" % n for n in range(30_000))
            + b"</TIME_ORDER>",
        ),
    ),
    ("elan.eaf", lambda: seed("elan.eaf").replace(b'"4000"', b'"%s"' % (b"9" * 30_000))),
    ("elan.eaf", lambda: seed("elan.eaf").replace(b'"4000"', b'"-4000"')),
    (
        "exmaralda.exb",
        lambda: seed("exmaralda.exb").replace(
            b"<event ", b"<event start='T0' end='T3'>a</event>" * 30_000 + b"<event ", 1
        ),
    ),
    (
        "exmaralda.exb",
        lambda: seed("exmaralda.exb").replace(
            b"<tli id", b"".join(b"<tli id='u%d'/>" % n for n in range(30_000)) + b"<tli id", 1
        ),
    ),
    ("exmaralda.exb", lambda: seed("exmaralda.exb").replace(b'end="T1"', b'end="T9"')),
    ("exmaralda.exb", lambda: seed("exmaralda.exb").replace(b'time="4.0"', b'time="1e999"')),
    ("praat.TextGrid", lambda: seed("praat.TextGrid").replace(b"size = 2", b"size = %d" % _MANY)),
    ("praat.TextGrid", lambda: seed("praat.TextGrid").replace(b"xmax = 9", b"xmax = 9e999")),
    ("praat.TextGrid", lambda: seed("praat.TextGrid").replace(b"xmax = 9", b"xmax = nan")),
    ("praat.TextGrid", lambda: seed("praat.TextGrid", b'"' * 150_001)),
    ("short.TextGrid", lambda: seed("short.TextGrid") + b'4\n9\n"a"\n' * 60_000),
    ("short.TextGrid", lambda: seed("short.TextGrid").replace(b"\n2\n", b"\n%d\n" % _MANY)),
    ("short.TextGrid", lambda: seed("short.TextGrid") + b"1" * 300_000),
    ("captions.ttml", lambda: seed("captions.ttml", _nested(b"<span>", b"</span>"))),
    ("captions.ttml", lambda: seed("captions.ttml", b"<br/>" * 60_000)),
    ("captions.ttml", lambda: seed("captions.ttml", b"</p><p begin='1s' end='2s'>a" * 30_000)),
    ("captions.ttml", lambda: seed("captions.ttml").replace(b'"4.5s"', b'"%ss"' % (b"9" * 5000))),
    ("captions.ttml", lambda: seed("captions.ttml").replace(b'"4.5s"', b'"1e999s"')),
    ("captions.sbv", lambda: seed("captions.sbv") + b"0:00:01.000,0:00:02.000\na\n\n" * 30_000),
    ("captions.sbv", lambda: seed("captions.sbv").replace(b"0:00:01", b"9" * 30_000 + b":00:01")),
    ("cues.srt", lambda: seed("cues.srt") + b"bb\n\n" * 150_000),
    ("cues.srt", lambda: seed("cues.srt").replace(b"00:00:01", b"9" * 30_000 + b":00:01")),
    (
        "cues.vtt",
        lambda: seed("cues.vtt") + b"\n00:00.000 --> 00:00.000\n<c.%s>a" % (b"b" * 300_000),
    ),
    ("cues.vtt", lambda: seed("cues.vtt", b"<00:00:06.000>" * 60_000)),
]


def _csv(rows: bytes) -> bytes:
    return b"Start,End,Speaker,Text\n" + rows


_TABLES: list[Trap] = [
    ("table.csv", lambda: _csv(b"," * 300_000)),
    ("table.csv", lambda: b",".join(b"c%d" % n for n in range(80_000)) + b"\na,b\n" * 1000),
    ("table.csv", lambda: _csv(b'1,2,I,"' + b"a\n" * 300_000)),
    ("table.csv", lambda: _csv(b'1,2,I,"a"' + b'""' * 300_000)),
    ("table.csv", lambda: _csv(b"1,2,I,a\n" * 60_000)),
    ("table.csv", lambda: _csv(b"".join(b"1,2,L%d,a\n" % n for n in range(30_000)))),
    ("table.csv", lambda: _csv(b"\n" * 300_000)),
    ("table.csv", lambda: _csv(b"".join(b"," * (n % 2000) + b"\n" for n in range(2000)))),
    ("table.tsv", lambda: b"start\tend\tspeaker\ttext\n" + b"\t" * 300_000),
    ("table.tsv", lambda: b"start\tend\tspeaker\ttext\n" + b"9" * 300_000),
]


def _json(name: str, old: bytes, new: bytes) -> Trap:
    return name, lambda: seed(name).replace(old, new, 1)


_JSON: list[Trap] = [
    *(
        (name, lambda n=name: seed(n).replace(b"[", b"[" + b"{}," * 80_000, 1))
        for name in (
            "turns.json",
            "whisperx.json",
            "fasterwhisper.json",
            "whispercpp.json",
            "assemblyai.json",
            "deepgram.json",
            "aws.json",
        )
    ),
    *((name, lambda n=name: b'{"a":' * 60_000 + seed(n)) for name in ("aws.json", "lines.jsonl")),
    ("lines.jsonl", lambda: seed("lines.jsonl") + b"[" * 150_000),
    ("lines.jsonl", lambda: seed("lines.jsonl") + b"{}\n" * 80_000),
    ("lines.jsonl", lambda: seed("lines.jsonl") * 20_000),
    (
        "turns.json",
        lambda: b'{"turns":[' + b'{"text":"a","text":"b"},' * 30_000 + b'{"text":"a"}]}',
    ),
    _json("aws.json", b'"1.0"', b'"%s"' % (b"9" * 30_000)),
    _json("aws.json", b'"1.0"', b'"1e999"'),
    _json("whispercpp.json", b"1000", b"9" * 4000),
    _json("whispercpp.json", b"1000", b"-1e400"),
    _json("deepgram.json", b'"speaker": 0', b'"speaker": 1e300'),
    _json("assemblyai.json", b"1000", b"NaN"),
    ("otranscribe.otr", lambda: seed("otranscribe.otr", b"<b>" * 60_000)),
    ("otranscribe.otr", lambda: seed("otranscribe.otr", b"&#" * 80_000)),
    ("otranscribe.otr", lambda: seed("otranscribe.otr").replace(b"1.5", b"1e999")),
]


def _lines(*lines: bytes) -> bytes:
    return b"\n".join(
        chain.from_iterable(zip(*(repeat(line, 20_000) for line in lines), strict=True))
    )


_TEXT: list[Trap] = [
    ("labels.txt", lambda: b"".join(b"L%d: a\n" % n for n in range(50_000))),
    ("labels.txt", lambda: b"".join(b"L%d\n\na b c\n\n" % n for n in range(20_000))),
    ("labels.txt", lambda: b"".join(b"[L%d] a\n" % n for n in range(30_000))),
    ("labels.txt", lambda: b"".join(b"#L%d  0:%02d\na\n" % (n, n % 60) for n in range(20_000))),
    ("labels.txt", lambda: _lines(b"I:", b"P:")),
    ("labels.txt", lambda: _lines(b"I: a", b"", b"P: b")),
    ("labels.txt", lambda: b"I: " + b"a " * 400_000),
    ("labels.txt", lambda: b"\n" * 300_000 + seed("labels.txt")),
    ("labels.txt", lambda: b"\r" * 300_000 + seed("labels.txt")),
    ("labels.txt", lambda: _lines(b"(" * 40, b"I: a")),
    ("labels.txt", lambda: _lines(b"00:00:01 00:00:02 00:00:03 a")),
    ("labels.txt", lambda: b"I: a //P: b// " * 30_000),
    ("labels.txt", lambda: b"I: a #00:00:01-1# " * 30_000),
    ("labels.txt", lambda: b"I: a [00:00:01] " * 30_000),
    (
        "labels.txt",
        lambda: "".join(f"{chr(0x4E00 + n)}：好\n" for n in range(20_000)).encode("gb18030"),
    ),
    ("labels.txt", lambda: ("I: é\n" * 80_000).encode("cp1252")),
    ("labels.txt", lambda: ("I: é\n" * 80_000).encode("utf-16-le")),
    ("labels.txt", lambda: bytes(range(128, 256)) * 20_000),
    ("notes.md", lambda: seed("notes.md") + b"> " * 150_000),
    ("notes.md", lambda: seed("notes.md") + b"[" * 150_000 + b"](" * 30_000),
    ("notes.md", lambda: seed("notes.md") + b"*a **b _c __d " * 30_000),
    ("notes.md", lambda: seed("notes.md") + b"`" * 150_001),
    ("notes.md", lambda: seed("notes.md") + b"- " * 80_000),
    ("notes.md", lambda: seed("notes.md") + b"|" * 150_000),
    ("notes.md", lambda: seed("notes.md") + b"".join(b"[^%d]: a\n" % n for n in range(20_000))),
]

_SAID_IN_XML: list[Callable[[], bytes]] = [
    lambda: _nested(b"<x>", b"</x>"),
    lambda: b"<x " + b" ".join(b"a%d=''" % i for i in range(30_000)) + b"/>",
    lambda: b"".join(b"<x xmlns:a%d='u'/>" % i for i in range(20_000)),
    lambda: b"<!-- a -->" * 60_000,
    lambda: b"<?a b?>" * 60_000,
    lambda: b"<x a='" + b"b" * 9_000_000,
]


def _xml(name: str, said: Callable[[], bytes]) -> Trap:
    return name, lambda: seed(name, said())


_STRUCTURE: list[Trap] = [_xml(name, said) for name in _XML for said in _SAID_IN_XML]


TRAPS: list[Trap] = [
    *_ENTITY_TRAPS,
    *_ARCHIVES,
    *_OFFICE,
    *_RTF,
    *_HTML,
    *_TIMED,
    *_TABLES,
    *_JSON,
    *_TEXT,
    *_STRUCTURE,
]
