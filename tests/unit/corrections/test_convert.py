# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.corrections import convert
from services.corrections.model import Correction, RunCorrections, SegmentText
from sotto.storage.v1 import review_pb2
from tests.support.corrections import transcripts


class TestConvert:
    @given(transcripts(), st.booleans(), st.sampled_from(["", "a" * 32]))
    def test_what_is_written_reads_back(
        self,
        made: tuple[list[SegmentText], list[Correction]],
        spread: bool,
        carried_from: str,
    ) -> None:
        """Over the wire nothing changes but the order, which is that of the places."""
        found = tuple(
            replace(one, spread=spread, carried_from=carried_from) for one in reversed(made[1])
        )
        message = convert.corrections_message("b" * 32, b"h" * 32, RunCorrections(found, found, 3))
        encoded = message.SerializeToString()
        back = convert.run_corrections(review_pb2.Corrections.FromString(encoded))
        ordered = tuple(reversed(found))
        assert back == RunCorrections(ordered, ordered, 3)
        assert (message.run_key, message.content_sha256) == ("b" * 32, b"h" * 32)
