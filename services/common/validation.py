# SPDX-License-Identifier: Apache-2.0
"""Validates requests against the rules of their contract (protovalidate's `buf.validate`).

The rules that our contracts use are compiled once for each type of message into plain checks, since
interpreting them, as protovalidate does, takes milliseconds a message. A test holds verdict and
field to protovalidate's for every type of request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2
from services.common.errors import Internal, InvalidInput
from services.registry import ids

# The stubs of extensions are less exact than the runtime.
_OF_MESSAGE: Any = validate_pb2.message
_OF_ONEOF: Any = validate_pb2.oneof
_OF_FIELD: Any = validate_pb2.field


@dataclass(frozen=True, slots=True)
class Fault:
    """The field of a message, as in `files[2].path`, and the rule that it breaks, in words.

    Neither holds a value: keys of a map are left out of the path.
    """

    path: str
    rule: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value must keep."""

    keeps: Callable[[Any], bool]
    words: str


# A check returns the first fault of a value or message, with the path from there on.
_Check = Callable[[Any], Fault | None]


# What is said of a pattern that people's ids have, in both spellings that contracts use.
_ADVICE = {
    f"^{spelling}$": words
    for pattern, words in ids.ADVICE.items()
    for spelling in (pattern, ids.or_empty(pattern))
}


def _pattern(pattern: str) -> Rule:
    # Python's $ also matches before a last line feed; RE2's does not.
    search = re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII).search
    words = _ADVICE.get(pattern, f"does not match the pattern {pattern}")
    return Rule(lambda value: search(value) is not None, words)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(sorted(map(str, values)))


# The rule of a value, by the kind of field and the name of the rule in the contract.
_STRING: dict[str, Callable[[Any], Rule]] = {
    "pattern": _pattern,
    "min_len": lambda n: Rule(lambda v: len(v) >= n, f"must have at least {n} characters"),
    "max_len": lambda n: Rule(lambda v: len(v) <= n, f"must have at most {n} characters"),
    "max_bytes": lambda n: Rule(
        lambda v: len(v.encode()) <= n, f"must have at most {n} bytes in UTF-8"
    ),
    "in": lambda allowed: Rule(lambda v: v in allowed, f"must be one of {_listed(allowed)}"),
}
_BYTES: dict[str, Callable[[Any], Rule]] = {
    "len": lambda n: Rule(lambda v: len(v) == n, f"must have exactly {n} bytes"),
    "max_len": lambda n: Rule(lambda v: len(v) <= n, f"must have at most {n} bytes"),
}
_ENUM: dict[str, Callable[[Any], Rule]] = {
    "not_in": lambda refused: Rule(
        lambda v: v not in refused,
        "must be set" if refused == {0} else f"must be none of {_listed(refused)}",
    ),
}
_NUMBER: dict[str, Callable[[Any], Rule]] = {
    "gte": lambda n: Rule(lambda v: v >= n, f"must be at least {n}"),
    "lte": lambda n: Rule(lambda v: v <= n, f"must be at most {n}"),
}
_REPEATED: dict[str, Callable[[Any], Rule]] = {
    "min_items": lambda n: Rule(lambda v: len(v) >= n, f"must have at least {n} items"),
    "max_items": lambda n: Rule(lambda v: len(v) <= n, f"must have at most {n} items"),
    "unique": lambda wanted: Rule(
        lambda v: not wanted or len(set(v)) == len(v), "must not hold an item twice"
    ),
}
_MAP: dict[str, Callable[[Any], Rule]] = {
    "min_pairs": lambda n: Rule(lambda v: len(v) >= n, f"must have at least {n} entries"),
    "max_pairs": lambda n: Rule(lambda v: len(v) <= n, f"must have at most {n} entries"),
}
_RULES = {
    "string": _STRING,
    "bytes": _BYTES,
    "enum": _ENUM,
    "uint32": _NUMBER,
    "uint64": _NUMBER,
    "int64": _NUMBER,
    "double": _NUMBER,  # NaN keeps neither rule
    "repeated": _REPEATED,
    "map": _MAP,
}
_PARTS = {"items", "keys", "values"}  # rules that hold other rules


def rules_of(rules: validate_pb2.FieldRules, field: FieldDescriptor) -> list[Rule]:
    """Return the rules of a field's value itself, without those of items, keys and values.

    Raises Internal when a rule is not one of those that are compiled here.
    """
    kind = rules.WhichOneof("type")
    if any(entry.name not in {"required", kind} for entry, _value in rules.ListFields()):
        raise _unknown(field)
    found = []
    for entry, value in getattr(rules, kind).ListFields() if kind else ():
        if entry.name in _PARTS:
            continue
        if kind == "enum" and entry.name == "defined_only":
            numbers = frozenset(cast("Any", field.enum_type).values_by_number)
            found.append(Rule(numbers.__contains__, "must be a value that the contract defines"))
        elif entry.name in _RULES.get(kind, {}):
            plain = frozenset(value) if entry.is_repeated else value
            found.append(_RULES[kind][entry.name](plain))
        else:
            raise _unknown(field)
    return found


