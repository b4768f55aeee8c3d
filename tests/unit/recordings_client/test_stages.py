# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

from buf.validate import validate_pb2
from services.recordings_client.stages import Stage
from sotto.storage.v1 import recording_pb2


class TestStage:
    def test_names_are_those_of_the_contract(self) -> None:
        """A failure can be written down for each stage."""
        field = recording_pb2.StageFailure.DESCRIPTOR.fields_by_name["stage"]
        options: Any = field.GetOptions()
        rules = options.Extensions[validate_pb2.field].string

        assert set(Stage) <= set(getattr(rules, "in"))
