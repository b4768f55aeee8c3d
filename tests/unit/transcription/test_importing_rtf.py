# SPDX-License-Identifier: Apache-2.0
"""Rich Text is read as Word shows it, from the programs that write it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transcription.adapters.importing import rtf
from services.transcription.adapters.importing.source import Source
from services.transcription.domain.reading import Findings, Passage, PassageKind, ReadingOptions
from services.transcription.domain.words import count_words
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import read_all


def _read(document: bytes | str, notes: bool = False) -> tuple[list[Passage], Findings]:
    data = document.encode("latin-1") if isinstance(document, str) else document
    source = Source(data, options=ReadingOptions(append_notes=notes))
    return list(rtf.read(source)), source.findings


def _body(text: str, notes: bool = False) -> tuple[list[Passage], Findings]:
    """Read text in a document with two fonts, one of them Chinese."""
    head = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
        r"{\f1\fnil\fcharset134 SimSun{\*\falt \'cb\'ce\'cc\'e5};}{\f2\fcharset204 Arial CYR;}}"
        r"{\colortbl ;\red0\green0\blue0;}"
    )
    return _read(f"{head}{text}}}", notes)


def _texts(text: str) -> list[str]:
    return [one.text for one in _body(text)[0]]


class TestPrograms:
    def test_f4_writes_stamps_at_the_end(self) -> None:
        """Paragraphs come as they stand; stamps in them are found as in any text."""
        turns, reading = read_all(
            rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Calibri;}}{\info{\author Mei Ling Ho}}"
            rb"\f0\fs22 I: How are you? #00:00:05-2#\par B: Better, Ren\'e9e {\b Nur}aini helps."
            rb" #00:00:09-4#\par}"
        )
        assert reading.form == "rtf"
        assert [one.speaker for one in turns] == ["I", "B"]
        assert "Renée Nuraini helps." in turns[1].text
        assert [one.name for one in reading.names if one.source == "property"] == ["Mei Ling Ho"]

    def test_textedit_ends_paragraphs_with_a_backslash(self) -> None:
        """Cocoa writes a backslash before the line break, and letters as code points."""
        found, _ = _read(
            "{\\rtf1\\ansi\\ansicpg1252\\cocoartf2709\n\\cocoatextscaling0"
            "{\\fonttbl\\f0\\fswiss\\fcharset0 Helvetica;\\f1\\fswiss\\fcharset0 Helvetica-Bold;}\n"
            "{\\colortbl;\\red255\\green255\\blue255;}\n{\\*\\expandedcolortbl;;}\n"
            "\\pard\\tx566\\pardirnatural\\partightenfactor0\n\n\\f1\\b\\fs24 \\cf0 Mei Ling:\n"
            "\\f0\\b0  caf\\'e9 \\uc0\\u8220 good\\u8221 \\\n\\\nP: yes}"
        )
        assert [one.text for one in found] == ["Mei Ling: café “good”", "P: yes"]
        assert found[0].text[: found[0].emphasised] == "Mei Ling:"

    def test_word_writes_revisions_and_fonts_for_scripts(self) -> None:
        """What was inserted is read, what was deleted is counted; groups part words anywhere."""
        found, findings = _body(
            r"\pard\plain \ltrpar\ql {\rtlch\fcs1 \af0\afs22 \ltrch\fcs0 \b\f0\insrsid123 I:}"
            r"{\rtlch\fcs1 \af0 \ltrch\fcs0 \insrsid123  How }{\deleted\revauthdel1 is it}"
            r"{\revised\revauth1 are you}{\insrsid9 ?\par }"
        )
        assert [one.text for one in found] == ["I: How are you?"]
        assert findings.left_out["deleted_text"] == 1
        assert findings.words_left_out == 2

    def test_wordpad_in_china_writes_pairs_of_bytes(self) -> None:
        """The font's character set says what they are; the second byte may be a backslash."""
        data = (
            rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}"
            rb"\viewkind4\uc1\pard\lang2052\f0\fs20 \'c4\'e3\'ba\'c3 ok\par}"
        )
        assert [one.text for one in _read(data)[0]] == ["你好 ok"]
        assert _texts(r"\f1\'c4\'e3\f0  and \f2\'cf\'f0\f0 \'e9") == ["你 and Прé"]

    @pytest.mark.parametrize(
        ("page", "text"),
        [
            (936, "诊所"),
            (950, "診所"),
            (932, "診療所"),
            (949, "병원"),
            (1251, "врач"),
            (1258, "bác"),
        ],
    )
    def test_code_pages_of_the_document(self, page: int, text: str) -> None:
        """Fonts without a character set have the document's."""
        escaped = "".join(f"\\'{byte:02x}" for byte in text.encode(f"cp{page}"))
        found, _ = _read(rf"{{\rtf1\ansi\ansicpg{page}\pard I: {escaped}\par}}")
        assert found[0].text == f"I: {text}"

    def test_templates_filled_with_utf8(self) -> None:
        """Bytes that are not escaped are UTF-8 where they can be."""
        found, _ = _read("{\\rtf1\\ansi I: “café” 你好\\par}".encode())
        assert found[0].text == "I: “café” 你好"

    def test_unicode_with_what_old_programs_show_instead(self) -> None:
        """As many characters as `uc` says are skipped, whatever they are written as."""
        assert _texts(r"\uc2\u20320\'c4\'e3\u22909 ??!{\uc1\u-10179?\u-8704?}\uc0\u233 x") == [
            "你好!😀éx"
        ]
        assert _texts(r"{\upr{\b Renee}{\*\ud{Ren\u233\'e9e}}} ok") == ["Renée ok"]


