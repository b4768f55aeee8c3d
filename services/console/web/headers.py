# SPDX-License-Identifier: Apache-2.0
"""The headers of every answer (OWASP ASVS 5.0, V3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: What a page may load and do, by directive (CSP Level 3). Everything else is forbidden.
POLICY: Mapping[str, Sequence[str]] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "media-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
    "report-uri": ["/csp-report"],
}
#: For what is handed out as a file: it runs nothing wherever it is opened.
SANDBOX: Mapping[str, Sequence[str]] = {"default-src": ["'none'"], "sandbox": []}

_NOT_USED = ("camera", "microphone", "geolocation", "display-capture", "usb", "payment")


def policy(directives: Mapping[str, Sequence[str]]) -> str:
    """Return the value of the header."""
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": policy(POLICY),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": ", ".join(f"{name}=()" for name in _NOT_USED),
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def attachment(name: str) -> dict[str, str]:
    """Return the headers of a file that is handed out under a name of ours (RFC 6266)."""
    return {
        "content-disposition": f'attachment; filename="{name}"',
        "content-security-policy": policy(SANDBOX),
    }
