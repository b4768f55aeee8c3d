# SPDX-License-Identifier: Apache-2.0
"""HTML is read as a browser shows it, with the times that transcription tools keep in it."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transcription.adapters.importing import html, html_events, otr
from services.transcription.adapters.importing.source import Source
from services.transcription.adapters.importing.xml_events import End, Start, Text
from services.transcription.domain.reading import Findings, Passage, PassageKind, ReadingOptions
from services.transcription.domain.words import count_words
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import confined_turns, turns_of


def _read(markup: str | bytes, notes: bool = False) -> tuple[list[Passage], Findings]:
    data = markup.encode() if isinstance(markup, str) else markup
    source = Source(data, options=ReadingOptions(append_notes=notes))
    return list(html.read(source)), source.findings


def _texts(markup: str | bytes) -> list[str]:
    return [one.text for one in _read(markup)[0]]


def _times(markup: str) -> list[tuple[str | None, str, int | None, int | None]]:
    return [(one.speaker, one.text, one.start_ms, one.end_ms) for one in _read(markup)[0]]


class TestLines:
    def test_paragraphs_and_line_breaks(self) -> None:
        """A paragraph has space in front of it, a line does not, an empty line makes space."""
        found, _ = _read("<body><p>I: one<br>P: two<br/><br>I: three</p>\n<div>four</div></body>")
        assert [(one.text, one.gap) for one in found] == [
            ("I: one", True),
            ("P: two", False),
            ("I: three", True),
            ("four", True),
        ]

    def test_white_space_of_the_source_is_none_of_the_page(self) -> None:
        """Word breaks lines anywhere; only preformatted text keeps them."""
        found = _texts("<p class=MsoNormal><b>I:</b> How\n  are\n you </p><pre>I: a\n  P: b</pre>")
        assert found == ["I: How are you", "I: a", "P: b"]

    def test_elements_without_ends(self) -> None:
        """Ends of paragraphs, items, rows and cells may be missing."""
        assert _texts("<p>one<p>two<ul><li>three<li>four<ul><li>five</ul></ul>six") == [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
        ]

    def test_text_that_looks_like_a_tag(self) -> None:
        """A bracket before a digit is text, and so are references without semicolon."""
        assert _texts("<p>&lt;8 last month, <8 now and >15 &amp 3 &eacute;&#8217;&#x41;</p>") == [
            "<8 last month, <8 now and >15 & 3 é’A"
        ]

    def test_references_of_absurd_numbers_are_text(self) -> None:
        """Nothing is made of a number of thousands of digits."""
        assert _texts(f"<p>&#{'9' * 5000}; &#x110000; &#0;</p>")[0].startswith("&#999")

    def test_a_note_in_angle_brackets_is_counted(self) -> None:
        """Browsers show no element that they do not know."""
        found, findings = _read("<p>well <laughs loudly> yes</p>")
        assert [one.text for one in found] == ["well yes"]
        assert (findings.left_out["markup"], findings.words_left_out) == (1, 2)

    def test_names_in_two_pieces_are_one(self) -> None:
        """Formatting in a word does not part it."""
        assert _texts("<p>my friend <b>Nur</b>aini<wbr>ah</p>") == ["my friend Nurainiah"]


class TestFormatting:
    def test_bold_at_the_start_is_emphasised(self) -> None:
        """By an element, a style, or a class of the page's own style sheet."""
        for label in (
            "<b>Mei Ling</b>",
            "<strong>Mei Ling</strong>",
            '<span style="font-weight: 700">Mei Ling</span>',
            '<span class="c4">Mei Ling</span>',
            '<span class="speaker-name">Mei Ling</span>',
        ):
            found, _ = _read(
                f"<style>.c4{{color:#000;font-weight:700}}</style><p>{label} how are you</p>"
            )
            assert found[0].text[: found[0].emphasised] == "Mei Ling", label

    def test_what_is_pasted_from_docs_is_not_all_bold(self) -> None:
        """Google wraps what is copied in bold that is none."""
        found, _ = _read('<b style="font-weight:normal;"><p><span>I: Hi</span></p></b>')
        assert found[0].emphasised == 0

    def test_hidden_text_is_out_and_counted(self) -> None:
        """Whatever hides it: an attribute, a style, or a class."""
        found, findings = _read(
            "<style>span.gone, p.x{display: none}</style><p>Yes <span class=gone>she said</span>"
            ' <span style="mso-hide:all">a b</span> no</p><p hidden>more</p>'
        )
        assert [one.text for one in found] == ["Yes no"]
        assert findings.words_left_out == 5
        assert findings.warnings[0].kind == "hidden_text"

    def test_deleted_text_is_out_and_struck_text_is_read(self) -> None:
        """A deletion is tracked; what is struck through by hand may be meant."""
        found, findings = _read("<p>Yes <del>not this</del> <s>that</s></p>")
        assert [one.text for one in found] == ["Yes that"]
        assert findings.left_out["deleted_text"] == 1
        assert [one.kind for one in findings.warnings] == ["struck_text"]

    def test_headings_pictures_and_the_title(self) -> None:
        """Headings are marked, pictures counted, and the title is a name that is known."""
        found, findings = _read(
            "<head><title>int_Mei Ling.m4a</title></head><h2>Sleep</h2><img alt='two people'><p>x"
        )
        assert [one.kind for one in found] == [PassageKind.HEADING, PassageKind.SPEECH]
        assert (findings.left_out["pictures"], findings.words_left_out) == (1, 2)
        assert [one.name for one in findings.names] == ["Mei Ling"]

    def test_scripts_styles_and_comments_are_not_shown(self) -> None:
        """Nothing of them is text."""
        assert _texts(
            "<script>var a='<p>x</p>'</script><style>p{}</style><!-- <p>c</p> --><noscript>n"
            "</noscript><template><p>t</p></template><p>I: yes</p><!-- open"
        ) == ["I: yes"]


