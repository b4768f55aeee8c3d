# SPDX-License-Identifier: Apache-2.0
"""Holds the person of a call against the members of a study."""

from __future__ import annotations

from services.common import context
from services.common.errors import PermissionDenied
from sotto.study.v1 import study_pb2

#: Machine-readable word for a person whom a study does not have in the role that a call needs.
NOT_A_MEMBER = "not_a_member"

_ROLES = {
    study_pb2.MEMBER_ROLE_REVIEWER: "reviewer",
    study_pb2.MEMBER_ROLE_RESEARCHER: "researcher",
}


def require(study: study_pb2.Study, role: study_pb2.MemberRole) -> None:
    """Refuse the call being served unless its person is a member of the study in this role.

    Call it inside the audited act, so that the refusal is in the log, and with the study as the
    zone stores it now. Raises PermissionDenied with the reason `not_a_member`.
    """
    person = context.current().person
    if person and any(one.person == person and role in one.roles for one in study.members):
        return
    wanted = _ROLES[role]
    if not study.members:
        raise PermissionDenied(
            f"nobody is a {wanted} of study {study.id}, since its file lists no members; name them"
            " under 'members' and run: sotto study create",
            reason=NOT_A_MEMBER,
        )
    raise PermissionDenied(
        f"{person or 'a call without a person'} is no {wanted} of study {study.id}; who keeps the"
        " study's file adds the account there under 'members' and runs: sotto study create",
        reason=NOT_A_MEMBER,
    )
