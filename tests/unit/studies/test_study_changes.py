# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from services.studies.study_changes import Change, changes, describe
from sotto.study.v1 import study_pb2

REVIEWER = study_pb2.MEMBER_ROLE_REVIEWER
RESEARCHER = study_pb2.MEMBER_ROLE_RESEARCHER
TITLE = "Interviews with Puan Halimah"


def study(**given: Any) -> study_pb2.Study:
    """Return a study."""
    values: dict[str, Any] = {
        "id": "s1",
        "title": "What recovery means",
        "languages": ["en", "ms"],
        "policy": "research-default",
        "review": study_pb2.REVIEW_MODE_REQUIRED,
        "participants": ["P07", "P08"],
        "keep_recordings_days": 30,
        "members": [study_pb2.Member(person="siti", roles=[REVIEWER])],
    }
    return study_pb2.Study(**{**values, **given})


def _only(**given: Any) -> Change:
    (found,) = changes(study(), study(**given))
    return found


#: One change of each field but the id, whether it is grave, and a part of its line.
EACH = {
    "title": (TITLE, False, "the title changes"),
    "languages": (["en"], False, "languages: en, ms -> en"),
    "policy": ("safe-harbor", True, "policy: research-default -> safe-harbor"),
    "policy_document": ("entities: {}\n", True, "the text of the policy changes"),
    "review": (study_pb2.REVIEW_MODE_AUTOMATIC, True, "review: required -> automatic"),
    "participants": (["P07"], True, "participants dropped: P08;"),
    "keep_recordings_days": (1, True, "30 days after the first release -> 1 days"),
    "roster_hotwords": (True, False, "roster_hotwords: no -> yes"),
    "mark_doubtful_words": (True, False, "mark_doubtful_words: no -> yes"),
    "speakers": (2, False, "speakers: not said -> 2"),
    "notation": (study_pb2.NOTATION_PLAIN, False, "notation: none -> plain"),
    "audio": (study_pb2.AUDIO_MODE_BLEEPED, True, "audio: none -> bleeped"),
    "disguise_voices": (True, True, "disguise_voices: no -> yes"),
    "quality": (
        study_pb2.QualityGate(bound=0.01, alpha=0.05, second_reader=0.1, planted=10),
        True,
        "quality: none -> at most 1.00% missed at 95.0%, 10% read twice",
    ),
    "release_terms": (TITLE, False, "the terms of releases change"),
    "copies_until": ("2028-12-31", False, "copies_until: no such day -> 2028-12-31"),
    "members": ([], True, "members: siti: reviewer -> none"),
}


class TestChanges:
    def test_nothing(self) -> None:
        """The same description changes nothing, nor does another order of codes and roles."""
        both = study_pb2.Member(person="siti", roles=[REVIEWER, RESEARCHER])
        turned = study_pb2.Member(person="siti", roles=[RESEARCHER, REVIEWER])

        assert changes(study(), study()) == []
        assert changes(study(members=[both]), study(members=[turned])) == []
        assert changes(study(), study(participants=["P08", "P07"])) == []

    @pytest.mark.parametrize("field", EACH)
    def test_each_field(self, field: str) -> None:
        """A change of one field is one line, grave where it decides what is seen or deleted."""
        value, grave, text = EACH[field]
        found = _only(**{field: value})

        assert (found.field, found.is_grave) == (field, grave)
        assert text in found.text
        assert TITLE not in found.text

    def test_no_field_is_forgotten(self) -> None:
        """Whatever the contract adds to a study, its change is told, unless the store writes it."""
        names = {field.name for field in study_pb2.Study.DESCRIPTOR.fields}

        assert set(EACH) == names - {"id", "policy_changed_by", "retention_shortened_at"}

    def test_more_participants_are_not_grave(self) -> None:
        """A study grows without a question."""
        found = _only(participants=["P07", "P08", "P09"])

        assert found == Change("participants", "participants added: P09", is_grave=False)

    def test_a_thousand_codes_are_one_line(self) -> None:
        """A long list is cut."""
        found = _only(participants=["P07", "P08", *(f"Q{number:03}" for number in range(12))])

        assert found.text.endswith("Q008 Q009 and 2 more")

    def test_each_person_is_a_line(self) -> None:
        """Who gets or loses what is told by person."""
        members = [
            study_pb2.Member(person="tan", roles=[RESEARCHER]),
            study_pb2.Member(person="siti", roles=[REVIEWER, RESEARCHER]),
        ]
        found = changes(study(), study(members=members))

        assert [one.text for one in found] == [
            "members: siti: reviewer -> researcher, reviewer",
            "members: tan: none -> researcher",
        ]


def test_description_is_whole() -> None:
    """Each field of a study is in what people and programs are shown."""
    shown = describe(study(policy_document="entities: {}\n"))

    assert shown["members"] == [{"person": "siti", "roles": ["reviewer"]}]
    assert shown["own_policy"] is True
    names = {field.name for field in study_pb2.Study.DESCRIPTOR.fields}
    assert set(shown) == names - {"id", "policy_document"} | {"study_id", "own_policy"}