class TestTools:
    def test_noscribe(self) -> None:
        """Anchors have times; the label is the speaker where it is the anchor's."""
        assert _times(
            '<p><a name="ts_0_900_S00">S00: Good</a> <a name="ts_900_2000_S00">morning.</a></p>'
            '<p><a name="ts_2500_4000_S01">S01: Better.</a></p>'
        ) == [
            ("S00", "Good morning.", 0, 2000),
            ("S01", "Better.", 2500, 4000),
        ]

    def test_noscribe_with_speakers_renamed(self) -> None:
        """Labels that were replaced in the text stay there, to be found as labels are."""
        assert _times(
            '<p><a name="ts_0_900_S00">Mei Ling: Good</a><a name="ts_900_2000_S01"> Yes.</a></p>'
        ) == [(None, "Mei Ling: Good", 0, 900), (None, "Yes.", 900, 2000)]

    def test_what_noscribe_hears_at_the_same_time(self) -> None:
        """It stands between double slashes, and has a time and a speaker of its own."""
        assert _times(
            '<p><a name="ts_0_900_S00">S00: Good</a> <a name="ts_300_500_S01">//S01: ya//</a></p>'
        ) == [("S00", "Good", 0, 900), ("S01", "ya", 300, 500)]

    def test_the_head_of_noscribe_is_a_cover(self) -> None:
        """What somebody typed behind it is not."""
        found, findings = _read(
            "<p>int 3</p><p>Transcribed with noScribe vers. 0.6<br/>Audio source: C:/x/Mei 3.m4a"
            "</p><p>I: consent is read</p>"
            '<p><a name="ts_0_900_S00">S00: Good</a></p>'
        )
        assert [one.text for one in found] == ["I: consent is read", "Good"]
        assert findings.left_out["cover_lines"] == 3
        assert [one.name for one in findings.names] == ["Mei"]

    def test_terms_and_definitions(self) -> None:
        """A list of terms may be who says what."""
        assert _texts("<dl><dt>Mei<dd>How are you?<dt>Tan:</dt>\n<dd>Fine.</dd></dl><p>end") == [
            "Mei: How are you?",
            "Tan: Fine.",
            "end",
        ]

    def test_otranscribe(self) -> None:
        """A stamp begins a line, but behind a label it is the label's time."""
        assert _times(
            '<p><span class="timestamp" data-timestamp="3.2">00:03</span> I: Good<br />P: Better'
            '<br>I: <span class="timestamp" data-timestamp="9">0:09</span>And '
            '<span class="timestamp" data-timestamp="12.04">0:12</span> now</p>'
        ) == [
            (None, "I: Good", 3200, None),
            (None, "P: Better", None, None),
            (None, "I: And", 9000, None),
            (None, "now", 12040, None),
        ]

    def test_hyperaudio(self) -> None:
        """Each word has its time; the paragraph has the one of its first word."""
        assert _times(
            '<p><span class="speaker" data-m="500" data-d="0">[Mei] </span>'
            '<span data-m="500" data-d="90">Good </span><span data-m="900">day</span></p>'
        ) == [(None, "[Mei] Good day", 500, None)]

    @pytest.mark.parametrize(
        ("reference", "note", "kind"),
        [
            (
                '<sup><a href="#cmnt1" id="cmnt_ref1">[a]</a></sup>',
                (
                    '<div class="c7"><p><a href="#cmnt_ref1" id="cmnt1">[a]</a><span>ask her</span>'
                    "</p><p>again</p></div>"
                ),
                "comments",
            ),
            (
                '<a style=\'mso-footnote-id:ftn1\' href="#_ftn1" name="_ftnref1">[1]</a>',
                (
                    "<div style='mso-element:footnote-list'><hr><div id=ftn1>"
                    '<p class=MsoFootnoteText><a href="#_ftnref1" name="_ftn1">'
                    "[1]</a> ask her again</p></div></div>"
                ),
                "footnotes",
            ),
            (
                '<a class="sdfootnoteanc" href="#sdfootnote1sym"><sup>1</sup></a>',
                (
                    '<div id="sdfootnote1"><p><a class="sdfootnotesym" href="#sdfootnote1anc">1</a>'
                    "ask her again</p></div>"
                ),
                "footnotes",
            ),
            (
                '<a class=msocomanchor href="#_msocom_1">[ML1]</a>',
                (
                    "<div style='mso-element:comment-list'><div id=\"_com_1\" class=msocomtxt><p>"
                    '<a class=msocomoff href="#_msoanchor_1">[ML1]</a>ask her again</p></div>'
                    "</div>"
                ),
                "comments",
            ),
        ],
    )
    def test_notes_are_counted_or_appended(self, reference: str, note: str, kind: str) -> None:
        """Google Docs, Word and LibreOffice mark them; their numbers are no text."""
        markup = f"<p>I: yes{reference} indeed</p>{note}<p>P: no</p>"
        found, findings = _read(markup)
        assert [one.text for one in found] == ["I: yes indeed", "P: no"]
        assert findings.left_out[kind] == 1
        found, findings = _read(markup, notes=True)
        assert [one.kind for one in found][1] is PassageKind.NOTE
        assert kind not in findings.left_out

    def test_word_writes_tabs_and_bullets_as_spans(self) -> None:
        """A tab is one, however many spaces stand for it; a bullet is counted."""
        found, findings = _read(
            "<p class=MsoNormal>Mei<span style='mso-tab-count:1'>&nbsp;&nbsp;&nbsp; </span>Good"
            " day</p><p><![if !supportLists]><span style='font-family:Symbol;mso-list:Ignore'>x"
            "<span>&nbsp; </span></span><![endif]>first<o:p></o:p></p>"
        )
        assert [one.text for one in found] == ["Mei\tGood day", "first"]
        assert dict(findings.left_out) == {"markup": 1}

    def test_table_rows_have_speaker_time_and_text(self) -> None:
        """A table with a header is read by its columns."""
        assert _times(
            "<table><thead><tr><th>Time</th><th>Speaker</th><th>Text</th></tr></thead>"
            "<tr><td>00:01</td><td>Mei</td><td>How are you today</td></tr>"
            "<tr><td>00:04</td><td>Tan</td><td>Fine, thank you<br>really</td></tr></table><p>end"
        ) == [
            ("Mei", "How are you today", 1000, None),
            ("Tan", "Fine, thank you\nreally", 4000, None),
            (None, "end", None, None),
        ]

    def test_a_table_that_lays_out_a_page_is_no_table(self) -> None:
        """What is in one big cell is read as if there was none."""
        assert _texts("<table><tr><td><p>I: one</p><p>P: two</p></td></tr></table>") == [
            "I: one",
            "P: two",
        ]


