# SPDX-License-Identifier: Apache-2.0
"""What is said of a participant counts, and what is said of others does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.singling_out.profiles import Interview, Turn, profiles


def told(*turns: str) -> dict[str, tuple[str, ...]]:
    """Return what counts of P07; a turn that begins with "Q: " is the interviewer's."""
    said = tuple(
        Turn(number, text.removeprefix("Q: "), not text.startswith("Q: "))
        for number, text in enumerate(turns, 1)
    )
    return profiles([Interview("P07_S1", "P07", said)])["P07"].values()


class TestOwn:
    """Said of the participant."""

    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            ("I'm [aged 40-49] now", "age", "40-49"),
            ("Saya dah [aged 30-39]", "age", "30-39"),
            ("umur saya [aged 90+]", "age", "80+"),
            ("I'm 34 years old", "age", "30-39"),
            ("I stay in [Perlis]", "state", "Perlis"),
            ("saya tinggal di [Kuala Lumpur]", "state", "W.P. Kuala Lumpur"),
            ("we moved to Penang after that", "state", "Pulau Pinang"),
            ("aku orang Melayu", "ethnicity", "bumi_malay"),
            ("as a Chinese I cannot tell, because I am a Chinese", "ethnicity", "chinese"),
            ("I'm a Christian", "religion", "christian"),
            ("my husband left", "sex", "female"),
            ("isteri saya kerja", "sex", "male"),
            ("I gave birth in that ward", "sex", "female"),
            ("my husband left", "marital status", "married"),
            ("I'm divorced already", "marital status", "separated"),
            ("I work as a pharmacist", "occupation", "pharmacist"),
            ("saya seorang guru", "occupation", "teacher"),
            ("saya kerja kilang", "occupation", "factory worker"),
            ("dulu saya kerja sebagai pemandu lori", "occupation", "driver"),
            ("I was diagnosed with lupus", "illness", "lupus"),
            ("saya ada kencing manis", "illness", "diabetes"),
            ("I have Huntington's disease", "illness", "huntington's disease"),
            ("I was in the newspaper", "event", "news"),
            ("saya pernah masuk penjara", "event", "prison"),
            ("I have three children", "children", "3"),
            ("ada lima orang anak saya", "children", "5"),
            ("I'm the eldest of seven", "siblings", "6"),
            ("saya anak tunggal", "siblings", "0"),
            ("I have a PhD", "education", "doctorate"),
            ("I stay in Gombak", "district", "gombak"),
        ],
    )
    def test_counts(self, text: str, kind: str, value: str) -> None:
        """In English and Malay, with the policy's labels and without."""
        assert told(text).get(kind) == (value,)

    @pytest.mark.parametrize(
        ("question", "answer", "kind", "value"),
        [
            ("How old are you?", "[aged 50-59]", "age", "50-59"),
            ("Where do you live?", "[Selangor] lah", "state", "Selangor"),
            ("Encik kerja apa?", "Pemandu lori", "occupation", "driver"),
            ("Bangsa apa?", "Iban", "ethnicity", "bumi_other"),
        ],
    )
    def test_an_answer_counts(self, question: str, answer: str, kind: str, value: str) -> None:
        """What was asked for is said of whoever answers."""
        assert told(f"Q: {question}", answer).get(kind) == (value,)


class TestOthers:
    """Said of somebody else, or of another time."""

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("my brother is a teacher", "occupation"),
            ("adik saya seorang guru", "occupation"),
            ("kawan baik saya polis", "occupation"),
            ("[P07's friend] has lupus", "illness"),
            ("my mother has diabetes", "illness"),
            ("my son is [aged 10-19]", "age"),
            ("when I was [aged 10-19]", "age"),
            ("masa saya [aged 20-29]", "age"),
            ("my sister lives in [Perak]", "state"),
            ("he was in prison", "event"),
            ("dia orang Cina", "ethnicity"),
            ("the doctor was kind", "occupation"),
            ("I saw a nurse", "occupation"),
            ("she has four children", "children"),
        ],
    )
    def test_does_not_count(self, text: str, kind: str) -> None:
        """Neither kin, friends and staff nor the participant's past."""
        assert kind not in told(text)

    def test_an_answer_about_a_child(self) -> None:
        """A question about somebody else is answered about them."""
        assert "age" not in told("Q: How old is your son?", "[aged 0-9]")

    def test_the_interviewer_says_nothing_of_the_participant(self) -> None:
        """Only the participant's turns are read."""
        assert told("Q: I work as a nurse. I live in [Johor].", "ok") == {}


class TestProfile:
    """Several interviews together."""

    def test_interviews_of_a_participant_are_one_profile(self) -> None:
        """What each tells alone is kept apart as well, with its place."""
        one = Interview("P07_S1", "P07", (Turn(1, "I stay in [Perlis]", by_participant=True),))
        two = Interview("P07_S2", "P07", (Turn(3, "I'm a dentist", by_participant=True),))
        found = profiles([one, two])["P07"]
        assert found.values() == {"state": ("Perlis",), "occupation": ("dentist",)}
        assert found.values("P07_S1") == {"state": ("Perlis",)}
        [place] = found.places("occupation", "dentist")
        assert (place.interview, place.turn, place.start, place.end) == ("P07_S2", 3, 6, 13)

    def test_the_most_frequent_value_counts(self) -> None:
        """A slip of the tongue is none; occupations may be several."""
        found = told(
            "I live in [Johor]",
            "I live in [Perak]. I live in [Perak]",
            "I was a cook, I'm a driver",
        )
        assert found["state"] == ("Perak",)
        assert found["occupation"] == ("cook", "driver")

    @given(st.text(max_size=400))
    def test_any_text(self, text: str) -> None:
        """Every place lies in its text."""
        said = profiles([Interview("x", "P1", (Turn(1, text, by_participant=True),))])["P1"]
        for values in said.facts.values():
            for places in values.values():
                assert all(0 <= one.start < one.end <= len(text) for one in places)
