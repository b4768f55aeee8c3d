# SPDX-License-Identifier: Apache-2.0
"""Web archives (MHTML, RFC 2557): pages in a mail, as Word saves them and Confluence exports."""

from __future__ import annotations

import email.parser
import email.policy

from services.transcription.adapters.importing.text import recode

_HEAD = 4096

# Parts of it would be loaded by the first mail, which the process that reads cannot do any more.
_PARSER = email.parser.BytesParser(policy=email.policy.compat32)
_PARSER.parsebytes(b"MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n").get_payload(
    decode=True
)


def looks_like(data: bytes) -> bool:
    """Return whether content begins as a web archive does."""
    head = data[:_HEAD].lower()
    return b"mime-version:" in head and b"multipart/related" in head


def page_of(data: bytes) -> bytes:
    """Return the page of a web archive as HTML, or nothing where it has none."""
    for part in _PARSER.parsebytes(data).walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                return recode(content, str(part.get_content_charset() or ""))
    return b""