class TestEncoding:
    @pytest.mark.parametrize(
        ("declared", "encoding"),
        [("windows-1252", "cp1252"), ("gb2312", "gb18030"), ("iso-8859-1", "latin-1")],
    )
    def test_the_declared_one_is_not_guessed(self, declared: str, encoding: str) -> None:
        """The head of a page says it."""
        text = "你好" if declared == "gb2312" else "Renée"
        markup = f'<html><head><meta charset="{declared}"></head><p>I: {text}</p></html>'
        found, findings = _read(markup.encode(encoding))
        assert found[0].text == f"I: {text}"
        assert not findings.warnings


class TestOtr:
    def test_text_and_the_name_of_the_recording(self) -> None:
        """The text is HTML; the recording's name may be a person's."""
        document = {
            "text": '<p><span class="timestamp" data-timestamp="3">0:03</span>I: “Hi”<br>P: Ok</p>',
            "media": "Mei_Ling.mp3",
            "media-source": "",
            "media-time": 9.1,
        }
        source = Source(json.dumps(document).encode())
        found = [(one.text, one.start_ms) for one in otr.read(source)]
        assert found == [("I: “Hi”", 3000), ("P: Ok", None)]
        assert [one.name for one in source.findings.names] == ["Mei Ling"]

    @pytest.mark.parametrize(
        "document",
        [
            "[]",
            "{}",
            '{"media": "a"}',
            '{"text": "x"',
            '{"text": ["x"]}',
            '{"a": ' + "[" * 1000,
            '{"text": "x"} more',
            '{"text": "\\u12"}',
        ],
    )
    def test_what_is_not_its_form_is_refused(self, document: str) -> None:
        """Lists and objects in it are refused before anything is made of them."""
        with pytest.raises(BadTranscript):
            list(otr.read(Source(document.encode())))

    def test_half_a_pair_of_surrogates_is_replaced(self) -> None:
        """No message can hold it."""
        (one,) = otr.read(Source(b'{"text": "<p>a \\ud83d b</p>"}'))
        assert one.text == "a ? b"


