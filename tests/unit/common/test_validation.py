# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import protovalidate
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from buf.validate import validate_pb2
from services.common import validation
from services.common.errors import Internal, InvalidInput
from sotto.audit.v1 import entry_pb2
from sotto.release.v1 import release_pb2
from sotto.storage.v1 import bundle_pb2, catalog_pb2

VALIDATOR = validation.Validator()
ROOT = Path(__file__).resolve().parents[3] / "protos"
TEXTS = (
    "", "P07", "p07", "P07\n", " P07", "peer-2026", "peer-2026\n", "rec-" + "a" * 26,
    "rec-" + "1" * 26, "rel-" + "b" * 26,
    "upl-" + "b" * 26, "rvl-" + "b" * 26, "cpy-" + "b" * 26, "2028-12-31",
    "0" * 32, "G" * 32, "txt/a.txt", "../a.txt", "en", "xxxx",
    "x" * 64, "x" * 65, "x" * 300, "x" * 301, "ä" * 150, "ä" * 600, "interviewer", "clinical",
    "a:b:c", "A_B", "policy:x", "transcription", "research-default", "1_2", "*",
    "0" * 64, "2026-11", "label", "30_days_after_release", "S1", "[Person 1]",
)  # fmt: skip
BYTES = (b"", b"x" * 31, b"x" * 32, b"x" * (1 << 20), b"x" * ((1 << 20) + 1), b"x" * 4_000_000)
NUMBERS = (0, 1, 2, 3, 999, 1000, 1001, 36_500, 36_501, 1_000_000, 1_000_001, 2**32 - 1)


def requests() -> Iterator[type[Message]]:
    """Every type that a call can send."""
    for path in sorted((ROOT / "sotto").rglob("*_service.proto")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts) + "_pb2"
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                yield GetMessageClass(method.input_type)


TYPES = sorted(set(requests()), key=lambda kind: kind.DESCRIPTOR.full_name)


def value(field: FieldDescriptor, chance: random.Random, given: Any = None) -> Any:
    """Return a value of any kind, or, where rules are given, one that keeps them."""
    if given is not None:
        rules = validation.rules_of(given, field)
        for _ in range(500):
            found = value(field, chance)
            if all(rule.keeps(found) for rule in rules):
                return found
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING:
        return chance.choice(BYTES if field.type == FieldDescriptor.TYPE_BYTES else TEXTS)
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if kind == FieldDescriptor.CPPTYPE_ENUM:
        return chance.choice((0, 1, 2, 3, 77))
    if kind in {FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE}:
        return chance.choice((0.0, 0.5, -1.0))
    number = chance.choice(NUMBERS)
    signed = kind in {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}
    return chance.choice((number % 2**31, -1)) if signed else number


def fill(message: Message, chance: random.Random, *, good: bool = False) -> Message:
    """Set some fields of a message, or, for a good one, all that stand alone."""
    for field in message.DESCRIPTOR.fields:
        given = field.GetOptions().Extensions[validate_pb2.field]
        if chance.random() < (0.4 if field.containing_oneof else 0.0 if good else 0.25):
            continue
        if field.is_repeated:
            entry = field.message_type
            for _ in range(chance.choice((0, 1, 1, 2))):
                target = getattr(message, field.name)
                if entry is not None and entry.GetOptions().map_entry:
                    if entry.fields_by_name["value"].message_type is None:
                        key = value(
                            entry.fields_by_name["key"], chance, given.map.keys if good else None
                        )
                        target[key] = value(
                            entry.fields_by_name["value"],
                            chance,
                            given.map.values if good else None,
                        )
                elif entry is not None:
                    fill(target.add(), chance, good=good)
                else:
                    target.append(value(field, chance, given.repeated.items if good else None))
        elif field.message_type is not None:
            fill(getattr(message, field.name), chance, good=good)
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, value(field, chance, given if good else None))
    return message


def faults(message: Message) -> set[str]:
    """Return the fields that protovalidate finds fault with, in our spelling of paths."""
    try:
        protovalidate.Validator().validate(message)  # type: ignore[no-untyped-call]
    except protovalidate.ValidationError as error:
        return {_path(violation) for violation in error.violations}
    return set()


