# SPDX-License-Identifier: Apache-2.0
"""Pages of recordings: a token names the last recording of the page before."""

from __future__ import annotations

from services.storage.domain.names import RECORDING, Owner, RecordingRef, check
from services.storage.errors import InvalidName

_PAGE = 1000  # some hundred bytes each, so far below the limit of a message


def token(last: RecordingRef) -> str:
    """Return the token of the page behind a recording."""
    return f"{last.owner.prefix}{last.recording_id}"


def read(page_token: str, page_size: int) -> tuple[RecordingRef | None, int]:
    """Return the recording that a page begins behind, and how many it may hold.

    Raises `InvalidName` for what is no token.
    """
    size = page_size or _PAGE
    if not page_token:
        return None, size
    parts = page_token.split("/")
    if len(parts) != 3:
        raise InvalidName("page token is malformed: send the one of the page before")
    owner = Owner(parts[0], parts[1])
    return RecordingRef(owner, check(RECORDING, parts[2], "page token")), size
