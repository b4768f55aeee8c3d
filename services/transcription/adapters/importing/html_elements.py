# SPDX-License-Identifier: Apache-2.0
"""What elements of HTML mean for reading, and the marks of notes that programs write.

Elements: https://html.spec.whatwg.org/multipage/dom.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PARAGRAPHS = frozenset(
    "p h1 h2 h3 h4 h5 h6 pre blockquote hr table ul ol dl fieldset figure".split()
)
"""Blocks with space around them."""

BLOCKS = PARAGRAPHS | frozenset(
    """
    address article aside body caption center dd details dialog dir div dt figcaption footer form
    header html legend li main menu nav option section summary tbody td tfoot th thead title tr
    """.split()
)
"""Elements that begin and end lines."""

HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())

UNSEEN = frozenset("script template noscript noframes datalist rp".split())
"""Elements whose content a browser does not show."""

LEFT_OUT: Mapping[str, str] = {
    "del": "deleted_text",
    "nav": "headers_footers",
    "footer": "headers_footers",
    "button": "fields",
    "select": "fields",
    "textarea": "fields",
    "svg": "pictures",
}
"""Elements whose text is left out, and as what."""

EMBEDDED = frozenset("object video audio iframe canvas applet".split())

BOLD = frozenset("b strong th".split())
SLANTED = frozenset("i em u cite var dfn".split())
STRUCK = frozenset("s strike".split())

_PHRASES = frozenset(
    """
    a abbr acronym area base bdi bdo big blink br code col colgroup data embed font frame frameset
    head hgroup img input ins kbd keygen label link map mark marquee math menuitem meta meter nobr
    noembed optgroup output param picture plaintext progress q rb rt rtc ruby samp search slot small
    source span style sub sup time track tt wbr xmp
    """.split()
)

KNOWN = BLOCKS | UNSEEN | EMBEDDED | BOLD | SLANTED | STRUCK | LEFT_OUT.keys() | _PHRASES
"""Names of all elements; what else stands in angle brackets was meant as text."""

#: The elements that the start of an element ends, and those behind which none is looked for.
ENDED_BY: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    **{
        name: (frozenset({"p"}), frozenset({"td", "th", "table", "button", "object"}))
        for name in BLOCKS - {"body", "html", "title", "option", "td", "th", "tr"}
    },
    "li": (frozenset({"li", "p"}), frozenset({"ul", "ol", "menu", "dir", "table", "td", "th"})),
    "dt": (frozenset({"dt", "dd", "p"}), frozenset({"dl", "table", "td", "th"})),
    "dd": (frozenset({"dt", "dd", "p"}), frozenset({"dl", "table", "td", "th"})),
    "tr": (frozenset({"tr", "td", "th", "p"}), frozenset({"table"})),
    "td": (frozenset({"td", "th", "p"}), frozenset({"table", "tr"})),
    "th": (frozenset({"td", "th", "p"}), frozenset({"table", "tr"})),
}

_NOTE = re.compile(r"(?:(?P<foot>ftn|sdfootnote)|(?P<end>edn|sdendnote)|(?P<comment>_com_))\d{1,6}")
_NOTE_BACK = re.compile(r"#(?:(?P<foot>ftnt_ref)|(?P<comment>cmnt_ref))\d{1,6}")
_MARK = re.compile(
    r"#(?:_ftn|_edn|_ftnref|_ednref|_msocom_|_msoanchor_|ftnt|ftnt_ref|cmnt|cmnt_ref"
    r"|sdfootnote|sdendnote)\d{1,6}(?:sym|anc)?"
)


def note_of(identifier: str) -> str:
    """Return what kind of note an element of this `id` holds, as Word and LibreOffice write it."""
    return _kind(_NOTE.fullmatch(identifier))


def note_behind(link: str) -> str:
    """Return what kind of note begins with a link back to the text, as Google Docs writes it."""
    return _kind(_NOTE_BACK.fullmatch(link))


def is_mark(link: str) -> bool:
    """Return whether a link leads to a note or back from it, so that its text is a number."""
    return _MARK.fullmatch(link) is not None


def _kind(found: re.Match[str] | None) -> str:
    if not found:
        return ""
    kinds = {"foot": "footnotes", "end": "endnotes", "comment": "comments"}
    return kinds[found.lastgroup or ""]
