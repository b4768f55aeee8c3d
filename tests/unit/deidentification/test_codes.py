# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.deidentification.recognisers.codes import CodeRecognizer
from tests.unit.deidentification.assertions import Find, covers, untouched


class TestCodeRecognizer:
    """Codes of letters and digits."""

    @pytest.mark.parametrize(
        ("text", "kind", "code"),
        [
            ("my car plate WXY 1234", "VEHICLE_PLATE", "WXY 1234"),
            ("JRS4521 parked", "VEHICLE_PLATE", "JRS4521"),
            ("plate w x y one two three four", "VEHICLE_PLATE", "w x y one two three four"),
            ("my plate was w x y four ate to seven.", "VEHICLE_PLATE", "w x y four ate to seven"),
            ("passport A12345678", "PASSPORT", "A12345678"),
            ("server 192.168.1.20", "IP_ADDRESS", "192.168.1.20"),
            ("application no. 28045/02", "ID_NUMBER", "28045/02"),
            ("file no. PSY/0456/2019", "ID_NUMBER", "PSY/0456/2019"),
            ("the file 19/HKL/2203 there", "ID_NUMBER", "19/HKL/2203"),
            ("ref psy/12/0456", "ID_NUMBER", "psy/12/0456"),
            ("case HKL-PSY-19-0456", "ID_NUMBER", "HKL-PSY-19-0456"),
            ("IBAN GB50MVFC38361978683032", "BANK_ACCOUNT", "GB50MVFC38361978683032"),
            ("call 001-748-088-2851x818", "PHONE_NUMBER", "001-748-088-2851x818"),
        ],
    )
    def test_found(self, found: Find, text: str, kind: str, code: str) -> None:
        """Each by its form."""
        covers(found(CodeRecognizer, text), code, kind)

    @pytest.mark.parametrize(
        "text",
        [
            "vitamin B12",
            "PHQ 9",
            "covid 19",
            "room 12",
            "F20",
            "in May 2019",
            "PT3",
            "GAD-7/PHQ-9",
            "10mg/5ml",
            "120/80 mmHg",
            "and/or 2019",
        ],
    )
    def test_stays(self, found: Find, text: str) -> None:
        """Scales, diagnoses, vitamins and rooms are no plates."""
        untouched(found(CodeRecognizer, text))
