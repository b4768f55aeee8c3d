# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.release.domain.exporting import ReleaseReader
from services.release.domain.quality.judging import RoundState
from services.release.domain.quality.pacing import Pace, paces
from services.release.domain.quality.statement import StatedReader, unsound
from services.release.domain.quality.telling import in_words
from tests.support.memory_zone import MemoryZone
from tests.support.quality_rounds import (
    GATE,
    Clock,
    Rounds,
    build,
    items,
    opened,
    rounds_of,
    segments,
    zone_of,
)
from tests.support.release_builders import STUDY


def begun(zone: MemoryZone | None = None) -> tuple[Rounds, Clock]:
    """Return rounds of which one is open, and their clock."""
    clock = Clock()
    rounds = rounds_of(zone or zone_of(segments(40)), clock)
    opened(rounds)
    return rounds, clock


def reads(rounds: Rounds, clock: Clock, person: str, seconds: Sequence[float]) -> None:
    """Have a person read a passage in each of some times, and mark what is planted."""
    for taken in seconds:
        (shown,) = rounds.read(STUDY, 1, person, 1)
        clock.goes_on(taken)
        rounds.record(STUDY, 1, person, [(shown.number, items(shown))])


def told(rounds: Rounds) -> tuple[Pace, ...]:
    """Return the paces of the first round."""
    return paces(rounds.overview(STUDY).rounds[0].round)


class TestPace:
    """Decisions that are faster than a person reads are counted, by the clock of the service."""

    def test_counts_what_is_decided_in_less_than_two_seconds(self) -> None:
        """Of each reader for themselves; two seconds are enough."""
        rounds, clock = begun()
        reads(rounds, clock, "dr.lim", [9.0, 1.9, 2.0, 0.3])
        reads(rounds, clock, "dr.tan", [1.0])
        assert told(rounds) == (Pace("dr.lim", 4, 2), Pace("dr.tan", 1, 1))

    def test_time_before_a_passage_is_shown_is_none_of_reading(self) -> None:
        """Whoever waits first and looks then has not read for so long."""
        rounds, clock = begun()
        clock.goes_on(600)
        reads(rounds, clock, "dr.lim", [0.5])
        assert told(rounds) == (Pace("dr.lim", 1, 1),)

    def test_looking_again_begins_nothing_anew(self) -> None:
        """A page that is loaded again was before its reader since it was shown first."""
        rounds, clock = begun()
        (first,) = rounds.read(STUDY, 1, "dr.lim", 1)
        clock.goes_on(30)
        (again,) = rounds.read(STUDY, 1, "dr.lim", 1)
        assert again.number == first.number
        clock.goes_on(0.2)
        rounds.record(STUDY, 1, "dr.lim", [(first.number, [])])
        (second,) = rounds.read(STUDY, 1, "dr.lim", 1)
        clock.goes_on(30)
        rounds.read(STUDY, 1, "dr.lim", 1)
        clock.goes_on(0.2)
        rounds.record(STUDY, 1, "dr.lim", [(second.number, [])])
        assert told(rounds) == (Pace("dr.lim", 2, 0),)

    @pytest.mark.parametrize(("each", "is_fast"), [(1.9, True), (2.1, False)])
    def test_of_many_at_once_each_has_its_share(self, each: float, *, is_fast: bool) -> None:
        """As a command takes them, after a pause as well."""
        rounds, clock = begun()
        reads(rounds, clock, "dr.lim", [5.0])
        clock.goes_on(3600)
        found = rounds.read(STUDY, 1, "dr.lim", 10)
        assert len(found) > 4
        clock.goes_on(each * len(found))
        rounds.record(STUDY, 1, "dr.lim", [(one.number, items(one)) for one in found])
        assert told(rounds) == (Pace("dr.lim", 1 + len(found), len(found) if is_fast else 0),)

    def test_a_reading_that_is_given_again_adds_its_time(self) -> None:
        """Whoever corrects themselves at once is not counted as fast."""
        rounds, clock = begun()
        (shown,) = rounds.read(STUDY, 1, "dr.lim", 1)
        clock.goes_on(5)
        rounds.record(STUDY, 1, "dr.lim", [(shown.number, [])])
        clock.goes_on(0.5)
        rounds.record(STUDY, 1, "dr.lim", [(shown.number, items(shown))])
        assert told(rounds) == (Pace("dr.lim", 1, 0),)

    def test_shows_write_once_for_a_reader_who_goes_on(self) -> None:
        """What the decision before it tells is not kept again, and what is decided on goes."""
        rounds, clock = begun(zone := zone_of(segments(40)))
        reads(rounds, clock, "dr.lim", [3.0, 3.0, 3.0])
        # The round, the first showing, and three readings.
        assert zone.quality_rounds[1].generation == 5
        assert zone.quality_rounds[1].round.showings == ()

    def test_a_clock_that_goes_back_says_nothing(self) -> None:
        """A time that is not known is not held against anybody."""
        rounds, clock = begun()
        reads(rounds, clock, "dr.lim", [5.0])
        rounds.read(STUDY, 1, "dr.tan", 1)
        clock.goes_on(-3600)
        reads(rounds, clock, "dr.lim", [0.5])
        reads(rounds, clock, "dr.tan", [0.5])
        assert told(rounds) == (Pace("dr.lim", 2, 0), Pace("dr.tan", 1, 0))


class TestStated:
    """What the certificate and the page for researchers say of it."""

    def test_is_in_certificate_and_readme(self) -> None:
        """In plain words, with the limit; it forbids nothing."""
        zone = zone_of(segments(60))
        rounds, clock = begun(zone)
        for person in ("dr.lim", "dr.tan"):
            while rounds.read(STUDY, 1, person, 1):
                reads(rounds, clock, person, [1.0 if person == "dr.tan" else 8.0])
                view = rounds.overview(STUDY).rounds[0]
                if view.standing.state is RoundState.READY:
                    break
        rounds.sign(STUDY, 1, "dr.ong", view.generation)
        (said,) = ReleaseReader(zone).certificate(release := build(zone)).quality or ()
        assert said.pace is not None
        assert said.pace.below_ms == 2000
        assert [(one.reader, one.fast) for one in said.pace.readers] == [
            ("dr.lim", 0),
            ("dr.tan", said.second_read),
        ]
        assert unsound(said) == ""
        readme = zone.files[release.release_id, "README.txt"][1].decode()
        assert "decided on in less than 2 seconds, faster than a person reads: dr.lim 0 of" in (
            " ".join(readme.split())
        )
        calm = tuple(one.model_copy(update={"fast": 0}) for one in said.pace.readers)
        calm_one = said.model_copy(update={"pace": said.pace.model_copy(update={"readers": calm})})
        assert "No passage was decided on in less than 2 seconds" in in_words(calm_one)
        fewer = said.pace.model_copy(
            update={"readers": (StatedReader(reader="dr.lim", read=3, fast=0),)}
        )
        assert "readings" in unsound(said.model_copy(update={"pace": fewer}))

    def test_a_round_without_times_says_nothing(self) -> None:
        """Such as one that an older version opened."""
        rounds, clock = begun(zone_of(segments(5), gate=GATE))
        reads(rounds, clock, "dr.lim", [5.0])
        one = rounds.overview(STUDY).rounds[0].round
        old = one.changed(
            readings=tuple(
                item.model_copy(update={"at_ms": None, "took_ms": None}) for item in one.readings
            )
        )
        assert paces(old) == ()
