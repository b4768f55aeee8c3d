# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.transcription.adapters.importing import IMPORTERS
from services.transcription.adapters.importing import docx as importer
from services.transcription.adapters.importing.source import ImportLimits, Source
from services.transcription.domain.reading import (
    Findings,
    Passage,
    PassageKind,
    ReadingOptions,
)
from services.transcription.domain.transcript import Role
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge
from tests.support import word_documents as word
from tests.support.reading import read_all, turns_of

LIMIT = 10_000_000


def passages(data: bytes, *, append_notes: bool = False) -> tuple[list[Passage], Findings]:
    """The passages of a document, and what was noted."""
    options = ReadingOptions(append_notes=append_notes)
    source = Source(data, options=options, importers=IMPORTERS)
    return list(importer.read(source)), source.findings


def texts(*blocks: str, **parts: str) -> list[str]:
    """The texts of the passages of a document of these blocks."""
    return [one.text for one in passages(word.document(*blocks, **parts))[0]]  # type: ignore[arg-type]


def left_out(*blocks: str, **parts: str) -> tuple[dict[str, int], int]:
    """What is left out of a document of these blocks, and how many words."""
    _, findings = passages(word.document(*blocks, **parts))  # type: ignore[arg-type]
    return dict(findings.left_out), findings.words_left_out


