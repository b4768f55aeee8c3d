# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

import pytest

from services.registry import attributes, ids
from services.registry.attributes import FAMILIES, KEYS, ValueKind


class TestKeys:
    def test_keys_are_well_formed(self) -> None:
        """Every key is one that the contract takes, and has a meaning."""
        assert all(re.fullmatch(ids.ATTRIBUTE_KEY, key) for key in {*KEYS, *FAMILIES})
        assert all(meaning for _kind, meaning in {**KEYS, **FAMILIES}.values())
        assert all(key.endswith(".") for key in FAMILIES)
        assert not any("." in key for key in KEYS)

    @pytest.mark.parametrize(
        ("key", "kind"),
        [
            ("windows", ValueKind.NUMBER),
            ("existed", ValueKind.WORD),
            ("kind", ValueKind.WORD),
            ("field.log_level", ValueKind.WORD),
            ("field.", None),
            ("field.a b", None),
            ("field.a.b", None),
            ("windows.one", None),
            ("diagnosis", None),
            ("", None),
        ],
    )
    def test_kind_of(self, key: str, kind: ValueKind | None) -> None:
        """A declared key, or one word behind that of a family, has a kind; any other has none."""
        assert attributes.kind_of(key) is kind


class TestValues:
    @pytest.mark.parametrize("text", ["0", "-7", "12.5", "1" * 20])
    def test_numbers(self, text: str) -> None:
        """A number is decimal digits, with a sign and a fraction where it has them."""
        assert attributes.is_of_kind(ValueKind.NUMBER, text)

    @pytest.mark.parametrize("text", ["", "seven", "1e3", "1 ", "1\n", "1" * 21, "٣"])
    def test_other_texts_are_no_numbers(self, text: str) -> None:
        """Anything else is none."""
        assert not attributes.is_of_kind(ValueKind.NUMBER, text)

    @pytest.mark.parametrize("text", ["two words", "a\n", "ä", "x" * 513, '"'])
    def test_other_texts_are_no_words(self, text: str) -> None:
        """A sentence or a full name is no word, and neither is a text that is too long."""
        assert attributes.is_of_kind(ValueKind.WORD, "rec-2/a.txt,b=1")
        assert not attributes.is_of_kind(ValueKind.WORD, text)

    def test_texts_of_values(self) -> None:
        """Truth values are written as in JSON, numbers in decimal."""
        assert [attributes.to_text(value) for value in (True, False, 7, "seven")] == [
            "true", "false", "7", "seven",
        ]  # fmt: skip
