# SPDX-License-Identifier: Apache-2.0
"""Word: a paragraph a turn, laid out for reading on paper (ECMA-376, WordprocessingML).

Written part by part rather than through a library, because a library's template brings its own
properties and dates, and a compressor's bytes differ between machines. Entries are stored.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from itertools import groupby
from xml.sax.saxutils import escape

from services.release.domain.marks import Piece
from services.release.domain.transcript import Transcript, turns

# The first moment that a ZIP entry can name; nothing in the file says when it was made.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"

_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD_TYPE}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD_TYPE}.styles+xml"/>'
    f'<Override PartName="/word/header1.xml" ContentType="{_WORD_TYPE}.header+xml"/>'
    f'<Override PartName="/word/footer1.xml" ContentType="{_WORD_TYPE}.footer+xml"/>'
    '<Override PartName="/docProps/core.xml"'
    ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    "</Types>"
)
_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties"'
    ' Target="docProps/core.xml"/>'
    "</Relationships>"
)
_DOCUMENT_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/header" Target="header1.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/footer" Target="footer1.xml"/>'
    "</Relationships>"
)
# No author, no dates: the properties hold the title that the page header shows, nothing else.
_CORE = (
    f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{title}</dc:title></cp:coreProperties>"
)
# 11 point, one and a half lines apart, room after each turn.
_STYLES = (
    f'{_XML}<w:styles xmlns:w="{_MAIN}"><w:docDefaults><w:rPrDefault><w:rPr>'
    '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="SimSun" w:cs="Arial"/>'
    '<w:sz w:val="22"/><w:szCs w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
    '<w:spacing w:after="160" w:line="360" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
    '</w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal">'
    '<w:name w:val="Normal"/><w:qFormat/></w:style></w:styles>'
)
# A4 with a wide right margin for notes, and line numbers that no import takes for text.
_SECTION = (
    '<w:sectPr><w:headerReference w:type="default" r:id="rId2"/>'
    '<w:footerReference w:type="default" r:id="rId3"/>'
    '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1418" w:right="3402" w:bottom="1418"'
    ' w:left="1418" w:header="709" w:footer="709" w:gutter="0"/>'
    '<w:lnNumType w:countBy="5" w:restart="continuous"/></w:sectPr>'
)
# A dotted line under words that may be misheard: seen on paper, and no part of the text.
_DOUBTFUL = '<w:rPr><w:u w:val="dotted"/></w:rPr>'
_HEADER = f'{_XML}<w:hdr xmlns:w="{_MAIN}"><w:p><w:r><w:t>{{title}}</w:t></w:r></w:p></w:hdr>'
_FOOTER = (
    f'{_XML}<w:ftr xmlns:w="{_MAIN}"><w:p><w:pPr><w:jc w:val="right"/></w:pPr>'
    '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p></w:ftr>'
)


def render_docx(transcript: Transcript, title: str) -> bytes:
    """Write a Word document with a paragraph a turn, `LABEL: text`, and nothing else in the body.

    `title` is in the page header and the properties, where no import looks for speakers.
    """
    body = "".join(_paragraph(turn.label, turn.pieces) for turn in turns(transcript))
    if not body:
        body = "<w:p/>"  # some readers refuse a body without a paragraph
    heading = escape(title)
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "docProps/core.xml": _CORE.replace("{title}", heading),
        "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
        "word/document.xml": (
            f'{_XML}<w:document xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}">'
            f"<w:body>{body}{_SECTION}</w:body></w:document>"
        ),
        "word/footer1.xml": _FOOTER,
        "word/header1.xml": _HEADER.replace("{title}", heading),
        "word/styles.xml": _STYLES,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 0  # the same on every platform
            archive.writestr(entry, text.encode())
    return buffer.getvalue()


def _paragraph(label: str, pieces: Iterable[Piece]) -> str:
    runs = [f"<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{escape(label)}:</w:t></w:r>"]
    for doubtful, group in groupby((Piece(" "), *pieces), key=lambda piece: piece.doubtful):
        text = escape("".join(piece.text for piece in group))
        properties = _DOUBTFUL if doubtful else ""
        runs.append(f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>')
    return "".join((*runs, "</w:p>"))
