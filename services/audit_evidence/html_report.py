# SPDX-License-Identifier: Apache-2.0
"""A report as one HTML file that prints well: no script, nothing fetched from anywhere."""

from __future__ import annotations

from html import escape

from services.audit_evidence.report_model import ReportDocument, Section

_STYLE = """
:root { color-scheme: light }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color: #1c2024; background: #fff }
h1 { font-size: 1.6rem; margin: 0 0 1rem } h2 { font-size: 1.1rem; margin: 1.6rem 0 .3rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0 }
dt { color: #5a6270 } dd { margin: 0 } p { margin: .2rem 0 }
table { border-collapse: collapse; width: 100%; margin-top: .4rem; font-size: .85rem }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #d5d9e0;
  overflow-wrap: break-word; vertical-align: top }
th { background: #f2f4f7 } thead { display: table-header-group }
@media print { body { margin: 0; max-width: none; font-size: 9.5pt } tr { break-inside: avoid }
  h2 { break-after: avoid }
  @page { size: A4 landscape; margin: 15mm;
    @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt } } }
.sign { display: grid; grid-template-columns: 1fr 1fr 1fr; gap: 2.4rem 1.5rem; margin-top: 1.2rem;
  break-inside: avoid }
.sign strong { grid-column: 1 / -1; font-size: .85rem }
.sign span { border-top: 1px solid #1c2024; padding-top: .2rem; font-size: .85rem }
"""


def html_page(document: ReportDocument) -> str:
    """Return the page; every text is escaped."""
    facts = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in document.facts)
    body = "".join(map(_section, document.sections))
    title = escape(document.title)
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{document.frame.language}"><head><meta charset="utf-8">'
        f"<title>{title}</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>{_STYLE}</style></head>\n<body><h1>{title}</h1><dl>{facts}</dl>{body}"
        f"{_signatures(document)}</body></html>\n"
    )


def _signatures(document: ReportDocument) -> str:
    frame = document.frame
    if not document.signatures:
        return ""
    columns = "".join(
        f"<span>{escape(one)}</span>" for one in (frame.name, frame.signature, frame.dated)
    )
    lines = "".join(
        f'<div class="sign"><strong>{escape(role)}</strong>{columns}</div>'
        for role in document.signatures
    )
    return f"\n<h2>{escape(frame.signatures)}</h2><p>{escape(frame.read)}</p>{lines}"


def _section(section: Section) -> str:
    head = f"\n<h2>{escape(section.title)}</h2>" if section.title else ""
    words = f"<p>{escape(section.words)}</p>"
    if not section.rows:
        return head + words
    columns = "".join(f'<th scope="col">{escape(column)}</th>' for column in section.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n"
        for row in section.rows
    )
    return f"{head}{words}<table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"
