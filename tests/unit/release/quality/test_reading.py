# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common.errors import InvalidInput
from services.corrections.model import (
    Correction,
    CorrectionKind,
    RunCorrections,
)
from services.release.domain.quality.judging import RoundState
from services.release.domain.quality.passages import Mark
from services.release.domain.transcript import Segment
from services.release.errors import (
    NoSuchRound,
    NotYours,
    RoundNotOpen,
)
from tests.support.memory_zone import MemoryZone
from tests.support.quality_rounds import (
    GATE,
    NAME,
    Rounds,
    marks,
    opened,
    read_all,
    rounds_of,
    segments,
    zone_of,
)
from tests.support.release_builders import NOON, STUDY


class TestReading:
    """What readers see, and what is kept of what they mark."""

    def test_plants_items_in_a_copy_alone(self) -> None:
        """Each reader sees as many as the study asks for, and none of them is a miss."""
        zone = zone_of(segments(40))
        rounds = rounds_of(zone)
        opened(rounds)
        view = read_all(rounds, 1, "dr.lim")
        assert view is not None
        assert (view.standing.planted, view.standing.found) == (4, 4)
        assert view.standing.misses == 0
        assert all(not one.spans for one in view.round.readings)

    def test_a_second_reader_is_blind_and_another_person(self) -> None:
        """Nobody reads a passage twice, and a second reader gets what a first one read."""
        rounds = rounds_of(zone_of(segments(40)))
        made = opened(rounds)
        read_all(rounds, 1, "dr.lim")
        assert rounds.read(STUDY, 1, "dr.lim", 20) == []
        left = rounds.read(STUDY, 1, "dr.tan", 50)
        assert {one.number for one in left} == {
            at for at, one in enumerate(made.round.passages) if one.second
        }
        assert all(one.readings == () for one in left)

    def test_takes_places_back_to_the_runs_own_text(self) -> None:
        """Corrections before it move what a reader sees, and not what is kept."""
        part = (Segment("S2", "participant", f"Ahmad and {NAME}.", language="en"),)
        zone = zone_of(part, gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.0}))
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(
            (
                Correction(
                    CorrectionKind.REDACT, 0, 0, 5, "PERSON", "[P01's brother]", "dr.lim", NOON
                ),
            ),
            generation=1,
        )
        zone.approve_all()
        rounds = rounds_of(zone)
        opened(rounds)
        (shown,) = rounds.read(STUDY, 1, "dr.lim", 5)
        assert shown.text == f"[P01's brother] and {NAME}."
        view = rounds.record(STUDY, 1, "dr.lim", [(0, marks(shown, NAME))])
        (span,) = view.round.readings[0].spans
        assert part[0].text[span.start : span.end] == NAME

    def test_refuses_marks_that_do_not_fit(self) -> None:
        """What is replaced already, what is outside, and a passage that is no one's."""
        rounds = rounds_of(zone_of(segments(8), gate=GATE.model_copy(update={"planted": 0})))
        opened(rounds)
        shown = rounds.read(STUDY, 1, "dr.lim", 1)[0]
        with pytest.raises(InvalidInput, match="replaced already"):
            rounds.record(STUDY, 1, "dr.lim", [(shown.number, marks(shown, "[Person 1]"))])
        with pytest.raises(InvalidInput, match="outside"):
            rounds.record(STUDY, 1, "dr.lim", [(shown.number, [Mark(3, 900, "PERSON")])])
        with pytest.raises(InvalidInput, match="passages, from 0"):
            rounds.record(STUDY, 1, "dr.lim", [(900, [])])
        with pytest.raises(NoSuchRound):
            rounds.read(STUDY, 7, "dr.lim", 1)

    def test_a_correction_overtakes_the_round(self) -> None:
        """Nobody reads on what is not the approved text any more; a new round may be opened."""
        zone = zone_of(segments(30))
        rounds = rounds_of(zone)
        opened(rounds)
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(generation=1)
        zone.approve_all()
        with pytest.raises(RoundNotOpen, match="corrected"):
            rounds.read(STUDY, 1, "dr.lim", 5)
        assert rounds.overview(STUDY).rounds[0].standing.state is RoundState.OVERTAKEN
        assert opened(rounds).round.number == 2


class TestRuling:
    """Where two readers disagree a third one decides."""

    def _disputed(self) -> tuple[MemoryZone, Rounds]:
        zone = zone_of(
            segments(12, missed=4, doubtful=[4]),
            gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.05}),
        )
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim", sees=NAME)
        view = read_all(rounds, 1, "dr.tan")
        assert view is not None
        assert view.standing.state is RoundState.ADJUDICATION
        return zone, rounds

    def test_by_somebody_who_read_neither_and_sees_no_names(self) -> None:
        """Both readings are there, in an order that tells nobody's."""
        _, rounds = self._disputed()
        assert rounds.disputes(STUDY, 1, "dr.tan") == []
        (shown,) = rounds.disputes(STUDY, 1, "dr.ong")
        assert [len(one) for one in shown.readings] == [0, 1]
        with pytest.raises(NotYours, match="third person"):
            rounds.rule(STUDY, 1, "dr.lim", shown.number, [])
        view = rounds.rule(STUDY, 1, "dr.ong", shown.number, [])
        assert view.standing.state is RoundState.READY
        assert view.standing.misses == 0

    def test_a_confirmed_miss_ends_the_round(self) -> None:
        """It counts as found by the first reader alone, and raises the bound."""
        _, rounds = self._disputed()
        (shown,) = rounds.disputes(STUDY, 1, "dr.ong")
        view = rounds.rule(STUDY, 1, "dr.ong", shown.number, list(shown.readings[1]))
        assert view.standing.state is RoundState.MISSED
        assert view.standing.misses == 1
        assert view.standing.recapture.first_only == 1
        assert view.standing.recapture.most_missed(0.05) is None
        assert view.standing.bound.found == 1
        with pytest.raises(RoundNotOpen, match="missed"):
            rounds.sign(STUDY, 1, "dr.ong", view.generation)
