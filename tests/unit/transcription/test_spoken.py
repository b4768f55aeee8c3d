# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.domain.audio import SAMPLE_RATE, SampleRange
from services.transcription.domain.spoken import (
    Language,
    Trial,
    UsualLanguages,
    allowed_shares,
    by_language,
    candidates,
    choose,
    sure_language,
)
from services.transcription.domain.transcript import Role, Segment

ENGLISH = Trial("en", "and you see the best side of that", -0.4, 1.0)
MALAY = Trial("ms", "dan kamu lihat yang terbaik", -1.0, 1.0)
BOTH = {"en": 0.2, "ms": 0.7}


def region(start: float, end: float) -> SampleRange:
    """A range in seconds."""
    return SampleRange(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE))


class TestShares:
    def test_a_relative_counts_where_it_is_not_allowed(self) -> None:
        """Malay that the model calls Indonesian is Malay, unless the study has both."""
        heard = {"id": 0.8, "ms": 0.15, "en": 0.05}
        assert allowed_shares(heard, ["en", "ms"]) == pytest.approx({"en": 0.05, "ms": 0.95})
        assert allowed_shares(heard, ["ms", "id"]) == {"ms": 0.15, "id": 0.8}

    def test_sure(self) -> None:
        """Near-certainty among the allowed ones needs no trial; less does."""
        found = sure_language({"en": 0.88, "ms": 0.001}, 0.98)
        assert found == Language("en", 0.88 / 0.881, sure=True, known=0.881)
        assert sure_language(BOTH, 0.98) is None
        assert sure_language({"en": 0.0, "ms": 0.0}, 0.98) is None

    def test_candidates(self) -> None:
        """No more than two are tried, and none that is hardly possible."""
        shares = {"en": 0.3, "ms": 0.5, "zh": 0.1, "ta": 0.0}
        assert candidates(shares, {}) == ["ms", "en"]
        assert candidates({"en": 0.995, "ms": 0.005}, {}) == ["en"]
        assert candidates({"en": 0.0, "ms": 0.0, "zh": 0.0}, {"ms": 0.9}) == ["ms", "en"]


class TestChoose:
    def test_the_likelier_words(self) -> None:
        """The words decide against the guess of the model."""
        assert choose([MALAY, ENGLISH], BOTH, {}).code == "en"

    def test_loops_lose(self) -> None:
        """What repeats itself is likely, and wrong."""
        loop = Trial("en", "the best of the best of the best of the best", -0.1, 1.9)
        assert choose([loop, MALAY], BOTH, {}).code == "ms"
        squeezed = Trial("en", "no", -0.1, 2.5)
        assert choose([squeezed, MALAY], BOTH, {}).code == "ms"

    def test_words_that_tell_nothing(self) -> None:
        """Loops in all languages, and digits, are in the usual language, or the first of the study;
        they do not part what is beside them.
        """
        loops = [
            Trial("en", "no no no no no no no no", -0.1, 3.0),
            Trial("ms", "itu " * 9, -0.2, 3.0),
        ]
        digits = [Trial("ms", "01803", -0.2, 0.4), Trial("en", "01803", -0.4, 0.4)]
        for trials in (loops, digits):
            assert choose(trials, BOTH, {}).code == "en"
            assert choose(trials, BOTH, {"ms": 0.5}).code == "ms"
            assert not choose(trials, BOTH, {}).told
        regions = (region(0, 4), region(4.5, 8), region(8.5, 13))
        found = [Language("ms", 1.0), Language("en", 0.5, told=False), Language("ms", 1.0)]
        assert [len(held) for _, held in by_language(regions, found)] == [3]

    def test_the_rest_of_the_recording_decides_between_equals(self) -> None:
        """And does not against what was clearly said."""
        close = Trial("ms", "dolong sabot antikata", -0.45, 1.0)
        assert choose([close, ENGLISH], BOTH, {}).code == "en"
        assert choose([close, ENGLISH], BOTH, {"ms": 0.9}).code == "ms"
        assert choose([MALAY, ENGLISH], BOTH, {"ms": 0.9}).code == "en"

    @given(
        st.lists(st.floats(-5, 0), min_size=1, max_size=2),
        st.floats(0, 1),
        st.floats(0, 1),
    )
    def test_certainty_is_a_probability(
        self, logprobs: list[float], usual: float, share: float
    ) -> None:
        """Of what is tried one is taken, and it is at least as likely as the other."""
        trials = [
            Trial(code, "a b c", p, 1.0) for code, p in zip(("en", "ms"), logprobs, strict=False)
        ]
        found = choose(trials, {"en": share, "ms": 0.0}, {"ms": usual})
        assert found.code in {trial.language for trial in trials}
        assert 0.5 <= found.certainty <= 1.0


