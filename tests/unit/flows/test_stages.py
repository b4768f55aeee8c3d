# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from buf.validate import validate_pb2
from flows.stages import Stage, next_stage, progress_key
from sotto.storage.v1 import recording_pb2
from sotto.storage.v1.catalog_pb2 import RecordingStatus

NEXT = {
    RecordingStatus.RECORDING_STATUS_SEALED: Stage.TRANSCRIPTION,
    RecordingStatus.RECORDING_STATUS_TRANSCRIBING: Stage.TRANSCRIPTION,
    RecordingStatus.RECORDING_STATUS_TRANSCRIBED: Stage.DEIDENTIFICATION,
    RecordingStatus.RECORDING_STATUS_DEIDENTIFIED: Stage.REVIEW_RULE,
}


class TestNextStage:
    @pytest.mark.parametrize("status", RecordingStatus.values()[1:])
    def test_of_every_status(self, status: RecordingStatus) -> None:
        """A recording has a next stage, or nothing more happens to it by itself."""
        assert next_stage(status) is NEXT.get(status)


class TestStage:
    def test_names_are_those_of_the_contract(self) -> None:
        """A failure can be written down for each stage."""
        field = recording_pb2.StageFailure.DESCRIPTOR.fields_by_name["stage"]
        options: Any = field.GetOptions()
        rules = options.Extensions[validate_pb2.field].string

        assert set(Stage) <= set(getattr(rules, "in"))

    def test_key_of_progress(self) -> None:
        """Each stage of each recording has its own progress."""
        assert progress_key("rec-a", Stage.TRANSCRIPTION) == "rec-a-transcription"
