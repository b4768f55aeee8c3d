# SPDX-License-Identifier: Apache-2.0
"""Words that may be misheard, marked in a release where the study wants it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given

from services.corrections.model import Correction, CorrectionKind, Replacement
from services.registry.export_formats import Style
from services.registry.notations import Notation
from services.release.domain.approved import approved_text
from services.release.domain.marks import Pause
from services.release.domain.render.docx import render_docx
from services.release.domain.render.jsonl import render_jsonl
from services.release.domain.render.webvtt import render_vtt
from services.release.domain.transcript import Segment, Transcript, Writing, turns
from tests.support.release_builders import approved, draft, hard_transcripts, transcript

TALK = Segment(
    *("S1", "participant", "Then [Person 1] took the moto & left.", 1000, 6000, "en"),
    (Replacement(5, 15, "PERSON"),),
    (Pause(25, 2000),),
    doubtful_words=((0, 4), (25, 29)),
)
MARKED = Writing(doubtful_words=True)


def written(writing: Writing = MARKED, talk: Segment = TALK) -> Transcript:
    """A transcript of one turn."""
    return replace(transcript(segments=(talk,)), writing=writing)


def runs(docx: bytes) -> list[tuple[bool, str]]:
    """The runs of a document's body: whether underlined, and the text."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        body = archive.read("word/document.xml").decode()
    found = re.findall(r"<w:r>(<w:rPr>.*?</w:rPr>)?<w:t[^>]*>(.*?)</w:t></w:r>", body, re.DOTALL)
    return [("dotted" in properties, unescape(text)) for properties, text in found]


class TestMarks:
    """Beside the text, never in it."""

    def test_a_dotted_line_in_word(self) -> None:
        """Under the words alone; a mark of the notation beside them has none."""
        assert runs(render_docx(written(), "t"))[1:] == [
            (False, " "),
            (True, "Then"),
            (False, " [Person 1] took the "),
            (True, "moto"),
            (False, " & left."),
        ]
        found = runs(render_docx(written(replace(MARKED, notation=Notation.PLAIN)), "t"))
        assert (True, "moto") in found
        assert (False, " [Person 1] took the [pause 2.0 s] ") in found

    def test_a_class_in_vtt(self) -> None:
        """Players show the words as they are."""
        line = render_vtt(written(), "t").decode().splitlines()[-1]
        assert line.endswith(
            "><c.doubtful>Then</c> [Person 1] took the <c.doubtful>moto</c> &amp; left."
        )

    def test_places_in_jsonl(self) -> None:
        """By code points of the segment's text."""
        (segment,) = json.loads(render_jsonl(written(), "t"))["segments"]
        words = [segment["text"][one["start"] : one["end"]] for one in segment["doubtful_words"]]
        assert words == ["Then", "moto"]

    @pytest.mark.parametrize("writing", [Writing(), replace(MARKED, style=Style.READABLE)])
    def test_none_where_nobody_asked(self, writing: Writing) -> None:
        """Nor in readable files, whose words have moved."""
        shown = written(writing)
        assert "doubtful" not in render_jsonl(shown, "t").decode()
        assert "doubtful" not in render_vtt(shown, "t").decode()
        assert not any(underlined for underlined, _ in runs(render_docx(shown, "t")))

    @given(hard_transcripts())
    def test_never_change_the_text(self, one: Transcript) -> None:
        """Without the marks it is the same, whatever was said."""
        plain, shown = one, replace(one, writing=MARKED)
        assert [turn.marked for turn in turns(shown)] == [turn.marked for turn in turns(plain)]
        marked = render_vtt(shown, "t").decode()
        assert re.sub("</?c(.doubtful)?>", "", marked) == render_vtt(plain, "t").decode()
        texts = "".join(text for _, text in runs(render_docx(shown, "t")))
        assert texts == "".join(text for _, text in runs(render_docx(plain, "t")))

    def test_another_release(self) -> None:
        """A study that begins to mark them gets a new one."""
        made = draft([written()], writing=Writing())
        assert made.release_id != draft([written()], writing=MARKED).release_id


class TestCounts:
    """What the certificate says."""

    def test_counts_words_that_stand(self) -> None:
        """A word that a reviewer changed, or that is written together with what was changed, has
        been seen by a person.
        """
        shown = transcript(segments=(TALK,))
        judged = replace(shown.summary, versions={"word_doubts": "base"})
        redaction = Correction(CorrectionKind.REDACT, 0, 25, 29, "PERSON", "[Person 2]")
        for corrections, count in (((), 2), ((redaction,), 1)):
            source = replace(approved(shown, corrections), summary=judged)
            assert approved_text(source, shown.segments).doubtful_words == count
        assert approved_text(approved(shown), shown.segments).doubtful_words is None
