# SPDX-License-Identifier: Apache-2.0
"""Records are written canonically and read strictly, and errors never show a value."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, field_validator

from services.common.errors import Corrupted
from services.common.records import Base64, Count, Hex, Moment, Record, RecordingId, Sha256, StudyId

SECRET = "Puan Halimah"


class Part(Record):
    size: Count
    sha256: Sha256
    note: str | None = None


class Document(Record):
    format: Literal["test 1"] = "test 1"
    study: StudyId
    recording: RecordingId | None = None
    data: Base64 = b""
    short: Hex = b""
    at: Moment | None = None
    day: dt.date | None = None
    parts: tuple[Part, ...] = ()
    counts: Mapping[str, Count] = Field(default_factory=dict)
    share: Annotated[float, Field(ge=0, le=1)] | None = None

    @field_validator("study")
    @classmethod
    def _not_forbidden(cls, study: str) -> str:
        if study == "forbidden":
            raise ValueError("is a study that nobody may have")
        return study


class Loose(Record, strict=False):
    names: tuple[str, ...] = ()


def moments() -> st.SearchStrategy[dt.datetime]:
    """Draw times in UTC with whole seconds."""
    return st.integers(0, 2**37).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
parts = st.builds(
    Part,
    size=st.integers(0, 2**53 - 1),
    sha256=st.binary(min_size=32, max_size=32),
    note=st.none() | texts,
)
documents = st.builds(
    Document,
    study=st.from_regex(r"\A[a-z0-9][a-z0-9-]{1,8}\Z").filter(lambda study: study != "forbidden"),
    recording=st.none() | st.from_regex(r"\Arec-[a-z2-7]{26}\Z"),
    data=st.binary(max_size=50),
    short=st.binary(max_size=20),
    at=st.none() | moments(),
    day=st.none() | st.dates(),
    parts=st.lists(parts, max_size=3).map(tuple),
    counts=st.dictionaries(texts, st.integers(0, 2**53 - 1), max_size=4),
    share=st.none() | st.floats(0, 1),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def read(data: bytes) -> Document:
    """Read a document, strictly."""
    return Document.parse(data, "the document is damaged", Corrupted)


def refusal(data: bytes) -> str:
    """Return the message of the refusal, which never shows the value."""
    with pytest.raises(Corrupted) as caught:
        read(data)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def changed(**fields: Any) -> bytes:
    """Return a document with some fields set or, by ..., taken out."""
    content = json.loads(Document(study="study-a").canonical_bytes()) | fields
    return rfc8785.dumps({name: value for name, value in content.items() if value is not ...})


@given(documents)
def test_what_is_written_is_read_back_and_is_canonical(document: Document) -> None:
    """A record reads back as it was, and its encoding is RFC 8785."""
    data = document.canonical_bytes()
    assert read(data) == document
    assert rfc8785.dumps(json.loads(data)) == data


@given(documents, st.data())
def test_a_document_with_one_value_changed_is_refused_or_encodes_to_the_same_bytes(
    document: Document, data: st.DataObject
) -> None:
    """Nothing is accepted that a record would write in another way."""
    content = json.loads(document.canonical_bytes())
    content[data.draw(st.sampled_from([*sorted(content), "more"]))] = data.draw(values)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        raw = text.encode()
        found = read(raw)
    except Corrupted:
        return
    assert found.canonical_bytes() == raw


@given(st.binary(max_size=60) | texts.map(str.encode))
def test_other_bytes_are_refused(data: bytes) -> None:
    """Bytes that are no document raise the error that the caller gave, and no other."""
    refusal(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed(study=...), "field study is missing"),
        (changed(study=SECRET), "field study has not the expected form"),
        (changed(study="study-a\n"), "field study has not the expected form"),
        (changed(study="forbidden"), "field study: is a study that nobody may have"),
        (changed(study=7), "field study: Input should be a valid string"),
        (changed(**{SECRET: 1}), "field ? is not a field of this format"),
        (changed(format="test 2"), "field format: Input should be 'test 1'"),
        (changed(format=...), "it is not in its canonical form"),
        (changed(recording=None), "it is not in its canonical form"),
        (changed(data=SECRET), "field data: is not base64"),
        (changed(data="YR=="), "it is not in its canonical form"),  # unused bits are not zero
        (changed(short="AB"), "field short: is not hexadecimal in small letters"),
        (changed(at="2026-01-31T08:00:00+00:00"), "field at: is not a time such as"),
        (changed(at="2026-1-31T08:00:00Z"), "it is not in its canonical form"),
        (changed(day="31.1.2026"), "field day: Input should be a valid date"),
        (changed(parts=[{"size": -1, "sha256": "00" * 32}]), "field parts.0.size: Input"),
        (changed(parts=[{"size": True, "sha256": "00" * 32}]), "field parts.0.size: Input"),
        (changed(parts=[{"size": "1", "sha256": "00" * 32}]), "field parts.0.size: Input"),
        (changed(parts=[{"size": 1, "sha256": "00"}]), "field parts.0.sha256: is not a SHA-256"),
        (changed(parts=[{"size": 1, "sha256": "00" * 32, SECRET: 1}]), "field parts.0.? is not"),
        (changed(counts={SECRET: "much"}), "field counts.?: Input should be a valid integer"),
        (b'{"study":"study-a","study":"study-a"}', "it is not JSON, or it names a field twice"),
        (b'{"share":NaN,"study":"study-a"}', "it is not JSON"),
        (b"\xff", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "Input should be an object"),
        (b' {"format":"test 1","study":"study-a"}', "it is not in its canonical form"),
    ],
)
def test_a_refusal_names_the_field_and_the_rule(data: bytes, message: str) -> None:
    """A refusal names field and rule; an undeclared name may be content and is not shown."""
    assert refusal(data).startswith(f"the document is damaged: {message}")


def test_documents_that_people_write_need_not_be_canonical() -> None:
    """Order and spaces are free where the caller says so; a field given twice never is."""
    text = b'{ "study": "study-a" }'
    found = Document.parse(text, "the file", Corrupted, canonical=False)
    assert found == Document(study="study-a")
    with pytest.raises(Corrupted, match="names a field twice"):
        Document.parse(b'{"study":"b","study":"a"}', "the file", Corrupted, canonical=False)


def test_values_of_another_reader_are_held_to_the_same_fields() -> None:
    """What YAML gave is held to the same fields, and several faults are told at once."""
    assert Loose.from_values({"names": ["a"]}, "the file", Corrupted) == Loose(names=("a",))
    with pytest.raises(Corrupted) as caught:
        Loose.from_values({"names": [1, 2], SECRET: 3}, "the file", Corrupted, most=2)
    assert str(caught.value) == (
        "the file: field names.0: Input should be a valid string;"
        " field names.1: Input should be a valid string"
    )


def test_a_record_does_not_change() -> None:
    """A record that was checked stays what it was."""
    with pytest.raises(ValueError, match="frozen"):
        Document(study="study-a").study = "other"
