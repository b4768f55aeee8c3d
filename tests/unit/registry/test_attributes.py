# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry import attributes, ids
from services.registry.attributes import FAMILIES, KEYS
from sotto.audit.v1 import entry_pb2
from sotto.study.v1 import study_pb2


class TestKeys:
    def test_keys_are_well_formed(self) -> None:
        """Every key is one that the contract takes, and has a meaning."""
        assert all(re.fullmatch(ids.ATTRIBUTE_KEY, key) for key in {*KEYS, *FAMILIES})
        assert all(meaning for _kind, meaning in {**KEYS, **FAMILIES}.values())
        assert all(key.endswith(".") for key in FAMILIES)
        assert not any("." in key for key in KEYS)

    @pytest.mark.parametrize(
        ("key", "declared"),
        [
            ("windows", True),
            ("kind", True),
            ("field.log_level", True),
            ("field.", False),
            ("field.a b", False),
            ("field.a.b", False),
            (f"field.{'a' * 49}", False),
            ("windows.one", False),
            ("diagnosis", False),
            ("", False),
        ],
    )
    def test_is_declared(self, key: str, declared: bool) -> None:
        """A key is declared, or one word behind that of a family; any other is not."""
        assert attributes.is_declared(key) is declared

    def test_lists_of_names_are_those_of_the_contracts(self) -> None:
        """The log names fields of a study and conditions of a query, each as the contract does."""
        fields = study_pb2.Study.DESCRIPTOR.fields
        # What the store writes by itself is no change of a caller's.
        written = {"policy_changed_by", "retention_shortened_at"}
        assert {field.name for field in fields} - written == {*attributes.STUDY_FIELDS}
        fields = entry_pb2.EntryFilter.DESCRIPTOR.fields
        assert {field.name for field in fields} == {*attributes.FILTER_FIELDS}


#: What somebody might try to write into a log that holds no content.
CONTENT = (
    "My_name_is_Faizal_bin_Rahman,_call_012-345_6789",
    "Faizal bin Rahman",
    "faizal_bin_rahman",
    "faizal-bin-rahman-lives-in-ipoh",
    "Hospital_Bahagia/Ulu_Kinta",
    "TmFtYSBzYXlhIEZhaXphbA==",
)
#: Keys whose values are names that hospitals give, and what may stand there; docs/audit.md says so.
ROOM = {
    "account": "an account's name",
    "claimed_person": "an account's name",
    "decided_by": "an account's name",
    "policy": "the name of a study's own policy",
    "old_origin": "the name of a log",
    "asked_study": "the id of a study",
}


class TestValues:
    @pytest.mark.parametrize("key", sorted({*KEYS, "field.workers"} - ROOM.keys()))
    @pytest.mark.parametrize("text", CONTENT)
    def test_no_room_for_content(self, key: str, text: str) -> None:
        """A name, a sentence or an encoded one fits no value that the hospital does not choose."""
        assert not attributes.fits(key, text)

    @pytest.mark.parametrize("key", sorted(ROOM))
    def test_names_that_hospitals_give_are_short(self, key: str) -> None:
        """Where the hospital chooses the name, no sentence fits, and no long one."""
        assert not attributes.fits(key, "two words")
        assert not attributes.fits(key, "a" * 129)

    @pytest.mark.parametrize("key", sorted({*KEYS, "field.workers"}))
    def test_no_value_is_long(self, key: str) -> None:
        """Only lists of known names exceed 128 characters."""
        pattern = attributes.FAMILIES["field."][0] if "." in key else KEYS[key][0]
        values = st.from_regex(pattern, fullmatch=True)

        @settings(max_examples=20, database=None)
        @given(values)
        def check(text: str) -> None:
            assert attributes.fits(key, text)
            assert len(text) <= 128 or key in {"changed", "filter"}

        check()

    @pytest.mark.parametrize("text", ["0", "-7", "12.5", "1" * 20])
    def test_numbers(self, text: str) -> None:
        """A number is decimal digits, with a sign and a fraction where it has them."""
        assert attributes.fits("count", text)

    @pytest.mark.parametrize("text", ["", "seven", "1e3", "1 ", "1\n", "1" * 21, "٣"])
    def test_other_texts_are_no_numbers(self, text: str) -> None:
        """Anything else is none."""
        assert not attributes.fits("count", text)

    @pytest.mark.parametrize(
        ("key", "text"),
        [
            ("changed", "policy,members"),
            ("changed", "nothing"),
            ("address", "10.0.0.7"),
            ("address", "fe80::1"),
            ("existed", "true"),
            ("expires", "2026-11-28T10:00:00+00:00"),
            ("expires", "2026-11-28T10:00:00.123456Z"),
            ("kind", "PERSON"),
            ("decided_by", "policy:safe-harbor"),
            ("key_id", "51ed8549be3951b1f05a2ba64fca2f0e"),
            ("key_id", ""),
            ("field.workers", "unset:0123456789abcdef"),
        ],
    )
    def test_what_is_written(self, key: str, text: str) -> None:
        """What services write fits."""
        assert attributes.fits(key, text)

    def test_texts_of_values(self) -> None:
        """Truth values are written as in JSON, numbers in decimal."""
        assert [attributes.to_text(value) for value in (True, False, 7, "seven")] == [
            "true", "false", "7", "seven",
        ]  # fmt: skip
