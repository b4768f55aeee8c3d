# SPDX-License-Identifier: Apache-2.0
"""Odd, broken and random messages to every method of every server, by who may call and who not."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping

import pytest

from services.registry.access import ALLOWED
from services.registry.identities import AUDIT, CLIENTS, COMPLIANCE, RESEARCHER
from sotto.audit.v1 import review_pb2
from tests.support.attacker import Attacker, Method, methods, named
from tests.support.deployment import Deployment
from tests.support.hostile import CANARY, hostile_bytes

_TRIES = 6
# Defects, a server that is gone, and a call that hangs. What was stored is whole, so that nothing
# is lost either.
_NEVER = {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED", "DATA_LOSS", "CANCELLED"}


def _of_server(server: str) -> list[Method]:
    return [one for one in methods() if one.server == server]


def _processes(attacked: Deployment) -> Mapping[str, int]:
    found: Mapping[str, int] = json.loads(
        (attacked.root / "run" / "state.json").read_text("utf-8")
    )["processes"]
    return found


def _allowed(method: Method) -> str:
    clients = sorted(ALLOWED[method.server][method.service])
    return next((one for one in clients if one in CLIENTS), clients[0])


@pytest.mark.parametrize("server", sorted(ALLOWED))
def test_no_message_is_a_defect(attacked: Deployment, attacker: Attacker, server: str) -> None:
    """Every answer is an error of ours that says what is wrong, and the process goes on."""
    before = _processes(attacked)
    wrong = []
    for method in _of_server(server):
        chance = random.Random(method.path)
        for _ in range(_TRIES):
            count = chance.choice((0, 1, 2, 4)) if method.descriptor.client_streaming else 1
            sent = [hostile_bytes(method.descriptor.input_type, chance) for _ in range(count)]
            answer = attacker.call(_allowed(method), method, *sent, seconds=60)
            if answer.code in _NEVER or CANARY in answer.details:
                wrong.append(
                    (method.path, answer.code, answer.details, [one.hex() for one in sent])
                )

    assert wrong == []
    assert _processes(attacked) == before


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [(2**63 - 1, 0), (-(2**63), 0), (0, -1), (0, 2**31 - 1), (253402300800, 0)],
)
def test_odd_times_of_a_review(attacker: Attacker, seconds: int, nanos: int) -> None:
    """A time that no calendar has is an argument that cannot be used, not a defect."""
    method = named(AUDIT, "RecordReview")
    request = review_pb2.RecordReviewRequest(
        size=1, root=bytes(32), finding=review_pb2.FINDING_NOTHING_TO_REPORT
    )
    request.since.seconds, request.since.nanos = seconds, nanos
    request.until.seconds = 1

    answer = attacker.call(COMPLIANCE, method, request)
    assert answer.code == "INVALID_ARGUMENT", answer


@pytest.mark.parametrize("server", sorted(ALLOWED))
def test_who_may_not_call_learns_nothing_of_messages(attacker: Attacker, server: str) -> None:
    """A client that is not on the list gets the same answer, whatever it sends."""
    codes = set()
    for method in _of_server(server):
        if method.allows(RESEARCHER):
            continue
        chance = random.Random(method.path)
        sent = hostile_bytes(method.descriptor.input_type, chance)
        codes.add(attacker.call(RESEARCHER, method, sent, seconds=60).code)

    assert codes <= {"PERMISSION_DENIED"}
