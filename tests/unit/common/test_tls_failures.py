# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common import tls_failures

LINE = "I1125 16:35:30.470416   17373 ssl_transport_security.cc:2563] Handshake failed with error "


class TestReason:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("SSL_ERROR_SSL: PEER_DID_NOT_RETURN_A_CERTIFICATE: Invalid", "no_certificate"),
            ("SSL_ERROR_SSL: CERTIFICATE_VERIFY_FAILED: certificate has expired", "expired"),
            ("SSL_ERROR_SSL: certificate is not yet valid", "not_yet_valid"),
            ("SSL_ERROR_SSL: unable to get local issuer certificate", "unknown_authority"),
            ("SSL_ERROR_SSL: BAD_SIGNATURE: certificate signature failure", "unknown_authority"),
            ("SSL_ERROR_SSL: self signed certificate in chain", "unknown_authority"),
            ("SSL_ERROR_SSL: WRONG_VERSION_NUMBER", "handshake_failed"),
        ],
    )
    def test_is_one_word(self, text: str, reason: str) -> None:
        """The reason of a failed handshake is one word."""
        assert reason == tls_failures.reason_of(LINE + text)

    @settings(deadline=None)
    @given(st.text())
    def test_anything_else_is_none(self, text: str) -> None:
        """Other lines report no failed handshake."""
        assert tls_failures.reason_of(text.replace("Handshake failed", "")) is None


class TestCounter:
    def test_whose_handshake_it_was(self) -> None:
        """A refusal is incoming, unless a handshake of our own failed about then."""
        script = textwrap.dedent(
            """
            import os, threading
            from services.common import tls_failures, logging, native_stderr

            kinds, told = [], threading.Semaphore(0)
            def report(reason, count, kind):
                kinds.append(kind)
                told.release()
            logging.configure("test", level="error", stream=native_stderr.capture(report))
            line = b"I1125 16:35:30.470416  17 ssl.cc:2563] Handshake failed: expired\\n"
            os.write(2, line)
            assert told.acquire(timeout=20)
            os.write(2, line)
            tls_failures.outgoing_failed()  # the call ends a moment after the line
            assert told.acquire(timeout=20)
            print(*kinds)
            """
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )

        assert done.stdout == "incoming unclear\n"
