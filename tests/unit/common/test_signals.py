# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_a_wait_that_has_just_begun(self, number: signal.Signals) -> None:
        """A signal that does not interrupt the main thread stops what that waits for."""
        script = textwrap.dedent(
            f"""
            import os, signal, threading
            from services.common import signals

            stopping = threading.Event()
            signals.on_terminate(stopping.set)
            # The kernel gives it to another thread, as if it came just before this one waits.
            signal.pthread_sigmask(signal.SIG_BLOCK, [{int(number)}])
            threading.Timer(0.1, os.kill, [os.getpid(), {int(number)}]).start()
            stopping.wait()
            """
        )
        done = subprocess.run(
            [sys.executable, "-c", script], timeout=60, check=False, capture_output=True
        )
        assert done.returncode == 0, done.stderr

    def test_a_signal_never_waits_for_what_it_interrupts(self) -> None:
        """Signals that arrive while the main thread holds the event's lock stop it all the same."""
        script = textwrap.dedent(
            """
            import os, signal, threading
            from services.common import signals

            stopping = threading.Event()
            signals.on_terminate(stopping.set)
            with stopping._cond:  # as at the beginning of wait()
                os.kill(os.getpid(), signal.SIGTERM)
                assert not stopping.is_set()
            assert stopping.wait(20)
            """
        )
        done = subprocess.run(
            [sys.executable, "-c", script], timeout=60, check=False, capture_output=True
        )
        assert done.returncode == 0, done.stderr
