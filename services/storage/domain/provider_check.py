# SPDX-License-Identifier: Apache-2.0
"""The self-test that every key provider passes before a service relies on it."""

from __future__ import annotations

import secrets

from services.storage.domain.ports import KeyProvider
from services.storage.errors import ContractViolation, KeyDoesNotOpen


def check_provider(provider: KeyProvider) -> None:
    """Raise `ContractViolation` where a provider cannot open its own, or opens what it must not."""
    probe = secrets.token_bytes(32)
    version, wrapped = provider.wrap(probe, b"self-test")
    if provider.unwrap(version, wrapped, b"self-test") != probe:
        raise ContractViolation("the key provider does not give back what it wrapped: replace it")
    broken = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for blob, context in ((wrapped, b"another context"), (broken, b"self-test")):
        try:
            provider.unwrap(version, blob, context)
        except KeyDoesNotOpen:
            continue
        raise ContractViolation(
            "the key provider opens what it must not: its mechanism has no authentication"
        )
