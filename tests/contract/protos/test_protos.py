# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf import descriptor as pb

from buf.validate import validate_pb2
from services.registry import access
from tests.support.tools import need

ROOT = Path(__file__).resolve().parents[3]

# Text and bytes that are content of any length: the message's own limit is the limit.
FREE = {
    "sotto.transcript.v1.Segment.text",
    "sotto.transcript.v1.Segment.language",
    "sotto.transcript.v1.Word.text",
    "sotto.transcript.v1.Evidence.doubts",
    "sotto.transcript.v1.Replacement.entity_type",
}


def _files() -> Iterator[pb.FileDescriptor]:
    for path in sorted((ROOT / "protos" / "sotto").rglob("*.proto")):
        name = ".".join(path.relative_to(ROOT / "protos").with_suffix("").parts) + "_pb2"
        yield importlib.import_module(name).DESCRIPTOR


# Lists whose end is that of the message, which the transport limits.
LONG = {
    "sotto.storage.v1.PutWindowRequest.encoded_segments",
}

FILES = list(_files())
SERVICES = [one for file in FILES for one in file.services_by_name.values()]
METHODS = [method for service in SERVICES for method in service.methods]


def _fields(message: pb.Descriptor, seen: set[str]) -> Iterator[pb.FieldDescriptor]:
    """All fields that a request brings in, down to the last message inside it."""
    if message.full_name in seen or message.full_name.startswith("google."):
        return
    seen.add(message.full_name)
    for field in message.fields:
        yield field
        if field.message_type is not None:
            yield from _fields(field.message_type, seen)


def _is_text(field: pb.FieldDescriptor) -> bool:
    return field.type in {pb.FieldDescriptor.TYPE_STRING, pb.FieldDescriptor.TYPE_BYTES}


def _is_bounded(rules: validate_pb2.FieldRules, kind: int) -> bool:
    if kind == pb.FieldDescriptor.TYPE_STRING:
        given = {field.name for field, _ in rules.string.ListFields()}
        return bool(given & {"pattern", "max_len", "max_bytes", "len", "const", "in"})
    return bool({field.name for field, _ in rules.bytes.ListFields()} & {"max_len", "len"})


def _rules(field: pb.FieldDescriptor) -> validate_pb2.FieldRules:
    return field.GetOptions().Extensions[validate_pb2.field]


class TestRpc:
    def test_has_messages_of_its_own(self) -> None:
        """Every RPC has its own request and response, named after it, so that each can grow."""
        for method in METHODS:
            assert method.input_type.name == f"{method.name}Request"
            assert method.output_type.name == f"{method.name}Response"
            assert method.input_type.file.package == method.containing_service.file.package
        uses = Counter(
            kind.full_name for method in METHODS for kind in (method.input_type, method.output_type)
        )

        assert len(METHODS) > 25
        assert [name for name, count in uses.items() if count > 1] == []

    def test_services_stand_apart_from_messages(self) -> None:
        """A file holds services or messages, in the folder that its package names."""
        for file in FILES:
            assert not (file.services_by_name and file.message_types_by_name), file.name
            assert file.name.endswith("_service.proto") == bool(file.services_by_name), file.name
            assert file.name.rsplit("/", 1)[0] == file.package.replace(".", "/")


class TestRequest:
    def test_no_text_without_bounds(self) -> None:
        """Every text and every bytes field that a caller can send has a pattern or a size."""
        seen: set[str] = set()
        loose = set()
        for method in METHODS:
            for field in _fields(method.input_type, seen):
                if not _is_text(field) or field.full_name in FREE:
                    continue
                rules = _rules(field)
                if field.is_repeated:
                    rules = rules.repeated.items
                if field.containing_type.GetOptions().map_entry:
                    continue  # looked at with the map itself
                if not _is_bounded(rules, field.type):
                    loose.add(field.full_name)

        assert loose == set()

    def test_no_list_without_end(self) -> None:
        """Every list and map that a caller can send has a size."""
        seen: set[str] = set()
        loose = set()
        for method in METHODS:
            for field in _fields(method.input_type, seen):
                if not field.is_repeated or field.full_name in FREE | LONG:
                    continue
                rules = _rules(field)
                if field.message_type is not None and field.message_type.GetOptions().map_entry:
                    bounded = rules.map.HasField("max_pairs")
                else:
                    bounded = rules.repeated.HasField("max_items")
                if not bounded:
                    loose.add(field.full_name)

        assert loose == set()

    def test_every_reference_is_required(self) -> None:
        """A request that names a thing by a message cannot leave it out."""
        for method in METHODS:
            for field in method.input_type.fields:
                if field.message_type is not None and field.name == "ref":
                    assert _rules(field).required, field.full_name


class TestAccess:
    def test_lists_name_what_exists(self) -> None:
        """The allow-list names gRPC services that exist, each with a contract."""
        known = {service.full_name for service in SERVICES}
        listed = {name for lists in access.ALLOWED.values() for name in lists}

        assert listed - known == set()

    def test_every_service_is_on_a_list(self) -> None:
        """Every contract is served by some server, and its server's list says who may call it."""
        known = {service.full_name for service in SERVICES}
        listed = {name for lists in access.ALLOWED.values() for name in lists}

        assert known - listed == set()


class TestTools:
    def test_lint(self) -> None:
        """The contracts keep buf's standard rules, and each method and field has a comment."""
        done = subprocess.run(
            [Path(sys.executable).with_name("buf"), "lint", "protos"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert done.returncode == 0, done.stdout + done.stderr

    def test_stubs_are_those_of_the_contracts(self) -> None:
        """The committed stubs are what the contracts give."""
        need("python:grpc_tools")
        done = subprocess.run(
            [sys.executable, "infra/dev/stubs.py", "--check"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert done.returncode == 0, done.stdout + done.stderr
