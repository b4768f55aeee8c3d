# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from services.release.domain.quality.drawing import (
    FrameRun,
    drawn_until,
    frame_digest,
    order,
    rank,
    sample_digest,
    seed_of,
)

FRAME = [FrameRun("rec-" + "a" * 26, "1" * 32, 0, 40), FrameRun("rec-" + "b" * 26, "2" * 32, 3, 25)]
NOTE = "log.example/1\n17\nAAAA=\n"


class TestDraw:
    """A sample that nobody chooses and that anybody can make again."""

    def test_can_be_made_again_as_the_page_says(self) -> None:
        """With SHA-256 over text and nothing else, as docs/quality.md has it."""
        lines = f"rec-{'a' * 26} {'1' * 32} 0 40\nrec-{'b' * 26} {'2' * 32} 3 25\n"
        frame = hashlib.sha256(lines.encode()).hexdigest()
        assert frame_digest(reversed(FRAME)) == frame
        text = f"sotto quality seed 1\n4\n{frame}\nlog.example/1\n17\nAAAA=\n"
        seed = hashlib.sha256(text.encode()).hexdigest()
        assert seed_of(4, frame, NOTE + "\n— log.example/1 BBBB\n") == seed
        first = order(FRAME, seed)[0]
        assert rank(seed, *first) == min(
            hashlib.sha256(f"{seed} {one.recording_id} {at}".encode()).hexdigest()
            for one in FRAME
            for at in range(one.segments)
        )

    def test_signatures_change_no_seed(self) -> None:
        """Witnesses sign a checkpoint one after the other."""
        one = seed_of(1, "0" * 64, NOTE + "\n— log.example/1 BBBB\n")
        assert one == seed_of(1, "0" * 64, NOTE + "\n— log.example/1 BBBB\n— witness CCCC\n")
        assert one != seed_of(2, "0" * 64, NOTE)

    @given(st.integers(0, 70), st.sets(st.integers(0, 64), max_size=20))
    def test_goes_on_until_enough_lie_outside_of_the_census(
        self, wanted: int, places: set[int]
    ) -> None:
        """No more are taken than needed, and all where the rest is too small."""
        ordered = order(FRAME, "5" * 64)
        census = {ordered[at] for at in places}
        count = drawn_until(ordered, census, wanted)
        outside = [one for one in ordered[:count] if one not in census]
        assert len(outside) == min(wanted, len(ordered) - len(census))
        assert count in {0, len(ordered)} or ordered[count - 1] not in census

    def test_every_segment_is_as_likely(self) -> None:
        """Over many seeds each of 65 is drawn into a sample of 13 about as often: a fifth."""
        counts = dict.fromkeys(order(FRAME, ""), 0)
        for number in range(2000):
            for one in order(FRAME, hashlib.sha256(str(number).encode()).hexdigest())[:13]:
                counts[one] += 1
        # 400 are expected, with a standard deviation of 18: none of 65 is five of these away.
        assert all(310 < count < 490 for count in counts.values())

    def test_a_digest_is_of_the_set(self) -> None:
        """The order of a sample does not matter."""
        ordered = order(FRAME, "5" * 64)[:9]
        assert sample_digest(ordered) == sample_digest(sorted(ordered))
