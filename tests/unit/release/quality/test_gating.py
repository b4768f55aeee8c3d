# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.corrections.model import (
    RunCorrections,
)
from services.release.domain.exporting import ReleaseReader
from services.release.domain.quality.judging import RoundState, Shortfall
from services.release.domain.quality.statement import unsound
from services.release.domain.reviews import ReviewMode
from services.release.errors import (
    NotApproved,
    NotYours,
    ReviewChanged,
)
from tests.support.memory_zone import MemoryZone
from tests.support.quality_rounds import (
    GATE,
    Rounds,
    build,
    opened,
    read_all,
    rounds_of,
    segments,
    zone_of,
)
from tests.support.release_builders import STUDY, recording_id, transcript


class TestGate:
    """What a release holds of a study with a gate."""

    def _passed(self, zone: MemoryZone) -> Rounds:
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim")
        view = read_all(rounds, 1, "dr.tan")
        assert view is not None
        assert view.standing.state is RoundState.READY
        rounds.sign(STUDY, 1, "dr.ong", view.generation)
        return rounds

    def test_releases_only_what_passed(self) -> None:
        """The rest is named, and the certificate says what the round shows, so that it adds up."""
        zone = zone_of(segments(30, doubtful=[2]), segments(20))
        with pytest.raises(NotApproved, match="gate of quality"):
            build(zone)
        self._passed(zone)
        zone.transcripts.append(transcript("P09", 1, 9, segments(10)))
        zone.approve_all()
        release = build(zone)
        found = ReleaseReader(zone).certificate(release)
        assert found.format == "sotto-release-certificate/6"
        assert [one.recording_id for one in found.inputs] == [recording_id(0), recording_id(1)]
        assert [(one.participant, one.reason) for one in found.left_out or ()] == [
            ("P09", "quality")
        ]
        (said,) = found.quality or ()
        assert (said.misses, said.census, said.segments) == (0, 1, 50)
        assert said.bound <= 0.25
        assert (said.recapture.missed, said.recapture.most_missed) == (0.0, None)
        assert (said.signed_by, said.readers) == ("dr.ong", ("dr.lim", "dr.tan"))
        assert unsound(said) == ""
        readme = zone.files[release.release_id, "README.txt"][1].decode()
        assert "Missed places that were found in them: 0." in " ".join(readme.split())
        assert "P09 session 1: approved, and not through the study's gate" in readme

    @pytest.mark.parametrize(
        ("field", "value", "what"),
        [
            ("seed", "0" * 64, "the seed"),
            ("drawn", 12, "the draw|sample"),
            ("most", 1, "the bounds"),
            ("sample_sha256", "0" * 64, "the sample"),
            ("frame_sha256", "0" * 64, "the digest"),
            ("sampled", 3, "the draw"),
            ("found", 1, "planted"),
            ("segments", 900, "more was read"),
        ],
    )
    def test_a_statement_that_does_not_add_up_is_told(
        self, field: str, value: object, what: str
    ) -> None:
        """Draw and bounds are worked out again by whoever verifies."""
        zone = zone_of(segments(60, doubtful=[2]))
        self._passed(zone)
        (said,) = ReleaseReader(zone).certificate(build(zone)).quality or ()
        fault = unsound(said.model_copy(update={field: value}))
        assert any(part in fault for part in what.split("|"))

    def test_a_stricter_gate_lets_through_no_more_what_passed_before(self) -> None:
        """The gate that counts is the one of now."""
        zone = zone_of(segments(60))
        self._passed(zone)
        build(zone)
        zone.quality = GATE.model_copy(update={"bound": 0.001})
        with pytest.raises(NotApproved, match="gate of quality"):
            build(zone)

    def test_a_correction_after_it_takes_a_transcript_out(self) -> None:
        """It is approved again, and waits for another round."""
        zone = zone_of(segments(30), segments(30))
        self._passed(zone)
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(generation=1)
        zone.approve_all()
        found = ReleaseReader(zone).certificate(build(zone))
        assert [one.recording_id for one in found.inputs] == [recording_id(1)]

    def test_is_signed_by_somebody_else_as_it_was_seen(self) -> None:
        """Not by a reader where the study says so, and not once it changed."""
        zone = zone_of(segments(30))
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim")
        view = read_all(rounds, 1, "dr.tan")
        assert view is not None
        with pytest.raises(NotYours, match="somebody else"):
            rounds.sign(STUDY, 1, "dr.lim", view.generation)
        with pytest.raises(ReviewChanged, match="changed since you looked"):
            rounds.sign(STUDY, 1, "dr.ong", view.generation - 1)

    def test_inattentive_readers_pass_nothing(self) -> None:
        """They find no planted item, so that finding nothing says nothing."""
        rounds = rounds_of(zone_of(segments(40)))
        opened(rounds)
        read_all(rounds, 1, "dr.lim", careful=False)
        view = read_all(rounds, 1, "dr.tan", careful=False)
        assert view is not None
        assert view.standing.state is RoundState.FAILED
        assert view.standing.shortfalls == (Shortfall.DETECTION,)
        assert opened(rounds).round.number == 2

    def test_earlier_rounds_are_told(self) -> None:
        """Whoever draws twice says so."""
        rounds = rounds_of(zone := zone_of(segments(40)))
        opened(rounds)
        read_all(rounds, 1, "dr.lim", careful=False)
        read_all(rounds, 1, "dr.tan", careful=False)
        opened(rounds)
        read_all(rounds, 2, "dr.lim")
        view = read_all(rounds, 2, "dr.tan")
        assert view is not None
        rounds.sign(STUDY, 2, "dr.ong", view.generation)
        (said,) = ReleaseReader(zone).certificate(build(zone)).quality or ()
        assert [(one.round, one.state) for one in said.earlier] == [(1, "failed")]

    def test_without_a_gate_nothing_changes(self) -> None:
        """What is approved is released, in the format that it was."""
        zone = zone_of(segments(5), gate=None)
        assert zone.mode is ReviewMode.REQUIRED
        found = ReleaseReader(zone).certificate(build(zone))
        assert found.format == "sotto-release-certificate/4"
        assert found.quality is None