def packed(body: bytes) -> bytes:
    """A package with this body."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", body)
    return target.getvalue()


class TestParagraphs:
    def test_soft_breaks_are_lines(self) -> None:
        """Lines of a paragraph stay apart, so that a turn can begin in each."""
        assert texts(word.paragraph("I: So?", word.line_break(), "P: Well.")) == [
            "I: So?\nP: Well."
        ]

    def test_tabs_stay(self) -> None:
        """A tab behind a label is one; tab stops of the paragraph are none."""
        stops = '<w:tabs><w:tab w:val="left" w:pos="900"/></w:tabs>'
        assert texts(word.paragraph("I", word.tab(), "So?", properties=stops)) == ["I\tSo?"]

    def test_bold_labels(self) -> None:
        """How long the part in bold at the start is."""
        bold = word.run("Dr Lim ", "<w:b/>")
        not_bold = word.run("Dr Lim ", '<w:b w:val="0"/>')
        (one, other), _ = passages(
            word.document(word.paragraph(bold, "So?"), word.paragraph(not_bold, "So?"))
        )
        assert (one.emphasised, other.emphasised) == (7, 0)

    def test_headings_by_style_and_outline(self) -> None:
        """Headings are known by the name of their style, of one it is based on, or their level."""
        styles = word.style("berschrift1", "heading 1") + word.style(
            "Mine", "My own", based_on="berschrift1"
        )
        found, _ = passages(
            word.document(
                word.paragraph("One", style="berschrift1"),
                word.paragraph("Two", style="Mine"),
                word.paragraph("Three", properties='<w:outlineLvl w:val="1"/>'),
                word.paragraph("Four"),
                styles=styles,
            )
        )
        assert [one.kind is PassageKind.HEADING for one in found] == [True, True, True, False]

    def test_labels_that_word_numbers(self) -> None:
        """Labels of a list are read; mere numbers and dots are not."""
        level = '<w:lvl w:ilvl="{}"><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/></w:lvl>'
        numbering = (
            "<w:abstractNum w:abstractNumId='7'>{}</w:abstractNum>".format(
                level.format(0, "bullet", "I:")
                + level.format(1, "decimal", "Speaker %2:")
                + level.format(2, "decimal", "%3.")
                + level.format(3, "bullet", "o")
            )
            + "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num>"
        )
        lines = [
            word.paragraph(
                f"line {deep}",
                properties=f'<w:numPr><w:ilvl w:val="{deep}"/><w:numId w:val="1"/></w:numPr>',
            )
            for deep in (0, 1, 1, 2, 3)
        ]
        assert texts(*lines, numbering=numbering) == [
            "I:\tline 0", "Speaker 1:\tline 1", "Speaker 2:\tline 1", "line 2", "line 3",
        ]  # fmt: skip

    def test_fields_and_forms(self) -> None:
        """The result of a field is read, not its instruction; what was chosen, not the choices."""
        choices = (
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
            '<w:listEntry w:val="no"/><w:listEntry w:val="yes"/></w:ddList></w:ffData></w:fldChar>'
            '</w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        )
        prompt = (
            "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            f"{word.run('Click here')}</w:sdtContent></w:sdt>"
        )
        found = word.paragraph(word.field("REF secret", "page two"), " ", choices, prompt)
        assert texts(found, word.paragraph("next")) == ["page two yes", "next"]
        assert left_out(found) == ({"fields": 1}, 2)

    def test_a_field_that_never_ends(self) -> None:
        """An instruction that is never closed costs its own paragraph alone."""
        begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        assert texts(word.paragraph(begin, "lost"), word.paragraph("kept")) == ["kept"]

    def test_signs(self) -> None:
        """Hyphens that do not break, soft ones, and signs of the fonts for them."""
        face = '<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>'
        hyphen = "<w:r><w:noBreakHyphen/></w:r>"
        soft = "<w:r><w:softHyphen/></w:r>"
        assert texts(word.paragraph("well", hyphen, "be", soft, "ing ", face)) == ["well-being ☺"]

    def test_white_space_of_the_file_is_no_line(self) -> None:
        """A new line inside a run of text is a space, as Word shows it."""
        assert texts(word.paragraph("one\n two")) == ["one  two"]

    def test_old_formats_of_tracked_changes_do_not_count(self) -> None:
        """What was hidden before a change of format is shown now."""
        change = '<w:rPrChange w:id="9" w:author="x"><w:rPr><w:vanish/></w:rPr></w:rPrChange>'
        assert texts(word.paragraph(word.run("shown", change))) == ["shown"]


class TestChanges:
    def test_insertions_are_read_and_deletions_counted(self) -> None:
        """What a reviewer inserted belongs to the text; what was struck out does not."""
        block = word.paragraph(
            "P: I saw ",
            word.deleted("nobody at "),
            word.deleted("all", tag="t"),
            word.inserted(word.run("Aminah")),
        )
        assert texts(block) == ["P: I saw Aminah"]
        assert left_out(block) == ({"deleted_text": 1}, 3)

    def test_deleted_ends_of_paragraphs_join_them(self) -> None:
        """Where the end of a paragraph was deleted, the next one goes on in it."""
        gone = "<w:rPr><w:del w:id='1' w:author='x'/></w:rPr>"
        assert texts(word.paragraph("one ", properties=gone), word.paragraph("two")) == ["one two"]

    def test_moves_are_read_once_in_their_new_place(self) -> None:
        """What was moved stands where it was moved to, and is not counted as lost."""
        blocks = (
            word.paragraph("a ", word.moved("gone ", here=False), "b"),
            word.paragraph("c ", word.moved("gone ", here=True), "d"),
        )
        assert texts(*blocks) == ["a b", "c gone d"]
        assert left_out(*blocks) == ({}, 0)

    def test_a_move_to_nowhere_is_counted(self) -> None:
        """What was moved out of the document is deleted text."""
        assert left_out(word.paragraph("a ", word.moved("gone now", here=False))) == (
            {"deleted_text": 1}, 2,
        )  # fmt: skip

    def test_deleted_rows(self) -> None:
        """A row that was deleted is out, whatever stands in it."""
        gone = word.row("I", "gone").replace(
            "<w:tr>", "<w:tr><w:trPr><w:del w:id='1' w:author='x'/></w:trPr>"
        )
        kept = "".join(word.row(label, "kept words") for label in ("I", "P", "I", "P"))
        data = word.document(f"<w:tbl>{gone}{kept}</w:tbl>")
        found, findings = passages(data)
        assert [one.text for one in found] == ["kept words"] * 4
        assert (findings.left_out["deleted_text"], findings.words_left_out) == (2, 2)

    def test_struck_text_is_kept_and_told(self) -> None:
        """What somebody struck through by hand may be meant: it is read, with a warning."""
        found, findings = passages(
            word.document(word.paragraph("P: ", word.run("really", "<w:strike/>"), " no"))
        )
        assert found[0].text == "P: really no"
        assert [(one.kind, one.place) for one in findings.warnings] == [("struck_text", 1)]


class TestHidden:
    def test_hidden_runs_and_styles(self) -> None:
        """Text is hidden by its own property, by its style, or by one that is based on."""
        styles = word.style("Base", "Base", "<w:vanish/>") + word.style(
            "Own", "Own", based_on="Base"
        )
        blocks = (
            word.paragraph("a ", word.run("secret one ", "<w:vanish/>"), "b"),
            word.paragraph("secret two", style="Own"),
            word.paragraph(word.run("shown", '<w:vanish w:val="0"/>'), style="Own"),
        )
        assert texts(*blocks, styles=styles) == ["a b", "shown"]
        assert left_out(*blocks, styles=styles) == ({"hidden_text": 2}, 4)

    def test_hidden_text_is_told(self) -> None:
        """Somebody hid it for a reason, or forgot it: a warning says where the first one is."""
        _, findings = passages(
            word.document(word.paragraph("a"), word.paragraph(word.run("b", "<w:vanish/>")))
        )
        assert [(one.kind, one.count, one.place) for one in findings.warnings] == [
            ("hidden_text", 1, 2)
        ]


class TestApart:
    def test_boxes_come_behind_their_paragraph(self) -> None:
        """A box in a sentence does not cut it in two, and is read once."""
        found, _ = passages(
            word.document(
                word.paragraph("P: my ", word.text_box(word.paragraph("Seat 3")), "wife"),
                word.paragraph("I: ok"),
            )
        )
        assert [(one.text, one.speaker) for one in found] == [
            ("P: my wife", None), ("Seat 3", ""), ("I: ok", None),
        ]  # fmt: skip

    def test_a_fallback_is_read_where_there_is_nothing_else(self) -> None:
        """The form for old programs counts where the other one has no words."""
        box = word.text_box(word.paragraph("kept"))
        empty = box.replace(box[box.index("<w:drawing>") : box.index("</mc:Choice>")], "")
        assert texts(word.paragraph(empty)) == ["kept"]

    def test_boxes_may_hold_the_talk(self) -> None:
        """A document that is all boxes is read as paragraphs are."""
        found, _ = passages(
            word.document(
                *(word.paragraph(word.text_box(word.paragraph(f"{who}: ok"))) for who in "IPIP")
            )
        )
        assert [(one.text, one.speaker) for one in found] == [
            (f"{who}: ok", None) for who in "IPIP"
        ]

    def test_drawn_words_and_pictures(self) -> None:
        """Words in a drawing are read as nobody's; a picture is counted."""
        drawing = "<w:r><w:drawing><a:p><a:r><a:t>Mother</a:t></a:r></a:p></w:drawing></w:r>"
        found, findings = passages(word.document(word.paragraph("a", drawing, word.picture())))
        assert [(one.text, one.speaker) for one in found] == [("a", None), ("Mother", "")]
        assert findings.left_out == {"pictures": 1}

    def test_embedded_objects(self) -> None:
        """A sheet or sound that is embedded is counted, and its picture is not."""
        sheet = "<w:r><w:object><v:shape><v:imagedata/></v:shape><o:OLEObject/></w:object></w:r>"
        assert left_out(word.paragraph("a", sheet)) == ({"embedded_objects": 1}, 0)

    def test_notes_are_counted_with_their_words(self) -> None:
        """Footnotes, endnotes, comments and headers are left out and told."""
        block = word.paragraph(
            "P: ok", *(word.note(kind, 2) for kind in ("footnote", "endnote", "comment"))
        )
        assert left_out(
            block,
            footnotes=word.notes("footnote", {0: "", 2: "said twice"}),
            endnotes=word.notes("endnote", {2: "see above"}),
            comments=word.notes("comment", {2: "is this right"}),
            header=word.paragraph("Clinic A"),
        ) == ({"headers_footers": 1, "footnotes": 1, "endnotes": 1, "comments": 1}, 9)

    def test_notes_can_be_read(self) -> None:
        """By option a note follows the paragraph that refers to it."""
        found, findings = passages(
            word.document(
                word.paragraph("P: ok", word.note("footnote", 2)),
                word.paragraph("I: so"),
                footnotes=word.notes("footnote", {2: "said twice"}),
            ),
            append_notes=True,
        )
        assert [(one.text, one.kind) for one in found] == [
            ("P: ok", PassageKind.SPEECH),
            ("said twice", PassageKind.NOTE),
            ("I: so", PassageKind.SPEECH),
        ]
        assert findings.left_out == {}

    def test_names_that_the_document_states(self) -> None:
        """Properties, and those who commented or changed, are names that are known."""
        _, findings = passages(
            word.document(
                word.paragraph("a ", word.deleted("b", author="Mei Lin")),
                comments=word.notes("comment", {1: "c"}, author="Ravi"),
                core="<dc:creator>Puan Siti</dc:creator><dc:title>Interview with Wei</dc:title>",
            )
        )
        assert [one.name for one in findings.names] == ["Puan Siti", "Wei", "Ravi", "Mei Lin"]

    def test_parts_of_other_forms_are_read_in_place(self) -> None:
        """A document or text that Word includes when it opens the file is part of the talk."""
        inner = word.document(word.paragraph("P: inside"))
        data = word.document(
            word.paragraph("I: before"),
            '<w:altChunk r:id="c1"/>',
            '<w:altChunk r:id="c2"/>',
            word.paragraph("I: after"),
            chunks={"c1": "/word/chunk.docx", "c2": "chunk.txt"},
            parts={"word/chunk.docx": inner, "word/chunk.txt": b"P: as text"},
        )
        assert [(turn.speaker, turn.text) for turn in turns_of(data)] == [
            ("I", "before"), ("P", "inside"), ("P", "as text"), ("I", "after"),
        ]  # fmt: skip

    def test_web_pages_are_read_in_place(self) -> None:
        """HTML, plain or as a web archive, as programs put it into documents that they make."""
        page = "<html><body><p>P: a page</p></body></html>"
        archive = (
            "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n"
            "Content-Type: text/html; charset=utf-8\n"
            "Content-Transfer-Encoding: quoted-printable\n\n"
            f"{page.replace('=', '=3D').replace('page', 'pag=65')}\n--b--\n"
        )
        data = word.document(
            word.paragraph("I: before"),
            '<w:altChunk r:id="c1"/>',
            '<w:altChunk r:id="c2"/>',
            word.paragraph("I: after"),
            chunks={"c1": "chunk.html", "c2": "chunk.mht"},
            parts={"word/chunk.html": page.encode(), "word/chunk.mht": archive.encode()},
        )
        assert [one.text for one in passages(data)[0]] == [
            "I: before", "P: a page", "P: a page", "I: after",
        ]  # fmt: skip


