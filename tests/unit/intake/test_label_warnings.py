# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.intake.checks import label_warnings
from services.intake.outcomes import Interview
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import reading_pb2


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        (["P07"], ""),
        (["P7"], ""),
        (["P04"], "P04"),  # of the study
        (["P07", "P04"], "P04"),
        (["P31"], "P31"),  # of no participant that the study lists
        (["P07", "P31"], ""),
        (["IDI-3"], "IDI-3"),
        (["P1", "P2"], ""),  # numbers of speakers
    ],
)
def test_another_code_than_the_one_given_is_told(codes: list[str], told: str) -> None:
    """A label with another participant's code is told, in whatever study; numbers are none."""
    interview = Interview(Path("a.txt"), "P07", 1)
    study = study_pb2.Study(participants=["P04", "P07"])
    found = list(label_warnings(interview, reading_pb2.Reading(codes=codes), study))
    assert [one.detail for one in found] == ([told] if told else [])
