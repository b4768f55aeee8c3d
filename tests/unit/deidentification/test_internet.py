# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.internet import InternetRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestInternet:
    """E-mail, web and account names."""

    @pytest.mark.parametrize(
        ("text", "kind", "address"),
        [
            ("siti_88@yahoo.com", "EMAIL_ADDRESS", "siti_88@yahoo.com"),
            ("nadia dot lim at gmail dot com", "EMAIL_ADDRESS", "nadia dot lim at gmail dot com"),
            (
                "faizal nine nine at gmail dot com",
                "EMAIL_ADDRESS",
                "faizal nine nine at gmail dot com",
            ),
            (
                "hana dot wahid seventy six at icloud dot com",
                "EMAIL_ADDRESS",
                "hana dot wahid seventy six at icloud dot com",
            ),
            ("kamsiah @ gmail.com", "EMAIL_ADDRESS", "kamsiah @ gmail.com"),
            ("see www.abc.com.my please", "URL", "www.abc.com.my"),
            ("facebook.com/xyz", "URL", "facebook.com/xyz"),
            ("follow @azman88", "USERNAME", "@azman88"),
            ("ig azman_lee", "USERNAME", "azman_lee"),
            ("tikah underscore eighty eight", "USERNAME", "tikah underscore eighty eight"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, address: str) -> None:
        """Written and spoken."""
        covers(found(InternetRecognizer, text), address, kind)

    @pytest.mark.parametrize(
        "text", ["we met at the shop", "dot the i", "e.g. this", "3.5 percent"]
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Talk with `at` and `dot` in it stays."""
        untouched(found(InternetRecognizer, text))
