# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, samples
from services.transcription.domain.regions import RegionOptions, speech_regions
from services.transcription.domain.windows import WindowOptions, plan_windows

OPTIONS = WindowOptions(earliest=1 / 3, longest=6.0, piece=3.0, halved=2.0, join_gap=1.0)
Probabilities = npt.NDArray[np.float32]


@st.composite
def speech(draw: st.DrawFn) -> Probabilities:
    """Alternating runs of silence and speech, up to about a minute."""
    runs = draw(st.lists(st.tuples(st.integers(1, 200), st.sampled_from([0.0, 0.4, 0.6, 0.95]))))
    return np.array([p for length, p in runs for _ in range(length)], np.float32)


class TestRegions:
    @given(speech())
    def test_regions_are_in_order_and_inside(self, probabilities: Probabilities) -> None:
        """Regions never overlap, never leave the recording, and cover every sure frame in them."""
        total = len(probabilities) * FRAME
        regions = speech_regions(probabilities, total, RegionOptions(min_speech=0.0))
        assert all(0 <= r.start < r.end <= total for r in regions)
        assert all(a.end <= b.start for a, b in pairwise(regions))
        for frame in np.flatnonzero(probabilities >= 0.5).tolist():
            assert any(r.start <= frame * FRAME < r.end for r in regions)

    def test_a_short_dip_does_not_end_a_region(self) -> None:
        """A breath stays inside the speech around it."""
        probabilities = np.array([0.9] * 30 + [0.1] * 8 + [0.9] * 30, np.float32)
        assert len(speech_regions(probabilities, 68 * FRAME, RegionOptions())) == 1

    def test_silence(self) -> None:
        """Silence has no regions."""
        assert speech_regions(np.zeros(100, np.float32), 100 * FRAME, RegionOptions()) == []


class TestWindows:
    @given(st.lists(speech(), min_size=1, max_size=2))
    def test_every_sample_of_speech_is_in_exactly_one_piece(
        self, tracks: list[Probabilities]
    ) -> None:
        """Nothing is left out and nothing transcribed twice, whatever the recording is like."""
        frames = max(len(track) for track in tracks)
        tracks = [np.pad(track, (0, frames - len(track))) for track in tracks]
        total = frames * FRAME
        regions = [speech_regions(track, total, RegionOptions()) for track in tracks]
        loudest = np.max(np.stack(tracks), axis=0, initial=0.0)
        windows = plan_windows(regions, loudest, total, OPTIONS)
        for channel, spoken in enumerate(regions):
            parts = [
                part
                for window in windows
                for piece in window.pieces
                if piece.channel == channel
                for part in piece.speech
            ]
            assert sum(map(len, parts)) == sum(map(len, spoken))
            assert all(a.end <= b.start for a, b in pairwise(parts))

    @given(speech())
    def test_windows_and_pieces_are_bounded(self, probabilities: Probabilities) -> None:
        """No window and no piece is longer than asked, and windows follow one another."""
        total = len(probabilities) * FRAME
        regions = [speech_regions(probabilities, total, RegionOptions())]
        windows = plan_windows(regions, probabilities, total, OPTIONS)
        assert [window.index for window in windows] == list(range(len(windows)))
        for window in windows:
            assert len(window.span) <= samples(OPTIONS.longest)
            for piece in window.pieces:
                assert len(piece.span) <= samples(OPTIONS.piece)
                assert window.span.start <= piece.span.start < piece.span.end <= window.span.end
        assert all(a.span.end <= b.span.start for a, b in pairwise(windows))

    def test_a_long_piece_is_halved_in_a_pause(self) -> None:
        """Two threads can hear a talk of a minute, each a half of it; a short one stays whole."""
        turn, pause = [0.9] * 100, [0.0] * 30
        for turns, pieces in ((6, 1), (20, 2), (21, 2)):
            probabilities = np.array((turn + pause) * turns, np.float32)
            total = len(probabilities) * FRAME
            regions = [speech_regions(probabilities, total, RegionOptions())]
            (window,) = plan_windows(regions, probabilities, total, WindowOptions())
            held = [len(piece.speech) for piece in window.pieces]
            assert len(held) == pieces
            assert max(held) - min(held) <= 1

    def test_cuts_fall_into_silence(self) -> None:
        """Where nobody speaks for a while, the window ends there."""
        second = SAMPLE_RATE
        regions = [[SampleRange(0, 4 * second), SampleRange(5 * second, 9 * second)]]
        loudest = np.ones(9 * second // FRAME, np.float32)
        windows = plan_windows(regions, loudest, 9 * second, OPTIONS)
        assert 4 * second < windows[0].span.end < 5 * second

    def test_silence_has_no_windows(self) -> None:
        """A silent recording needs no engine."""
        assert plan_windows([[]], np.zeros(1000, np.float32), 1000 * FRAME, OPTIONS) == []
