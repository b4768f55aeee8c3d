# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import struct

import protovalidate
from hypothesis import given
from hypothesis import strategies as st

from services.storage_client.transcripts import encode
from services.transcription.adapters.convert import from_message, to_message
from services.transcription.domain.transcript import Doubt, Evidence, Role, Segment, Word
from services.transcription.domain.turns import Turn, in_windows, to_segments
from sotto.storage.v1 import recording_pb2, segment_pb2
from sotto.transcript.v1 import transcript_pb2

VALIDATOR = protovalidate.Validator()  # type: ignore[no-untyped-call] # its own gap
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SINGLE = st.floats(0, 1, width=32)
TIME = st.integers(0, 12 * 3_600_000)
REF = recording_pb2.RecordingRef(
    study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
)


def evidence() -> st.SearchStrategy[Evidence]:
    """Evidence of which the contract carries every number."""
    return st.builds(
        Evidence,
        avg_logprob=st.floats(-5, 0, width=32),
        no_speech_prob=SINGLE,
        compression_ratio=SINGLE,
        speech_share=SINGLE,
        repetition=st.just(0.0),
        chars_per_second=SINGLE,
        language_prob=st.just(0.0),
        doubts=st.lists(st.sampled_from(Doubt), unique=True).map(tuple),
    )


SEGMENTS = st.builds(
    Segment,
    index=st.integers(0, 10**6),
    speaker=st.sampled_from(["S1", "S2", "S12345"]),
    role=st.sampled_from(Role),
    text=TEXT,
    start_ms=st.none() | TIME,
    end_ms=st.none() | TIME,
    words=st.lists(st.builds(Word, TEXT, TIME, TIME, SINGLE), max_size=4).map(tuple),
    language=st.sampled_from(["", "en", "ms", "zh"]),
    evidence=st.none() | evidence(),
)


class TestSegments:
    @given(SEGMENTS)
    def test_round_trip(self, segment: Segment) -> None:
        """What is stored comes back as it was, so that a restart numbers and counts the same."""
        stored = to_message(segment).SerializeToString(deterministic=True)
        again = from_message(transcript_pb2.Segment.FromString(stored))
        assert again == segment
        assert to_message(again).SerializeToString(deterministic=True) == stored

    @given(SEGMENTS)
    def test_meets_the_rules_of_the_contract(self, segment: Segment) -> None:
        """Every segment that can be made meets the rules of the contract."""
        VALIDATOR.validate(to_message(segment))

    def test_the_largest_window_fits_in_a_message(self) -> None:
        """Windows of a transcript made elsewhere stay below the 4 MiB that a message may have."""
        for letter in ("a", "中", "𝄞"):
            turns = [Turn("I", letter * 3990)] * 1000
            for window in in_windows(to_segments(turns)):
                request = segment_pb2.PutWindowRequest(
                    ref=REF, run_key="a" * 32, encoded_segments=encode(map(to_message, window))
                )
                assert request.ByteSize() < 4 * 1024 * 1024 - struct.calcsize("q")