class TestTurns:
    """What the detector of structure makes of documents."""

    def said(self, *blocks: str, **parts: str) -> list[tuple[str, str]]:
        """Speaker and text of each turn of a document."""
        data = word.document(*blocks, **parts)  # type: ignore[arg-type]
        return [(turn.speaker, turn.text) for turn in turns_of(data)]

    def test_the_speaker_goes_on_behind_a_box(self) -> None:
        """A box is nobody's, and takes the word from nobody."""
        assert self.said(
            word.paragraph("I: who helps?"),
            word.paragraph("P: my wife ", word.text_box(word.paragraph("Seat 3")), "helps"),
            word.paragraph("and my son"),
            word.paragraph("I: ok"),
        ) == [
            ("I", "who helps?"), ("P", "my wife helps"), ("", "Seat 3"), ("P", "and my son"),
            ("I", "ok"),
        ]  # fmt: skip

    def test_headings_as_labels(self) -> None:
        """NVivo codes by headings, so speakers may have their style; topics have it too."""
        styles = word.style("H", "heading 1")
        talk = [
            word.paragraph("Interviewer", style="H"),
            word.paragraph("How was that for you?"),
            word.paragraph("Participant", style="H"),
            word.paragraph("It was not bad at all."),
        ]
        assert (
            self.said(*talk * 2, styles=styles)
            == [
                ("Interviewer", "How was that for you?"),
                ("Participant", "It was not bad at all."),
            ]
            * 2
        )

    def test_headings_of_topics(self) -> None:
        """A heading with a colon is a heading still: left out, without a warning."""
        data = word.document(
            word.paragraph("Part 1: Sleep", style="Heading1"),
            word.paragraph("I: How do you sleep?"),
            word.paragraph("P: Not much."),
            word.paragraph("Part 2: Food", style="Heading1"),
            word.paragraph("I: And eat?"),
            word.paragraph("P: A little."),
        )
        turns, reading = read_all(data)
        assert [turn.text for turn in turns] == [
            "How do you sleep?", "Not much.", "And eat?", "A little.",
        ]  # fmt: skip
        assert reading.left_out == {"headings": 2}
        assert reading.warnings == ()


