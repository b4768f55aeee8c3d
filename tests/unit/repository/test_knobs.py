# SPDX-License-Identifier: Apache-2.0
"""No knob without effect.

Whatever a person may set, a client may call, or the audit log may hold is read, called or written
somewhere in `services/` or `flows/`, or is an exception with its reason.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from functools import cache

from pydantic import BaseModel

from infra.dev import settings_docs
from infra.dev.picture import rpcs
from services.common import roster_document
from services.common.settings import ServiceSettings
from services.deidentification.domain import policy
from services.registry import attributes
from services.registry.events import EVERYWHERE, Event
from services.studies import study_file
from sotto.study.v1 import study_pb2
from tests.support.attribute_reads import Code

#: What nothing in the product reads or writes, and why it is there all the same.
EXCEPTIONS = {
    "PolicyFile.description": "tells those who read the file what the policy is for",
    "rpc AuditQueryService.GetConsistencyProof": (
        "for a verifier's own program; our command proves from the files of the log"
    ),
    "event APPROVAL_WRITTEN": "version 0.1 recorded it, and its logs are read and exported",
}

#: Records that are stored as a whole and read by another service as JSON.
STORED_WHOLE: tuple[type[BaseModel], ...] = (
    roster_document.Roster,
    roster_document.RosterPerson,
    roster_document.RosterPlace,
)
STUDY_FILE: tuple[type[BaseModel], ...] = (
    study_file.StudyFile,
    study_file.Member,
    study_file.QualityGate,
)
POLICY: tuple[type[BaseModel], ...] = (policy.PolicyFile, policy.ReviewRules, policy.EntityRule)


@cache
def code() -> Code:
    """Read the product's code once."""
    return Code()


def settings_classes() -> list[type[ServiceSettings]]:
    """Return the settings of every process, as their documentation lists them."""
    pages = (path.read_text("utf-8") for path in settings_docs.DOCS.glob("*.md"))
    places = sorted({place for page in pages for place in settings_docs.places(page)})
    found = []
    for place in places:
        module, _, name = place.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return found


def unread(*classes: type[BaseModel]) -> set[str]:
    """Return the fields of the classes that nothing reads; those of bases belong to the bases."""
    missing = set()
    for model in classes:
        inherited = {name for base in model.__bases__ for name in getattr(base, "model_fields", ())}
        for name in set(model.model_fields) - inherited:
            if f"{model.__module__}:{model.__name__}" not in code().owners(name):
                missing.add(f"{model.__name__}.{name}")
    return missing


def expected(*classes: type) -> set[str]:
    """Return the exceptions that concern the classes."""
    return {one for model in classes for one in EXCEPTIONS if one.startswith(f"{model.__name__}.")}


def expected_of(kind: str) -> set[str]:
    """Return the exceptions of a kind: "event" or "attribute"."""
    return {one.removeprefix(f"{kind} ") for one in EXCEPTIONS if one.startswith(f"{kind} ")}


def texts_read() -> Iterator[str]:
    """Yield each text by which a service takes a value out of a mapping."""
    for name, tree in code().trees:
        if not name.startswith("services."):
            continue
        for node in ast.walk(tree):
            key: ast.expr | None = None
            if isinstance(node, ast.Subscript):
                key = node.slice
            elif (
                isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get" and node.args
            ):
                key = node.args[0]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value


def attribute_keys_written() -> set[str]:
    """Return each key of an entry's attributes that the code writes.

    They are keywords of `note`, and keys of dictionaries that are given as `attributes` or that are
    annotated as `Attributes`.
    """
    found: set[str] = set()
    for name, tree in code().trees:
        if name.startswith("services.registry"):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr="note")):
                    found |= {keyword.arg for keyword in node.keywords if keyword.arg}
                case ast.keyword(arg="attributes"):
                    found |= _keys_in(node.value)
                case ast.AnnAssign(annotation=ast.Name(id="Attributes")) if node.value:
                    found |= _keys_in(node.value)
                case ast.FunctionDef(returns=ast.Name(id="Attributes")):
                    found |= _keys_in(node)
                case ast.FunctionDef():
                    found |= _keys_set_later(node)
    return found


def _keys_in(node: ast.AST) -> set[str]:
    return {
        key.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Dict)
        for key in inner.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    } | _assigned_keys(node)


def _keys_set_later(node: ast.FunctionDef) -> set[str]:
    """Return the keys that a function sets in a dictionary that it annotates as `Attributes`."""
    annotated = any(
        isinstance(inner, ast.AnnAssign)
        and isinstance(inner.annotation, ast.Name)
        and inner.annotation.id == "Attributes"
        for inner in ast.walk(node)
    )
    return _assigned_keys(node) if annotated else set()


