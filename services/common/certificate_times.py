# SPDX-License-Identifier: Apache-2.0
"""Tells a certificate that is not valid now, or a clock that is wrong, from an attacker."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509

from services.common.identity import Credentials

# How gRPC's TLS library words what is wrong with the other side's certificate.
_EARLY, _LATE = "certificate is not yet valid", "certificate has expired"


def fault(peer: str, details: str, shown: Credentials) -> str:
    """Return why no connection to `peer` can be made now and what to do, or "" if unknown.

    `details` are those of the call that failed, `shown` is the certificate of this side.
    """
    now = datetime.now(UTC)
    told = f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC"
    clock = f"{told}: if that is wrong, set it; if not,"
    if _EARLY in details:
        return (
            f"the certificate of {peer} is not valid yet; {clock} the clock of the machine that"
            " issued it is wrong"
        )
    if _LATE in details:
        return (
            f"the certificate of {peer} is not valid any more; {clock} renew it: sotto certificates"
            f" renew {peer}"
        )
    try:
        own = x509.load_pem_x509_certificate(shown.certificate)
    except ValueError:
        return ""
    place = f"the certificate in {shown.folder}" if shown.folder else "the certificate shown here"
    if now < own.not_valid_before_utc:
        return f"{place} is not valid yet; {clock} the clock of the machine that issued it is wrong"
    if now > own.not_valid_after_utc:
        return f"{place} is not valid any more; {clock} have it renewed: sotto certificates renew"
    return ""
