# SPDX-License-Identifier: Apache-2.0
"""Holds what a call says of person and role against the certificate that makes it."""

from __future__ import annotations

from dataclasses import replace

from services.common.context import CallContext
from services.common.errors import PermissionDenied
from services.registry.access import CARRIED, ON_OWN_BEHALF
from services.registry.identities import FLOW, PEOPLE


class RoleRefused(PermissionDenied):
    """The certificate may not speak for this person or in this role; the server records it."""

    def __init__(self, message: str, reason: str, claimed: CallContext) -> None:
        super().__init__(message, reason=reason)
        self.claimed_role = claimed.role


def credible(call: CallContext) -> CallContext:
    """Return the call with a role that its certificate may carry.

    A certificate that carries one role speaks in it, also where the call gives none: there is
    nothing to choose, and the audit log then never lacks it. Any other role that a certificate may
    not carry is left out.
    """
    carried = CARRIED.get(call.caller, frozenset())
    if call.role in carried:
        return call
    return replace(call, role=next(iter(carried)) if len(carried) == 1 else "")


def require(claimed: CallContext, grpc_service: str) -> None:
    """Refuse a call that claims more than its certificate carries, or that is made for nobody.

    `claimed` is the call as its metadata have it. Raises RoleRefused.
    """
    call = credible(claimed)
    if claimed.role and claimed.role != call.role:
        raise RoleRefused(
            f"the certificate of {call.caller} may not speak in the role that the call gives;"
            " leave the role out, or use the certificate of that role",
            "role_not_carried",
            claimed,
        )
    if call.person and call.role not in PEOPLE:
        raise RoleRefused(
            f"a call of {call.caller} names a person and no role of people; name both, or neither",
            "person_without_role",
            claimed,
        )
    if grpc_service not in ON_OWN_BEHALF and not call.person and call.role != FLOW:
        raise RoleRefused(
            f"a call of {call.caller} names no person, and nobody reads or changes what is kept"
            " here without a name; set the metadata sotto-person to the account",
            "person_missing",
            claimed,
        )
