# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from dataclasses import replace

import pytest

from services.console.pages.quality_words import Figures, facts
from services.console.web.language import LANGUAGES, speaking
from services.release.domain.exporting import ReleaseReader
from services.release.handlers.quality_messages import round_message
from tests.support.quality_rounds import build, opened, read_all, rounds_of, segments, zone_of
from tests.support.release_builders import STUDY


@pytest.fixture(scope="module")
def figures() -> tuple[Figures, Figures]:
    """The figures of one round: as the service gives them, and as the certificate has them."""
    rounds = rounds_of(zone := zone_of(segments(60, doubtful=[2, 7])))
    opened(rounds)
    read_all(rounds, 1, "dr.lim")
    view = read_all(rounds, 1, "dr.tan")
    assert view is not None
    signed = rounds.sign(STUDY, 1, "dr.ong", view.generation)
    certificate = ReleaseReader(zone).certificate(build(zone))
    (said,) = json.loads(certificate.canonical_bytes())["quality"]
    return Figures.of_round(round_message(signed)), Figures.of_certificate(said)


def told(one: Figures) -> str:
    """Return all facts in a line."""
    return " ".join(f"{fact.heading}: {fact.text}" for fact in facts(one))


class TestFigures:
    """Reviewers and researchers are told the same of a round."""

    def test_round_and_certificate_tell_the_same(self, figures: tuple[Figures, Figures]) -> None:
        """To the word, by the digits that a certificate has."""
        of_round, of_certificate = figures
        assert told(of_round) == told(of_certificate)
        assert of_round.by_type == of_certificate.by_type == ()

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_all_is_said_in_each_language(
        self, figures: tuple[Figures, Figures], language: str
    ) -> None:
        """What is left, attention, pace, agreement, what both overlook, and who signed."""
        one = replace(figures[0], both=3, alone=2, missed=0.7, most_missed=9, misses=5)
        with speaking(language):
            text = told(one)
        assert "dr.ong" in text
        assert "Clopper" in text
        assert "0.7" in text
        assert "{" not in text
        assert len(facts(one)) == 7

    def test_nothing_is_claimed_before_all_is_read(self, figures: tuple[Figures, Figures]) -> None:
        """A bound would be one of passages that nobody looked at."""
        text = told(replace(figures[0], is_read=False))
        assert "Nothing can be said" in text
        assert "at most" not in text.partition("How attentive")[0]

    def test_what_calls_for_care_is_marked(self, figures: tuple[Figures, Figures]) -> None:
        """Something missed, and decisions that were too fast."""
        calm = replace(figures[0], misses=0, paces=(("dr.lim", 9, 0),))
        assert not any(one.is_warning for one in facts(calm))
        fast = replace(calm, paces=(("dr.lim", 9, 4),), below_seconds=2.0)
        (fact,) = [one for one in facts(fast) if one.is_warning]
        assert "less than 2 seconds" in fact.text
        assert "dr.lim 4 of 9" in fact.text
