# SPDX-License-Identifier: Apache-2.0
"""Members of studies for tests."""

from __future__ import annotations

from services.common.client_session import person
from sotto.study.v1 import study_pb2

BOTH = (study_pb2.MEMBER_ROLE_REVIEWER, study_pb2.MEMBER_ROLE_RESEARCHER)


def member(name: str = "", *roles: study_pb2.MemberRole) -> study_pb2.Member:
    """Return a member; by default the account that runs the tests, in both roles."""
    return study_pb2.Member(person=name or person(), roles=roles or BOTH)


def members_yaml() -> str:
    """Return the lines of a study file that make the account that runs the tests a member."""
    return f"members:\n  - person: {person()}\n    roles: [reviewer, researcher]\n"
