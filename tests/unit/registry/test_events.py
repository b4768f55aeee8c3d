# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import protovalidate
import pytest

from services.registry import ids
from services.registry.access import ALLOWED, APPEND
from services.registry.attributes import FAMILIES, KEYS
from services.registry.events import EVERYWHERE, SERVICES, ZONES, ActionType, Event, is_owner
from services.registry.identities import (
    AUDIT,
    CLINICAL,
    CONSOLE,
    DEIDENTIFICATION,
    RELEASE,
    RESEARCH,
    TRANSCRIPTION,
)
from services.registry.processes import PROCESSES
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
        carried = EVERYWHERE.union(*(event.attributes for event in Event))
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


#: Where the code of each certificate is, and what all processes run.
FOLDERS = {
    "services/audit": {AUDIT},
    "services/storage": {CLINICAL, RESEARCH},
    "services/transcription": {TRANSCRIPTION},
    "services/deidentification": {DEIDENTIFICATION},
    "services/release": {RELEASE},
    "services/console": {CONSOLE},
    "services/common": set(SERVICES),
}


class TestOwners:
    """Who may write an event."""

    @pytest.mark.parametrize("event", Event, ids=lambda event: event.name)
    def test_every_event_has_owners_with_a_zone(self, event: Event) -> None:
        """An event is owned by clients that may append, and each of them works in one zone."""
        assert event.owners
        assert event.owners <= ZONES.keys() == ALLOWED[AUDIT][APPEND] | {AUDIT}

    def test_zones_are_those_of_the_processes(self) -> None:
        """A service that runs for one zone writes entries of that zone."""
        assert {one.name: one.zone for one in PROCESSES if one.zone} == {
            CLINICAL: ZONES[CLINICAL], RESEARCH: ZONES[RESEARCH],
        }  # fmt: skip

    def test_every_use_is_in_the_code_of_an_owner(self) -> None:
        """No service records an event that the audit service would refuse from it."""
        found = list(_uses())
        assert len(found) > 60
        assert [(path, event.name) for path, event in found if not _may_stand_in(event, path)] == []

    def test_every_service_that_owns_an_event_records_it(self) -> None:
        """No event is owned by a service whose code never names it; 0.1 wrote one more."""
        used = {
            (event, folder) for path, event in _uses() for folder in FOLDERS if _in(path, folder)
        }
        unused = [
            event.name
            for event in Event
            if event is not Event.APPROVAL_WRITTEN
            and not any(
                (event, folder) in used for folder in FOLDERS if FOLDERS[folder] & event.owners
            )
        ]
        assert unused == []

    def test_is_owner(self) -> None:
        """An owner is known by the name of its certificate; nobody owns an unknown event."""
        assert is_owner(CLINICAL, "key:participant:destroyed")
        assert not is_owner(RELEASE, "key:participant:destroyed")
        assert not is_owner(RELEASE, "nonsense:never:heard")


def _uses() -> Iterator[tuple[str, Event]]:
    """Yield each place of the services' code that names an event, and the event."""
    for path in sorted((ROOT / "services").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(("services/registry/", *_READERS)):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Event":
                yield place, Event[node.attr]


#: Modules that name events to read the log, and write none.
_READERS: tuple[str, ...] = (
    "services/audit/domain/",
    "services/audit_evidence/",
    "services/upkeep_client/",
    "services/audit_client/",
)


def _in(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")


def _may_stand_in(event: Event, path: str) -> bool:
    return any(_in(path, folder) and FOLDERS[folder] & event.owners for folder in FOLDERS)
