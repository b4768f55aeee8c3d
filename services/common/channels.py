# SPDX-License-Identifier: Apache-2.0
"""The connection to one service: to all of its addresses, and a new one when they change."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import grpc

from services.common import addresses, errors, identity

MOST_MESSAGE_BYTES = 4 * 1024 * 1024

# Replicas take turns; one that says that it stops, by its health, gets no more calls.
_SERVICE_CONFIG = json.dumps(
    {"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}}
)


class PeerChannel(grpc.Channel):
    """A channel to whatever answers for a service at the time of a call.

    Calls go in turn to all of its addresses that can be reached. `find` gives these addresses, and
    `credentials` what this process shows; where either has changed since the last call, the call
    goes over a new connection, and calls that run go on over the old one.
    """

    def __init__(
        self,
        name: str,
        credentials: Callable[[], identity.Credentials],
        find: Callable[[str], str],
    ) -> None:
        self._name = name
        self._credentials = credentials
        self._find = find
        self._lock = threading.Lock()
        self._opened: list[grpc.Channel] = []
        self._current: tuple[str, identity.Credentials] | None = None

    def current(self) -> grpc.Channel:
        """Return the connection for a call; raises Unavailable when no address is known."""
        wanted = self._find(self._name), self._credentials()
        with self._lock:
            if not wanted[0]:
                raise errors.Unavailable(
                    f"no address of {self._name} is known; start the services with: sotto up"
                )
            if wanted != self._current:
                self._opened.append(_open(self._name, *wanted))
                self._current = wanted
            return self._opened[-1]

    def close(self) -> None:
        """Close all connections; running calls are cancelled."""
        with self._lock:
            for channel in self._opened:
                channel.close()
            self._opened.clear()
            self._current = None

    def subscribe(self, callback: Any, try_to_connect: bool | None = False) -> None:
        """Subscribe to the state of the connection of now."""
        self.current().subscribe(callback, bool(try_to_connect))

    def unsubscribe(self, callback: Any) -> None:
        """Take back a subscription to the connection of now."""
        self.current().unsubscribe(callback)

    def unary_unary(self, *args: Any, **kwargs: Any) -> Any:
        """Return what calls a method over the connection of now."""
        return self.current().unary_unary(*args, **kwargs)

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:
        """Return what calls a method over the connection of now."""
        return self.current().unary_stream(*args, **kwargs)

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:
        """Return what calls a method over the connection of now."""
        return self.current().stream_unary(*args, **kwargs)

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:
        """Return what calls a method over the connection of now."""
        return self.current().stream_stream(*args, **kwargs)

    def __enter__(self) -> PeerChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(name: str, where: str, shown: identity.Credentials) -> grpc.Channel:
    return grpc.secure_channel(
        addresses.target(where),
        grpc.ssl_channel_credentials(shown.authority, shown.key, shown.certificate),
        options=[
            # The certificate must be that of the very service, not just of our authority.
            ("grpc.ssl_target_name_override", identity.host_name(name)),
            ("grpc.service_config", _SERVICE_CONFIG),
            ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MOST_MESSAGE_BYTES),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2000),
            # Alone, without a policy, this sends again what no server has begun to process.
            ("grpc.enable_retries", 1),
            ("grpc.enable_http_proxy", 0),
        ],
    )
