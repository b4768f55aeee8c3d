# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import ssl
import threading
from dataclasses import replace

import pytest

from services.common.audit import AuditTrail
from services.common.errors import Unavailable
from services.common.sessions import Credential, Sessions, address_of
from sotto.audit.v1 import entry_pb2
from tests.support.fake_audit_log import FakeAuditLog

ANA = Credential("operator", "ana", "operator", b"a certificate", "10.0.0.7")


class Clock:
    """A clock that tests set."""

    now = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


class TestSessions:
    """Neither noise nor a hole."""

    def _sessions(self) -> tuple[Sessions, FakeAuditLog, Clock]:
        appender, clock = FakeAuditLog(first=100), Clock()
        return Sessions(AuditTrail(appender), idle=100, clock=clock), appender, clock

    def test_once_while_it_is_used(self) -> None:
        """The first use is recorded with certificate and address, the next ones are not."""
        sessions, appender, clock = self._sessions()
        for moment in (0, 90, 180, 270):
            clock.now = moment
            sessions.admit(ANA)
        (event,) = appender.events
        assert (event.name, event.object) == ("access:session:signed_in", "operator")
        fingerprint = hashlib.sha256(b"a certificate").hexdigest()
        assert event.attributes == {"certificate": fingerprint, "address": "10.0.0.7"}

    def test_others_do_not_wait_for_its_record(self) -> None:
        """While the record of one sign-in takes long, others sign in, and its own calls wait."""
        began, goes_on = threading.Event(), threading.Event()
        log = FakeAuditLog()

        def append(event: entry_pb2.Event) -> int:
            if event.object == ANA.client:
                began.set()
                assert goes_on.wait(20)
            return log(event)

        sessions = Sessions(AuditTrail(append))
        slow = [threading.Thread(target=sessions.admit, args=(ANA,)) for _ in range(3)]
        for one in slow:
            one.start()
        assert began.wait(10)
        sessions.admit(replace(ANA, client="compliance"))
        assert [one.object for one in log.events] == ["compliance"]
        goes_on.set()
        for one in slow:
            one.join()
        assert [one.object for one in log.events] == ["compliance", "operator"]

    def test_again_after_a_while(self) -> None:
        """A credential that rested longer than agreed signs in anew."""
        sessions, appender, clock = self._sessions()
        sessions.admit(ANA)
        clock.now = 101
        sessions.admit(ANA)
        assert len(appender.events) == 2

    def test_another_person_role_or_certificate(self) -> None:
        """Each is a session of its own; another address is not."""
        sessions, appender, _ = self._sessions()
        others = (
            replace(ANA, person="ben"), replace(ANA, role="reviewer"), replace(ANA, proof=b"new"),
        )  # fmt: skip
        for credential in (ANA, *others, replace(ANA, address="10.0.0.8")):
            sessions.admit(credential)
        assert len(appender.events) == 4

    def test_no_record_no_session(self) -> None:
        """While the log is unavailable no sign-in succeeds, and the next try is recorded."""
        sessions, appender, _ = self._sessions()
        appender.down = True
        with pytest.raises(Unavailable):
            sessions.admit(ANA)
        appender.down = False
        sessions.admit(ANA)
        assert len(appender.events) == 1


class TestCredential:
    """What of it the log gets."""

    def test_fingerprint(self) -> None:
        """A PEM certificate is named by the hash of its DER form, as openssl does."""
        pem = ssl.DER_cert_to_PEM_cert(b"der bytes").encode()
        expected = hashlib.sha256(b"der bytes").hexdigest()
        assert replace(ANA, proof=pem).fingerprint == expected

    @pytest.mark.parametrize(
        ("peer", "address"),
        [
            ("ipv4:10.0.0.7:50123", "10.0.0.7"),
            ("ipv6:%5B::1%5D:50123", "::1"),
            ("ipv6:[fe80::1%25eth0]:50123", "fe80::1"),
            ("unix:", "unix"),
        ],
    )
    def test_address(self, peer: str, address: str) -> None:
        """The address without port, whatever gRPC makes of it."""
        assert address_of(peer) == address
