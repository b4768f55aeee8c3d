# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import html
import io
import json
import re
import zipfile

import docx
import pytest
import webvtt
from hypothesis import given

from services.registry.export_formats import ExportFormat
from services.release.domain.render import RENDERERS
from services.release.domain.render.docx import render_docx
from services.release.domain.render.jsonl import render_jsonl
from services.release.domain.render.plain import render_txt
from services.release.domain.render.webvtt import render_vtt
from services.release.domain.transcript import Segment, Transcript, labelled_segments, turns
from tests.support.release_builders import hard_transcripts, transcript

TITLE = "recovery-peers P07 session 1"


def spoken(one: Transcript) -> list[tuple[str, str]]:
    """Return labels and texts of the turns."""
    return [(turn.label, turn.text) for turn in turns(one)]


def split_label(paragraph: str) -> tuple[str, str]:
    """Part a paragraph at its first colon."""
    label, _, text = paragraph.partition(": ")
    return label, text


class TestEveryFormat:
    """What all formats have in common."""

    @pytest.mark.parametrize("file_format", RENDERERS)
    @given(one=hard_transcripts())
    def test_is_the_same_on_rerun(self, file_format: ExportFormat, one: Transcript) -> None:
        """Rendering twice gives the same bytes."""
        assert RENDERERS[file_format](one, TITLE) == RENDERERS[file_format](one, TITLE)

    @pytest.mark.parametrize(
        "file_format", [ExportFormat.JSONL, ExportFormat.TXT, ExportFormat.VTT]
    )
    @given(one=hard_transcripts())
    def test_is_utf8_with_line_feeds_and_no_mark(
        self, file_format: ExportFormat, one: Transcript
    ) -> None:
        """No byte order mark at the start, no carriage return anywhere."""
        data = RENDERERS[file_format](one, TITLE)
        assert not data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
        assert data.decode()[-1:] in {"", "\n"}


class TestTxt:
    """Plain text."""

    def test_is_a_paragraph_a_turn(self) -> None:
        """Turns stand apart by a blank line, each under its label."""
        assert render_txt(transcript(), TITLE).decode() == (
            "Interviewer: What does recovery mean to you?\n"
            "\n"
            "P07: Bagi saya, [P07's brother] came every day lah."
            " And I <really> liked it & stayed.\n"
            "\n"
            "Interviewer: Mhm.\n"
        )

    @given(hard_transcripts())
    def test_carries_any_text(self, one: Transcript) -> None:
        """Paragraphs read back are the turns."""
        text = render_txt(one, TITLE).decode()
        found = [split_label(part) for part in text.removesuffix("\n").split("\n\n") if part]
        assert found == spoken(one)


class TestJsonl:
    """JSON Lines."""

    def test_holds_turns_with_segments(self) -> None:
        """A turn spans its segments' times and keeps their languages."""
        row = json.loads(render_jsonl(transcript(), TITLE).splitlines()[1])
        assert row["turn"] == 2
        assert (row["speaker"], row["role"]) == ("P07", "participant")
        assert (row["start_ms"], row["end_ms"]) == (2500, 8000)
        assert [part["language"] for part in row["segments"]] == ["ms", "en"]

    def test_writes_every_script_as_it_is(self) -> None:
        """Text stays readable in the file, not escaped."""
        parts = (Segment("S1", "", "அம்மா 朋友 كيتا"),)
        assert "அம்மா 朋友 كيتا".encode() in render_jsonl(transcript(segments=parts), TITLE)

    def test_says_null_where_there_are_no_times(self) -> None:
        """A missing time is null, not zero."""
        row = json.loads(render_jsonl(transcript(segments=(Segment("S1", "", "a"),)), TITLE))
        assert row["start_ms"] is None
        assert row["segments"][0]["end_ms"] is None

    @given(hard_transcripts())
    def test_carries_any_text(self, one: Transcript) -> None:
        """Lines read back are the turns, by whatever notion of a line."""
        text = render_jsonl(one, TITLE).decode()
        rows = [json.loads(row) for row in text.splitlines()]
        assert [(row["speaker"], row["text"]) for row in rows] == spoken(one)


CUE = re.compile(
    r"(\d+)\n(\d\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d\d+):(\d\d):(\d\d)\.(\d{3})\n"
    r"<v ([^<>]+)>([^<>\n]*)\n"
)


