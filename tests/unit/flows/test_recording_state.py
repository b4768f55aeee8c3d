# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from typing import Any

import pytest

from buf.validate import validate_pb2
from flows.recording_state import RecordingState, Stage, progress_key, state_of
from sotto.storage.v1 import recording_pb2

S, T, D, F, E = RecordingState  # the states in the order of their declaration

# Whether a recording is erased, failed, transcribed, de-identified; and its state.
TABLE = {
    (False, False, False, False): S,
    (False, False, False, True): D,
    (False, False, True, False): T,
    (False, False, True, True): D,
    (False, True, False, False): F,
    (False, True, False, True): D,
    (False, True, True, False): F,
    (False, True, True, True): D,
    (True, False, False, False): E,
    (True, False, False, True): E,
    (True, False, True, False): E,
    (True, False, True, True): E,
    (True, True, False, False): E,
    (True, True, False, True): E,
    (True, True, True, False): E,
    (True, True, True, True): E,
}


class TestStateOf:
    @pytest.mark.parametrize("facts", list(itertools.product([False, True], repeat=4)))
    def test_every_combination(self, facts: tuple[bool, bool, bool, bool]) -> None:
        """Erasure wins over all; a finished de-identified run wins over an older failure."""
        erased, failed, transcribed, deidentified = facts

        assert (
            state_of(
                erased=erased, failed=failed, transcribed=transcribed, deidentified=deidentified
            )
            is TABLE[facts]
        )


class TestRecordingState:
    def test_words(self) -> None:
        """Programs read these words from the command line's JSON."""
        assert list(RecordingState) == [
            "sealed", "transcribed", "deidentified", "failed", "erased",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("state", "stage"),
        [
            (S, Stage.TRANSCRIPTION),
            (T, Stage.DEIDENTIFICATION),
            (D, None),
            (F, None),
            (E, None),
        ],
    )
    def test_what_comes_next(self, state: RecordingState, stage: Stage | None) -> None:
        """A state has a next stage, or is settled."""
        assert state.next_stage is stage
        assert state.is_settled is (stage is None)


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
