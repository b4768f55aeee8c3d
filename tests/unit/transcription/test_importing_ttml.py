# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing import ttml
from services.transcription.adapters.importing.source import ImportLimits, Source
from services.transcription.errors import BadTranscript, TooLarge

_HEAD = (
    '<tt xmlns="http://www.w3.org/ns/ttml" xmlns:ttm="http://www.w3.org/ns/ttml#metadata" '
    'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" {rates}>{head}<body><div{div}>'
)
_AGENT = '<ttm:agent xml:id="{0}" type="person"><ttm:name type="full">{1}</ttm:name></ttm:agent>'


def document(body: str, head: str = "", rates: str = "", div: str = "") -> bytes:
    """A TTML file with these paragraphs."""
    return (_HEAD.format(head=head, rates=rates, div=div) + body + "</div></body></tt>").encode()


def rows(data: bytes) -> list[tuple[str | None, int | None, int | None, str]]:
    """Speaker, times and text of the passages."""
    return [(one.speaker, one.start_ms, one.end_ms, one.text) for one in ttml.read(Source(data))]


class TestTimes:
    @pytest.mark.parametrize(
        ("attributes", "rates", "start", "end"),
        [
            ('begin="3s" end="8s"', "", 3000, 8000),
            ('begin="00:00:03.500" end="00:00:08.25"', "", 3500, 8250),
            ('begin="3.5s" dur="1500ms"', "", 3500, 5000),
            ('begin="00:00:03:15" end="00:00:04:00"', 'ttp:frameRate="30"', 3500, 4000),
            ('begin="75f" dur="25f"', 'ttp:frameRate="25"', 3000, 4000),
            (
                'begin="30f"',
                'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"',
                1001,
                None,
            ),
            ('begin="30000000t" end="80000000t"', 'ttp:tickRate="10000000"', 3000, 8000),
            ('begin="0.5m" end="0.01h"', "", 30_000, 36_000),
            ('end="2s"', "", None, None),
            ('begin="5s" end="2s"', "", 5000, None),
            ('begin="soon"', "", None, None),
            ("", "", None, None),
        ],
    )
    def test_time_expressions(
        self, attributes: str, rates: str, start: int | None, end: int | None
    ) -> None:
        """Clock times, offsets, frames and ticks are read; what is none leaves the text."""
        data = document(f"<p {attributes}>selamat</p>", rates=rates)
        assert rows(data) == [(None, start, end, "selamat")]

    def test_times_count_from_what_is_around(self) -> None:
        """A paragraph's time is added to that of its division, a span's to that of both."""
        data = document(
            '<p begin="1s" end="2s">a</p><p><span begin="3s" end="4s">b</span> '
            '<span begin="4s" end="5s">c</span></p>',
            div=' begin="10s"',
        )
        assert rows(data) == [(None, 11_000, 12_000, "a"), (None, 13_000, 15_000, "b c")]


class TestText:
    def test_spans_breaks_and_space(self) -> None:
        """Spans are joined, breaks stay, and other white space is single."""
        data = document("<p>  Good\n   <span>mor</span>ning<br/>\n all &amp; one &#64; </p>")
        assert rows(data) == [(None, None, None, "Good morning\nall & one @")]

    def test_agents_are_speakers(self) -> None:
        """Names come from the head; an agent without one is called by its id."""
        head = f"<head>{_AGENT.format('a1', 'Salmah Idris')}{_AGENT.format('a2', 'Ravi')}</head>"
        data = document(
            '<p ttm:agent="a1">a</p><p ttm:agent="zz">b</p><p>c</p>'
            '<p><span ttm:agent="a1">d</span> <span ttm:agent="a2">e</span></p>'
            '<p ttm:agent="a1 a2">f</p>',
            head,
        )
        assert [(who, said) for who, _, _, said in rows(data)] == [
            ("Salmah Idris", "a"),
            ("zz", "b"),
            (None, "c"),
            ("Salmah Idris", "d"),
            ("Ravi", "e"),
            ("Salmah Idris + Ravi", "f"),
        ]

    def test_an_agent_of_a_division(self) -> None:
        """What a division says of its agent holds for its paragraphs."""
        data = document("<p>a</p>", div=' ttm:agent="x"')
        assert rows(data) == [("x", None, None, "a")]

    def test_titles_and_notes_are_counted(self) -> None:
        """They are no speech; who is named there is known."""
        source = Source(
            document(
                "<p><metadata><ttm:desc>he coughs</ttm:desc></metadata>hi</p>",
                "<head><metadata><ttm:title>Talk by Salmah Idris</ttm:title></metadata></head>",
            )
        )
        assert [one.text for one in ttml.read(source)] == ["hi"]
        assert dict(source.findings.left_out) == {"notes": 2}
        assert source.findings.words_left_out == 6
        assert [one.name for one in source.findings.names] == ["Salmah Idris"]

    def test_older_forms(self) -> None:
        """DFXP of other namespaces, prefixes and a declaration are read."""
        data = (
            b'\n<?xml version="1.0" encoding="UTF-8"?>\n'
            b'<tt:tt xmlns:tt="http://www.w3.org/2006/10/ttaf1"><tt:body><tt:div>'
            b'<tt:p begin="00:00:01.00">a<tt:br/>b</tt:p></tt:div></tt:body></tt:tt>'
        )
        assert rows(data) == [(None, 1000, None, "a\nb")]
        assert ttml.looks_like(data.decode())

    @given(st.lists(st.text("ab é中\n ", min_size=1).filter(str.strip), min_size=1, max_size=5))
    def test_no_word_is_lost(self, said: list[str]) -> None:
        """Every word of a paragraph is in its passage."""
        data = document("".join(f"<p>{text}</p>" for text in said))
        assert [row[3].split() for row in rows(data)] == [text.split() for text in said]


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "advice"),
        [
            (b"<tt><body><div><p>a</p></div></body>", "damaged XML"),
            (b"<smil><body><p>a</p></body></smil>", "no TTML"),
            (b'<!DOCTYPE tt [<!ENTITY a "b">]><tt><body><p>&a;</p></body></tt>', "DTD"),
        ],
    )
    def test_what_is_no_ttml(self, data: bytes, advice: str) -> None:
        """Damaged files, other XML and DTDs are refused by name."""
        with pytest.raises(BadTranscript, match=advice):
            rows(data)

    def test_too_many(self) -> None:
        """The number of paragraphs is bounded."""
        with pytest.raises(TooLarge, match="more than 10 turns"):
            list(ttml.read(Source(document("<p>a</p>" * 11), "", ImportLimits(max_turns=10))))

    def test_recognition(self) -> None:
        """The first element decides."""
        assert ttml.looks_like('<?xml version="1.0"?>\n<!-- a -->\n<tt xml:lang="">')
        assert not ttml.looks_like("<html><tt>a</tt></html>")
        assert not ttml.looks_like("I: <tt>")
