# SPDX-License-Identifier: Apache-2.0
"""Holds what a call says of person and role against the certificate that makes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from services.common.context import BY_CERTIFICATE, BY_SESSION, CallContext
from services.common.delegation import Delegation, Verifier
from services.common.errors import PermissionDenied
from services.registry.access import CARRIED, ON_OWN_BEHALF
from services.registry.identities import CLIENTS, CONSOLE, FLOW, PEOPLE

Persons = Literal["account", "certificate"]
"""Whose word a person's name may be: that of the account of the machine that calls, or that of a
certificate alone.
"""


class RoleRefused(PermissionDenied):
    """The certificate may not speak for this person or in this role; the server records it."""

    def __init__(self, message: str, reason: str, claimed: CallContext) -> None:
        super().__init__(message, reason=reason)
        self.claimed_role = claimed.role
        self.claimed_person = claimed.person


def stated(claimed: CallContext, verifier: Verifier) -> Delegation | None:
    """Return whom the console states to be signed in; None for a call without a statement.

    Raises RoleRefused for a statement that does not hold, or that another than the console shows.
    """
    if not claimed.assertion:
        return None
    if claimed.caller != CONSOLE:
        raise RoleRefused(
            "a statement of who is signed in holds with the console's certificate alone; call"
            " without it",
            "assertion_not_carried",
            claimed,
        )
    try:
        return verifier.verify(claimed.assertion)
    except PermissionDenied as refused:
        raise RoleRefused(refused.message, refused.reason, claimed) from None


def credible(
    call: CallContext, certified: str = "", delegation: Delegation | None = None
) -> CallContext:
    """Return the call with a role that its certificate may carry, and the person that it proves.

    A certificate that carries one role speaks in it, also where the call gives none: there is
    nothing to choose, and the audit log then never lacks it. Any other role that a certificate may
    not carry is left out. `certified` is the person whom the certificate names, empty for none:
    the call of a person's client is then for that person, whatever it says. With a `delegation`
    the call is for whoever is signed in to the console, whatever else it says.
    """
    call = replace(call, assertion="")
    if delegation is not None:
        return replace(
            call,
            person=delegation.person,
            person_proof=BY_SESSION,
            role=delegation.role,
            studies=delegation.studies,
            authenticated_at=delegation.authenticated_at,
        )
    if call.caller in PEOPLE and certified:
        call = replace(call, person=certified, person_proof=BY_CERTIFICATE)
    elif call.caller in CLIENTS or not call.person:
        call = replace(call, person_proof="")
    carried = CARRIED.get(call.caller, frozenset())
    if call.role in carried:
        return call
    return replace(call, role=next(iter(carried)) if len(carried) == 1 else "")


def require(
    claimed: CallContext,
    grpc_service: str,
    certified: str = "",
    delegation: Delegation | None = None,
    *,
    persons: Persons = "account",
) -> None:
    """Refuse a call that claims more than its certificate carries, or that is made for nobody.

    `claimed` is the call as its metadata have it, `certified` the person whom the certificate
    names, `delegation` whoever is signed in to the console, and `persons` what this server takes
    for a proof of a name. Raises RoleRefused.
    """
    call = credible(claimed, certified, delegation)
    if call.caller == CONSOLE and delegation is None and grpc_service not in ON_OWN_BEHALF:
        raise RoleRefused(
            "the console's certificate alone acts for nobody; it calls with a statement of who is"
            " signed in",
            "not_delegated",
            claimed,
        )
    if claimed.role and claimed.role != call.role:
        raise RoleRefused(
            f"the certificate of {call.caller} may not speak in the role that the call gives;"
            " leave the role out, or use the certificate of that role",
            "role_not_carried",
            claimed,
        )
    if claimed.person and claimed.person != call.person:
        raise RoleRefused(
            f"the call is proved to be {call.person}'s, and names another person; leave the name"
            " out, or use that person's certificate",
            "person_not_carried",
            claimed,
        )
    is_claimed = claimed.person_proof not in {"", call.person_proof}
    if is_claimed and claimed.caller in CLIENTS and not certified:
        raise RoleRefused(
            f"the certificate of {call.caller} names no person, and the call says that it does",
            "person_not_carried",
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
    if persons == "certificate" and call.person and not call.person_proof:
        raise RoleRefused(
            "this service takes a person's name from a certificate of that person alone; ask"
            " hospital IT for one (sotto certificates issue --person NAME), and name its folder"
            " with --certificate or SOTTO_CERTIFICATE",
            "person_not_certified",
            claimed,
        )
