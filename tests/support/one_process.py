# SPDX-License-Identifier: Apache-2.0
"""All services of an installation in this process, on real ports with real certificates."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import grpc

from services.common import certificate_authority, context, identity
from services.common.audit import AuditTrail
from services.common.client import Peers, audit_appender
from services.common.server import Server, build_server
from services.registry import identities
from tests.support.speaking import spoken

#: Each server: module of its package, its settings, and its zone where it has one.
_SERVERS: dict[str, tuple[str, str, str]] = {
    identities.AUDIT: ("audit", "AuditSettings", ""),
    identities.CLINICAL: ("storage", "StorageSettings", "clinical"),
    identities.RESEARCH: ("storage", "StorageSettings", "research"),
    identities.TRANSCRIPTION: ("transcription", "TranscriptionSettings", "clinical"),
    identities.DEIDENTIFICATION: ("deidentification", "DeidentificationSettings", ""),
    identities.RELEASE: ("release", "ReleaseSettings", "research"),
}


def make_home(home: Path) -> None:
    """Make a home with the certificates of all servers and clients."""
    home.mkdir(mode=0o700)
    certificate_authority.ensure_authority(home / "pki")
    for name in (*_SERVERS, identities.FLOWS, *sorted(identities.PEOPLE)):
        certificate_authority.ensure_certificate(home / "pki", name)


class OneProcess:
    """The servers of an installation, without the neural tagger; a context that stops them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.addresses: dict[str, str] = {}
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> OneProcess:
        for name in _SERVERS:
            self._start(name)
        return self

    def __exit__(self, *_: object) -> None:
        self._exit.close()

    @contextlib.contextmanager
    def calling(self, client: str, person: str = "") -> Iterator[Callable[[str], grpc.Channel]]:
        """Call as a client: gives a function from a server's name to a channel."""
        peers = Peers(identity.load(self.home / "pki" / client), self.addresses)
        try:
            with context.acting(**spoken(client, person), purpose="research", request_id="t-1"):
                yield peers.channel
        finally:
            peers.close()

    def _start(self, name: str) -> None:
        package, settings_name, zone = _SERVERS[name]
        settings_class = getattr(
            importlib.import_module(f"services.{package}.settings"), settings_name
        )
        more = {"zone": zone} if package == "storage" else {}
        more |= {"neural": False} if package == "deidentification" else {}
        settings = settings_class.load(home=self.home, service=name, **more)
        credentials = identity.load(self.home / "pki" / name)
        peers = Peers(credentials, self.addresses)
        self._exit.callback(peers.close)
        process = SimpleNamespace(
            peers=peers,
            trail=AuditTrail(audit_appender(peers), zone=zone),
            on_exit=self._exit.callback,
        )
        handlers = importlib.import_module(f"services.{package}.wiring").build(settings, process)
        server: Server = build_server(settings, credentials, process.trail)
        for add_to_server, one in handlers:
            add_to_server(one, server.grpc)
        self.addresses[name] = f"127.0.0.1:{server.start('127.0.0.1:0')}"
        server.ready()
        self._exit.callback(server.stop, 0)
