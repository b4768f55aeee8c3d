# SPDX-License-Identifier: Apache-2.0
"""Handles: what stands in an address in the place of a person, a participant or a question.

An address is in histories, in logs of proxies and over shoulders (OWASP ASVS 5.0, 14.2.1). What a
handle stands for is kept beside the session that asked, sealed under a key that only the handle
gives: the store alone tells nothing, a handle alone tells nothing, and both end with the session.
Every console over one store reads them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.errors import NotFound

_HANDLE_BYTES = 18
_NONCE_BYTES = 12
_KEY_OF = b"sotto console question key"
_NAME_OF = b"sotto console question name"


class Questions(Protocol):
    """What keeps sealed questions with their session; a store of sessions does."""

    def keep_question(self, name: bytes, session: str, sealed: bytes) -> None:
        """Keep one for a session; of many the oldest go."""
        ...

    def question(self, name: bytes, session: str) -> bytes | None:
        """Return one of a session, None where there is none."""
        ...


class Handles:
    """What the handles of all sessions stand for."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def keep(self, session: str, values: Mapping[str, str]) -> str:
        """Keep values for a session and return their handle."""
        handle = secrets.token_urlsafe(_HANDLE_BYTES)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + _cipher(handle).encrypt(
            nonce, json.dumps(dict(values)).encode(), session.encode()
        )
        self._questions.keep_question(_derived(_NAME_OF, handle), session, sealed)
        return handle

    def read(self, session: str, handle: str) -> Mapping[str, str]:
        """Return what a handle stands for; raises NotFound for that of another session too."""
        sealed = self._questions.question(_derived(_NAME_OF, handle), session)
        try:
            nonce, rest = (sealed or b"")[:_NONCE_BYTES], (sealed or b"")[_NONCE_BYTES:]
            plain = _cipher(handle).decrypt(nonce, rest, session.encode()) if sealed else b""
        except InvalidTag:
            plain = b""
        if not plain:
            raise NotFound(
                "this address was made for another session, or too long ago; ask again on the page"
                " that it was made by"
            )
        return {str(key): str(value) for key, value in json.loads(plain).items()}


def _cipher(handle: str) -> AESGCM:
    return AESGCM(_derived(_KEY_OF, handle))


def _derived(purpose: bytes, handle: str) -> bytes:
    # A handle is random as it is, 144 bits: one hash makes a key of it, and another its name.
    return hashlib.sha256(purpose + b"\0" + handle.encode()).digest()
