# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import protovalidate
import pytest

from services.registry import ids
from services.registry.attributes import FAMILIES, KEYS
from services.registry.events import ActionType, Event
from sotto.audit.v1 import entry_pb2

ROOT = Path(__file__).resolve().parents[3]


class TestEvent:
    def test_names_are_well_formed(self) -> None:
        """Every name is source:subject:action, as the log's contract asks."""
        assert [one.value for one in Event if not re.fullmatch(ids.EVENT_NAME, one)] == []

    def test_names_are_unique(self) -> None:
        """No two events share a name: an enumeration would fold them into one without a word."""
        assert len(Event.__members__) == len({one.value for one in Event})

    def test_parts(self) -> None:
        """Subject and action can be read from the name."""
        assert (Event.RECORDING_READ.subject, Event.RECORDING_READ.action) == ("content", "read")

    def test_a_member_is_its_name(self) -> None:
        """An event can be found by its name, and prints as it."""
        assert Event("recording:content:read") is Event.RECORDING_READ
        assert f"{Event.RECORDING_READ}" == Event.RECORDING_READ.value == "recording:content:read"

    def test_contract_takes_them(self) -> None:
        """The contract of the audit service accepts every name."""
        for one in Event:
            protovalidate.validate(
                entry_pb2.Event(
                    name=one.value,
                    phase=entry_pb2.PHASE_FACT,
                    outcome=entry_pb2.OUTCOME_SUCCESS,
                )
            )

    @pytest.mark.parametrize("event", Event, ids=lambda event: event.name)
    def test_meaning_and_attributes_are_declared(self, event: Event) -> None:
        """Every event says what it means, and carries only attributes that are declared."""
        assert event.meaning.endswith(".")
        assert event.attributes <= {*KEYS, *FAMILIES}

    def test_every_attribute_belongs_to_an_event(self) -> None:
        """No key is declared that no event carries: nobody could write it."""
        carried = frozenset[str]().union(*(event.attributes for event in Event))
        assert set(KEYS) - carried == set()

    def test_events_of_one_verb_are_of_one_type(self) -> None:
        """The verb of a name tells the type of its action; reading the log is a type of its own."""
        types: dict[str, set[ActionType]] = {}
        for event in Event:
            if event.action_type is not ActionType.READ_LOG:
                types.setdefault(event.action, set()).add(event.action_type)
        assert [verb for verb, found in types.items() if len(found) > 1] == []

    def test_carries(self) -> None:
        """An event carries its own keys and any of its families, and no other."""
        assert Event.RECORDING_SEALED.carries("size")
        assert not Event.RECORDING_SEALED.carries("windows")
        assert Event.SETTINGS_CHANGED.carries("field.workers")
        assert not Event.RECORDING_SEALED.carries("field.workers")


class TestCallSites:
    """A key that an event does not carry is found here, not when an action is being recorded."""

    def test_every_literal_attribute_is_one_that_its_event_carries(self) -> None:
        """Attributes written out at a call of `record` or `fact` belong to its event."""
        found = [one for module in _modules() for one in _attributes(module)]
        assert len(found) > 20
        assert [(event.name, key) for event, key in found if not event.carries(key)] == []

    def test_every_note_is_one_that_its_event_carries(self) -> None:
        """Facts noted in the body of `record` belong to its event."""
        found = [one for module in _modules() for one in _notes(module)]
        assert [(event.name, key) for event, key in found if not event.carries(key)] == []
        written = sum(
            len(call.keywords)
            for module in _modules()
            for call in ast.walk(module)
            if isinstance(call, ast.Call) and _is_note(call)
        )
        assert len(found) == written, "a note stands where its event cannot be read off the code"


def _modules() -> Iterator[ast.Module]:
    for path in sorted((ROOT / "services").rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def _is_note(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "note" and not call.args


def _event(call: ast.AST) -> Event | None:
    """Return the event that a call names, as in `trail.record(Event.LOG_READ)`."""
    if isinstance(call, ast.Call):
        for one in call.args:
            if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "Event":
                return Event[one.attr]
    return None


def _attributes(module: ast.Module) -> Iterator[tuple[Event, str]]:
    for call in ast.walk(module):
        event = _event(call)
        if event is None or not isinstance(call, ast.Call):
            continue
        for keyword in call.keywords:
            if keyword.arg == "attributes":
                for part in ast.walk(keyword.value):
                    if isinstance(part, ast.Dict):
                        yield from ((event, ast.literal_eval(key)) for key in part.keys if key)


def _notes(module: ast.Module) -> Iterator[tuple[Event, str]]:
    for block in ast.walk(module):
        if not isinstance(block, ast.With):
            continue
        events = [event for item in block.items if (event := _event(item.context_expr))]
        for call in ast.walk(block):
            if events and isinstance(call, ast.Call) and _is_note(call):
                yield from ((events[0], str(keyword.arg)) for keyword in call.keywords)