class TestTables:
    def test_time_speaker_text(self) -> None:
        """A row is a turn: its time and its speaker may have cells of their own."""
        data = word.document(
            word.table(("00:00:05", "Interviewer", "Ready?"), ("00:00:09", "Puan Siti", "Yes: go."))
        )
        assert turns_of(data) == [
            Turn("Interviewer", "Ready?", 5000, role=Role.INTERVIEWER),
            Turn("Puan Siti", "Yes: go.", 9000),
        ]  # fmt: skip

    def test_tables_that_lay_out_a_page(self) -> None:
        """A table of one cell is no table of turns: its paragraphs are read one by one."""
        page = word.table((word.paragraph("I: one") + word.paragraph("P: two"),))
        assert texts(page) == ["I: one", "P: two"]

    def test_a_table_in_a_cell(self) -> None:
        """A table inside one that lays out a page is read as a table."""
        inner = word.table(("I", "one more"), ("P", "two more"), ("I", "three more"))
        found, _ = passages(word.document(word.table((inner + word.paragraph(""),))))
        assert [(one.speaker, one.text) for one in found] == [
            ("I", "one more"), ("P", "two more"), ("I", "three more"),
        ]  # fmt: skip

    def test_cells_over_several_columns(self) -> None:
        """A title over the whole width is nobody's, and the columns below stay apart."""
        title = word.row("Part two: medicines").replace(
            "<w:tc>", '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'
        )
        rows = [word.row(who, "some words") for who in ("I", "P", "I")]
        found, _ = passages(word.document(f"<w:tbl>{rows[0]}{title}{rows[1]}{rows[2]}</w:tbl>"))
        assert [(one.speaker, one.text) for one in found] == [
            ("I", "some words"), ("", "Part two: medicines"), ("P", "some words"),
            ("I", "some words"),
        ]  # fmt: skip

    def test_notes_of_a_cell_follow_its_row(self) -> None:
        """A note that a cell refers to is not mixed into the talk."""
        said = word.paragraph("some words", word.note("footnote", 2))
        found, _ = passages(
            word.document(
                word.table(("I", said), ("P", "more words"), ("I", "last words")),
                footnotes=word.notes("footnote", {2: "said twice"}),
            ),
            append_notes=True,
        )
        assert [one.text for one in found] == [
            "some words", "said twice", "more words", "last words",
        ]  # fmt: skip


