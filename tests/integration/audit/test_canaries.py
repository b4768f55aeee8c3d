# SPDX-License-Identifier: Apache-2.0
"""Sentences in every text field of every RPC of every service, none of them in clear at rest."""

from __future__ import annotations

import copy
import importlib
import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2
from services.common.errors import SottoError
from services.registry import access, processes
from sotto.transcript.v1.transcript_pb2 import Segment
from tests.support.audit import REPOSITORY
from tests.support.deployment import Deployment

CANARY = "Siti Aminah binti Ali tinggal di Ipoh"
# One of these fits the pattern of every id that our contracts know.
PLAUSIBLE = (
    "trial", "P01", "en", "rec-" + "a" * 26, "rel-" + "a" * 26, "upl-" + "a" * 26,
    "cpy-" + "a" * 26,
    "0" * 64, "0" * 32, "0" * 16,
    "research-default", "a:b:c", "transcript/1", "application/json", "2026-11-25", "v1", "1",
    "a.b", "T1", "2026-11", "[Person 1]", "transcription", "",
)  # fmt: skip
DEPTH = 6
# Bytes fields that hold an encoded message, whose texts come in with them.
ENCODED = {"sotto.storage.v1.PutWindowRequest.encoded_segments": Segment}


def _methods() -> dict[str, MethodDescriptor]:
    """Every RPC by its full path."""
    found = {}
    for path in sorted((REPOSITORY / "protos" / "sotto").rglob("*_service.proto")):
        name = ".".join(path.relative_to(REPOSITORY / "protos").with_suffix("").parts) + "_pb2"
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                found[f"/{service.full_name}/{method.name}"] = method
    return found


def _value(field: FieldDescriptor) -> Any:
    """Something that the contract takes, or nearly."""
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if field.is_repeated:
        rules = rules.repeated.items
    if field.type == field.TYPE_STRING:
        pattern = rules.string.pattern or ".*"
        return next((one for one in PLAUSIBLE if re.search(pattern, one)), "trial")
    if field.type == field.TYPE_BYTES:
        return bytes(rules.bytes.len or 8)
    if field.type == field.TYPE_ENUM:
        return field.enum_type.values[-1].number
    return True if field.type == field.TYPE_BOOL else 1


def _key(field: FieldDescriptor) -> str:
    """A key that the contract takes in a map."""
    pattern = field.GetOptions().Extensions[validate_pb2.field].map.keys.string.pattern or "kind"
    return next((one for one in (*PLAUSIBLE, "kind") if re.search(pattern, one)), "kind")


def _is_google(field: FieldDescriptor) -> bool:
    return bool(field.message_type.full_name.startswith("google."))


def _fill(message: Message, choice: int, depth: int = 0) -> None:
    """Fill a message with plausible values; of each oneof the member of that number."""
    for field in message.DESCRIPTOR.fields:
        members = field.containing_oneof.fields if field.containing_oneof else [field]
        if members[choice % len(members)] is not field or depth > DEPTH:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            entries = getattr(message, field.name)
            if field.message_type.fields_by_name["value"].message_type is None:
                entries[_key(field)] = _value(field.message_type.fields_by_name["value"])
        elif field.message_type is None:
            if field.full_name in ENCODED:
                inner = ENCODED[field.full_name]()
                _fill(inner, choice, depth + 1)
                getattr(message, field.name).append(inner.SerializeToString())
            elif field.is_repeated:
                getattr(message, field.name).append(_value(field))
            else:
                setattr(message, field.name, _value(field))
        elif field.is_repeated:
            _fill(getattr(message, field.name).add(), choice, depth + 1)
        elif _is_google(field):
            getattr(message, field.name).SetInParent()
        else:
            getattr(message, field.name).SetInParent()
            _fill(getattr(message, field.name), choice, depth + 1)


