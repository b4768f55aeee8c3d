# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.transcription.adapters.importing import odt as importer
from services.transcription.adapters.importing.source import Source
from services.transcription.domain.reading import Findings, Passage, PassageKind, ReadingOptions
from services.transcription.errors import BadTranscript
from tests.support.open_documents import document, flat
from tests.support.reading import turns_of


def passages(data: bytes, *, append_notes: bool = False) -> tuple[list[Passage], Findings]:
    """The passages of a document, and what was noted."""
    source = Source(data, options=ReadingOptions(append_notes=append_notes))
    return list(importer.read(source)), source.findings


def texts(body: str, styles: str = "") -> list[str]:
    """The texts of the passages of a document."""
    return [one.text for one in passages(document(body, styles=styles))[0]]


HIDDEN = (
    '<style:style style:name="H" style:family="text">'
    '<style:text-properties text:display="none"/></style:style>'
)


class TestText:
    def test_breaks_tabs_and_spaces(self) -> None:
        """Breaks are lines, tabs are tabs; spaces are counted, within a bound."""
        assert texts(
            "<text:p>I<text:tab/>So?<text:line-break/>P:<text:s text:c='3'/>Ok</text:p>"
        ) == ["I\tSo?\nP:   Ok"]
        (long,) = texts("<text:p>a<text:s text:c='999999999'/>b</text:p>")
        assert len(long) < 200

    def test_white_space_of_the_file(self) -> None:
        """Lines of the file are no lines of the text."""
        assert texts("<text:p>one\n   two</text:p>") == ["one two"]

    def test_headings(self) -> None:
        """Headings are known as such, by their element or their style."""
        found, _ = passages(
            document(
                '<text:h text:outline-level="1">One</text:h><text:p text:style-name="Title">Two'
                "</text:p><text:p>Three</text:p>"
            )
        )
        assert [one.kind is PassageKind.HEADING for one in found] == [True, True, False]

    def test_tracked_changes(self) -> None:
        """What was deleted stands apart, is counted, and not read."""
        found, findings = passages(
            document(
                "<text:tracked-changes><text:changed-region><text:deletion><office:change-info>"
                "<dc:creator>Mei Lin</dc:creator><dc:date>2026</dc:date></office:change-info>"
                "<text:p>gone away</text:p></text:deletion></text:changed-region>"
                "</text:tracked-changes><text:p>P: <text:change/>kept</text:p>"
            )
        )
        assert [one.text for one in found] == ["P: kept"]
        assert (dict(findings.left_out), findings.words_left_out) == ({"deleted_text": 1}, 2)
        assert [one.name for one in findings.names] == ["Mei Lin"]

    def test_hidden_text(self) -> None:
        """Text is hidden by a style, a field or a section."""
        body = (
            '<text:p>a <text:span text:style-name="H">secret one</text:span> b</text:p>'
            '<text:p><text:hidden-paragraph text:is-hidden="true"/>secret two</text:p>'
            '<text:section text:display="none"><text:p>secret three</text:p></text:section>'
            "<text:p>c</text:p>"
        )
        found, findings = passages(document(body, styles=HIDDEN))
        assert [one.text for one in found] == ["a  b", "c"]
        assert (dict(findings.left_out), findings.words_left_out) == ({"hidden_text": 3}, 6)

    def test_bold_and_struck(self) -> None:
        """The bold part at the start is measured, struck text is read and told."""
        styles = (
            '<style:style style:name="B"><style:text-properties fo:font-weight="bold"/>'
            '</style:style><style:style style:name="S"><style:text-properties '
            'style:text-line-through-style="solid"/></style:style>'
        )
        (one,), findings = passages(
            document(
                '<text:p><text:span text:style-name="B">Wei</text:span> so '
                '<text:span text:style-name="S">what</text:span></text:p>',
                styles=styles,
            )
        )
        assert (one.text, one.emphasised) == ("Wei so what", 3)
        assert [warning.kind for warning in findings.warnings] == ["struck_text"]


