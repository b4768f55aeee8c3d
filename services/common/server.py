# SPDX-License-Identifier: Apache-2.0
"""One way to start a gRPC server, and to stop it without losing work."""

from __future__ import annotations

import contextlib
import resource
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import grpc
import structlog
from grpc_health.v1 import health_pb2_grpc

from services.common import identity, logging, native_stderr, process_facts, signals
from services.common.access_list import AccessList
from services.common.audit import AuditTrail
from services.common.channels import MOST_MESSAGE_BYTES
from services.common.client import Peers, audit_appender
from services.common.delegation import Verifier
from services.common.errors import Unavailable
from services.common.files import write_private
from services.common.health import HealthHandlers, ProbeServer, check_probe_address
from services.common.installation import Installation
from services.common.interceptors import CallInterceptor
from services.common.lifecycle import LifecycleAudit
from services.common.renewal import RenewedCredentials
from services.common.rooms import UNDER_WAY_FOR_EACH_SERVED
from services.common.settings import ServiceSettings
from services.registry.events import Event
from services.registry.identities import AUDIT
from services.registry.processes import instance_name
from sotto.audit.v1 import entry_pb2

_log = structlog.get_logger(__name__)

# Long enough for clients to hear that a replica stops, and for calls that were on their way.
_DRAIN_SECONDS = 0.5
# A handshake takes a second on a busy machine; until it is done nobody knows who connects.
_HANDSHAKE_SECONDS = 20
# A connection takes a file descriptor before anybody knows who it is, and the files of the service
# need some as well.
_MOST_CONNECTIONS = 4096
_PING_SECONDS = 60
_PONG_SECONDS = 30

Handler = tuple[Callable[[Any, grpc.Server], None], object]
"""A generated `add_XServicer_to_server` and the object that answers its calls.

The generated functions take each its own servicer, which a list of them cannot say, hence `Any`.
"""


