# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common.errors import InvalidInput
from services.console.domain.passwords import Passwords, check
from tests.support.console import PASSWORD


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    """Hashes of the product's own strength."""
    return Passwords()


class TestCheck:
    @pytest.mark.parametrize(
        "password",
        [
            "short",
            "elevenchars",
            "passwordpassword",
            "PasswordPassword",
            "password2026!!",
            "Hospital-2026",
            "123456789012",
            "abababababababab",
            "aaaaaaaaaaaaaaaaaaaa",
            "siti.aminah sings",
            "x y z" * 40,
        ],
    )
    def test_refused(self, password: str) -> None:
        """Short, common, repeated and telling passwords are refused with the reason."""
        with pytest.raises(InvalidInput):
            check(password, "siti.aminah")

    @pytest.mark.parametrize(
        "password", [PASSWORD, "tujuh burung bangau senyap", "密码很长而且没有人知道它们是什么"]
    )
    def test_taken(self, password: str) -> None:
        """Words in a row do, in any script; nothing asks for signs or figures."""
        check(password, "siti.aminah")


class TestPasswords:
    def test_fits(self, passwords: Passwords) -> None:
        """A password fits what was kept of it, whichever keyboard wrote its accents."""
        kept = passwords.hashed("caf\u00e9 by the river")
        assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert passwords.fits(kept, "cafe\u0301 by the river")
        assert not passwords.fits(kept, "cafe by the river")

    def test_no_account(self, passwords: Passwords) -> None:
        """Without an account nothing fits, after the same work."""
        assert not passwords.fits("", "of no account at all")
        assert not passwords.fits("", "")

    def test_endless(self, passwords: Passwords) -> None:
        """A password without end is not hashed."""
        assert not passwords.fits(passwords.hashed(PASSWORD), PASSWORD + "x" * 100000)
