# SPDX-License-Identifier: Apache-2.0
"""A quick look at whether a message keeps the rules of its contract.

protovalidate interprets the rules and takes milliseconds a message, which every call would pay.
Here the rules that our contracts use are compiled once into plain checks. They only ever prove
that a message is sound: what they do not prove, protovalidate judges, and it alone says what is
wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2

Check = Callable[[Any], bool]

# The stubs of extensions are less exact than the runtime.
_OF_MESSAGE: Any = validate_pb2.message
_OF_ONEOF: Any = validate_pb2.oneof
_OF_FIELD: Any = validate_pb2.field

_NEVER: tuple[Check, ...] = (lambda _value: False,)


def _pattern(rule: str) -> Check:
    # Python's $ also matches before a last line feed; RE2's does not.
    search = re.compile(re.sub(r"\$$", r"\\Z", rule), re.ASCII).search
    return lambda value: search(value) is not None


# What each rule asks of a value, by the kind of field and the name of the rule.
_RULES: dict[str, dict[str, Callable[[Any], Check]]] = {
    "string": {
        "pattern": _pattern,
        "min_len": lambda least: lambda value: len(value) >= least,
        "max_len": lambda most: lambda value: len(value) <= most,
        "max_bytes": lambda most: lambda value: len(value.encode()) <= most,
        "in": lambda allowed: lambda value: value in allowed,
    },
    "bytes": {
        "len": lambda exact: lambda value: len(value) == exact,
        "max_len": lambda most: lambda value: len(value) <= most,
    },
    "enum": {
        "not_in": lambda refused: lambda value: value not in refused,
    },
    "uint32": {
        "gte": lambda least: lambda value: value >= least,
        "lte": lambda most: lambda value: value <= most,
    },
    "repeated": {
        "min_items": lambda least: lambda values: len(values) >= least,
        "max_items": lambda most: lambda values: len(values) <= most,
        "unique": lambda wanted: lambda values: not wanted or len(set(values)) == len(values),
    },
    "map": {
        "min_pairs": lambda least: lambda pairs: len(pairs) >= least,
        "max_pairs": lambda most: lambda pairs: len(pairs) <= most,
    },
}
_RULES["int64"] = _RULES["uint64"] = _RULES["uint32"]


class Soundness:
    """Proves messages sound, kind by kind; compiles a kind's rules when it is first seen."""

    def __init__(self) -> None:
        self._kinds: dict[str, tuple[Check, ...]] = {}

    def proves(self, message: Message) -> bool:
        """Whether the message certainly keeps all rules; False says nothing."""
        return all(check(message) for check in self._checks(cast("Descriptor", message.DESCRIPTOR)))

    def knows(self, kind: Descriptor) -> bool:
        """Whether every rule of a kind of message is one of those compiled here."""
        return self._checks(kind) is not _NEVER

    def _checks(self, kind: Descriptor) -> tuple[Check, ...]:
        found = self._kinds.get(kind.full_name)
        if found is None:
            found = self._kinds[kind.full_name] = self._compile(kind)
        return found

    def _compile(self, kind: Descriptor) -> tuple[Check, ...]:
        if _OF_MESSAGE in kind.GetOptions().Extensions:
            return _NEVER  # rules over several fields are left to protovalidate
        checks: list[Check] = []
        checks.extend(
            _one_of(oneof.name)
            for oneof in kind.oneofs
            if oneof.GetOptions().Extensions[_OF_ONEOF].required
        )
        for field in kind.fields:
            of_field = self._field(field)
            if of_field is None:
                return _NEVER
            checks.extend(of_field)
        return tuple(checks)

    def _field(self, field: FieldDescriptor) -> list[Check] | None:
        rules: validate_pb2.FieldRules = field.GetOptions().Extensions[_OF_FIELD]
        values = value_checks(rules, field)
        if values is None:
            return None
        name = field.name
        checks: list[Check] = []
        if rules.required:
            checks.append(
                (lambda message: message.HasField(name))
                if field.has_presence
                else (lambda message: bool(getattr(message, name)))
            )
        if nested := self._nested(field):
            values.append(nested)
        if values:
            together = tuple(values)
            if field.has_presence:
                checks.append(
                    lambda message: (
                        not message.HasField(name)
                        or all(check(getattr(message, name)) for check in together)
                    )
                )
            else:
                checks.append(
                    lambda message: all(check(getattr(message, name)) for check in together)
                )
        return checks

    def _nested(self, field: FieldDescriptor) -> Check | None:
        """Messages inside a message are held to their own rules."""
        kind = field.message_type
        if kind is None or kind.full_name.startswith("google.protobuf."):
            return None
        if kind.GetOptions().map_entry:
            if kind.fields_by_name["value"].message_type is None:
                return None
            return lambda pairs: all(self.proves(value) for value in pairs.values())
        if field.is_repeated:
            return lambda values: all(self.proves(value) for value in values)
        return self.proves


def value_checks(rules: validate_pb2.FieldRules, field: FieldDescriptor) -> list[Check] | None:
    """Checks of a field's value; None where a rule is not one of those compiled here."""
    kind = rules.WhichOneof("type")
    known = {"required", kind}
    if any(entry.name not in known for entry, _value in rules.ListFields()):
        return None
    if kind is None:
        return []
    checks: list[Check] = []
    for entry, value in getattr(rules, kind).ListFields():
        if entry.name in {"items", "keys", "values"}:
            inner = value_checks(value, field)
            if inner is None:
                return None
            checks.append(_each(entry.name, tuple(inner)))
        elif kind == "enum" and entry.name == "defined_only":
            checks.append(_among(frozenset(cast("Any", field.enum_type).values_by_number)))
        elif entry.name in _RULES.get(kind, {}):
            plain = frozenset(value) if entry.is_repeated else value
            checks.append(_RULES[kind][entry.name](plain))
        else:
            return None
    return checks


def _one_of(name: str) -> Check:
    return lambda message: bool(message.WhichOneof(name))


def _among(numbers: frozenset[int]) -> Check:
    return lambda number: number in numbers


def _each(part: str, checks: tuple[Check, ...]) -> Check:
    if part == "values":
        return lambda pairs: all(check(value) for value in pairs.values() for check in checks)
    # Items of a list, or keys of a map: what iterating gives.
    return lambda values: all(check(value) for value in values for check in checks)


_SOUNDNESS = Soundness()


def holds(message: Message) -> bool:
    """Whether the message certainly keeps the rules of its contract; False says nothing."""
    return _SOUNDNESS.proves(message)
