# SPDX-License-Identifier: Apache-2.0
"""Channels of tests that name a person and a role with each call, as our own clients do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc

from services.common import context, identity
from services.common.client import Peers
from services.registry.identities import FLOW, PEOPLE

PERSON = "dr.lim"


def speaking(channel: grpc.Channel, client: str) -> grpc.Channel:
    """Return a channel whose calls say for whom `client` speaks.

    A person's client speaks in its role, for the person of the context or else for `PERSON`; every
    other one for whom the context says or else for the orchestrator.
    """
    return grpc.intercept_channel(channel, _Naming(client))


class _Naming(
    grpc.UnaryUnaryClientInterceptor,  # type: ignore[misc]
    grpc.UnaryStreamClientInterceptor,  # type: ignore[misc]
    grpc.StreamUnaryClientInterceptor,  # type: ignore[misc]
    grpc.StreamStreamClientInterceptor,  # type: ignore[misc]
):
    def __init__(self, client: str) -> None:
        self._client = client

    def _intercept(self, continuation: Any, details: Any, request: Any) -> Any:
        call = context.current()
        said = spoken(self._client, call.person or PERSON)
        if self._client not in PEOPLE and (call.person or call.role):
            said = {}
        with context.acting(**said):
            return continuation(details, request)

    intercept_unary_unary = _intercept
    intercept_unary_stream = _intercept
    intercept_stream_unary = _intercept
    intercept_stream_stream = _intercept


class SpeakingPeers(Peers):
    """Channels of one client whose calls say for whom it speaks, as `speaking` has it."""

    def __init__(self, pki: Path, client: str, addresses: Mapping[str, str]) -> None:
        super().__init__(identity.load(pki / client), addresses)
        self._client = client

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a service."""
        return speaking(super().channel(name), self._client)


def spoken(client: str, person: str = PERSON) -> dict[str, str]:
    """Return what `client` says with each call: a person and role, or the orchestrator's role."""
    return {"person": person, "role": client} if client in PEOPLE else {"person": "", "role": FLOW}