def _path(violation: Any) -> str:
    steps = []
    for element in violation.proto.field.elements:
        steps.append(element.field_name)
        if element.HasField("index"):
            steps[-1] += f"[{element.index}]"
    return ".".join(steps)


def same_verdict(message: Message) -> bool:
    """Hold ours to protovalidate's verdict, and the field that we name to those that it names."""
    wrong = faults(message)
    fault = VALIDATOR.fault(message)
    if fault is None:
        return not wrong
    return fault.path in wrong and bool(fault.rule)


def _endless(kind: type[Message], chance: random.Random) -> Iterator[Message]:
    while True:
        yield fill(kind(), chance, good=True)


class TestAgainstTheReference:
    @pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.DESCRIPTOR.name)
    def test_same_verdict(self, kind: type[Message]) -> None:
        """On any message ours and `protovalidate` agree, and so they do on the field."""
        chance = random.Random(kind.DESCRIPTOR.full_name)
        for _ in range(25):
            message = fill(kind(), chance)
            assert same_verdict(message), message

    @pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.DESCRIPTOR.name)
    def test_one_field_off(self, kind: type[Message]) -> None:
        """So they do around messages that keep all rules."""
        chance = random.Random(kind.DESCRIPTOR.full_name)
        good = next(m for m in _endless(kind, chance) if VALIDATOR.fault(m) is None)
        assert not faults(good)
        for _ in range(6):
            message = kind()
            message.CopyFrom(good)
            field = chance.choice(message.DESCRIPTOR.fields or [None])
            if field is None:
                return
            message.ClearField(field.name)
            if not field.is_repeated and field.message_type is None and chance.random() < 0.8:
                setattr(message, field.name, value(field, chance))
            assert same_verdict(message), message


class TestUnknownRules:
    def test_are_no_licence(self) -> None:
        """A message whose contract has a rule that is not known here is never called valid."""
        file = descriptor_pb2.FileDescriptorProto(
            name="tests/unknown_rule.proto",
            package="tests.unknown_rule",
            syntax="proto3",
            dependency=["buf/validate/validate.proto"],
        )
        field = file.message_type.add(name="Probe").field.add(
            name="address",
            number=1,
            type=FieldDescriptor.TYPE_STRING,
            label=FieldDescriptor.LABEL_OPTIONAL,
        )
        field.options.Extensions[validate_pb2.field].string.email = True
        pool = descriptor_pool.Default()
        pool.AddSerializedFile(file.SerializeToString())
        probe = GetMessageClass(pool.FindMessageTypeByName("tests.unknown_rule.Probe"))

        with pytest.raises(Internal, match=r"Probe\.address"):
            validation.validate(probe(address="someone@example.org"))


class TestMessages:
    @pytest.mark.parametrize(
        ("message", "text"),
        [
            (
                catalog_pb2.GetStudyRequest(study_id="Puan Halimah"),
                "study_id: an id is 2 to 39 small letters, digits and hyphens, such as",
            ),
            (
                release_pb2.ExportReleaseRequest(study_id="s1", release_id="Halimah", format=1),
                "release_id: an id is rel- and 26 letters and digits; see: sotto release list",
            ),
            (
                bundle_pb2.CommitBundleRequest(
                    ref=bundle_pb2.ReleaseRef(study_id="s1", release_id="rel-" + "a" * 26),
                    files=[bundle_pb2.BundleFile(path="Puan Halimah")],
                ),
                "files[0].path: does not match the pattern",
            ),
            (
                entry_pb2.AppendRequest(
                    event=entry_pb2.Event(name="a:b:c", phase=1, attributes={"Halimah": "1"})
                ),
                "event.attributes: does not match the pattern",
            ),
            (
                entry_pb2.AppendRequest(event=entry_pb2.Event(name="a:b:c")),
                "event.phase: must be set",
            ),
            (entry_pb2.AppendRequest(), "event: is required"),
        ],
    )
    def test_name_field_and_rule_and_no_value(self, message: Message, text: str) -> None:
        """The field is written as people write it, the rule in words, and never the value."""
        with pytest.raises(InvalidInput) as caught:
            validation.validate(message)
        path, rule = text.split(": ", 1)
        told = f"the {path.replace('_', ' ')} is not valid: {rule}"
        assert str(caught.value).startswith(told)
        assert "Halimah" not in str(caught.value)
