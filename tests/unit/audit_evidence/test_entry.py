# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit_evidence.entry import (
    DraftEntry,
    Outcome,
    Phase,
    ReportedEvent,
    canonical,
    decode,
    encode,
    format_time,
    parse_time,
    to_microseconds,
)
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.scan import Scanner
from tests.support.audit_events import EVENTS, any_events, fact, intent, outcome

TIME = "2026-11-25T10:00:00.000001Z"
PLAIN = encode(ReportedEvent("a:b:c", Phase.FACT, Outcome.SUCCESS), 1, TIME, "s")


class TestDraft:
    """An event on its way into the log."""

    @given(any_events(), st.integers(0, 2**53 - 1), st.integers(0, 4_000_000_000_000_000))
    def test_reads_back(self, event: ReportedEvent, index: int, moment: int) -> None:
        """Every event of any phase that may enter is written down and reads back as it was."""
        draft = DraftEntry(event, "storage-clinical")
        leaf = encode(draft.event, index, format_time(moment), draft.service)
        entry = decode(leaf)
        assert (entry.event, entry.index, entry.service) == (event, index, "storage-clinical")

    def test_refuses_what_may_not_enter(self) -> None:
        """No draft is made of an unsound event, a strange service or one that is too large."""
        with pytest.raises(InvalidFormat, match="participant"):
            DraftEntry(fact(participant="Siti Aminah"), "storage-clinical")
        with pytest.raises(InvalidFormat, match="service"):
            DraftEntry(fact(), 'audit","v":2')
        many = {f"field.{'x' * 44}{n}": f"unset:{'1' * 16}" for n in range(1000)}
        with pytest.raises(InvalidFormat, match="65,535"):
            DraftEntry(fact(attributes=many), "storage-clinical")


class TestCanonicalForm:
    """Canonical form."""

    @settings(max_examples=30)
    @given(EVENTS, st.integers(0, 2**53 - 1))
    def test_is_rfc_8785(self, event: ReportedEvent, index: int) -> None:
        """The bytes are those that an RFC 8785 library gives for the same fields."""
        import json

        event.check()
        leaf = encode(event, index, TIME, "storage-clinical")
        assert rfc8785.dumps(json.loads(leaf)) == leaf

    @given(st.dictionaries(st.text("abcXYZ09_.", min_size=1), st.text(max_size=40), max_size=8))
    def test_any_text_is_escaped_as_rfc_8785_does(self, fields: dict[str, str]) -> None:
        """Control characters, quotes and every script are written as the RFC says."""
        with contextlib.suppress(UnicodeEncodeError):
            assert canonical(fields) == rfc8785.dumps(dict(fields))

    @settings(max_examples=30)
    @given(EVENTS, st.integers(0, 2**53 - 1))
    def test_comes_back_and_passes_the_scanner(self, event: ReportedEvent, index: int) -> None:
        """Decoding gives the event again, and the verifier's quick form knows the bytes."""
        leaf = encode(event, index, TIME, "storage-clinical")
        entry = decode(leaf)
        assert (entry.event, entry.index, entry.service) == (event, index, "storage-clinical")
        wrong: list[Any] = []
        Scanner(lambda *found: wrong.append(found), print, position=index).take(leaf)
        assert wrong == []

    def test_every_changed_byte_is_noticed_or_another_entry(self) -> None:
        """A changed byte is refused or decodes to other content: nothing in the form is slack."""
        leaf = encode(
            fact(attributes={"checkpoint_size": "12", "count": "3"}), 7, TIME, "storage-clinical"
        )
        whole = decode(leaf)
        for at in range(len(leaf)):
            for bit in range(8):
                changed = leaf[:at] + bytes([leaf[at] ^ 1 << bit]) + leaf[at + 1 :]
                try:
                    again = decode(changed)
                except InvalidFormat:
                    continue
                assert dataclasses.replace(again, leaf=b"") != dataclasses.replace(whole, leaf=b"")

    @pytest.mark.parametrize(
        "leaf",
        [
            b"",
            b"[]",
            b"{}",
            b"null",
            b"\xff",
            b'{"v":1}',
            b'{"v":true}',
            b"[" * 100_000,
            PLAIN.replace(b'"index":1', b'"index":true'),
            PLAIN.replace(b'"index":1', b'"index":1.0'),
            PLAIN.replace(b"-11-", b"-13-"),
            PLAIN.replace(b'"outcome"', b'"more":"","outcome"'),
            PLAIN.replace(b'"event":', b'"event": '),
        ],
    )
    def test_refused(self, leaf: bytes) -> None:
        """Anything but the canonical form is malformed."""
        with pytest.raises(InvalidFormat):
            decode(leaf)

    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, leaf: bytes) -> None:
        """Decoding answers with an entry or with InvalidFormat, never with another error."""
        with contextlib.suppress(InvalidFormat):
            decode(leaf)