class TestForms:
    def test_strict_documents(self) -> None:
        """Documents of the strict form have other namespaces."""
        data = word.document(word.paragraph("I: ok"), word=word.STRICT)
        assert turns_of(data) == [Turn("I", "ok")]

    @settings(max_examples=25)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["I", "P"]),
                st.text("abc é中&<>", min_size=1, max_size=30).filter(str.strip),
            ),
            min_size=1,
            max_size=6,
        )
    )
    def test_round_trip(self, turns: list[tuple[str, str]]) -> None:
        """What another library saves is read back."""
        document = Document()
        for speaker, said in turns:
            document.add_paragraph(f"{speaker}: {said}")
        target = io.BytesIO()
        document.save(target)
        found, _ = passages(target.getvalue())
        assert [" ".join(one.text.split()) for one in found] == [
            f"{speaker}: {' '.join(said.split())}" for speaker, said in turns
        ]


class TestHostile:
    """Files that are made to do harm. Slow: some are large, and bytes are flipped one by one."""

    def read(self, data: bytes) -> list[Passage]:
        """The passages of a document."""
        limits = ImportLimits(max_unpacked_bytes=LIMIT)
        return list(importer.read(Source(data, limits=limits, importers=IMPORTERS)))

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        """A small file that unpacks to much is refused by its own directory."""
        bomb = packed(b"<a>" + b" " * (LIMIT + 1) + b"</a>")
        assert len(bomb) < 100_000
        with pytest.raises(TooLarge):
            self.read(bomb)

    def test_parts_that_are_included_again_and_again(self) -> None:
        """A part counts to the limit each time that it is read."""
        data = word.document(
            *['<w:altChunk r:id="c"/>'] * 30,
            chunks={"c": "chunk.txt"},
            parts={"word/chunk.txt": b"a " * 300_000},
        )
        with pytest.raises(TooLarge, match="again and again"):
            self.read(data)

    def test_documents_in_documents(self) -> None:
        """A document in a document is read, but not without end."""
        data = word.document(word.paragraph("deepest"))
        for _ in range(5):
            data = word.document(
                '<w:altChunk r:id="c"/>', word.paragraph("a"), chunks={"c": "c.docx"},
                parts={"word/c.docx": data},
            )  # fmt: skip
        assert [one.text for one in self.read(data)] == ["a"] * 3

    def test_a_directory_that_lies_about_sizes(self) -> None:
        """An entry that is larger than its directory says is not read beyond."""
        data = bytearray(packed(b"<a>" + b" " * 100_000 + b"</a>"))
        size = (100_007).to_bytes(4, "little")
        while (at := data.find(size)) >= 0:
            data[at : at + 4] = (10).to_bytes(4, "little")
        with pytest.raises(BadTranscript):
            self.read(bytes(data))

    @pytest.mark.parametrize(
        ("data", "advice"),
        [
            (b"PK\x03\x04 nothing", "not a readable Word document"),
            (packed(b"<a>"), "damaged XML"),
            (packed(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "DTD"),
            (packed(b"<a>" * 300 + b"</a>" * 300), "nested too deeply"),
            (packed(b"\xff\xff"), "damaged XML"),
        ],
    )
    def test_refusals(self, data: bytes, advice: str) -> None:
        """Each kind of broken file gets its own advice."""
        with pytest.raises(BadTranscript, match=advice):
            self.read(data)

    @pytest.mark.parametrize("suffix", ["docx", "odt"])
    def test_a_zip_that_is_no_document(self, suffix: str) -> None:
        """Any other archive is no transcript."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("hello.txt", "hi")
        with pytest.raises(BadTranscript):
            turns_of(target.getvalue(), f"a.{suffix}")

    @given(st.data())
    def test_flipped_bytes(self, data: st.DataObject) -> None:
        """A damaged file is read or refused, never more."""
        damaged = bytearray(
            word.document(
                word.paragraph("I: ", word.text_box(word.paragraph("hello"))),
                word.table(("I", "one"), ("P", word.field("a", "b"))),
            )
        )
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at] = data.draw(st.integers(0, 255))
        with contextlib.suppress(InvalidInput):
            turns_of(bytes(damaged), "a.docx", ImportLimits())
