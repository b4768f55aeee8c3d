# SPDX-License-Identifier: Apache-2.0
"""A report as PDF."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from services.audit.domain.report_model import ReportDocument, Section

if TYPE_CHECKING:
    from fpdf import FPDF


def pdf_bytes(document: ReportDocument, made: datetime) -> bytes:
    """Return the report as a PDF of A4 pages; `made` is the moment that it states."""
    from fpdf import FPDF

    pdf = FPDF(orientation="L", format="A4")
    pdf.set_title(document.title)
    pdf.set_creation_date(made)
    pdf.set_auto_page_break(auto=True, margin=15)
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 16)
    pdf.multi_cell(0, 9, _latin(document.title), new_x="LMARGIN", new_y="NEXT")
    for name, value in document.facts:
        pdf.set_font("Helvetica", "B", 9)
        pdf.cell(70, 5, _latin(name))
        pdf.set_font("Helvetica", "", 9)
        pdf.multi_cell(0, 5, _latin(value), new_x="LMARGIN", new_y="NEXT")
    for section in document.sections:
        _section(pdf, section)
    return bytes(pdf.output())


def _section(pdf: FPDF, section: Section) -> None:
    from fpdf import FontFace

    if section.title:
        pdf.ln(3)
        pdf.set_font("Helvetica", "B", 11)
        pdf.multi_cell(0, 7, _latin(section.title), new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", "", 9)
    pdf.multi_cell(0, 5, _latin(section.words), new_x="LMARGIN", new_y="NEXT")
    if not section.rows:
        return
    pdf.set_font("Helvetica", "", 7)
    style = FontFace(emphasis="BOLD", fill_color=(242, 244, 247))
    with pdf.table(headings_style=style, line_height=4, text_align="LEFT") as table:
        for cells in (section.columns, *section.rows):
            row = table.row()
            for cell in cells:
                row.cell(_latin(cell))


def _latin(text: str) -> str:
    """Keep to the letters of the built-in fonts; entries hold no others."""
    return text.encode("latin-1", "replace").decode("latin-1")
