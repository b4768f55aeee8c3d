# SPDX-License-Identifier: Apache-2.0
"""Serves the pages over HTTPS, with the start and stop of every other process of ours."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import uvicorn

from services.common import signals
from services.common.errors import Unavailable, WrongUse
from services.common.files import is_open_to_others, write_private
from services.common.health import HealthHandlers
from services.common.installation import Installation
from services.common.lifecycle import LifecycleAudit
from services.common.server import Process
from services.console.settings import ConsoleSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_log = structlog.get_logger(__name__)

_RENEWAL_SECONDS = 60.0
_KEEP_ALIVE_SECONDS = 30
_MOST_CONNECTIONS = 500
_MOST_HEADER_BYTES = 32 * 1024


def serve(app: ASGIApp, settings: ConsoleSettings, process: Process) -> None:
    """Serve until SIGTERM or SIGINT, then let running answers finish within the grace time."""
    listener = _listen(settings.listen)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.minimum_version = ssl.TLSVersion.TLSv1_2
    _take_certificate(shown, settings)
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=round(settings.grace_seconds),
        h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
        ssl_context_factory=lambda _config, _default: shown,
    )
    life = LifecycleAudit(settings, process.credentials, process.trail, process.stopping)
    health = HealthHandlers()
    probes = process.start_probes(health)

    def announce() -> None:
        port = listener.getsockname()[1]
        installation = Installation(settings.home)
        installation.make_folder("run")
        host = settings.listen.rpartition(":")[0]
        path = installation.address_file(settings.service, settings.instance)
        write_private(path, f"{host}:{port}\n".encode())
        health.set_serving(True)
        _log.info("service_started", port=port)

    server = _Server(config, announce)
    signals.on_terminate(server.stop)
    signals.stop_with_parent(server.stop)
    threading.Thread(
        target=_renew, args=(shown, settings, process), name="certificate", daemon=True
    ).start()
    life.begin()
    server.run(sockets=[listener])
    _log.info("service_stopping")
    process.stopping.set()
    probes.stop()
    life.end()
    _log.info("service_stopped")


class _Server(uvicorn.Server):
    """A server that tells when it answers, and leaves signals to us."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then tell."""
        await super().startup(sockets)
        self._announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the handlers that are there."""
        yield

    def stop(self) -> None:
        """Stop soon; may be called from any thread."""
        self.should_exit = True


def pages_certificate(settings: ConsoleSettings) -> tuple[Path, Path]:
    """Return the files of the certificate of the pages and of its key.

    Raises WrongUse where one of the two settings is given without the other, where a file is
    missing, or where others may read the key.
    """
    own = settings.pki or Installation(settings.home).pki / settings.service
    found = settings.certificate or own / "cert.pem", settings.certificate_key or own / "key.pem"
    if bool(settings.certificate) != bool(settings.certificate_key):
        raise WrongUse("certificate and certificate_key of the console are given both, or neither")
    try:
        found[0].stat()
        if is_open_to_others(found[1]):
            raise WrongUse(f"{found[1]} is readable by others; run: chmod 600 {found[1]}")
    except OSError as error:
        raise WrongUse(f"the certificate of the console cannot be read: {error.strerror}") from None
    return found


def _take_certificate(shown: ssl.SSLContext, settings: ConsoleSettings) -> None:
    certificate, key = pages_certificate(settings)
    try:
        # A key with a passphrase would have OpenSSL ask at the terminal.
        shown.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise WrongUse(
            f"{certificate} and {key} are no certificate and key that belong together, without a"
            " passphrase, as PEM"
        ) from error


def _renew(shown: ssl.SSLContext, settings: ConsoleSettings, process: Process) -> None:
    """Show a certificate that was renewed in its place from the next connection on."""
    seen = _stamps(settings)
    while not process.stopping.wait(_RENEWAL_SECONDS):
        now = _stamps(settings)
        if now and now != seen:
            try:
                _take_certificate(shown, settings)
            except WrongUse:
                _log.warning("certificate_not_taken", name=settings.service)
            else:
                seen = now
                _log.info("certificate_renewed", name=settings.service)


def _stamps(settings: ConsoleSettings) -> list[tuple[int, int]]:
    try:
        found = [path.stat() for path in pages_certificate(settings)]
    except (OSError, WrongUse):
        return []
    return [(one.st_ino, one.st_mtime_ns) for one in found]


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=family)
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"the console cannot listen on {address}; is it taken? Set 'listen' under [console] to"
            " another address"
        ) from error
