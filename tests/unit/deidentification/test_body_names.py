# SPDX-License-Identifier: Apache-2.0
"""Forms of one place or body get one label, and two bodies get two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain.body_names import BodyName
from services.deidentification.domain.policy import load
from services.deidentification.domain.pseudonyms import Mention, PseudonymAssigner, kin_before
from services.deidentification.domain.vault import Vault
from services.deidentification.gazetteers.loading import load_lexicon

LEXICON = load_lexicon()


def assigner(vault: Vault | None = None) -> PseudonymAssigner:
    """Return an assigner for a participant, with an empty vault by default."""
    return PseudonymAssigner(vault or Vault(), load("research-default"), "P07", LEXICON)


def labels(*texts: str, kind: str = "FACILITY") -> list[str]:
    """Return the labels of bodies that are named one after the other."""
    given_by = assigner()
    return [given_by.label(Mention(one, kind, (), (), by_participant=True)) for one in texts]


ONE_BODY = [
    ("Hospital Permai", "HPermai", "hospital permai", "Permai", "permai hospital"),
    ("HPermai", "Hospital Permai"),
    ("Hospital Permai", "Hospital Permai JB", "Permai JB"),
    ("Hospital Kuala Lumpur", "HKL", "Hospital KL", "HKL emergency", "KL hospital"),
    ("HKL", "Hospital Kuala Lumpur"),
    ("Universiti Malaya", "UM", "University of Malaya", "University Malaya"),
    ("UMMC", "PPUM", "Pusat Perubatan Universiti Malaya", "University Malaya Medical Centre"),
    ("Klinik Kesihatan Tanglin", "KK Tanglin", "klinik tanglin", "Tanglin clinic"),
    ("Hospital Bahagia Ulu Kinta", "HBUK", "Hospital Bahagia", "Bahagia hospital"),
    ("SMK Taman Melati", "Sekolah Menengah Kebangsaan Taman Melati", "Taman Melati school"),
    ("Gereja St Anne", "St Anne's church", "Saint Anne"),
    ("Masjid Kg Baru", "Masjid Kampung Baru", "kampung baru mosque"),
    ("Ward 12", "wad 12"),
]
TWO_BODIES = [
    ("Hospital Kuala Lumpur", "Hospital Tunku Azizah Kuala Lumpur"),
    ("Hospital Sultanah Aminah", "Hospital Sultanah Nora Ismail"),
    ("SK Bukit Jalil", "SMK Bukit Jalil"),
    ("SK Taman Melati 1", "SK Taman Melati 2"),
    ("Ward 12", "Ward 13"),
    ("Universiti Malaysia Sabah", "Universiti Malaysia Sarawak"),
    ("Hospital Permai", "Klinik Permata"),
    ("Universiti Sains Malaysia", "Hospital Universiti Sains Malaysia"),
    ("Klinik Kesihatan Bandar Botanik", "Klinik Kesihatan Bandar Baru"),
    ("Hospital Seremban", "Klinik Seremban"),
]


ONE_PLACE = [
    ("Kampung Baru", "Kg Baru", "kg. baru"),
    ("KL", "Kuala Lumpur"),
    ("Petaling Jaya", "PJ", "petaling jaya"),
    ("Taman Melati", "Tmn Melati"),
    ("Johor Bahru", "JB"),
    ("Sungai Siput", "Sg Siput"),
]
TWO_PLACES = [
    *(("Kuala Lumpur", "Kuala Lipis"), ("Bukit Jalil", "Bukit Bintang"), ("KL", "Kuala Lipis")),
    *(("Kampung Baru", "Taman Baru"), ("Sungai Siput", "Sungai Petani")),
]


class TestBodies:
    """One label a body."""

    @pytest.mark.parametrize("forms", ONE_BODY, ids=lambda forms: forms[0])
    def test_forms_of_one_body(self, forms: tuple[str, ...]) -> None:
        """Long and short forms, acronyms, other order and other language are one."""
        assert len(set(labels(*forms))) == 1

    @pytest.mark.parametrize("forms", TWO_BODIES, ids=lambda forms: forms[1])
    def test_two_bodies(self, forms: tuple[str, ...]) -> None:
        """A name that shares some words with another is not it."""
        assert len(set(labels(*forms))) == 2

    @pytest.mark.parametrize("forms", ONE_PLACE, ids=lambda forms: forms[0])
    def test_forms_of_one_place(self, forms: tuple[str, ...]) -> None:
        """Places too have short words and initials."""
        assert len(set(labels(*forms, kind="LOCATION"))) == 1

    @pytest.mark.parametrize("forms", TWO_PLACES, ids=lambda forms: forms[1])
    def test_two_places(self, forms: tuple[str, ...]) -> None:
        """Same initials or one word alike are not enough."""
        assert len(set(labels(*forms, kind="LOCATION"))) == 2

    def test_places_are_apart_from_bodies(self) -> None:
        """A place and the school that is called after it are two."""
        given_by = assigner()
        place = Mention("Taman Melati", "LOCATION", (), (), by_participant=True)
        school = Mention("SMK Taman Melati", "FACILITY", (), (), by_participant=True)
        assert given_by.label(place) != given_by.label(school)

    def test_a_body_that_was_taken_for_a_person(self) -> None:
        """`Permai` alone is the hospital, where it is; a name of people stays one."""
        given_by = assigner()
        for text in ("Hospital Permai", "Klinik Suraya", "Universiti Malaya"):
            given_by.label(Mention(text, "FACILITY", (), (), by_participant=True))
        found = [
            given_by.label(Mention(text, "PERSON", (), (), by_participant=True))
            for text in ("Permai", "HPermai", "Suraya", "UM", "Um")
        ]
        assert found[:4] == ["Hospital 1", "Hospital 1", "Person 1", "University 1"]
        assert found[4].startswith("Person")

    def test_a_second_pass_ends_at_the_same_labels(self) -> None:
        """Whatever came first, the vault tells."""
        forms = [form for forms in ONE_BODY for form in reversed(forms)]
        mentions = [Mention(one, "FACILITY", (), (), by_participant=True) for one in forms]
        first = assigner()
        told = [first.label(one) for one in mentions]
        again = assigner(first.vault)
        assert [again.label(one) for one in mentions] == told
        assert again.vault == first.vault

    @given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=400))
    def test_any_words(self, words: list[str]) -> None:
        """A form has a few keys, however long it is."""
        name = BodyName.of(words)
        assert name.key
        assert len(name.short | name.longer) < 24


class TestKin:
    """A friend beside a nurse is no nurse."""

    @pytest.mark.parametrize(
        ("before", "name", "after", "label"),
        [
            ("my friend", "Devi", "and nurse Tan", "P07's friend"),
            ("my best friend", "Melissa", "was with doctor Rajan", "P07's friend"),
            ("kawan saya", "Devi", "dengan misi Letchumi", "P07's friend"),
            ("kawan baik saya", "Hafiz", "jumpa doktor Lim", "P07's friend"),
            ("adik saya", "Nabila", "misi tu nama dia Salmah", "P07's younger sibling"),
            ("abang sulung saya", "Azrul", "doktor kata", "P07's brother"),
            ("jiran sebelah rumah saya", "Kamal", "cikgu sekolah", "P07's neighbour"),
            ("misi tu nama dia", "Salmah", "", "Nurse 1"),
            ("the nurse called", "Agnes", "", "Nurse 1"),
            ("doktor tu nama dia", "Siva", "", "Doctor 1"),
            ("the counsellor", "Zaleha", "and my friend", "Counsellor 1"),
            ("the nurse helped my friend", "Devi", "", "P07's friend"),
        ],
    )
    def test_each_gets_what_is_said_of_them(
        self, before: str, name: str, after: str, label: str
    ) -> None:
        """Kinship comes from the words that own it, a role from the words beside the name."""
        mention = Mention(
            *(name, "PERSON", tuple(before.split()), tuple(after.lower().split())),
            by_participant=True,
        )
        assert assigner().label(mention) == label

    def test_a_self_introduction_is_no_kinship(self) -> None:
        """`nama saya` owns nobody."""
        assert kin_before(("nama", "saya")) == ""
        assert kin_before(("kawan", "baik", "saya")) == "friend"
