# SPDX-License-Identifier: Apache-2.0
"""No word of a document gets lost, whatever it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import open_documents as open_document
from tests.support import word_documents as word
from tests.support.reading import read_all

SHOWN = ("plain", "bold", "struck", "inserted", "result", "linked")
"""Kinds of pieces that are seen in their place."""

APART = ("box", "moved")
"""Kinds that are seen, in another place."""

COUNTED = ("deleted", "hidden", "footnote", "comment")
"""Kinds that are left out and counted."""

SILENT = ("break", "tab", "picture", "instruction")
"""Kinds that have no words, or words that nobody sees."""

Piece = tuple[str, str]


@dataclass
class Invented:
    """A document: paragraphs of pieces, and tables of words, each word another one."""

    blocks: list[tuple[str, list[list[Piece]]]] = field(default_factory=list)

    def words(self, *kinds: str) -> list[str]:
        """The words of pieces of some kinds, in order."""
        return [
            text.strip(":")
            for _, rows in self.blocks
            for pieces in rows
            for kind, text in pieces
            if kind in kinds
        ]


@st.composite
def documents(draw: st.DrawFn) -> Invented:
    """Documents of paragraphs, headings and tables."""
    made = Invented()
    count = 0
    for _ in range(draw(st.integers(1, 6))):
        block = draw(st.sampled_from(["paragraph", "paragraph", "joined", "heading", "table"]))
        rows = []
        for _ in range(draw(st.integers(2, 4)) if block == "table" else 1):
            kinds = draw(
                st.lists(st.sampled_from(SHOWN), min_size=2, max_size=2)
                if block == "table"
                else st.lists(st.sampled_from(SHOWN + APART + COUNTED + SILENT), max_size=7)
            )
            # Some words look like labels, of which the detector of structure takes some out.
            end = draw(st.sampled_from(["x", "x", "x:"]))
            rows.append([(kind, f"w{count + at}{end}") for at, kind in enumerate(kinds)])
            count += len(kinds)
        made.blocks.append((block, rows))
    made.blocks.append(("paragraph", [[("plain", "last")]]))
    return made


class TestNothingIsLost:
    @pytest.mark.parametrize("form", ["docx", "odt"])
    @settings(max_examples=80, deadline=None)
    @given(invented=documents())
    def test_words(self, form: str, invented: Invented) -> None:
        """Every word that is seen is in a turn, a label or counted; no other one is in a turn."""
        data = in_word(invented) if form == "docx" else in_open_document(invented)
        turns, reading = read_all(data)
        said = [one.strip(":") for turn in turns for one in turn.text.split()]
        labels = " ".join(turn.speaker for turn in turns).split()
        found = {*said, *labels}
        counted = invented.words(*COUNTED)
        assert found.isdisjoint({*counted, *invented.words("instruction")})
        missing = set(invented.words(*SHOWN, *APART)) - found
        assert reading.words_left_out >= len(counted) + len(missing)
        shown = invented.words(*SHOWN)
        in_place = [one for one in said if one in set(shown)]
        assert in_place == sorted(in_place, key=shown.index)
        for one in invented.words(*SHOWN, *APART):
            assert said.count(one) <= 1


def in_word(invented: Invented) -> bytes:
    """The document as Word writes it."""
    notes: dict[str, dict[int, str]] = {"footnote": {}, "comment": {}}
    moves: list[str] = []

    def piece(kind: str, text: str) -> str:
        number = int(text.strip("wx:")) if text != "last" else 0
        if kind in notes:
            notes[kind][number] = text
            return word.note(kind, number)
        if kind == "moved":
            moves.append(text)
        return _WORD_PIECES[kind](f"{text} ")

    blocks: list[str] = []
    for block, rows in invented.blocks:
        if block == "table":
            made = (word.row(*(word.paragraph(piece(*one)) for one in pieces)) for pieces in rows)
            blocks.append(f"<w:tbl>{''.join(made)}</w:tbl>")
        else:
            properties = _WORD_PROPERTIES.get(block, "")
            blocks.append(word.paragraph(*(piece(*one) for one in rows[0]), properties=properties))
    blocks += [word.paragraph(word.moved(f"{text} ", here=True)) for text in moves]
    return word.document(
        *blocks,
        footnotes=word.notes("footnote", notes["footnote"]),
        comments=word.notes("comment", notes["comment"]),
    )


_WORD_PROPERTIES = {
    "joined": '<w:rPr><w:del w:id="1" w:author="x"/></w:rPr>',
    "heading": '<w:outlineLvl w:val="0"/>',
}
_WORD_PIECES: dict[str, Callable[[str], str]] = {
    "plain": word.run,
    "bold": lambda text: word.run(text, "<w:b/>"),
    "struck": lambda text: word.run(text, "<w:strike/>"),
    "hidden": lambda text: word.run(text, "<w:vanish/>"),
    "inserted": lambda text: word.inserted(word.run(text)),
    "deleted": word.deleted,
    "moved": lambda text: word.moved(text, here=False),
    "result": lambda text: word.field("REF other", text),
    "linked": lambda text: f'<w:hyperlink r:id="r9">{word.run(text)}</w:hyperlink>',
    "box": lambda text: word.text_box(word.paragraph(text)),
    "break": lambda _: word.line_break(),
    "tab": lambda _: word.tab(),
    "picture": lambda _: word.picture(),
    "instruction": lambda text: word.field(text, " "),
}

_STYLES = "".join(
    f'<style:style style:name="{name}"><style:text-properties {properties}/></style:style>'
    for name, properties in {
        "bold": 'fo:font-weight="bold"',
        "struck": 'style:text-line-through-style="solid"',
        "hidden": 'text:display="none"',
    }.items()
)


def in_open_document(invented: Invented) -> bytes:
    """The document as LibreOffice writes it; what was moved is there as if it were typed anew."""
    deleted: list[str] = []
    moves: list[str] = []

    def piece(kind: str, text: str) -> str:
        if kind in ("deleted", "moved"):
            deleted.append(text) if kind == "deleted" else moves.append(text)
            return '<text:change text:change-id="c"/>'
        return _OPEN_PIECES[kind](f"{text} ")

    def paragraph(pieces: Iterable[Piece], tag: str = "p") -> str:
        return f"<text:{tag}>{''.join(piece(*one) for one in pieces)}</text:{tag}>"

    blocks: list[str] = []
    for block, rows in invented.blocks:
        if block == "table":
            cells = (
                "".join(f"<table:table-cell>{paragraph([one])}</table:table-cell>" for one in row)
                for row in rows
            )
            made = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
            blocks.append(f"<table:table>{made}</table:table>")
        else:
            blocks.append(paragraph(rows[0], "h" if block == "heading" else "p"))
    blocks += [f"<text:p>{text}</text:p>" for text in moves]
    changes = "".join(
        f"<text:changed-region><text:deletion><text:p>{text}</text:p></text:deletion>"
        "</text:changed-region>"
        for text in deleted
    )
    body = f"<text:tracked-changes>{changes}</text:tracked-changes>{''.join(blocks)}"
    return open_document.document(body, styles=_STYLES)


def _styled(name: str) -> Callable[[str], str]:
    return lambda text: f'<text:span text:style-name="{name}">{text}</text:span>'


_OPEN_PIECES: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "bold": _styled("bold"),
    "struck": _styled("struck"),
    "hidden": _styled("hidden"),
    "inserted": lambda text: f'<text:change-start text:change-id="c"/>{text}',
    "result": lambda text: f'<text:bookmark-ref text:ref-name="b">{text}</text:bookmark-ref>',
    "linked": lambda text: f"<text:a>{text}</text:a>",
    "box": lambda text: (
        f"<draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
    ),
    "footnote": lambda text: (
        f'<text:note text:note-class="footnote"><text:note-body><text:p>{text}</text:p>'
        "</text:note-body></text:note>"
    ),
    "comment": lambda text: f"<office:annotation><text:p>{text}</text:p></office:annotation>",
    "break": lambda _: "<text:line-break/>",
    "tab": lambda _: "<text:tab/>",
    "picture": lambda _: "<draw:frame><draw:image/></draw:frame>",
    "instruction": lambda text: f'<text:bookmark text:name="{text.strip()}"/>',
}
