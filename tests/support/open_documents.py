# SPDX-License-Identifier: Apache-2.0
"""Makes OpenDocument texts of elements, packed and in one file."""

from __future__ import annotations

import io
import zipfile

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = " ".join(
    [f'xmlns:{name}="{_NAMES}:{name}:1.0"' for name in ("office", "text", "table", "style", "meta")]
    + [
        f'xmlns:draw="{_NAMES}:drawing:1.0"',
        f'xmlns:fo="{_NAMES}:xsl-fo-compatible:1.0"',
        f'xmlns:svg="{_NAMES}:svg-compatible:1.0"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ]
)


def document(
    body: str, *, styles: str = "", pages: str = "", meta: str = "", manifest: str = ""
) -> bytes:
    """A text of this body, with automatic styles, styles of pages and properties."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        archive.writestr("content.xml", _part("document-content", styles, body))
        if pages:
            archive.writestr(
                "styles.xml", f"<office:document-styles {_SPACES}>{pages}</office:document-styles>"
            )
        if meta:
            archive.writestr(
                "meta.xml", f"<office:document-meta {_SPACES}>{meta}</office:document-meta>"
            )
        if manifest:
            archive.writestr("META-INF/manifest.xml", manifest)
    return target.getvalue()


def flat(body: str, *, styles: str = "") -> bytes:
    """The same in one file (.fodt)."""
    return f'<?xml version="1.0"?>{_part("document", styles, body)}'.encode()


def _part(root: str, styles: str, body: str) -> str:
    return (
        f"<office:{root} {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:{root}>"
    )
