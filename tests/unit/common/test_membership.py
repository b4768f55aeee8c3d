# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common import context, membership
from services.common.errors import PermissionDenied
from sotto.study.v1 import study_pb2

REVIEWER = study_pb2.MEMBER_ROLE_REVIEWER
RESEARCHER = study_pb2.MEMBER_ROLE_RESEARCHER
STUDY = study_pb2.Study(
    id="peer-2026",
    members=[
        study_pb2.Member(person="siti", roles=[REVIEWER]),
        study_pb2.Member(person="tan", roles=[REVIEWER, RESEARCHER]),
        study_pb2.Member(person="root", roles=[RESEARCHER]),
    ],
)


def _refusal(
    person: str, role: study_pb2.MemberRole, study: study_pb2.Study = STUDY
) -> PermissionDenied:
    with context.acting(person=person), pytest.raises(PermissionDenied) as caught:
        membership.require(study, role)
    assert caught.value.reason == "not_a_member"
    return caught.value


class TestRequire:
    @pytest.mark.parametrize(
        ("person", "role"), [("siti", REVIEWER), ("tan", REVIEWER), ("tan", RESEARCHER)]
    )
    def test_member_in_the_role(self, person: str, role: study_pb2.MemberRole) -> None:
        """A member passes in each role that the study gives."""
        with context.acting(person=person):
            membership.require(STUDY, role)

    @pytest.mark.parametrize(
        ("person", "role"),
        [("siti", RESEARCHER), ("root", REVIEWER), ("lim", REVIEWER), ("Siti", REVIEWER)],
    )
    def test_everybody_else_is_told_how_to_become_one(
        self, person: str, role: study_pb2.MemberRole
    ) -> None:
        """Another role, another person and another spelling are refused by name, with advice."""
        message = _refusal(person, role).message

        assert person in message
        assert "peer-2026" in message
        assert "members" in message

    def test_no_person(self) -> None:
        """A call without a person is nobody's, even where a member had an empty name."""
        nameless = study_pb2.Study(id="s1", members=[study_pb2.Member(person="", roles=[REVIEWER])])

        assert "without a person" in _refusal("", REVIEWER, nameless).message

    def test_study_without_members(self) -> None:
        """A study without members has no reviewers and no researchers, and says why."""
        message = _refusal("siti", REVIEWER, study_pb2.Study(id="s1")).message

        assert "lists no members" in message
