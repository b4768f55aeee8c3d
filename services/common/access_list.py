# SPDX-License-Identifier: Apache-2.0
"""Decides whether a client may call a gRPC service of this server."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.errors import WrongUse
from services.registry.access import ALLOWED, HEALTH


class AccessList:
    """The allow-list of one server; settings may replace the list of a gRPC service.

    Raises WrongUse when they name a gRPC service that does not exist.
    """

    def __init__(self, server: str, overrides: Mapping[str, list[str]] | None = None) -> None:
        self._allowed = dict(ALLOWED.get(server, {}))
        known = {service for lists in ALLOWED.values() for service in lists}
        for service, clients in (overrides or {}).items():
            if service not in known:
                raise WrongUse(
                    f"the setting 'allow' names {service}, which is no gRPC service of Sotto's"
                )
            self._allowed[service] = frozenset(clients)

    def as_text(self) -> str:
        """Return the whole list in one spelling."""
        lists = (f"{name}: {' '.join(sorted(who))}" for name, who in sorted(self._allowed.items()))
        return "\n".join(lists)

    def permits(self, client: str, grpc_service: str) -> bool:
        """Return whether `client` may call `grpc_service`; empty stands for no name of ours.

        Health is open to every certificate of our authority: clients watch it on each connection,
        before their first call, which is what is refused and recorded.
        """
        if grpc_service == HEALTH:
            return True
        return bool(client) and client in self._allowed.get(grpc_service, frozenset())