class TestEvents:
    """Events."""

    @pytest.mark.parametrize(
        "event",
        [
            fact(person="Siti Aminah"),
            fact(object="rec 1"),
            fact(object="siti\n"),
            fact(participant="p07"),
            fact(study_id="X"),
            fact(zone="elsewhere"),
            fact(reason="because he said so"),
            fact(reason="KeyError"),
            fact(attributes={"text": "hello"}),
            fact(attributes={"field.": "1"}),
            fact(attributes={"count": "Siti"}),
            fact(attributes={"count": ""}),
            fact(attributes={"kind": "Siti Aminah"}),
            fact(attributes={"field.Siti": "1"}),
            fact(attributes={"count": "nama saya \u2014"}),
            fact(attributes={"count": "1\n2"}),
            ReportedEvent("a:b", Phase.FACT, Outcome.SUCCESS),
            ReportedEvent("a:b:c", Phase.FACT),
            ReportedEvent("a:b:c", Phase.INTENT, Outcome.SUCCESS),
            ReportedEvent("a:b:c", Phase.OUTCOME, Outcome.SUCCESS),
            ReportedEvent("a:b:c", Phase.FACT, Outcome.SUCCESS, 3),
            ReportedEvent("a:b:c", Phase.OUTCOME, Outcome.SUCCESS, 2**53),
        ],
    )
    def test_refused(self, event: ReportedEvent) -> None:
        """What could carry content, and what contradicts itself, does not enter the log."""
        with pytest.raises(InvalidFormat):
            event.check()

    def test_the_fault_is_named_without_the_value(self) -> None:
        """The message names the field and never repeats its value."""
        with pytest.raises(InvalidFormat, match="person") as caught:
            fact(person="Siti Aminah").check()
        assert "Siti" not in caught.value.message

    def test_the_service_name_is_checked(self) -> None:
        """An entry needs the certified name of who reported it."""
        with pytest.raises(InvalidFormat):
            encode(fact(), 0, TIME, "")


class TestTimes:
    """Times."""

    @given(st.integers(0, 4_000_000_000_000_000))
    def test_come_back(self, microseconds: int) -> None:
        """Microseconds since 1970 become text and the same number again."""
        assert to_microseconds(parse_time(format_time(microseconds))) == microseconds


class TestScanner:
    """Scanner."""

    def _scan(self, *leaves: bytes) -> tuple[list[str], list[str], Scanner]:
        wrong: list[str] = []
        notes: list[str] = []
        scanner = Scanner(
            lambda at, words: wrong.append(f"{at} {words}"),
            lambda at, words: notes.append(f"{at} {words}"),
        )
        for leaf in leaves:
            scanner.take(leaf)
        return wrong, notes, scanner

    def _leaf(
        self, index: int, event: ReportedEvent, time: str = TIME, service: str = "s"
    ) -> bytes:
        return encode(event, index, time, service)

    def test_open_intents_are_counted(self) -> None:
        """An intent stays open until its outcome comes."""
        leaves = [self._leaf(0, intent()), self._leaf(1, intent()), self._leaf(2, outcome(0))]
        wrong, notes, scanner = self._scan(*leaves)
        assert (wrong, notes, list(scanner.open_intents)) == ([], [], [1])

    def test_outcomes_that_fit_nothing(self) -> None:
        """An outcome of a later entry, of another event or of another service is wrong."""
        wrong, notes, _ = self._scan(
            self._leaf(0, intent()),
            self._leaf(1, outcome(5)),
            self._leaf(2, outcome(0), service="other"),
            self._leaf(3, outcome(0)),
        )
        assert [words.split()[0] for words in wrong] == ["1", "2"]
        assert [words.split()[0] for words in notes] == ["3"]

    def test_phases_with_what_is_not_theirs(self) -> None:
        """An intent with an outcome or of an intent, a fact without, an outcome without: wrong."""
        good = self._leaf(0, intent())
        done = self._leaf(1, outcome(0))
        for second in (
            done.replace(b'"phase":"outcome"', b'"phase":"intent"'),
            done.replace(b'"phase":"outcome"', b'"phase":"fact"'),
            done.replace(b'"outcome":"success",', b""),
            done.replace(b'"intent":0,', b""),
        ):
            assert second != done
            wrong, _, _ = self._scan(good, second)
            assert [words.split()[0] for words in wrong] == ["1"]

    def test_place_and_time(self) -> None:
        """An entry that says another index, an earlier time or no date is wrong."""
        wrong, _, _ = self._scan(
            self._leaf(1, fact()),
            self._leaf(1, fact(), "2026-11-25T09:59:59.000000Z"),
            self._leaf(2, fact(), "2026-02-30T09:59:59.000000Z"),
        )
        assert [words.split()[0] for words in wrong] == ["0", "1", "2"]

    def test_form(self) -> None:
        """An unsorted attribute, a key too many or plain text is not the log's form."""
        good = self._leaf(0, fact(attributes={"checkpoint_size": "1", "count": "2"}))
        swapped = good.replace(b'"checkpoint_size":"1","count":"2"', b'"count":"2","bytes":"1"')
        comma = b'"checkpoint_size":"1","count"'
        assert swapped != good
        assert comma in good
        glued = good.replace(comma, b'"checkpoint_size":"1""count"')
        loose = good.replace(b'"count":"2"', b'"count":"2",')
        for leaf in (swapped, glued, loose, good + b" ", b"text", good.replace(b'"v":1', b'"v":2')):
            wrong, _, _ = self._scan(leaf)
            assert "not in the form" in wrong[0]
