# SPDX-License-Identifier: Apache-2.0
"""Holds the person of a call against the members of a study."""

from __future__ import annotations

from services.common import context
from services.common.errors import NotFound, PermissionDenied
from sotto.study.v1 import study_pb2

_ROLES = {
    study_pb2.MEMBER_ROLE_REVIEWER: "reviewer",
    study_pb2.MEMBER_ROLE_RESEARCHER: "researcher",
}


class NotAMember(PermissionDenied):
    """The person of the call is no member of the study in the role that the call needs."""

    def __init__(self, message: str, study_id: str) -> None:
        super().__init__(message, reason="not_a_member")
        self.study_id = study_id


def missing() -> NotFound:
    """Return the answer to whoever is signed in and asks for a study that is not theirs.

    A study that there is not has the same answer, so that nobody learns which ones there are.
    """
    return NotFound(
        "there is no such study, or you are not on it; whoever keeps a study's file adds accounts"
        " there under 'members'",
        reason="unknown_name",
    )


def require(study: study_pb2.Study, role: study_pb2.MemberRole) -> None:
    """Refuse the call being served unless its person is a member of the study in this role.

    `study` is as the zone stores it now, read for this call. The audit log has the refusal: as the
    outcome of the act that it ends, or else by the interceptor of the server. Raises NotAMember.
    """
    person = context.current().person
    if person and any(one.person == person and role in one.roles for one in study.members):
        return
    wanted = _ROLES[role]
    if not study.members:
        raise NotAMember(
            f"nobody is a {wanted} of study {study.id}, since its file lists no members; name them"
            " under 'members' and run: sotto study create",
            study.id,
        )
    raise NotAMember(
        f"{person or 'a call without a person'} is no {wanted} of study {study.id}; who keeps the"
        " study's file adds the account there under 'members' and runs: sotto study create",
        study.id,
    )
