# SPDX-License-Identifier: Apache-2.0
"""Time-based one-time passwords (RFC 6238: HMAC-SHA-1, 30 seconds, 6 digits)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from urllib.parse import quote

_SECONDS = 30
_DIGITS = 6
# RFC 6238, 5.2: one step either way, for clocks that differ and people who type.
_TOLERANCE = 1
# RFC 4226, 4: at least 128 bits, recommended are 160.
_SECRET_BYTES = 20
_ISSUER = "Sotto"


def new_secret() -> bytes:
    """Return a fresh secret."""
    return secrets.token_bytes(_SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a time step (RFC 4226, 5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def step_of(now: float) -> int:
    """Return the time step of a moment."""
    return int(now // _SECONDS)


def matching_step(secret: bytes, code: str, now: float, used: int) -> int | None:
    """Return the time step that a code is of, of those after `used`; None where it is of none."""
    typed = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", typed):
        return None
    found = None
    middle = step_of(now)
    for step in range(middle - _TOLERANCE, middle + _TOLERANCE + 1):
        # Each is compared, so that the time tells nothing.
        if hmac.compare_digest(code_at(secret, step), typed) and step > used:
            found = step
    return found


def as_text(secret: bytes) -> str:
    """Return a secret as people type it into an app."""
    return base64.b32encode(secret).decode("ascii").rstrip("=")


def uri(secret: bytes, person: str) -> str:
    """Return what the QR code of a secret holds, by the key URI format of authenticator apps."""
    label = quote(f"{_ISSUER}:{person}", safe="")
    return f"otpauth://totp/{label}?secret={as_text(secret)}&issuer={_ISSUER}"
