# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.deidentification.recognisers.number_checks import luhn, malaysian_phone, mykad


class TestChecks:
    """Check rules of numbers."""

    def test_mykad(self) -> None:
        """A date that does not exist or a place that was not given out is no MyKad."""
        assert mykad("850312015678")
        assert mykad("000229145678")
        assert not mykad("851312015678")
        assert not mykad("850312005678")
        assert not mykad("8503120156")

    def test_phone(self) -> None:
        """Malaysian numbers with and without country code."""
        assert malaysian_phone("0123456789")
        assert malaysian_phone("60123456789")
        assert malaysian_phone("0379561234")
        assert not malaysian_phone("123456789")

    def test_luhn(self) -> None:
        """The test number of card makers."""
        assert luhn("4111111111111111")
        assert not luhn("4111111111111112")
