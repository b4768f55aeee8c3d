# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, datetime

from tests.support.deidentification_zones import (
    ADMITTED,
    DATED,
    TwoZones,
    outcome,
)


class TestDates:
    """Dates that count from the interview, and dates that are moved."""

    def test_relative(self, deployment: TwoZones) -> None:
        """Dates count from the day of the interview, given at intake, and it goes no further."""
        deployment.use(DATED % "relative")
        ref = deployment.transcribed("P07", ADMITTED, day="2026-03-20")
        outcome(deployment.runner(), ref)
        assert deployment.texts(ref) == ["I was admitted on [day -17] and left on [day -3]."]
        manifest = deployment.released(ref)[0].manifest
        assert not manifest.deidentification.coarsened
        assert "2026-03-20" not in str(deployment.released(ref))

    def test_relative_without_a_day(self, deployment: TwoZones) -> None:
        """Nobody gave the day: dates become their year, and the manifest counts them."""
        deployment.use(DATED % "relative")
        ref = deployment.transcribed("P07", ADMITTED)
        outcome(deployment.runner(), ref)
        assert deployment.texts(ref) == ["I was admitted on [2026] and left on [2026]."]
        report = deployment.released(ref)[0].manifest.deidentification
        assert report.coarsened["DATE_TIME"] == 2

    def test_the_day_makes_another_run(self, deployment: TwoZones) -> None:
        """The same words with and without a day are two runs."""
        deployment.use(DATED % "relative")
        keys = {
            outcome(deployment.runner(), deployment.transcribed(p, ADMITTED, day=day)).run_key
            for p, day in (("P07", ""), ("P08", "2026-03-20"))
        }
        assert len(keys) == 2

    def test_shifted_by_a_secret_of_the_participant(self, deployment: TwoZones) -> None:
        """Two interviews of one participant move by the same days; another participant's by others;
        intervals stay.
        """
        deployment.use(DATED % "shift")
        first = (("participant", "I was admitted on 3 March 2026."),)
        second = (("participant", "I left on 17 March 2026."),)
        told = {}
        for participant, talk in (("P07", first), ("P07", second), ("P08", first)):
            ref = deployment.transcribed(participant, talk)
            outcome(deployment.runner(), ref)
            (text,) = deployment.texts(ref)
            day = text[text.index("[") + 1 : text.index("]")]
            told[participant, talk] = datetime.strptime(day, "%d %B %Y").replace(tzinfo=UTC)
        assert (told["P07", second] - told["P07", first]).days == 14
        assert datetime(2026, 3, 3, tzinfo=UTC) not in told.values()
        assert told["P07", first] != told["P08", first]
