# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common import native_stderr
from tests.unit.common.conftest import Log

LINE = "I1125 16:35:30.470416   17373 ssl_transport_security.cc:2563] Handshake failed with error "


class TestRefusal:
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
        """Why a handshake failed is told in one word of ours."""
        assert reason == native_stderr.refusal(LINE + text)

    @settings(deadline=None)
    @given(st.text())
    def test_anything_else_is_none(self, text: str) -> None:
        """Other lines report no refusal."""
        assert native_stderr.refusal(text.replace("Handshake failed", "")) is None


class TestCapture:
    def test_native_text_does_not_reach_stderr(self) -> None:
        """What native code writes becomes records without its text; refusals are heard of."""
        script = textwrap.dedent(
            """
            import os, sys, threading
            from services.common import logging, native_stderr

            heard, again = threading.Event(), threading.Event()
            def hear(reason, count, kind):
                if heard.is_set():
                    again.set()
                    return
                heard.set()
                raise OSError("the listener may fail")
            logging.configure("test", stream=native_stderr.capture(hear))
            os.write(2, b"E1125 16:35:30.470416  17 tcp.cc:12] Puan Halimah at 10.0.0.1\\n")
            os.write(2, b"Puan Halimah \\xff\\n")
            os.write(2, b"I1125 16:35:30.470416  17 ssl.cc:2563] Handshake failed: expired\\n")
            assert again.wait(20)
            os.write(2, b"last\\n")
            os.close(2)
            next(one for one in threading.enumerate() if one.name == "native-stderr").join(20)
            """
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        log = Log()
        log.stream.write(done.stderr)

        assert "Halimah" not in done.stderr
        events = {one["event"]: one for one in log.records}
        assert events["native_record"]["name"] == "tcp.cc:12"
        assert events["native_text_withheld"]["bytes"] == 5
        # What the listener could not take was told to it again.
        assert events["refusals_not_recorded"]["count"] == 1
        assert events["connection_refused"]["count"] == 1

    def test_flood_is_counted(self) -> None:
        """Thousands of refusals hold nobody up, and are told in few words, with their number."""
        script = textwrap.dedent(
            """
            import os, threading
            from services.common import logging, native_stderr

            told, done = [], threading.Event()
            def hear(reason, count, kind):
                told.append(count)
                if sum(told) == 9000:
                    done.set()
            logging.configure("test", level="error", stream=native_stderr.capture(hear))
            for _ in range(9000):
                os.write(2, b"I1125 16:35:30.470416  17 ssl.cc:2563] Handshake failed: expired\\n")
            assert done.wait(30)
            print(len(told))
            """
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )

        assert int(done.stdout) < 10

    def test_whose_handshake_it_was(self) -> None:
        """A refusal is incoming, unless a handshake of our own failed about then."""
        script = textwrap.dedent(
            """
            import os, threading
            from services.common import tls_handshakes, logging, native_stderr

            kinds, told = [], threading.Semaphore(0)
            def hear(reason, count, kind):
                kinds.append(kind)
                told.release()
            logging.configure("test", level="error", stream=native_stderr.capture(hear))
            line = b"I1125 16:35:30.470416  17 ssl.cc:2563] Handshake failed: expired\\n"
            os.write(2, line)
            assert told.acquire(timeout=20)
            os.write(2, line)
            tls_handshakes.outgoing_failed()  # the call ends a moment after the line
            assert told.acquire(timeout=20)
            print(*kinds)
            """
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )

        assert done.stdout == "incoming unclear\n"
