# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.console.domain import totp

SECRET = b"12345678901234567890"


class TestCodes:
    @pytest.mark.parametrize(
        ("moment", "code"),
        [
            (59, "287082"),
            (1111111109, "081804"),
            (1111111111, "050471"),
            (1234567890, "005924"),
            (2000000000, "279037"),
            (20000000000, "353130"),
        ],
    )
    def test_vectors(self, moment: int, code: str) -> None:
        """Codes are those of RFC 6238, appendix B, cut to six digits."""
        assert totp.code_at(SECRET, totp.step_of(moment)) == code
        assert totp.matching_step(SECRET, code, moment, 0) == moment // 30

    def test_neighbours(self) -> None:
        """A clock that is half a minute off does, one that is two minutes off does not."""
        code = totp.code_at(SECRET, 100)
        assert totp.matching_step(SECRET, code, 101 * 30.0, 0) == 100
        assert totp.matching_step(SECRET, code, 99 * 30.0, 0) == 100
        assert totp.matching_step(SECRET, code, 104 * 30.0, 0) is None

    def test_used_step(self) -> None:
        """A code that was used, or one before it, is none any more."""
        code = totp.code_at(SECRET, 100)
        assert totp.matching_step(SECRET, code, 3000.0, 100) is None
        assert totp.matching_step(SECRET, totp.code_at(SECRET, 101), 3000.0, 100) == 101

    @pytest.mark.parametrize("text", ["", "12345", "1234567", "２８７０８２", "abcdef"])
    def test_no_code(self, text: str) -> None:
        """What is no six digits is no code."""
        assert totp.matching_step(SECRET, text, 59.0, 0) is None

    def test_uri(self) -> None:
        """The QR code holds issuer, account and secret, and nothing that breaks the form."""
        assert totp.uri(SECRET, "siti@h") == (
            "otpauth://totp/Sotto%3Asiti%40h?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Sotto"
        )