def _assigned_keys(node: ast.AST) -> set[str]:
    return {
        target.slice.value
        for inner in ast.walk(node)
        if isinstance(inner, ast.Assign)
        for target in inner.targets
        if isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and isinstance(target.slice.value, str)
    }


def texts_begun_with(prefix: str) -> bool:
    """Return whether a service makes texts that begin with a family's name."""
    return any(
        isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and str(node.values[0].value) == prefix
        for name, tree in code().trees
        if not name.startswith("services.registry")
        for node in ast.walk(tree)
    )


def events_recorded() -> set[str]:
    """Return the names of events that a function records which something calls.

    A handler's methods are called by gRPC; every other function is named somewhere else.
    """
    named = {name for names in rpcs().values() for name in names}
    recorders: dict[str, set[str]] = {}
    for name, tree in code().trees:
        if name.startswith("services.registry"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute):
                named.add(node.id if isinstance(node, ast.Name) else node.attr)
        for function, event in _events_in(tree, ""):
            recorders.setdefault(function, set()).add(event)
    return {
        event
        for function, events in recorders.items()
        if function in named or not function or function.startswith("__")
        for event in events
    }


def _events_in(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
    """Yield each event that is named, with the innermost function around it; empty for none."""
    if isinstance(node, ast.FunctionDef):
        function = node.name
    match node:
        case ast.Attribute(value=ast.Name(id="Event")):
            yield function, node.attr
    for child in ast.iter_child_nodes(node):
        yield from _events_in(child, function)


class TestSettings:
    def test_each_is_read(self) -> None:
        """A setting that nothing reads promises what nobody does."""
        classes = settings_classes()

        assert len(classes) >= 7
        assert unread(*classes) == expected(*classes)


class TestStudyFile:
    def test_each_field_is_read(self) -> None:
        """What a study team writes down is carried into the study's description."""
        assert unread(*STUDY_FILE) == expected(*STUDY_FILE)

    def test_each_field_of_the_description_is_read(self) -> None:
        """What the description of a study says has an effect where it arrives."""
        missing = {
            f"{message.DESCRIPTOR.name}.{field.name}"
            for message in (study_pb2.Study, study_pb2.Member)
            for field in message.DESCRIPTOR.fields
            if f"sotto.study.v1.study_pb2:{message.DESCRIPTOR.name}"
            not in code().owners(field.name)
        }

        assert missing == expected(study_pb2.Study, study_pb2.Member)

    def test_each_field_of_the_roster_is_read(self) -> None:
        """The roster is sealed as JSON, out of which a service takes each of its fields."""
        taken = set(texts_read())

        assert {name for model in STORED_WHOLE for name in model.model_fields} <= taken


class TestPolicy:
    def test_each_field_is_read(self) -> None:
        """What a policy says is done."""
        assert unread(*POLICY) == expected(*POLICY)


class TestRpcs:
    def test_each_is_called(self) -> None:
        """A call that no command, flow or service makes is a promise that nobody tried."""
        missing = {
            f"{service.rpartition('.')[2]}.{method}"
            for service, methods in rpcs().items()
            for method in methods
            if not any(
                owner.startswith(service.rpartition(".")[0])
                and owner.endswith(f":{service.rpartition('.')[2]}Stub")
                for owner in code().owners(method)
            )
        }

        assert missing == expected_of("rpc")


class TestAuditLog:
    def test_each_event_is_recorded(self) -> None:
        """An event that nothing records would be searched for in vain."""
        assert {event.name for event in Event} - events_recorded() == expected_of("event")

    def test_each_attribute_is_written(self) -> None:
        """A key that nothing writes would be searched for in vain."""
        missing = set(attributes.KEYS) - attribute_keys_written()

        assert missing == expected_of("attribute")
        assert [one for one in attributes.FAMILIES if not texts_begun_with(one)] == []

    def test_each_attribute_is_of_an_event(self) -> None:
        """A key that no event carries is refused wherever it is written."""
        carried = EVERYWHERE.union(*(event.attributes for event in Event))

        assert set(attributes.KEYS) | set(attributes.FAMILIES) == carried


class TestExceptions:
    def test_each_has_a_reason(self) -> None:
        """An exception says why it is one; one that is none any more fails above."""
        assert all(len(reason.split()) > 3 for reason in EXCEPTIONS.values())
