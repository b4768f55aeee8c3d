# SPDX-License-Identifier: Apache-2.0
"""Messages as an attacker makes them: odd values in every field, and bytes that are changed."""

from __future__ import annotations

import math
import random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

CANARY = "Zq7LeakCanary Faizal bin Rahman"
_TEXTS = (
    "odd-2026", "P01", "P02", "../../etc/passwd", "..", "_study", "_zone", ".staging", "", CANARY,
    "P０１", "rec-" + "a" * 26, "rel-" + "a" * 26, "0" * 32, "a" * 64, "odd-2026\n", "P01\x00",
    "\u202eP01", "%2e%2e", "A" * 5000, "txt/P01_S1.txt", "x/../y.txt", "9223372036854775807",
    "2026-02-30", "2026-11", "en", "research-default",
)  # fmt: skip
_BYTES = (b"", b"\0" * 32, b"x", b"x" * 70_000, b"{}", CANARY.encode())
_NUMBERS = (0, 1, 2, 127, 999, 1001, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1, 1_000_000_000)
_FRACTIONS = (0.0, -1.0, 0.5, 1e308, math.nan, math.inf, -math.inf)
_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_DEEPEST = 5


def odd_message(kind: Descriptor, chance: random.Random, depth: int = 0) -> Message:
    """Return a message of a type with odd values in most of its fields."""
    message = GetMessageClass(kind)()
    for field in kind.fields:
        if chance.random() < 0.2 or (field.message_type is not None and depth >= _DEEPEST):
            continue
        many = chance.choice((0, 1, 1, 2, 20)) if field.is_repeated else 1
        target = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value = field.message_type.fields_by_name["value"]
            if value.message_type is None:
                for _ in range(many):
                    key = _value(field.message_type.fields_by_name["key"], chance)
                    target[key] = _value(value, chance)
        elif field.message_type is not None:
            for _ in range(many):
                inner = odd_message(field.message_type, chance, depth + 1)
                (target.add() if field.is_repeated else target).CopyFrom(inner)
        elif field.is_repeated:
            target.extend(_value(field, chance) for _ in range(many))
        else:
            setattr(message, field.name, _value(field, chance))
    return message


def _value(field: FieldDescriptor, chance: random.Random) -> Any:
    kind = field.cpp_type
    if kind == FieldDescriptor.CPPTYPE_STRING:
        return chance.choice(_BYTES if field.type == FieldDescriptor.TYPE_BYTES else _TEXTS)
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if kind == FieldDescriptor.CPPTYPE_ENUM:
        return chance.choice((0, 1, 2, 3, 5, 99, -1, 2**31 - 1))
    if kind in {FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE}:
        return chance.choice(_FRACTIONS)
    least, most = _RANGES[kind]
    number = chance.choice(_NUMBERS)
    return max(least, min(most, chance.choice((number, -number))))


def changed(sent: bytes, chance: random.Random) -> bytes:
    """Return bytes with some of them flipped, put in, left out or replaced."""
    found = bytearray(sent or chance.randbytes(8))
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(found) or 1)
        kind = chance.random()
        if not found or kind < 0.3:
            found[at:at] = chance.randbytes(chance.randint(1, 9))
        elif kind < 0.6:
            found[at] ^= 1 << chance.randrange(8)
        elif kind < 0.8:
            del found[at : at + chance.randint(1, 9)]
        else:
            found[at] = chance.choice((0, 127, 128, 255))
    return bytes(found)


def hostile_bytes(kind: Descriptor, chance: random.Random) -> bytes:
    """Return what an attacker may send as a message: odd, broken, or none at all."""
    how = chance.random()
    if how < 0.15:
        return chance.randbytes(chance.randint(0, 300))
    sent = odd_message(kind, chance).SerializeToString()
    return sent if how < 0.6 else changed(sent, chance)