class TestApart:
    BODY = (
        '<text:p>P: ok<text:note text:note-class="footnote"><text:note-citation>1'
        "</text:note-citation><text:note-body><text:p>said twice</text:p></text:note-body>"
        "</text:note> then<office:annotation><dc:creator>Ravi</dc:creator><dc:date>2026</dc:date>"
        "<text:p>is it</text:p></office:annotation></text:p><text:p>I: so</text:p>"
    )

    def test_notes_are_counted_or_read(self) -> None:
        """Footnotes and comments are left out and told, or, by option, follow their paragraph."""
        found, findings = passages(document(self.BODY))
        assert [one.text for one in found] == ["P: ok then", "I: so"]
        assert dict(findings.left_out) == {"footnotes": 1, "comments": 1}
        assert findings.words_left_out == 4
        found, findings = passages(document(self.BODY), append_notes=True)
        assert [one.text for one in found] == ["P: ok then", "said twice", "is it", "I: so"]
        assert not findings.left_out

    def test_boxes_pictures_and_headers(self) -> None:
        """A box follows its paragraph; pictures, objects and headers are counted."""
        body = (
            "<text:p>P: my <draw:frame><draw:text-box><text:p>Seat 3</text:p></draw:text-box>"
            "</draw:frame>wife<draw:frame><draw:image/></draw:frame><draw:frame><draw:object/>"
            "<draw:image/></draw:frame></text:p>"
        )
        header = (
            "<office:master-styles><style:master-page><style:header><text:p>Clinic A</text:p>"
            "</style:header></style:master-page></office:master-styles>"
        )
        found, findings = passages(document(body, pages=header))
        assert [(one.text, one.speaker) for one in found] == [("P: my wife", None), ("Seat 3", "")]
        assert dict(findings.left_out) == {
            "headers_footers": 1, "pictures": 1, "embedded_objects": 1,
        }  # fmt: skip

    def test_names_that_the_document_states(self) -> None:
        """The author and names in the title are known."""
        _, findings = passages(
            document(
                "<text:p>a</text:p>",
                meta="<office:meta><dc:creator>Puan Siti</dc:creator>"
                "<dc:title>Interview with Wei Ling</dc:title></office:meta>",
            )
        )
        assert {one.name for one in findings.names} >= {"Puan Siti", "Wei Ling"}


class TestTables:
    def test_rows_are_turns(self) -> None:
        """Cells may be repeated, which is bounded, or covered by wide ones."""
        cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
        rows = "".join(
            "<table:table-row>"
            + cell.format(who)
            + cell.format(f"words of {who}")
            + '<table:table-cell table:number-columns-repeated="1000000"/></table:table-row>'
            for who in ("Wei", "Siti", "Wei", "Siti")
        )
        found, _ = passages(document(f"<table:table>{rows}</table:table>"))
        assert [(one.speaker, one.text) for one in found] == [
            (who, f"words of {who}") for who in ("Wei", "Siti", "Wei", "Siti")
        ]


class TestForms:
    def test_the_content_decides(self) -> None:
        """A document is read under any name, packed or in one file."""
        body = "<text:p>I: So?</text:p><text:p>P: Well.</text:p>"
        for data in (document(body), flat(body)):
            assert [(one.speaker, one.text) for one in turns_of(data, "a.txt")] == [
                ("I", "So?"), ("P", "Well."),
            ]  # fmt: skip

    def test_a_password(self) -> None:
        """A document with a password is refused as such."""
        manifest = (
            "<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
        )
        with pytest.raises(BadTranscript, match="password"):
            turns_of(document("<text:p>a</text:p>", manifest=manifest))

    @given(st.data())
    def test_flipped_bytes(self, data: st.DataObject) -> None:
        """A damaged file is read or refused, never more."""
        damaged = bytearray(document(TestApart.BODY))
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at] = data.draw(st.integers(0, 255))
        with contextlib.suppress(InvalidInput):
            turns_of(bytes(damaged), "a.odt")

    def test_a_spreadsheet_is_named(self) -> None:
        """Other documents of the family are refused by name."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", "<a/>")
        with pytest.raises(BadTranscript, match="spreadsheet"):
            turns_of(target.getvalue(), "a.ods")


def test_a_box_before_the_words_of_its_paragraph_is_nobodys() -> None:
    """Words of a text box are not those of the speaker in whose paragraph it stands."""
    box = "<draw:frame><draw:text-box><text:p>Seat three</text:p></draw:text-box></draw:frame>"
    body = f"<text:p>I: So?</text:p><text:p>{box}P: Well.</text:p>"
    turns = turns_of(document(body), "a.odt")
    assert [(one.speaker, one.text) for one in turns] == [
        ("I", "So?"), ("P", "Well."), ("", "Seat three"),
    ]  # fmt: skip
