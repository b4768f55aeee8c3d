# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.common.records import Record
from services.common.yaml_file import YamlFault, read


class Inner(Record, strict=False):
    """Something inside."""

    days: int = 0
    wanted: bool = False


class Outer(Record, strict=False):
    """A file."""

    title: str
    inner: tuple[Inner, ...] = ()


# Signs that YAML turns into line breaks are for its own tests.
texts = st.text(st.characters(categories=["L", "N", "P", "S"]) | st.just(" "), max_size=8)
documents = st.recursive(
    st.none() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)


class TestRead:
    @pytest.mark.parametrize(
        "word",
        ["007", "0o17", "0x1F", "1_000", "12:30", "1e3", ".5", "yes", "No", "ON", "2026-01-02",
         "nan", ".inf", "=", "<<", "n", "nul"],
    )  # fmt: skip
    def test_a_plain_word_is_that_text(self, word: str) -> None:
        """Nothing is made a number, a truth value or a day of."""
        assert read(f"- {word}\n- '{word}'").content == [word, word]

    @pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
    def test_nothing(self, word: str) -> None:
        """An empty value and the words for it are nothing; in quotation marks they are texts."""
        assert read(f"a: {word}\nb: '{word}'").content == {"a": None, "b": word}

    @given(documents)
    def test_what_was_written_is_read(self, content: object) -> None:
        """Texts, lists and mappings come back as they were."""
        written = yaml.safe_dump(content, allow_unicode=True, default_flow_style=None)
        try:
            assert read(written).content == content
        except YamlFault as fault:  # nested deeper than people write, or half a character
            assert str(fault)  # noqa: PT017 - few examples end here

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("a: 1\nb:\n  c: 1\n  c: 2\n", "line 4: field c is there again, after line 3"),
            ("Puan H: 1\nPuan H: 2\n", "line 2: a field is there again, after line 1"),
            ("a: 1\nb: [1\n", "line 3: this is not YAML"),
            ("a: &x 1\nb: *x\n", "line 2: a reference"),
            ("a: !!int 1\n", "line 1: a tag"),
            ("a: !!set {b}\n", "line 1: a tag"),
            ("[" * 40, "line 1: this is nested"),
            ("a: 1\n[b]: 1\n", "line 2: a list or a mapping"),
            ("a: 1\n---\nb: 1\n", "line 2: this is not YAML"),
        ],
    )
    def test_slips_are_told(self, text: str, told: str) -> None:
        """The line is named, and no value."""
        with pytest.raises(YamlFault) as caught:
            read(text)
        assert str(caught.value).startswith(told)

    def test_names_that_may_be_shown(self) -> None:
        """A key that is one of ours is named whatever its form."""
        with pytest.raises(YamlFault, match="field PERSON is there again"):
            read("PERSON: a\nPERSON: b\n", ["PERSON"])


class TestValidate:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("title: t\ninner:\n- days: 010\n- days: x\n", "line 4: field inner.1.days"),
            ("title: t\ninner:\n- dais: 1\n", "line 3: field inner.0.dais is not a field of this"),
            ("inner: []\n", "line 1: field title is missing"),
            ("title: t\n\nPuan H: 1\n", "line 3: field ? is not a field"),
        ],
    )
    def test_fault_has_its_line(self, text: str, told: str) -> None:
        """The line of the value, or of what it is missing in."""
        with pytest.raises(InvalidInput) as caught:
            read(text).validate(Outer, "a.yaml", InvalidInput)
        assert caught.value.message.startswith(f"a.yaml: {told}")

    def test_meant(self) -> None:
        """A slip in a name is told with the field that is meant."""
        with pytest.raises(InvalidInput, match="is it meant to be title"):
            read("titel: t\n").validate(Outer, "a.yaml", InvalidInput)

    def test_numbers_and_truth_values(self) -> None:
        """Where a field is one, the text is read as people read it."""
        found = read("title: 1\ninner:\n- {days: 010, wanted: yes}\n").validate(
            Outer, "a.yaml", InvalidInput
        )
        assert found == Outer(title="1", inner=(Inner(days=10, wanted=True),))
