# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest

from services.release.domain.quality.drawing import order, seed_of
from services.release.errors import (
    ChangedThePolicy,
    RoundNotOpen,
)
from tests.support.quality_rounds import NAME, opened, read_all, rounds_of, segments, zone_of
from tests.support.release_builders import STUDY, recording_id


class TestOpening:
    """Nobody chooses what is read."""

    def test_reads_all_doubtful_places_and_enough_of_the_rest(self) -> None:
        """The sample is the one that the log's checkpoint draws, the census is beside it."""
        zone = zone_of(segments(30, doubtful=[3, 9]), segments(50))
        rounds = rounds_of(zone)
        frame = rounds.frame(STUDY, "dr.lim")
        made = rounds.open(frame, "dr.lim").round
        assert made.seed == seed_of(1, frame.sha256, made.checkpoint)
        census = [one for one in made.passages if one.census]
        assert [
            (one.recording, one.segment) for one in sorted(census, key=lambda x: x.segment)
        ] == [
            (0, 3),
            (0, 9),
        ]
        drawn = order(made.draw, made.seed)[: made.drawn]
        rest = {made.position(at) for at, one in enumerate(made.passages) if not one.census}
        assert rest == set(drawn) - {(recording_id(0), 3), (recording_id(0), 9)}
        # The bound of the study holds where nothing is found, and would not with one fewer.
        assert rounds.overview(STUDY).rounds[0].standing.bound.share <= 0.25

    def test_gives_the_riskiest_to_a_second_reader(self) -> None:
        """A fifth of all: what is doubtful, then the transcript of the higher risk."""
        zone = zone_of(segments(30, doubtful=[3, 9]), segments(50))
        made = opened(rounds_of(zone)).round
        second = [one for one in made.passages if one.second]
        assert len(second) == -(-len(made.passages) // 5)
        assert sum(1 for one in second if one.census) == 2
        assert all(one.recording == 1 for one in second if not one.census)

    def test_an_open_round_is_not_drawn_again(self) -> None:
        """Or one would draw until the sample pleases."""
        rounds = rounds_of(zone_of(segments(30)))
        opened(rounds)
        with pytest.raises(RoundNotOpen, match="round 1 of recovery-peers is open"):
            opened(rounds)

    def test_holds_no_word(self) -> None:
        """The record is ids, numbers and places; what is planted is not in it."""
        zone = zone_of(segments(30, missed=4))
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim", sees=NAME)
        data = zone.quality_rounds[1].round.canonical_bytes().decode()
        assert NAME not in data
        assert "Number" not in data

    def test_wants_a_gate_and_something_approved(self) -> None:
        """Each refusal says what to do."""
        with pytest.raises(RoundNotOpen, match="asks for no gate"):
            opened(rounds_of(zone_of(segments(5), gate=None)))
        zone = zone_of(segments(5))
        zone.reviews.clear()
        with pytest.raises(RoundNotOpen, match="no approved transcript"):
            opened(rounds_of(zone))

    def test_whoever_changed_the_gate_opens_none(self) -> None:
        """They would vouch for what they made easier."""
        zone = zone_of(segments(5))
        real = zone.study
        zone.study = lambda study_id: replace(  # type: ignore[method-assign]
            real(study_id), policy_changed_by=frozenset({"dr.lim"})
        )
        with pytest.raises(ChangedThePolicy, match="the gate"):
            opened(rounds_of(zone))
