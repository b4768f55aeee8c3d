# SPDX-License-Identifier: Apache-2.0
"""Passwords: what may be one (NIST SP 800-63B, 5.1.1.2), and how they are kept (argon2id)."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from services.console.errors import PasswordUnfit

LEAST_CHARACTERS = 12
MOST_CHARACTERS = 128
# Each check takes 64 MiB.
_AT_ONCE = 2
_FEWEST_KINDS = 5
_SHORTEST_NAME = 4


@cache
def common_passwords() -> frozenset[str]:
    """Return passwords of lists that were stolen elsewhere, 12 characters and longer."""
    text = Path(__file__).with_name("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def check(password: str, person: str) -> None:
    """Raise PasswordUnfit, saying why, for what may not be a person's password."""
    text = _normal(password)
    if len(text) < LEAST_CHARACTERS:
        raise PasswordUnfit(
            "the password has fewer than {count} characters; several words in a row make a good"
            " one",
            count=str(LEAST_CHARACTERS),
        )
    if len(text) > MOST_CHARACTERS:
        raise PasswordUnfit(
            "the password has more than {count} characters; shorten it", count=str(MOST_CHARACTERS)
        )
    plain = text.casefold()
    bare = re.sub(r"[\W_\d]+$", "", plain)
    if plain in common_passwords() or bare in common_passwords():
        raise PasswordUnfit(
            "this password stands in lists of stolen passwords; think of another one"
        )
    if len(set(plain)) < _FEWEST_KINDS or _is_repeated(plain):
        raise PasswordUnfit("the password repeats a few characters; think of another one")
    # A short name stands in many words.
    if len(person) >= _SHORTEST_NAME and person.casefold() in plain:
        raise PasswordUnfit("the password holds the account's name; think of another one")


def _is_repeated(text: str) -> bool:
    """Return whether a text is a short part again and again."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, len(text) // 3 + 1)
    )


def _normal(password: str) -> str:
    """Return a password in one form, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Hashes passwords, and compares them; a few at a time, since each takes memory."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turns = threading.Semaphore(_AT_ONCE)
        self._nobodys = self.hashed("of no account at all")

    def hashed(self, password: str) -> str:
        """Return what is kept of a password."""
        with self._turns:
            return self._hasher.hash(_normal(password))

    def fits(self, kept: str, password: str) -> bool:
        """Return whether a password is the kept one; with nothing kept it takes as long."""
        if len(password) > MOST_CHARACTERS:
            password = ""
        with self._turns:
            try:
                self._hasher.verify(kept or self._nobodys, _normal(password))
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept)
