# SPDX-License-Identifier: Apache-2.0
"""XML that strangers wrote is read as events, within limits."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing.xml_events import (
    End,
    Event,
    Start,
    Text,
    read_events,
)
from services.transcription.errors import BadTranscript, TooLarge


def _events(data: bytes, **options: int) -> list[Event]:
    return list(read_events(data, "a test file", **options))


def test_elements_text_and_attributes_come_in_order() -> None:
    """Names are given without and with their namespace."""
    found = _events(b'<a xmlns:x="urn:x"><x:b x:c="1" d="2">one &amp; two</x:b></a>')
    assert found == [
        Start("a", {}, "a"),
        Start("b", {"urn:x}c": "1", "d": "2"}, "urn:x}b"),
        Text("one & two"),
        End("b", "urn:x}b"),
        End("a", "a"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_the_declared_encoding_is_read(encoding: str) -> None:
    """A mark, or the declaration, says what the bytes are."""
    declared = {"utf-8-sig": "utf-8", "latin-1": "iso-8859-1"}.get(encoding, encoding)
    data = f'<?xml version="1.0" encoding="{declared}"?><a>Renée</a>'.encode(encoding)
    assert Text("Renée") in _events(data)


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>&undefined;</a>",
        b"<a><b></a>",
        b"<a",
        b"no XML",
        b"",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>" * 201 + b"</a>" * 201,
    ],
)
def test_what_is_no_plain_xml_is_refused(data: bytes) -> None:
    """DTDs, entities, damage and deep nesting have one answer."""
    with pytest.raises(BadTranscript):
        _events(data)


def test_elements_are_bounded() -> None:
    """An element above the limit ends the reading."""
    with pytest.raises(TooLarge):
        _events(b"<a>" + b"<b/>" * 10 + b"</a>", max_elements=10)


def test_a_tag_without_end_is_refused_before_all_of_it_was_read() -> None:
    """The longest tag is bounded."""
    with pytest.raises(BadTranscript):
        _events(b'<a b="' + b"x" * (20 * 1024 * 1024))


@given(st.binary(max_size=300))
def test_no_other_error_comes_out(data: bytes) -> None:
    """Any bytes at all end in events, or in one of the two errors."""
    with contextlib.suppress(BadTranscript, TooLarge):
        _events(b"<a>" + data)
