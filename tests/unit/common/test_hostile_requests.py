# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from services.common.errors import InvalidInput
from services.common.validation import validate
from tests.support.attacker import grpc_services
from tests.support.hostile import hostile_bytes

TYPES = {
    method.input_type.full_name: method.input_type
    for service in grpc_services().values()
    for method in service.methods
}


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_validation_has_a_verdict_on_every_message(kind: Descriptor) -> None:
    """Whatever can be decoded is valid or InvalidInput: validation itself never fails."""
    chance = random.Random(kind.full_name)
    decoded = 0
    for _ in range(80):
        message = GetMessageClass(kind)()
        try:
            message.ParseFromString(hostile_bytes(kind, chance))
        except DecodeError:
            continue
        decoded += 1
        try:
            validate(message)
        except InvalidInput as error:
            assert "Zq7LeakCanary" not in error.message  # noqa: PT017 - what it says is the point
    assert decoded > 20