class TestParts:
    def test_notes_and_comments_are_counted_or_appended(self) -> None:
        """A footnote follows its paragraph where notes are wanted."""
        text = (
            r"I: yes{\super\chftn{\*\footnote\chftn\pard ask her}} indeed"
            r"{\*\atnid ML}{\*\atnauthor Mei Ling}\chatn{\*\annotation{\*\atnref 0}\pard why}\par"
            r" P: no{\footnote\ftnalt\pard at the end}\par"
        )
        found, findings = _body(text)
        assert [one.text for one in found] == ["I: yes indeed", "P: no"]
        assert dict(findings.left_out) == {"footnotes": 1, "comments": 1, "endnotes": 1}
        assert findings.words_left_out == 6
        assert [one.name for one in findings.names] == ["Mei Ling"]
        found, findings = _body(text, notes=True)
        assert [(one.text, one.kind) for one in found][1] == ("ask her", PassageKind.NOTE)
        assert not findings.left_out

    def test_headers_pictures_objects_and_lists(self) -> None:
        """What stands around the text is counted, with its words."""
        found, findings = _body(
            r"{\header\pard Ward notes {\field{\*\fldinst PAGE}{\fldrslt 1}}\par}{\footerf x\par}"
            r"\pard{\listtext\pard 1.\tab}I: yes{\*\shppict{\pict\pngblip 8950}}"
            r"{\nonshppict{\pict 01}}{\object\objemb{\*\objdata 00}{\result\pard a sheet}}"
            r"{\pict\bin7 }}}}{{{} ok\par"
        )
        assert [one.text for one in found] == ["I: yesa sheet ok"]
        assert dict(findings.left_out) == {
            "headers_footers": 2,
            "markup": 1,
            "pictures": 2,
            "embedded_objects": 1,
        }
        assert findings.words_left_out == 5

    def test_hidden_and_struck_text(self) -> None:
        """Hidden text is out with a warning, struck text is read with one."""
        found, findings = _body(r"I: yes {\v she said so}{\strike maybe} no\par")
        assert [one.text for one in found] == ["I: yes maybe no"]
        assert findings.left_out["hidden_text"] == 1
        assert {one.kind for one in findings.warnings} == {"hidden_text", "struck_text"}

    def test_properties_are_names_and_styles_are_headings(self) -> None:
        """Neither is text of the document."""
        found, findings = _body(
            r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0\b heading 1;}{\*\cs9\additive Font;}}"
            r"{\*\revtbl{Unknown;}{Tan Ah Kow;}}{\info{\title Interview with Mei}{\operator Lim}"
            r"{\creatim\yr2026\mo1}{\*\company Ward 5}}\pard\s1 Sleep\par\pard\s0 I: yes\par"
        )
        assert [(one.text, one.kind.value) for one in found] == [
            ("Sleep", "heading"),
            ("I: yes", "speech"),
        ]
        assert [one.name for one in findings.names] == ["Tan Ah Kow", "Mei", "Lim"]

    def test_a_text_box_follows_its_paragraph(self) -> None:
        """It does not part the sentence around it; its copy for old programs is not read."""
        assert _texts(
            r"I: yes {\shp{\*\shpinst\shpleft0{\sp{\sn a}{\sv b}}{\shptxt\pard P: in a box\par}}"
            r"{\shprslt{\*\do{\dptxbx{\dptxbxtext\pard P: in a box\par}}}}}indeed\par"
        ) == ["I: yes indeed", "P: in a box"]

    def test_links_are_read_by_what_they_show(self) -> None:
        """Fields have a result, and an instruction that nobody sees."""
        assert _texts(
            r'I: {\field{\*\fldinst HYPERLINK "http://x.org"}{\fldrslt the page}}\par'
        ) == ["I: the page"]


class TestTables:
    def test_rows_have_speaker_time_and_text(self) -> None:
        """Word defines a row behind its cells, others before them."""
        first = r"\pard\intbl Time\cell Speaker\cell Text\cell{\trowd\cellx1\cellx2\cellx3\row}"
        second = r"\trowd\cellx1\cellx2\cellx3 00:01\cell Mei\cell How are you now\cell\row"
        third = (
            r"\trowd\cellx1\cellx2\cellx3\pard\intbl 00:04\cell Tan\cell Fine thank you\par really"
            r"\cell\row"
        )
        found, _ = _body(first + second + third + r"\pard after\par")
        assert [(one.speaker, one.text, one.start_ms) for one in found] == [
            ("Mei", "How are you now", 1000),
            ("Tan", "Fine thank you\nreally", 4000),
            (None, "after", None),
        ]

    def test_a_row_that_never_ends_is_read(self) -> None:
        """Damage costs the table, not its text."""
        found, _ = _body(r"\trowd\cellx1 I: one\par P: two\par")
        assert "I: one" in " ".join(one.text for one in found)
        assert "P: two" in " ".join(one.text for one in found)