class TestVtt:
    """WebVTT."""

    def test_is_a_cue_a_segment(self) -> None:
        """Cues carry the voice and escape what is markup."""
        text = render_vtt(transcript(), TITLE).decode()
        assert text.startswith("WEBVTT\n\nNOTE\nrecovery-peers P07 session 1\n\n1\n")
        assert (
            "3\n00:00:06.100 --> 00:00:08.000\n<v P07>And I &lt;really&gt; liked it &amp; stayed.\n"
            in text
        )

    def test_is_read_by_an_independent_parser(self) -> None:
        """webvtt-py finds the same voices and times."""
        found = webvtt.from_buffer(io.BytesIO(render_vtt(transcript(), TITLE))).captions
        assert [cue.voice for cue in found] == ["Interviewer", "P07", "P07", "Interviewer"]
        assert found[1].start == "00:00:02.500"

    def test_counts_seconds_and_says_so_where_there_are_no_times(self) -> None:
        """Cues in the order of speech, under a note that they tell no time."""
        parts = (Segment("S1", "", "a"), Segment("S2", "", "b"))
        text = render_vtt(transcript(segments=parts), TITLE).decode()
        assert "carries no times" in text
        assert "2\n00:00:02.000 --> 00:00:03.000\n<v S2>b\n" in text

    @given(hard_transcripts())
    def test_carries_any_text_in_order(self, one: Transcript) -> None:
        """Every block is a header or a cue; starts never go back; texts are the segments."""
        blocks = render_vtt(one, TITLE).decode().split("\n\n")
        heads = 2 if one.timed else 3
        cues = [CUE.fullmatch(block.rstrip("\n") + "\n") for block in blocks[heads:]]
        times = [[int(part) for part in cue.groups()[1:9]] for cue in cues if cue]
        assert len(times) == len(cues)
        assert all(row[:4] < row[4:] for row in times)
        assert [row[:4] for row in times] == sorted(row[:4] for row in times)
        found = [(cue[10], html.unescape(cue[11])) for cue in cues if cue]
        assert [text for _, text in found] == [segment.text for segment in labelled_segments(one)]
        assert [html.unescape(label) for label, _ in found] == [
            segment.label for segment in labelled_segments(one)
        ]


class TestDocx:
    """Word."""

    def test_is_read_by_an_independent_parser(self) -> None:
        """python-docx finds a paragraph a turn, a page header, and properties that tell nothing."""
        found = docx.Document(io.BytesIO(render_docx(transcript(), TITLE)))
        assert [split_label(one.text) for one in found.paragraphs] == spoken(transcript())
        assert found.sections[0].header.paragraphs[0].text == TITLE
        properties = found.core_properties
        assert (properties.title, properties.author, properties.created) == (TITLE, "", None)
        assert properties.last_modified_by == ""

    def test_tells_no_time(self) -> None:
        """Every entry has the first moment that the format knows, and none is compressed."""
        with zipfile.ZipFile(io.BytesIO(render_docx(transcript(), TITLE))) as archive:
            for entry in archive.infolist():
                assert entry.date_time == (1980, 1, 1, 0, 0, 0)
                assert entry.compress_type == zipfile.ZIP_STORED

    @given(hard_transcripts())
    def test_carries_any_text(self, one: Transcript) -> None:
        """Paragraphs read back are the turns."""
        found = docx.Document(io.BytesIO(render_docx(one, TITLE)))
        assert [split_label(part.text) for part in found.paragraphs if part.text] == spoken(one)

    def test_keeps_the_space_after_the_label(self) -> None:
        """Word drops spaces at the edge of a run unless told to keep them."""
        with zipfile.ZipFile(io.BytesIO(render_docx(transcript(), TITLE))) as archive:
            body = archive.read("word/document.xml").decode()
        assert body.count('<w:t xml:space="preserve"> ') == len(spoken(transcript()))

    def test_has_a_paragraph_where_nobody_speaks(self) -> None:
        """An empty transcript is still a document that opens."""
        found = docx.Document(io.BytesIO(render_docx(transcript(segments=()), TITLE)))
        assert [one.text for one in found.paragraphs] == [""]