def _planted(message: Message) -> Iterator[str]:
    """Plant the canary in one text after the other, in place; gives the name of each."""
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].type == FieldDescriptor.TYPE_STRING:
                kept = dict(value)
                for change in ({_key(field): CANARY}, {CANARY: "x"}):
                    value.clear()
                    value.update(change)
                    yield field.full_name
                value.clear()
                value.update(kept)
        elif field.message_type is not None:
            for one in value if field.is_repeated else [value]:
                yield from _planted(one)
        elif field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}:
            yield from _planted_in_text(message, field)


def _planted_in_text(message: Message, field: FieldDescriptor) -> Iterator[str]:
    """Plant the canary in a text or bytes field, and in the texts of a message encoded in it."""
    value = getattr(message, field.name)
    if field.full_name in ENCODED:
        inner = ENCODED[field.full_name].FromString(value[0])
        for name in _planted(inner):
            value[0] = inner.SerializeToString()
            yield name
        value[0] = inner.SerializeToString()
    text = CANARY if field.type == FieldDescriptor.TYPE_STRING else CANARY.encode()
    before = value[0] if field.is_repeated else value
    if field.is_repeated:
        value[0] = text
    else:
        setattr(message, field.name, text)
    yield field.full_name
    if field.is_repeated:
        value[0] = before
    else:
        setattr(message, field.name, before)


def _texts(message: Descriptor, seen: set[str]) -> set[str]:
    """Names of all text fields that a request can carry."""
    if message.full_name in seen or message.full_name.startswith("google."):
        return set()
    seen.add(message.full_name)
    found = set()
    for field in message.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            if value.type == FieldDescriptor.TYPE_STRING:
                found.add(field.full_name)
        elif field.message_type is not None:
            found |= _texts(field.message_type, seen)
        elif field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}:
            found.add(field.full_name)
            if field.full_name in ENCODED:
                found |= _texts(ENCODED[field.full_name].DESCRIPTOR, seen)
    return found


def _call(channel: grpc.Channel, path: str, method: MethodDescriptor, request: Message) -> str:
    """Make a call; gives what an error said."""
    answer = message_factory.GetMessageClass(method.output_type)
    kind = f"{'stream' if method.client_streaming else 'unary'}_"
    kind += "stream" if method.server_streaming else "unary"
    call = getattr(channel, kind)(
        path,
        request_serializer=lambda one: one.SerializeToString(),
        response_deserializer=answer.FromString,
    )
    given = iter([request]) if method.client_streaming else request
    try:
        answered = call(given, timeout=20)
        if method.server_streaming:
            for _ in answered:
                pass
    except SottoError as error:
        return error.message
    return ""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """All services, running."""
    with Deployment(tmp_path_factory.mktemp("home")).start(*processes.SERVICES) as started:
        yield started


class TestCanaries:
    """No sentence that a caller sends is found in clear: not in the log, not beside it."""

    def test_in_every_text_field(self, deployment: Deployment) -> None:
        """Each is refused or sealed, errors do not repeat it, and no file of the home holds it.

        Slow: every service runs, and every text field of every call is tried by itself.
        """
        methods = _methods()
        planted: set[str] = set()
        wanted: set[str] = set()
        for server, services in access.ALLOWED.items():
            for service, clients in services.items():
                channel = deployment.channel(min(clients), server)
                for path, method in methods.items():
                    if path.startswith(f"/{service}/"):
                        wanted |= _texts(method.input_type, set())
                        planted |= self._plant(channel, path, method)
        assert planted == wanted
        assert len(planted) > 80
        deployment.stop()
        looked = [path for path in deployment.root.rglob("*") if path.is_file()]
        assert len(looked) > 30
        for path in looked:
            data = path.read_bytes()
            assert b"Aminah" not in data, path
            assert b"binti" not in data, path

    def _plant(self, channel: grpc.Channel, path: str, method: MethodDescriptor) -> set[str]:
        done: set[str] = set()
        for choice in range(3):
            request = message_factory.GetMessageClass(method.input_type)()
            _fill(request, choice)
            for name in _planted(request):
                if name not in done:
                    done.add(name)
                    assert "Aminah" not in _call(channel, path, method, copy.deepcopy(request)), (
                        name
                    )
        return done
