# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.corrections.model import (
    Correction,
    CorrectionKind,
    Replacement,
    RunCorrections,
)
from services.release.domain.correcting import Corrector
from services.release.domain.quality.judging import RoundState
from services.release.domain.quality.searching import MissSearch
from services.release.domain.reviews import ReviewState
from services.release.domain.transcript import Segment
from services.release.errors import (
    WaitsForSearch,
)
from tests.support.quality_rounds import (
    GATE,
    NAME,
    Spreader,
    opened,
    read_all,
    rounds_of,
    segments,
    zone_of,
)
from tests.support.release_builders import NOON, STUDY


class TestSearch:
    """The class of a miss is looked for in the whole study."""

    def test_a_miss_is_looked_for_in_the_whole_study(self) -> None:
        """It is replaced there and elsewhere, all wait for review, and a new sample comes."""
        part = segments(12, missed=4, doubtful=[4])
        zone = zone_of(
            part,
            segments(12, missed=7),
            gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.0}),
        )
        rounds = rounds_of(zone)
        opened(rounds)
        view = read_all(rounds, 1, "dr.lim", sees=NAME)
        assert view is not None
        assert view.standing.state is RoundState.MISSED
        with pytest.raises(WaitsForSearch, match="sotto quality search"):
            rounds.frame(STUDY, "dr.lim")
        search = MissSearch(zone, zone, Corrector(zone, zone, Spreader(), lambda: NOON))
        missed = rounds.with_misses(STUDY, 1, "dr.lim")
        assert search.replace(missed.round, missed.standing.missed, "dr.lim") == 2
        # It may end early and be repeated.
        assert search.replace(missed.round, missed.standing.missed, "dr.lim") == 0
        assert rounds.searched(STUDY, 1, "dr.lim", 2).standing.state is RoundState.MISSED
        for one, at in zip(zone.transcripts, (4, 7), strict=True):
            (made,) = zone.corrected[one.summary.run_key].corrections
            assert (made.segment, made.text) == (at, "[Person 9]")
            assert zone.reviews[one.summary.run_key].state is ReviewState.PENDING
        zone.approve_all()
        again = opened(rounds)
        assert again.round.number == 2
        assert again.round.seed != view.round.seed

    def test_restored_words_and_new_wordings_are_taken_back(self) -> None:
        """What was put back is replaced again; what was worded anew is replaced as a whole."""
        part = (
            Segment(
                *("S2", "participant", "[Person 1] came by.", None, None, "en"),
                (Replacement(0, 10, "PERSON"),),
            ),
            Segment("S2", "participant", "Then city came by.", language="en"),
        )
        zone = zone_of(part, gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.0}))
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(
            (
                Correction(CorrectionKind.RESTORE, 0, 0, 10, "", NAME, "dr.lim", NOON),
                Correction(CorrectionKind.WORDING, 1, 5, 9, "", NAME, "dr.lim", NOON),
            ),
            generation=1,
        )
        zone.approve_all()
        rounds = rounds_of(zone)
        opened(rounds)
        view = read_all(rounds, 1, "dr.lim", sees=NAME)
        assert view is not None
        assert view.standing.misses == 2
        search = MissSearch(zone, zone, Corrector(zone, zone, Spreader(), lambda: NOON))
        missed = rounds.with_misses(STUDY, 1, "dr.lim")
        assert search.replace(missed.round, missed.standing.missed, "dr.lim") == 2
        (left,) = zone.corrected[run.run_key].corrections
        assert (left.kind, left.segment, left.text) == (CorrectionKind.REDACT, 1, "[Person 9]")
