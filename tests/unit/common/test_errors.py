# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import grpc
import pytest

from services.common import errors
from services.common.errors import SottoError, from_status

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SottoError) and kind is not SottoError
]


class TestTaxonomy:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_has_its_place(self, kind: type[SottoError]) -> None:
        """Every kind names a gRPC status that exists, and a documented exit code."""
        assert kind.status in grpc.StatusCode.__members__
        assert kind.status != "OK"
        assert kind.exit_code in {1, 2, 3, 4, 5}

    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not errors.WrongUse])
    def test_kind_survives_the_wire(self, kind: type[SottoError]) -> None:
        """What is raised in a service is raised in its client."""
        raised = kind("it is so")
        received = from_status(raised.status, raised.message, raised.reason)

        assert type(received) is kind
        assert (received.message, received.reason) == (raised.message, raised.reason)

    def test_wrong_use_is_of_commands_only(self) -> None:
        """From a service it comes back as bad input, since nobody typed it."""
        assert type(from_status(errors.WrongUse.status, "x")) is errors.InvalidInput

    @pytest.mark.parametrize("status", ["UNKNOWN", "UNIMPLEMENTED", "OUT_OF_RANGE", "nonsense"])
    def test_other_statuses_are_internal(self, status: str) -> None:
        """A status that no error of ours stands for is a defect."""
        assert type(from_status(status, "x")) is errors.Internal

    def test_reason_is_a_word(self) -> None:
        """A reason is what was given, or the status."""
        assert errors.Exhausted("x", reason="disk_full").reason == "disk_full"
        assert errors.Exhausted("x").reason == "RESOURCE_EXHAUSTED"

    def test_only_what_may_go_better_is_retried(self) -> None:
        """Bad input, refusals, erasures and damage are never tried again."""
        assert {kind.__name__ for kind in KINDS if kind.retryable} == {
            "Conflict", "Unavailable", "TimedOut", "Exhausted",
        }  # fmt: skip