class Process:
    """What every service process has: settings, log, credentials, peers and an audit trail.

    A context: leaving it closes what `on_exit` was told, the newest first, then the peers.
    """

    def __init__(self, settings: ServiceSettings, *, zone: str = "") -> None:
        self.settings = settings
        self.stopping = threading.Event()
        stream = native_stderr.capture(self._record_refused_connections)
        logging.configure(
            settings.service, fmt=settings.log_format, level=settings.log_level, stream=stream
        )
        logging.withhold_tracebacks()
        installation = Installation(settings.home)
        self.credentials = identity.load(settings.pki or installation.pki / settings.service)
        self.peers = Peers(
            self.credentials, settings.addresses, self._record_refused_peer, run=installation.run
        )
        # The audit service replaces this by a trail into its own log.
        self.trail = (
            AuditTrail(_refuse_before_open, zone=zone)
            if settings.service == AUDIT
            else AuditTrail(audit_appender(self.peers), zone=zone)
        )
        self._exit = contextlib.ExitStack()
        self._exit.callback(self.peers.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    def on_exit(self, close: Callable[[], object]) -> None:
        """Have `close` called when the process ends, after its end is in the audit log."""
        self._exit.callback(close)

    def _record_refused_connections(self, reason: str, count: int, kind: str) -> None:
        self.trail.fact(
            Event.CONNECTION_REFUSED,
            outcome=entry_pb2.OUTCOME_DENIED,
            reason=reason,
            attributes={"count": count, "kind": kind},
        )

    def _record_refused_peer(self, peer: str) -> None:
        if peer != AUDIT:  # the audit service cannot be told that it is refused
            self.trail.fact(
                Event.PEER_REFUSED,
                object=peer,
                outcome=entry_pb2.OUTCOME_DENIED,
                reason="handshake_failed",
            )

    def serve(self, handlers: Sequence[Handler]) -> None:
        """Serve until SIGTERM or SIGINT, then let running calls finish within the grace time."""
        life = LifecycleAudit(self.settings, self.credentials, self.trail, self.stopping)
        server = build_server(self.settings, self.credentials, self.trail, life.record_renewed)
        for add_to_server, handler in handlers:
            add_to_server(handler, server.grpc)
        signals.on_terminate(self.stopping.set)
        signals.stop_with_parent(self.stopping.set)
        port = server.start(self.settings.listen)
        installation = Installation(self.settings.home)
        installation.make_folder("run")
        probes = self.start_probes(server.health)
        life.begin()
        server.ready()
        path = installation.address_file(self.settings.service, self.settings.instance)
        write_private(path, f"{_reachable(self.settings.listen)}:{port}\n".encode())
        _log.info("service_started", port=port)
        self.stopping.wait()
        _log.info("service_stopping")
        server.stop(self.settings.grace_seconds)
        probes.stop()
        life.end()
        _log.info("service_stopped")

    def start_probes(self, health: HealthHandlers) -> ProbeServer:
        """Answer probes where a setting says so, by what `health` says."""
        probes = ProbeServer(health)
        installation = Installation(self.settings.home)
        if self.settings.health_listen:
            check_probe_address(
                self.settings.health_listen, unprotected=self.settings.health_unprotected
            )
            port = probes.start(self.settings.health_listen)
            name = instance_name(self.settings.service, self.settings.instance)
            address = f"{_reachable(self.settings.health_listen)}:{port}\n"
            write_private(installation.make_folder("run") / f"{name}.health", address.encode())
            _log.info("probes_answered", port=port)
        return probes


class Server:
    """A gRPC server with its health service."""

    def __init__(
        self,
        server: grpc.Server,
        credentials: grpc.ServerCredentials,
        interceptor: CallInterceptor,
        told: Callable[[], Mapping[str, str]],
    ) -> None:
        self.grpc = server
        self._interceptor = interceptor
        self.health = HealthHandlers(told)
        self._credentials = credentials
        health_pb2_grpc.add_HealthServicer_to_server(self.health, server)

    def start(self, listen: str) -> int:
        """Listen and return the port; raises Unavailable when the address is taken."""
        try:
            port = self.grpc.add_secure_port(listen, self._credentials)
        except RuntimeError as error:
            raise Unavailable(
                f"cannot listen on {listen}; is it taken? Set 'listen' to another address"
            ) from error
        self.grpc.start()
        return port

    def ready(self) -> None:
        """Report to clients and probes that calls are served."""
        self.health.set_serving(True)

    def stop(self, grace: float) -> None:
        """Send clients to other replicas; let running calls go on for `grace` seconds.

        Calls that clients make before they have heard of it are served as well.
        """
        if self.health.set_serving(False):
            time.sleep(min(_DRAIN_SECONDS, grace))
        self.health.end_watches()
        self.grpc.stop(grace).wait()
        self._interceptor.close()


def build_server(
    settings: ServiceSettings,
    credentials: identity.Credentials,
    trail: AuditTrail,
    on_renewed: Callable[[identity.Credentials], None] = lambda _credentials: None,
) -> Server:
    """Make a server that asks for client certificates, with `CallInterceptor` around all calls.

    A certificate that is renewed in its folder is shown from the next connection on, and given to
    `on_renewed`.
    """
    access = AccessList(settings.service, settings.allow)
    interceptor = CallInterceptor(
        access, trail, settings.workers, Verifier(settings.delegation_file), settings.persons
    )
    server = grpc.server(
        # Calls go to threads of their gRPC service, which the interceptor names.
        ThreadPoolExecutor(1, thread_name_prefix="call"),
        interceptors=[interceptor],
        options=[
            ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MOST_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
            # How much a sender may send before we read it. With gRPC's own probing this would
            # grow with the time that we take, and our memory with it.
            ("grpc.http2.bdp_probe", 0),
            ("grpc.http2.lookahead_bytes", MOST_MESSAGE_BYTES),
            # A client that has more to ask waits on its side.
            ("grpc.max_concurrent_streams", settings.workers * UNDER_WAY_FOR_EACH_SERVED),
            ("grpc.server_handshake_timeout_ms", _HANDSHAKE_SECONDS * 1000),
            ("grpc.max_allowed_incoming_connections", _most_connections()),
            # Ends the calls of a client whose machine or network has gone without a word.
            ("grpc.keepalive_time_ms", _PING_SECONDS * 1000),
            ("grpc.keepalive_timeout_ms", _PONG_SECONDS * 1000),
        ],
    )
    renewed = RenewedCredentials(credentials, on_renewed)
    return Server(
        server,
        _server_credentials(renewed),
        interceptor,
        lambda: process_facts.of(renewed.current(), settings.instance),
    )


def _most_connections() -> int:
    """Return how many connections are held: at most half of the descriptors of this process."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return min(_MOST_CONNECTIONS, allowed // 2)


def _server_credentials(renewed: RenewedCredentials) -> grpc.ServerCredentials:
    shown = renewed.current()

    def configuration(one: identity.Credentials) -> grpc.ServerCertificateConfiguration:
        return grpc.ssl_server_certificate_configuration(
            [(one.key, one.certificate)], root_certificates=one.authority
        )

    def fetch() -> Any:
        """Return what to show when it is new; gRPC asks at each handshake."""
        nonlocal shown
        current = renewed.current()
        if current is shown:
            return None
        shown = current
        return configuration(current)

    return grpc.dynamic_ssl_server_credentials(
        configuration(shown), fetch, require_client_authentication=True
    )


def _reachable(listen: str) -> str:
    """Return the host at which processes of this machine reach what listens on an address."""
    host = listen.rpartition(":")[0]
    return {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104 - compared with


def _refuse_before_open(event: entry_pb2.Event) -> int:
    raise Unavailable(
        f"the audit log is not open yet, so {event.name} cannot be recorded; try again",
        reason="audit_unavailable",
    )
