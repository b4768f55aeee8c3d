# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.attributes import AttributeRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestAttributes:
    """What describes rather than names."""

    @pytest.mark.parametrize(
        ("text", "kind", "words"),
        [
            ("I am Chinese", "NRP", "Chinese"),
            ("keluarga Iban", "NRP", "Iban"),
            ("the only female cardiologist in town", "OCCUPATION", "the only female cardiologist"),
            ("ketua kampung", "OCCUPATION", "ketua kampung"),
            ("he worked as a school bus driver", "OCCUPATION", "school bus driver"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, words: str) -> None:
        """Said of people."""
        covers(found(AttributeRecognizer, text), words, kind)

    @pytest.mark.parametrize("text", ["I speak Malay", "Chinese food", "she is a teacher"])
    def test_stays(self, found: Find, text: str) -> None:
        """Languages, food and common jobs stay."""
        untouched(found(AttributeRecognizer, text))
