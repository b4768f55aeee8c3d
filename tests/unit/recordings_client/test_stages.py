# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from buf.validate import validate_pb2
from services.recordings_client.stages import Stage, StageProgress, progress_key
from sotto.storage.v1 import recording_pb2


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


class TestStageProgress:
    @pytest.mark.parametrize(
        "progress", [StageProgress(0.0), StageProgress(12.5, 90), StageProgress(0.0, None, 3)]
    )
    def test_what_is_told_is_read(self, progress: StageProgress) -> None:
        """What Prefect keeps of a progress gives the same progress again."""
        told = progress.describe(Stage.TRANSCRIPTION)

        assert told.startswith("transcription")
        assert StageProgress.read(progress.percent, told) == progress

    def test_of_an_earlier_version(self) -> None:
        """A description without such figures gives the percentage alone."""
        assert StageProgress.read(5.0, "transcription") == StageProgress(5.0)
