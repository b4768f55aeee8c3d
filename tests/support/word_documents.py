# SPDX-License-Identifier: Apache-2.0
"""Makes Word documents element by element, as Word and its relatives write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_SPACES = (
    f'xmlns:r="{_OFFICE}/relationships"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def run(text: str, properties: str = "", tag: str = "t") -> str:
    """A run of text with properties, such as `<w:b/>`."""
    properties = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{properties}<w:{tag} xml:space="preserve">{escape(text)}</w:{tag}></w:r>'


def paragraph(*parts: str, properties: str = "", style: str = "") -> str:
    """A paragraph of runs; a part that is no element is text."""
    if style:
        properties = f"<w:pStyle w:val={quoteattr(style)}/>{properties}"
    inside = "".join(part if part.startswith("<") else run(part) for part in parts)
    properties = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{properties}{inside}</w:p>"


def line_break() -> str:
    """A soft break."""
    return "<w:r><w:br/></w:r>"


def tab() -> str:
    """A tab."""
    return "<w:r><w:tab/></w:r>"


def inserted(*parts: str, author: str = "Reviewer") -> str:
    """Runs that a reviewer inserted."""
    return f'<w:ins w:id="1" w:author={quoteattr(author)}>{"".join(parts)}</w:ins>'


def deleted(text: str, author: str = "Reviewer", tag: str = "delText") -> str:
    """A run that a reviewer deleted."""
    return f'<w:del w:id="2" w:author={quoteattr(author)}>{run(text, tag=tag)}</w:del>'


def moved(text: str, here: bool) -> str:
    """A run that a reviewer moved away, or `here`."""
    tag = "moveTo" if here else "moveFrom"
    return f'<w:{tag} w:id="3" w:author="Reviewer">{run(text)}</w:{tag}>'


def text_box(*paragraphs: str) -> str:
    """A text box as Word writes it: twice."""
    inside = f"<w:txbxContent>{''.join(paragraphs)}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>'
        f"{inside}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{inside}"
        "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def picture() -> str:
    """A picture."""
    return "<w:r><w:drawing><pic:pic/></w:drawing></w:r>"


def field(instruction: str, result: str) -> str:
    """A field, with its instruction and the result that is shown."""
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return (
        mark.format("begin")
        + run(instruction, tag="instrText")
        + mark.format("separate")
        + run(result)
        + mark.format("end")
    )


def note(kind: str, number: int) -> str:
    """A reference to a note: `footnote`, `endnote` or `comment`."""
    return f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'


def notes(kind: str, texts: Mapping[int, str], author: str = "Reviewer") -> str:
    """A part of notes: `footnote`, `endnote` or `comment`."""
    return "".join(
        f'<w:{kind} w:id="{number}" w:author={quoteattr(author)}>{paragraph(text)}</w:{kind}>'
        for number, text in texts.items()
    )


def table(*rows: tuple[str, ...]) -> str:
    """A table of texts; a cell that is an element stands as it is."""
    return f"<w:tbl>{''.join(row(*cells) for cells in rows)}</w:tbl>"


def row(*cells: str) -> str:
    """A row of texts; a cell that is an element stands as it is."""
    made = (f"<w:tc>{cell if cell.startswith('<') else paragraph(cell)}</w:tc>" for cell in cells)
    return f"<w:tr>{''.join(made)}</w:tr>"


def style(name: str, shown: str, properties: str = "", based_on: str = "") -> str:
    """A style of paragraphs by its id and the name that it is shown by."""
    base = f"<w:basedOn w:val={quoteattr(based_on)}/>" if based_on else ""
    return (
        f'<w:style w:type="paragraph" w:styleId={quoteattr(name)}>'
        f"<w:name w:val={quoteattr(shown)}/>{base}<w:rPr>{properties}</w:rPr></w:style>"
    )


def document(
    *blocks: str,
    styles: str = "",
    numbering: str = "",
    footnotes: str = "",
    endnotes: str = "",
    comments: str = "",
    header: str = "",
    core: str = "",
    parts: Mapping[str, bytes] | None = None,
    chunks: Mapping[str, str] | None = None,
    word: str = WORD,
) -> bytes:
    """A document with this body; `chunks` are parts that it includes, by the id of the relation."""
    made = {
        "styles": ("styles", styles),
        "numbering": ("numbering", numbering),
        "footnotes": ("footnotes", footnotes),
        "endnotes": ("endnotes", endnotes),
        "comments": ("comments", comments),
        "header": ("hdr", header),
    }
    relations = [(f"r{kind}", kind, f"{kind}.xml") for kind, (_, xml) in made.items() if xml]
    relations += [(name, "aFChunk", target) for name, target in (chunks or {}).items()]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", _relations([("r1", "officeDocument", "word/document.xml")]))
        archive.writestr("word/_rels/document.xml.rels", _relations(relations))
        body = f"<w:body>{''.join(blocks)}</w:body>"
        archive.writestr("word/document.xml", _part("document", body, word))
        for kind, (root, xml) in made.items():
            if xml:
                archive.writestr(f"word/{kind}.xml", _part(root, xml, word))
        if core:
            archive.writestr(
                "docProps/core.xml",
                '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/">'
                f"{core}</cp:coreProperties>",
            )
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return target.getvalue()


def _part(root: str, inside: str, word: str) -> str:
    return f'<w:{root} xmlns:w="{word}" {_SPACES}>{inside}</w:{root}>'


def _relations(relations: list[tuple[str, str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for name, kind, target in relations
    )
    return f'<Relationships xmlns="{_PACKAGE}">{inside}</Relationships>'
