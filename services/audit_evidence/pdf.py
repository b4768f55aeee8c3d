# SPDX-License-Identifier: Apache-2.0
"""A report as PDF, with page numbers and lines to sign on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from services.audit_evidence.report_model import ReportDocument, Section

if TYPE_CHECKING:
    from fpdf import FPDF

#: Name of the attachment with the contents.
CONTENTS = "report.json"
_FONT = "Helvetica"
_TABLE_POINTS = 7.5
_SMALLEST_POINTS = 5.5
_CELL_MARGIN = 3.0
"""Room beside the text of a cell, both sides together, in millimetres."""


def pdf_bytes(document: ReportDocument, made: datetime) -> bytes:
    """Return the report as a PDF of A4 pages; `made` is the moment that it states.

    Each page bears the digest of the contents, which are attached as JSON: whoever has a signed
    print and the file can tell that they are of one report.
    """
    from fpdf import FPDF

    title = _latin(document.title)
    frame = document.frame
    ends = _latin(f"{title}   {frame.digest}: {document.digest}")

    class Pages(FPDF):
        """Pages with a foot that names the report and counts them."""

        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(_FONT, "", 7.5)
            self.cell(0, 5, ends)
            self.set_x(self.l_margin)
            number = _latin(frame.page.format(page=self.page_no(), pages="{nb}"))
            self.cell(0, 5, number, align="R")

    pdf = Pages(orientation="L", format="A4")
    pdf.set_title(title)
    pdf.set_lang(frame.language)
    pdf.set_creation_date(made)
    pdf.set_auto_page_break(auto=True, margin=16)
    pdf.add_page()
    pdf.set_font(_FONT, "B", 16)
    pdf.multi_cell(0, 9, title, new_x="LMARGIN", new_y="NEXT")
    for name, value in document.facts:
        pdf.set_font(_FONT, "B", 9)
        pdf.cell(70, 5, _latin(name))
        pdf.set_font(_FONT, "", 9)
        pdf.multi_cell(0, 5, _latin(value), new_x="LMARGIN", new_y="NEXT")
    for section in document.sections:
        _section(pdf, section)
    if document.signatures:
        _signatures(pdf, document)
    pdf.embed_file(
        bytes=document.content(), basename=CONTENTS, mime_type="application/json",
        modification_date=made,
    )  # fmt: skip
    return bytes(pdf.output())


def _section(pdf: FPDF, section: Section) -> None:
    from fpdf import FontFace

    if section.title:
        # A heading stays with its words, and with the head and a row of its table.
        if pdf.will_page_break(34 if section.rows else 16):
            pdf.add_page()
        pdf.ln(3)
        pdf.set_font(_FONT, "B", 11)
        pdf.multi_cell(0, 7, _latin(section.title), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FONT, "", 9)
    pdf.multi_cell(0, 5, _latin(section.words), new_x="LMARGIN", new_y="NEXT")
    if not section.rows:
        return
    widths = _widths(pdf, section)
    style = FontFace(emphasis="BOLD", fill_color=(242, 244, 247))
    with pdf.table(
        headings_style=style, line_height=4, text_align="LEFT", col_widths=widths
    ) as table:
        for cells in (section.columns, *section.rows):
            row = table.row()
            for cell in cells:
                row.cell(_latin(cell))


def _widths(pdf: FPDF, section: Section) -> list[float]:
    """Return the width of each column, and set a font so that no word breaks in its middle.

    A column is as wide as its longest word; what is left goes where most text is.
    """
    points = _TABLE_POINTS
    while True:
        words = [_longest_word(pdf, points, column) for column in _columns(section)]
        if sum(words) <= pdf.epw or points <= _SMALLEST_POINTS:
            break
        points -= 0.5
    wishes = [_longest_text(pdf, points, column) for column in _columns(section)]
    lacking = [max(0.0, wish - word) for wish, word in zip(wishes, words, strict=True)]
    room = max(0.0, pdf.epw - sum(words))
    share = min(1.0, room / sum(lacking)) if sum(lacking) else 0.0
    widths = [word + lack * share for word, lack in zip(words, lacking, strict=True)]
    spare = (pdf.epw - sum(widths)) / len(widths)
    pdf.set_font(_FONT, "", points)
    return [width + max(0.0, spare) for width in widths]


def _columns(section: Section) -> list[tuple[str, ...]]:
    rows = (section.columns, *section.rows)
    return [tuple(row[at] for row in rows) for at in range(len(section.columns))]


def _longest_word(pdf: FPDF, points: float, column: Sequence[str]) -> float:
    words = {word for cell in column for word in cell.split()}
    return _measured(pdf, points, column[0].split(), words)


def _longest_text(pdf: FPDF, points: float, column: Sequence[str]) -> float:
    return _measured(pdf, points, [column[0]], set(column))


def _measured(pdf: FPDF, points: float, head: Sequence[str], texts: set[str]) -> float:
    pdf.set_font(_FONT, "B", points)
    bold = max((pdf.get_string_width(_latin(text)) for text in head), default=0.0)
    pdf.set_font(_FONT, "", points)
    plain = max((pdf.get_string_width(_latin(text)) for text in texts), default=0.0)
    return max(bold, plain) + _CELL_MARGIN


def _signatures(pdf: FPDF, document: ReportDocument) -> None:
    """Draw the lines on which the report is signed, together on one page."""
    frame = document.frame
    if pdf.will_page_break(18 + 30 * len(document.signatures)):
        pdf.add_page()
    pdf.ln(5)
    pdf.set_font(_FONT, "B", 11)
    pdf.multi_cell(0, 7, _latin(frame.signatures), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(_FONT, "", 9)
    pdf.multi_cell(0, 5, _latin(frame.read), new_x="LMARGIN", new_y="NEXT")
    for role in document.signatures:
        pdf.ln(5)
        pdf.set_font(_FONT, "B", 9)
        pdf.multi_cell(0, 5, _latin(role), new_x="LMARGIN", new_y="NEXT")
        pdf.set_font(_FONT, "", 9)
        pdf.ln(12)
        top = pdf.get_y()
        for label, left in ((frame.name, 0), (frame.signature, 90), (frame.dated, 180)):
            start = pdf.l_margin + left
            pdf.line(start, top, start + 82, top)
            pdf.set_xy(start, top + 1)
            pdf.cell(82, 4, _latin(label))
        pdf.set_xy(pdf.l_margin, top + 5)


def _latin(text: str) -> str:
    """Keep to the letters of the built-in fonts; entries hold no others."""
    return text.encode("latin-1", "replace").decode("latin-1")
