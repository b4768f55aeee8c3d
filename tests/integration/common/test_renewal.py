# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from services.common import certificate_authority as authority
from services.common import context, identity
from services.common.client import Peers
from services.common.errors import Unavailable
from services.registry import identities
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from tests.integration.common.stub_process import StubProcess, start
from tests.support.deployment import wait_until


@pytest.fixture
def service(tmp_path: Path) -> Iterator[StubProcess]:
    """Start a service in a process of its own."""
    started = start(tmp_path)
    yield started
    started.kill()


@pytest.fixture
def peers(service: StubProcess) -> Iterator[Peers]:
    """Return the channels of a client that stays while certificates change."""
    opened = Peers(
        identity.load(service.pki / identities.COMPLIANCE), {identities.AUDIT: service.address}
    )
    yield opened
    opened.close()


def _call(peers: Peers) -> str:
    stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
    with context.acting(person="dr.lim", role=identities.COMPLIANCE):
        return str(stub.ListEntries(entry_pb2.ListEntriesRequest(), timeout=10).next_page_token)


def _serial_on_the_wire(service: StubProcess) -> int:
    """Return the serial number of the certificate that the service shows now."""
    own = service.pki / identities.COMPLIANCE
    tls = ssl.create_default_context(cafile=str(service.pki / "ca.pem"))
    tls.load_cert_chain(own / "cert.pem", own / "key.pem")
    tls.set_alpn_protocols(["h2"])
    host, port = service.address.rsplit(":", 1)
    with (
        socket.create_connection((host, int(port)), timeout=10) as plain,
        tls.wrap_socket(plain, server_hostname=identity.host_name(identities.AUDIT)) as wrapped,
    ):
        shown = wrapped.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


def _fingerprints(service: StubProcess) -> list[str]:
    """Certificates under which compliance signed in, as the audit log has them."""
    return [
        one["attributes"]["certificate"]
        for one in service.events
        if one["name"] == "access:session:signed_in"
    ]


class TestService:
    def test_shows_a_renewed_certificate_without_restart(
        self, service: StubProcess, peers: Peers
    ) -> None:
        """Once its certificate is renewed a service shows it, to clients that were connected too.

        The audit log says that the service's certificate is another one.
        """
        before = _serial_on_the_wire(service)
        assert _call(peers) == "done"
        folder = service.pki / identities.AUDIT
        made = authority.issue(service.pki, identities.AUDIT, folder)

        assert _serial_on_the_wire(service) == made.serial_number != before
        assert _call(peers) == "done"
        assert service.process.poll() is None
        wait_until(
            lambda: any("field.own_certificate" in one.get("attributes", {})
                        for one in service.events
                        if one["name"] == "configuration:settings:changed"),
            seconds=20, what="the entry about it",
        )  # fmt: skip

    def test_keeps_the_old_one_while_files_do_not_fit(self, service: StubProcess) -> None:
        """A certificate without its key, as in the middle of copying two files, is not taken."""
        before = _serial_on_the_wire(service)
        made = authority.issue(service.pki, identities.AUDIT, service.home / "new")
        folder = service.pki / identities.AUDIT
        shutil.copy(service.home / "new" / "cert.pem", folder / "cert.pem")
        assert _serial_on_the_wire(service) == before

        shutil.copy(service.home / "new" / "key.pem", folder / "key.pem")
        assert _serial_on_the_wire(service) == made.serial_number

    def test_does_not_take_an_expired_client(self, service: StubProcess, peers: Peers) -> None:
        """A client whose certificate has ended is refused; renewed, it is served."""
        folder = service.pki / identities.COMPLIANCE
        day = dt.timedelta(days=1)
        authority.issue(service.pki, identities.COMPLIANCE, folder, life=-day)
        with pytest.raises(Unavailable):
            _call(peers)

        authority.issue(service.pki, identities.COMPLIANCE, folder)
        assert _call(peers) == "done"


class TestClient:
    def test_shows_a_renewed_certificate_without_restart(
        self, service: StubProcess, peers: Peers
    ) -> None:
        """A client opens a connection with its renewed certificate for the next call."""
        assert _call(peers) == "done"
        assert len(_fingerprints(service)) == 1
        authority.issue(service.pki, identities.COMPLIANCE, service.pki / identities.COMPLIANCE)

        assert _call(peers) == "done"
        first, second = _fingerprints(service)
        assert first != second
