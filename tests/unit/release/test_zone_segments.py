# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.release.adapters.zone import segment_of
from sotto.transcript.v1 import transcript_pb2


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ((2000, 5000), (2000, 5000)),
        ((-1, -1), (None, None)),
        ((-1, 5000), (None, 5000)),
        ((2000, -1), (2000, None)),
        ((0, 0), (0, 0)),
    ],
)
def test_a_time_that_is_known_is_told(
    stored: tuple[int, int], told: tuple[int | None, int | None]
) -> None:
    """Programs such as f4 state when a turn ended alone, and that is not lost in a release."""
    message = transcript_pb2.Segment(start_ms=stored[0], end_ms=stored[1], text="yes")
    found = segment_of(message)
    assert (found.start_ms, found.end_ms) == told
