# SPDX-License-Identifier: Apache-2.0
"""Namespaces and signs of Word documents (ECMA-376, parts 1 and 4)."""

from __future__ import annotations

# The transitional and the strict namespace of each vocabulary, as expat writes them.
PREFIXES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w:",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w:",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a:",
    "http://purl.oclc.org/ooxml/drawingml/main": "a:",
    "http://schemas.openxmlformats.org/drawingml/2006/picture": "pic:",
    "http://purl.oclc.org/ooxml/drawingml/picture": "pic:",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c:",
    "http://purl.oclc.org/ooxml/drawingml/chart": "c:",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm:",
    "http://purl.oclc.org/ooxml/drawingml/diagram": "dgm:",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    "urn:schemas-microsoft-com:vml": "v:",
    "urn:schemas-microsoft-com:office:office": "o:",
}

# Signs that Word puts in for what is typed, by font: ":)" and "-->" in Wingdings, Greek in Symbol.
_WINGDINGS = {0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0xE0: "→", 0xDF: "←", 0xFC: "✓", 0xFB: "✗"}
_GREEK = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"


def symbol(char: str, font: str) -> str:
    """Return the character that a sign of a font of signs stands for; "" where none is known."""
    try:
        code = int(char[:8], 16)
    except ValueError:
        return ""
    plain = code & 0xFF if 0xF000 <= code <= 0xF0FF else code
    if "wingdings" in font.lower():
        return _WINGDINGS.get(plain, "")
    if font.lower() == "symbol":
        return _GREEK[plain - 0x61] if 0x61 <= plain <= 0x7A else ""
    return chr(plain) if 32 <= plain < 0xD800 else ""
