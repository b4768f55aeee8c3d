# SPDX-License-Identifier: Apache-2.0
"""What control words of Rich Text mean for reading (Microsoft's specification 1.9.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from services.transcription.adapters.importing.rtf_flow import Flow

CHARACTERS: Mapping[str, str] = {
    "tab": "\t",
    "line": "\n",
    "lbr": "\n",
    "page": "\n",
    "column": "\n",
    "softline": "\n",
    "emdash": "—",
    "endash": "–",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "zwj": "\u200d",
    "zwnj": "\u200c",
    "zwbo": "\u200b",
    "ltrmark": "\u200e",
    "rtlmark": "\u200f",
}
SYMBOLS: Mapping[bytes, str] = {b"~": "\u00a0", b"_": "-", b"\t": "\t"}

AUTHORS = frozenset({"atnauthor", "revtbl"})
TITLES = frozenset({"title", "subject"})
NAMES = AUTHORS | TITLES | {"author", "operator", "manager"}
"""Destinations that state names, which are known and not read as text."""

TABLES: Mapping[str, str] = {"fonttbl": "fonts", "stylesheet": "styles", "info": "info"}
PICTURES: Mapping[str, str] = {"pict": "pictures", "object": "embedded_objects"}

PARTS: Mapping[str, str] = {
    "footnote": "footnotes",
    "annotation": "comments",
    "shptxt": "box",
    "dptxbxtext": "box",
    **{f"{edge}{page}": "headers_footers" for edge in ("header", "footer") for page in "lrf"},
    "header": "headers_footers",
    "footer": "headers_footers",
}
"""Destinations with paragraphs of their own."""

NUMBERS = frozenset({"listtext", "pntext"})
"""Numbers and bullets of lists, which the program makes."""

AROUND = frozenset({"shpinst", "do", "upr"})
"""Destinations that are not text, but have others inside that are."""

INSIDE = frozenset({"ud", "result"})
"""Destinations that are text inside those."""

READ = frozenset({"shppict", "cs", "ds", "ts"})
"""Control words behind a star that change nothing."""

SKIPPED = frozenset(
    """
    colortbl fldinst nonshppict shprslt sp filetbl listtable listoverridetable rsidtbl generator xe
    tc tcn rxe bkmkstart bkmkend atnid atnref atntime atndate atnicn atnparent atrfstart atrfend
    private template ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn pntxtb pntxta nesttableprops
    nonesttables objdata objclass themedata colorschememapping datastore latentstyles xmlnstbl
    mmathPr userprops background keywords comment doccomm company category hlinkbase
    """.split()
)

PARAGRAPH_ENDS = frozenset({"par", "sect", "nestcell"})
PARAGRAPH_STATES: Mapping[str, Callable[[Flow], None]] = {
    "pard": Flow.reset_paragraph,
    "intbl": Flow.is_in_row,
    "trowd": Flow.define_row,
    "cell": Flow.end_cell,
    "row": Flow.end_row,
}

LABEL = re.compile(r"\s{0,8}[^\W\d_][^\n\t:：]{0,40}[:：]\s{0,8}")
"""Who speaks, where lists number the turns by it."""

HEADING = re.compile(r"\s{0,8}(?:heading|title|subtitle|überschrift|titre|标题)", re.IGNORECASE)