def test_tags_and_text_in_order() -> None:
    """The tokenizer forgives what the standard forgives."""
    found = list(
        html_events.read_events("<P CLASS=a b='c>d' =e>x</p><br/>< 3<!doctype html><a b=\"c")
    )
    assert found == [
        Start("p", {"class": "a", "b": "c>d", "=e": ""}, "p"),
        Text("x"),
        End("p", ""),
        Start("br", {}, "br"),
        Text("<"),
        Text(" 3"),
        Start("a", {"b": '"c'}, "a"),
    ]


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            "<p> </p> <b> </b> <table> <tr> <td> </td> </tr> </table> <th> <div> </div> <br> <li> "
            "<ul> </ul> <del> </del> <pre> <h1> </h1> <title> </title> <div/id=ftn1> <style> "
            "<span/hidden> </span> <script> &amp; < > <!-- --> <a/href=#cmnt_ref1> </a> <nav> "
            "<a/name=ts_1_2_S> <i/data-timestamp=3/class=timestamp> one two".split()
        ),
        max_size=40,
    ).map(" ".join)
)
def test_any_soup_of_tags_is_read(markup: str) -> None:
    """Nothing but the two errors comes out, whatever is open or closed, and notes stay notes."""
    with contextlib.suppress(BadTranscript, TooLarge):
        found, _ = _read(markup.replace("/", " ") if markup.startswith("<p>") else markup)
        assert all(one.text.strip() for one in found)


# Words of Chinese are counted by their characters, so that sums of them are not exact.
_WORDS = st.lists(st.text("abcéñ", min_size=1, max_size=5), min_size=1, max_size=4).map(" ".join)
_BLOCKS = st.sampled_from(
    [
        "<p>{}</p>",
        "<div>{}<br>",
        "<p><b>{}</b>",
        "<h2>{}</h2>",
        "<li>{}",
        "<p hidden>{}</p>",
        "<del>{}</del><p>",
        "<pre>{}</pre>",
        "<nav>{}</nav>",
        "<table><tr><td>{}</table>",
        "<div id=ftn1>{}</div>",
        "<p><a name=ts_1_2_S00>{}</a></p>",
        "<img alt='{}'>",
    ]
)


@settings(max_examples=100)
@given(st.lists(st.tuples(_BLOCKS, _WORDS), min_size=1, max_size=6))
def test_no_word_is_lost(blocks: list[tuple[str, str]]) -> None:
    """Each word is in a passage, or is counted as left out."""
    markup = "\n".join(block.format(words) for block, words in blocks)
    found, findings = _read(markup)
    read = sum(count_words(f"{one.speaker or ''} {one.text}") for one in found)
    assert read + findings.words_left_out == sum(count_words(words) for _, words in blocks)


_ARCHIVE = """MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----=_N"

------=_N
Content-Type: text/html; charset="windows-1252"
Content-Transfer-Encoding: quoted-printable

<html><body><p>I: caf=E9 =
or tea?</p><p>P: Tea.</p></body></html>
------=_N
Content-Type: image/png
Content-Transfer-Encoding: base64

iVBORw0K
------=_N--
"""


@pytest.mark.parametrize("name", ["interview.mht", "interview.doc"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_web_archives(name: str, end: str) -> None:
    """The page in a web archive is read, also by the confined reader."""
    data = _ARCHIVE.replace("\n", end).encode()
    turns = confined_turns(data, name)
    assert [(one.speaker, one.text) for one in turns] == [("I", "café or tea?"), ("P", "Tea.")]


def test_a_time_as_a_heading_is_a_time() -> None:
    """Headings are left out, but not those that say when what follows was said."""
    turns = turns_of(b"<h2>00:00:03</h2><p>I: So?</p><h2>00:00:09</h2><p>P: Well.</p>")
    assert [(one.speaker, one.start_ms) for one in turns] == [("I", 3000), ("P", 9000)]


def test_how_noscribe_was_told_to_transcribe_is_its_head() -> None:
    """The line of options below the head is left out with it."""
    page = (
        "<p>Interview</p><p>Transcribed with noScribe vers. 0.6<br>Audio source: a.mp3<br><br>"
        "(Start: 00:00:00 | Stop: 00:00:27 | Language: en)</p>"
        "<p><a name='ts_3000_8000_S00'>S00: So?</a></p><p><a name='ts_9000_9500_S01'>S01: Well."
        "</a></p>"
    )
    assert _texts(page) == ["So?", "Well."]