class TestUsual:
    def test_words_make_it(self) -> None:
        """What is usual grows with what was said, and sums to less than 1."""
        usual = UsualLanguages()
        assert usual.shares() == {}
        said = [
            Segment(0, "S1", Role.UNKNOWN, "one two three", language="en"),
            Segment(1, "S1", Role.UNKNOWN, "[inaudible 00:08-00:19]"),
        ]
        usual.add(said)
        assert usual.shares() == {"en": 3 / 23}
        for _ in range(100):
            usual.add(said)
        assert 0.9 < usual.shares()["en"] < 1.0


class TestByLanguage:
    REGIONS = (region(0, 4), region(4.5, 8), region(8.5, 13))

    def test_neighbours_of_one_language_stay_together(self) -> None:
        """Each group has regions of one language, in order, and none is lost."""
        languages = [Language("en", 0.9), Language("en", 0.8), Language("ms", 0.7)]
        groups = by_language(self.REGIONS, languages)
        assert [(g.code, r) for g, r in groups] == [
            ("en", self.REGIONS[:2]),
            ("ms", self.REGIONS[2:]),
        ]
        assert groups[0][0].certainty == 0.9

    def test_a_word_or_two_go_with_what_is_beside_them(self) -> None:
        """Of a short region no model knows the language, unless it is sure."""
        regions = (region(0, 4), region(4.5, 5.5), region(6, 10))
        unsure = [Language("en", 1.0), Language("ms", 0.6), Language("en", 1.0)]
        assert [len(held) for _, held in by_language(regions, unsure)] == [3]
        sure = [unsure[0], Language("ms", 1.0, sure=True), unsure[2]]
        assert [g.code for g, _ in by_language(regions, sure)] == ["en", "ms", "en"]
        first = [Language("ms", 0.6), Language("en", 0.9)]
        assert [g.code for g, _ in by_language((region(0, 1), region(1.5, 5)), first)] == ["en"]
        assert [g.code for g, _ in by_language((region(0, 1),), first[:1])] == ["ms"]

    def test_another_language(self) -> None:
        """Where the allowed ones hold less than half together, the group is that uncertain; of a
        few words nobody knows.
        """
        foreign = Language("en", 0.99, sure=True, known=0.1)
        (long,) = by_language(self.REGIONS[:1], [foreign])
        assert long[0].certainty == 0.1
        (short,) = by_language((region(0, 2),), [foreign])
        assert short[0].certainty == 0.99

    @given(
        st.lists(
            st.tuples(
                st.floats(0.1, 20),
                st.sampled_from(["en", "ms", "zh"]),
                st.floats(0, 1),
                st.booleans(),
            ),
            min_size=1,
            max_size=12,
        )
    )
    def test_nothing_is_lost(self, given_: list[tuple[float, str, float, bool]]) -> None:
        """All regions come back in order, and neighbouring groups differ."""
        at, regions, languages = 0.0, list[SampleRange](), list[Language]()
        for length, code, certainty, sure in given_:
            regions.append(region(at, at + length))
            languages.append(Language(code, certainty, sure))
            at += length + 0.1
        groups = by_language(regions, languages)
        assert [one for _, held in groups for one in held] == regions
        codes = [language.code for language, _ in groups]
        assert all(a != b for a, b in pairwise(codes))