class Validator:
    """A validator of messages, which compiles the rules of a type when it first meets one."""

    def __init__(self) -> None:
        self._types: dict[str, tuple[_Check, ...]] = {}

    def fault(self, message: Message) -> Fault | None:
        """Return the first fault of a message, or None when it keeps all rules.

        Raises Internal when the contract has a rule that is not one of those compiled here.
        """
        for check in self._checks(cast("Descriptor", message.DESCRIPTOR)):
            if found := check(message):
                return found
        return None

    def _checks(self, kind: Descriptor) -> tuple[_Check, ...]:
        found = self._types.get(kind.full_name)
        if found is None:
            found = self._types[kind.full_name] = self._compile(kind)
        return found

    def _compile(self, kind: Descriptor) -> tuple[_Check, ...]:
        if _OF_MESSAGE in kind.GetOptions().Extensions:
            raise Internal(f"the contract of {kind.full_name} has a rule over several fields")
        oneofs = [one for one in kind.oneofs if one.GetOptions().Extensions[_OF_ONEOF].required]
        return (
            *(_one_of(one.name, [field.name for field in one.fields]) for one in oneofs),
            *(check for field in kind.fields for check in self._field(field)),
        )

    def _field(self, field: FieldDescriptor) -> list[_Check]:
        rules: validate_pb2.FieldRules = field.GetOptions().Extensions[_OF_FIELD]
        checks = [_required(field)] if rules.required else []
        of_value = [*_own(rules_of(rules, field)), *self._parts(rules, field)]
        if of_value:
            checks.append(_of_field(field, tuple(of_value)))
        return checks

    def _parts(self, rules: validate_pb2.FieldRules, field: FieldDescriptor) -> list[_Check]:
        """Return the checks of what a field's value is made of: items, entries, a message."""
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            keys = _own(rules_of(rules.map.keys, kind.fields_by_name["key"]))
            entry = kind.fields_by_name["value"]
            values = _own(rules_of(rules.map.values, entry)) + self._nested(entry)
            return [*map(_each_key, keys), *map(_each_value, values)]
        if field.is_repeated:
            items = _own(rules_of(rules.repeated.items, field)) + self._nested(field)
            return [_each_item(check) for check in items]
        return self._nested(field)

    def _nested(self, field: FieldDescriptor) -> list[_Check]:
        """Return the check of a message in a field, which is held to its own rules."""
        kind = field.message_type
        if kind is None or kind.full_name.startswith("google.protobuf."):
            return []

        def check(value: Message) -> Fault | None:
            fault = self.fault(value)
            return Fault(f".{fault.path}", fault.rule) if fault else None

        return [check]


def _own(rules: Iterable[Rule]) -> list[_Check]:
    return [_keeping(rule) for rule in rules]


def _keeping(rule: Rule) -> _Check:
    fault = Fault("", rule.words)
    return lambda value: None if rule.keeps(value) else fault


def _of_field(field: FieldDescriptor, checks: tuple[_Check, ...]) -> _Check:
    name, has_presence = field.name, field.has_presence

    def check(message: Message) -> Fault | None:
        if has_presence and not message.HasField(name):
            return None
        value = getattr(message, name)
        for one in checks:
            if found := one(value):
                return Fault(name + found.path, found.rule)
        return None

    return check


def _required(field: FieldDescriptor) -> _Check:
    fault = Fault(field.name, "is required")
    name = field.name
    if field.has_presence:
        return lambda message: None if message.HasField(name) else fault
    return lambda message: None if getattr(message, name) else fault


def _one_of(name: str, fields: list[str]) -> _Check:
    fault = Fault(name, f"one of {', '.join(fields)} is required")
    return lambda message: None if message.WhichOneof(name) else fault


def _each_item(check: _Check) -> _Check:
    def each(values: Iterable[Any]) -> Fault | None:
        for index, value in enumerate(values):
            if found := check(value):
                return Fault(f"[{index}]{found.path}", found.rule)
        return None

    return each


def _each_key(check: _Check) -> _Check:
    return lambda pairs: next(filter(None, map(check, pairs)), None)


def _each_value(check: _Check) -> _Check:
    return lambda pairs: next(filter(None, map(check, pairs.values())), None)


def _unknown(field: FieldDescriptor) -> Internal:
    return Internal(f"the contract has a rule for {field.full_name} that is not validated here")


_VALIDATOR = Validator()


def find_fault(message: Message) -> Fault | None:
    """Return the first field that breaks a rule of the contract, or None."""
    return _VALIDATOR.fault(message)


def validate(message: Message) -> None:
    """Raise InvalidInput with the first field that breaks a rule of the contract, and the rule.

    The first fault is enough: a list of thousands would take long, and fit into no status.
    """
    if fault := find_fault(message):
        raise InvalidInput(f"the {fault.path.replace('_', ' ')} is not valid: {fault.rule}")