class TestLimits:
    def test_a_file_that_ends_early_is_read_and_said(self) -> None:
        """Groups that are open at the end mean that something is missing."""
        found, findings = _read(r"{\rtf1 {\b I:} yes\par P: n")
        assert [one.text for one in found] == ["I: yes", "P: n"]
        assert [one.kind for one in findings.warnings] == ["ends_early"]

    def test_what_follows_the_document_is_counted(self) -> None:
        """Programs do not show it."""
        _, findings = _read(b"{\\rtf1 I: yes\\par}\0\r\nand more")
        assert (findings.left_out["markup"], findings.words_left_out) == (1, 2)

    @pytest.mark.parametrize("data", [b"rtf", rb"\rtf1 x", rb"{\rtf1 " + b"{" * 600])
    def test_what_is_no_rich_text_is_refused(self, data: bytes) -> None:
        """So are groups that nest without end."""
        with pytest.raises(BadTranscript):
            _read(data)


_TOKENS = st.sampled_from(
    [
        *r"{ } {\b {\*\annotation {\footnote {\pict {\header {\fonttbl {\info {\stylesheet {\shptxt"
        r" {\*\shpinst {\*\unknown {\deleted {\v {\fldinst {\object {\result {\author {\upr {\*\ud"
        r" {\listtext \par \line \tab \trowd \intbl \cell \row \pard \plain \s1 \f1 \f2 \uc0 \uc3"
        r" \u233 \u-10179 \u-8704 \'e9 \'c4 \'zz \bin3 \bin999999999 \\ \* \~ \- \deff1"
        r" \fcharset134 \ansicpg936 \ansicpg7 \nestcell \nestrow \sect \outlinelevel1 a b".split(),
        "\n",
        "\\\n",
        "\\",
    ]
)


@settings(max_examples=200)
@given(st.lists(_TOKENS, max_size=40))
def test_any_order_of_control_words_is_read(tokens: list[str]) -> None:
    """Nothing but the two errors comes out, whatever stands where."""
    with contextlib.suppress(BadTranscript, TooLarge):
        found, _ = _read("{\\rtf1 " + " ".join(tokens))
        assert all(one.text.strip() for one in found)


# Words of Chinese are counted by their characters, so that sums of them are not exact.
_WORDS = st.lists(st.text("abcdéж😀", min_size=1, max_size=5), min_size=1, max_size=4).map(" ".join)
_BLOCKS = st.sampled_from(
    [
        r"\pard {}\par ",
        r"{{\b {}}}\par ",
        r"{{\v {}}} ",
        r"{{\deleted {}}} ",
        r"{{\strike {}}} ",
        r"{{\footnote {}}}",
        r"{{\*\annotation {}}}",
        r"{{\header\pard {}\par}}",
        r"{{\listtext {}}}",
        r"{{\field{{\*\fldinst x}}{{\fldrslt {} }}}}",
        r"\trowd\pard\intbl {}\cell\row\pard ",
        r"{{\shp{{\*\shpinst{{\shptxt\pard {}\par}}}}}} ",
        r"\s3\outlinelevel0 {}\par\pard ",
    ]
)


def _escaped(text: str) -> str:
    units = text.encode("utf-16-le")
    found = []
    for at in range(0, len(units), 2):
        unit = int.from_bytes(units[at : at + 2], "little")
        signed = unit - 65536 if unit > 32767 else unit
        found.append(chr(unit) if unit < 128 else f"\\u{signed}?")
    return "".join(found)


@settings(max_examples=150)
@given(st.lists(st.tuples(_BLOCKS, _WORDS), min_size=1, max_size=6))
def test_no_word_is_lost(blocks: list[tuple[str, str]]) -> None:
    """Each word is in a passage, or is counted as left out."""
    document = "".join(block.format(_escaped(words)) for block, words in blocks)
    found, findings = _read("{\\rtf1 " + document + "}")
    read = sum(count_words(f"{one.speaker or ''} {one.text}") for one in found)
    assert read + findings.words_left_out == sum(count_words(words) for _, words in blocks)


def test_labels_as_numbers_of_lists() -> None:
    """A list whose items are numbered by who speaks keeps the labels; plain numbers are counted."""
    body = (
        r"{\listtext\tab I:\tab}So?\par {\listtext\tab P:\tab}Well.\par {\listtext 3.\tab}Then.\par"
    )
    found, findings = _body(body)
    assert ["".join(one.text.split()) for one in found] == ["I:So?", "P:Well.", "Then."]
    assert findings.left_out == {"markup": 1}
