# SPDX-License-Identifier: Apache-2.0
"""Holds the attributes of an entry to those that the registry declares.

Any other key is refused, so that no content slips in.
"""

from __future__ import annotations

from services.audit_evidence.errors import InvalidFormat
from services.registry.attributes import fits, is_declared


def check_key(key: str) -> None:
    """Raise InvalidFormat when an attribute key is not on the list."""
    if not is_declared(key):
        raise InvalidFormat(
            f"the attribute {key[:64]!r} is not on the list that the audit log allows"
        )


def check_value(key: str, value: str) -> None:
    """Raise InvalidFormat when a value is not one that its key may have."""
    if not fits(key, value):
        raise InvalidFormat(f"the attribute {key} holds what it may not hold")
