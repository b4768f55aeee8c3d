# SPDX-License-Identifier: Apache-2.0
"""The content hash of transcripts, and runs that are written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import Corrupted
from services.storage_client import transcripts
from sotto.storage.v1 import recording_pb2, segment_pb2
from sotto.transcript.v1.transcript_pb2 import Segment, TranscriptManifest

REF = recording_pb2.RecordingRef(study_id="s1", participant="P1", recording_id="rec-" + "a" * 26)


class FakeChannel:
    """Answers the storage contract from memory; what is written is kept in `sent`."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.sent: list[Any] = []

    def _method(self, name: str, *_: object, **__: object) -> Any:
        def call(request: Any, **_: object) -> Any:
            self.sent.append(request)
            return self.answers[name.rsplit("/", 1)[1]]

        return call

    unary_unary = unary_stream = stream_unary = stream_stream = _method


class TestHash:
    @given(st.lists(st.binary(max_size=20)))
    def test_is_over_the_bytes_in_order(self, encoded: list[bytes]) -> None:
        """The hash is that of all bytes one after the other."""
        assert transcripts.content_hash(encoded) == hashlib.sha256(b"".join(encoded)).digest()

    @given(st.binary(max_size=40))
    def test_what_is_no_segment_is_refused(self, data: bytes) -> None:
        """Decoding answers with segments or with Corrupted, never with another error."""
        try:
            (found,) = transcripts.decode([data])
        except Corrupted:
            return
        assert isinstance(found, Segment)


def _answers(*segments: bytes, content: bytes) -> Iterator[segment_pb2.GetTranscriptResponse]:
    manifest = TranscriptManifest(run_key="a" * 32, content_sha256=content)
    yield segment_pb2.GetTranscriptResponse(manifest=manifest, session_date="2026-03-20")
    for index, one in enumerate(segments):
        window = segment_pb2.Window(window=index, encoded_segments=[one])
        yield segment_pb2.GetTranscriptResponse(window=window)


class TestReading:
    ENCODED = tuple(transcripts.encode([Segment(index=0, text="a"), Segment(index=1, text="b")]))

    def test_gives_manifest_and_segments(self) -> None:
        """What fits its hash is given, with the day of the interview."""
        good = transcripts.content_hash(self.ENCODED)
        channel: Any = FakeChannel({"GetTranscript": _answers(*self.ENCODED, content=good)})
        found = transcripts.read_transcript(channel, REF)
        assert [one.text for one in found.segments] == ["a", "b"]
        assert found.session_date == "2026-03-20"

    @pytest.mark.parametrize("segments", [ENCODED[:1], ENCODED[::-1], (), (*ENCODED, ENCODED[0])])
    def test_refuses_what_does_not_fit(self, segments: tuple[bytes, ...]) -> None:
        """A segment that is missing, doubled or in another place is refused."""
        good = transcripts.content_hash(self.ENCODED)
        channel: Any = FakeChannel({"GetTranscript": _answers(*segments, content=good)})
        with pytest.raises(Corrupted, match="scrub"):
            transcripts.read_transcript(channel, REF)

    def test_refuses_another_transcript_than_the_wanted_one(self) -> None:
        """A transcript that is whole, but not the one whose hash the caller knows, is refused."""
        good = transcripts.content_hash(self.ENCODED)
        channel: Any = FakeChannel({"GetTranscript": _answers(*self.ENCODED, content=good)})
        with pytest.raises(Corrupted):
            transcripts.read_transcript(channel, REF, content_sha256=b"x" * 32)

    def test_refuses_an_empty_stream(self) -> None:
        """A stream without a manifest is refused."""
        channel: Any = FakeChannel({"GetTranscript": iter(())})
        with pytest.raises(Corrupted):
            transcripts.read_transcript(channel, REF)


class TestRunWriter:
    def _writer(self, **found: Any) -> tuple[transcripts.RunWriter, FakeChannel]:
        channel = FakeChannel(
            {
                "ListWindows": segment_pb2.ListWindowsResponse(**found),
                "PutWindow": segment_pb2.PutWindowResponse(),
                "CommitTranscript": segment_pb2.CommitTranscriptResponse(),
                "GetWindow": segment_pb2.GetWindowResponse(encoded_segments=[b"\x32\x01z"]),
            }
        )
        return transcripts.RunWriter(channel, REF, "b" * 32), channel  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("windows", "stored"), [([], 0), ([0, 1, 2], 3), ([0, 2], 1), ([1, 2], 0)]
    )
    def test_goes_on_behind_the_first_gap(self, windows: list[int], stored: int) -> None:
        """Windows count as stored from the first on up to a gap."""
        assert self._writer(windows=windows)[0].stored() == stored

    def test_the_manifest_states_what_was_read_and_written(self) -> None:
        """Hash and sizes cover windows that were read back as well as those written."""
        writer, channel = self._writer(windows=[0])
        assert writer.finished() is None
        assert [one.text for one in writer.read(0)] == ["z"]
        writer.write(1, [Segment(index=1, text="q"), Segment(index=2, text="r")])
        writer.commit(TranscriptManifest(session=3))
        sent = channel.sent[-1].manifest
        encoded = [b"\x32\x01z", *channel.sent[-2].encoded_segments]
        assert sent.content_sha256 == transcripts.content_hash(encoded)
        assert (sent.session, sent.run_key) == (3, "b" * 32)
        assert (sent.segment_count, sent.window_count) == (3, 2)
