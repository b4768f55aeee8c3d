# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from docx import Document
from docx.oxml import OxmlElement
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.transcription.adapters.importing import ImportLimits
from services.transcription.adapters.importing.docx import parse
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import turns_of

LIMIT = 10_000_000
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r" Target="word/document.xml" Type="http://x/officeDocument"/>'
    "</Relationships>"
)


def saved(document: object) -> bytes:
    """The bytes of a document."""
    target = io.BytesIO()
    document.save(target)  # type: ignore[attr-defined]
    return target.getvalue()


def packed(body: bytes, **more: bytes) -> bytes:
    """A package with this body."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", RELATIONS)
        archive.writestr("word/document.xml", body)
        for name, content in more.items():
            archive.writestr(name, content)
    return target.getvalue()


class TestWord:
    def test_paragraphs_tabs_and_breaks(self) -> None:
        """Paragraphs are lines; tabs and line breaks are spaces."""
        document = Document()
        document.add_paragraph("Interview 3")
        document.add_paragraph("I:\tHow was\nit?")
        document.add_paragraph("P: Good.")
        assert list(parse(saved(document), LIMIT)) == [
            Turn("", "Interview 3"), Turn("I", "How was it?"), Turn("P", "Good."),
        ]  # fmt: skip

    def test_table_with_times_and_speakers(self) -> None:
        """A row is a turn: its time and its speaker may have cells of their own."""
        document = Document()
        table = document.add_table(rows=0, cols=3)
        for cells in (("00:00:05", "Interviewer", "Ready?"), ("00:00:09", "Puan Siti", "Yes: go.")):
            for cell, text in zip(table.add_row().cells, cells, strict=True):
                cell.text = text
        assert list(parse(saved(document), LIMIT)) == [
            Turn("Interviewer", "Ready?", 5000), Turn("Puan Siti", "Yes: go.", 9000),
        ]  # fmt: skip

    def test_tracked_insertions_are_read_and_deletions_are_not(self) -> None:
        """What a reviewer inserted belongs to the text; what was struck out does not."""
        document = Document()
        paragraph = document.add_paragraph("P: I saw ")
        for kind, tag, text in (("w:ins", "w:t", "Aminah"), ("w:del", "w:delText", "nobody")):
            change, run, node = OxmlElement(kind), OxmlElement("w:r"), OxmlElement(tag)
            node.text = text
            run.append(node)
            change.append(run)
            paragraph._p.append(change)
        assert list(parse(saved(document), LIMIT)) == [Turn("P", "I saw Aminah")]

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
        """What Word would save is read back as the same turns."""
        document = Document()
        for speaker, said in turns:
            document.add_paragraph(f"{speaker}: {said}")
        expected = [Turn(speaker, " ".join(said.split())) for speaker, said in turns]
        assert list(parse(saved(document), LIMIT)) == expected


class TestHostile:
    """Files that are made to do harm. Slow: some are large, and bytes are flipped one by one."""

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        """A small file that unpacks to much is refused by its own directory."""
        bomb = packed(b"<a>" + b" " * (LIMIT + 1) + b"</a>")
        assert len(bomb) < 100_000
        with pytest.raises(TooLarge):
            list(parse(bomb, LIMIT))

    def test_a_directory_that_lies_about_sizes(self) -> None:
        """An entry that is larger than its directory says is not read beyond."""
        data = bytearray(packed(b"<a>" + b" " * 100_000 + b"</a>"))
        size = (100_007).to_bytes(4, "little")
        while (at := data.find(size)) >= 0:
            data[at : at + 4] = (10).to_bytes(4, "little")
        with pytest.raises(BadTranscript):
            list(parse(bytes(data), LIMIT))

    @pytest.mark.parametrize(
        ("data", "advice"),
        [
            (b"PK\x03\x04 nothing", "not a readable Word document"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "without a password"),
            (packed(b"<a>"), "damaged text"),
            (packed(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "DTD"),
            (packed(b"<a>" * 300 + b"</a>" * 300), "nested too deeply"),
            (packed(b"\xff\xff"), "damaged text"),
        ],
    )
    def test_refusals(self, data: bytes, advice: str) -> None:
        """Each kind of broken file gets its own advice."""
        with pytest.raises(BadTranscript, match=advice):
            list(parse(data, LIMIT))

    def test_a_zip_that_is_no_document(self) -> None:
        """Any other archive is no transcript."""
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("hello.txt", "hi")
        with pytest.raises(BadTranscript, match="not a Word document"):
            list(parse(target.getvalue(), LIMIT))

    @given(st.data())
    def test_flipped_bytes(self, data: st.DataObject) -> None:
        """A damaged file is read or refused, never more."""
        document = Document()
        document.add_paragraph("I: hello")
        damaged = bytearray(saved(document))
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at] = data.draw(st.integers(0, 255))
        with contextlib.suppress(InvalidInput):
            turns_of(bytes(damaged), "a.docx", ImportLimits())
