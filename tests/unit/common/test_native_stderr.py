# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
import textwrap

from tests.support.captured_log import CapturedLog


class TestCapture:
    def test_native_text_does_not_reach_stderr(self) -> None:
        """What native code writes becomes records without its text; refusals are heard of."""
        script = textwrap.dedent(
            """
            import os, sys, threading
            from services.common import logging, native_stderr

            heard, again = threading.Event(), threading.Event()
            def report(reason, count, kind):
                if heard.is_set():
                    again.set()
                    return
                heard.set()
                raise OSError("the listener may fail")
            logging.configure("test", stream=native_stderr.capture(report))
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
        log = CapturedLog()
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
            def report(reason, count, kind):
                told.append(count)
                if sum(told) == 9000:
                    done.set()
            logging.configure("test", level="error", stream=native_stderr.capture(report))
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
