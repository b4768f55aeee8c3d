# SPDX-License-Identifier: Apache-2.0
"""The gRPC health service, for the clients of a server and for probes.

Clients watch the health of each replica, so that one that is about to stop gets no more calls. A
watch keeps no thread: after its first answer it is only a place to send the next one to.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common.errors import Exhausted, NotFound, Unavailable, WrongUse
from services.registry.access import HEALTH

# Each client of a server watches it once for each of its connections, of which one certificate has
# as many as there are processes with it.
_MOST_WATCHES = 1000
_PROBE_THREADS = 2
# Connections of probes, which show nothing, and leave most file descriptors to the service.
_MOST_PROBES = 64

_Send = Callable[[health_pb2.HealthCheckResponse | None], None]
"""Sends an answer to a watch, or with None ends it."""


class HealthHandlers(health_pb2_grpc.HealthServicer):
    """The health of the whole server, which is the only one that is known.

    `told` returns what else an answer says of the process, as trailing metadata: its version and
    when its certificate ends, so that whoever looks after the installation sees every replica.
    """

    def __init__(self, told: Callable[[], Mapping[str, str]] = dict) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._watches: dict[int, _Watch] = {}
        self._certificates: Counter[bytes] = Counter()
        self._next = 0
        self.is_serving = False

    def Check(
        self, request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        """Say how the server is."""
        if request.service:
            context.set_code(grpc.StatusCode.NOT_FOUND)
            context.set_details("ask for '', the health of the whole server")
            return health_pb2.HealthCheckResponse()
        context.set_trailing_metadata(tuple(self._told().items()))
        return _answer(self.is_serving)

    # Its third argument is what gRPC gives to a handler that is marked as below.
    def Watch(  # type: ignore[override]
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.ServicerContext,
        send_response_callback: _Send,
    ) -> None:
        """Say how the server is, now and each time that it changes."""
        if request.service:
            raise NotFound("only the whole server has a health; watch ''")
        shown: Mapping[str, Any] = context.auth_context()
        certificate: bytes = next(iter(shown.get("x509_pem_cert", [])), b"")
        watch = _Watch(send_response_callback, lambda: self.is_serving, certificate)
        with self._lock:
            if self._certificates[certificate] >= _MOST_WATCHES:
                raise Exhausted(
                    f"health is watched {_MOST_WATCHES} times with this certificate already; close"
                    " connections, then try again",
                    reason="too_many_calls",
                )
            self._certificates[certificate] += 1
            number = self._next = self._next + 1
            self._watches[number] = watch
        if not context.add_callback(lambda: self._forget(number)):
            self._forget(number)
        watch.tell()

    # gRPC's mark of a handler that answers through a callback, after it returned.
    Watch.experimental_non_blocking = True  # type: ignore[attr-defined]

    def set_serving(self, serving: bool) -> int:
        """Tell all who watch whether the server serves, and return how many these are."""
        self.is_serving = serving
        with self._lock:
            watches = list(self._watches.values())
        for watch in watches:
            _in_background(watch.tell)
        return len(watches)

    def end_watches(self) -> None:
        """End all watches, which would otherwise keep a server from stopping."""
        with self._lock:
            watches = list(self._watches.values())
        for watch in watches:
            _in_background(watch.end)

    def _forget(self, number: int) -> None:
        with self._lock:
            if watch := self._watches.pop(number, None):
                self._certificates[watch.certificate] -= 1
                self._certificates += Counter()  # leaves out those that watch no more


class _Watch:
    """One who watches. gRPC takes the next message only when the one before it is sent."""

    def __init__(self, send: _Send, is_serving: Callable[[], bool], certificate: bytes) -> None:
        self.certificate = certificate
        self._send = send
        self._is_serving = is_serving
        self._lock = threading.Lock()
        self._told: bool | None = None

    def tell(self) -> None:
        """Tell how the server is by now, where that was not told already."""
        with self._lock:
            now = self._is_serving()
            if now is not self._told:
                self._told = now
                self._send(_answer(now))

    def end(self) -> None:
        """End the watch in good order."""
        with self._lock:
            self._send(None)


def _answer(serving: bool) -> health_pb2.HealthCheckResponse:
    status = (
        health_pb2.HealthCheckResponse.SERVING
        if serving
        else health_pb2.HealthCheckResponse.NOT_SERVING
    )
    return health_pb2.HealthCheckResponse(status=status)


def _in_background(act: Callable[[], None]) -> None:
    # Sending waits until the other side takes it, which one that is gone never does.
    threading.Thread(target=act, name="health", daemon=True).start()


class ProbeServer:
    """Answers probes on a port of its own, without certificates: only whether the server serves.

    Whoever reaches the port may call and send nothing, so what is asked is not waited for: the
    whole server is all that has a health.
    """

    def __init__(self, health: HealthHandlers) -> None:
        self._server = grpc.server(
            ThreadPoolExecutor(_PROBE_THREADS, thread_name_prefix="probe"),
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_allowed_incoming_connections", _MOST_PROBES),
            ],
        )
        check: Any = grpc.stream_unary_rpc_method_handler(
            lambda _asked, _context: _answer(health.is_serving),
            response_serializer=health_pb2.HealthCheckResponse.SerializeToString,
        )
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(HEALTH, {"Check": check})]
        )

    def start(self, listen: str) -> int:
        """Listen and return the port; raises Unavailable when the address is taken."""
        try:
            port = self._server.add_insecure_port(listen)
        except RuntimeError as error:
            raise Unavailable(
                f"cannot listen on {listen} for probes; is it taken? Set 'health_listen' to another"
                " address"
            ) from error
        self._server.start()
        return port

    def stop(self) -> None:
        """Stop at once."""
        self._server.stop(None)


def check_probe_address(listen: str, *, unprotected: bool) -> None:
    """Raise WrongUse when others than this machine reach an address, unless that is wanted.

    Whoever reaches it learns without a certificate whether the service works. That is little, but
    a hospital should know that it says so.
    """
    host = listen.rpartition(":")[0].strip("[]")
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback and not unprotected:
        raise WrongUse(
            "others reach the address in the setting 'health_listen', and probes show no"
            " certificate; take 127.0.0.1, or set health_unprotected = true"
        )
