# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

from services.transcription.domain.waiting_line import WaitingLine


class TestWaitingLine:
    def test_turns_come_in_order(self) -> None:
        """As many as may have their turn at once; each knows how many are before it."""
        line = WaitingLine(2)
        with line.join() as first, line.join() as second, line.join() as third:
            with line.join() as fourth:
                assert [wait(0.0) for wait in (first, second, third, fourth)] == [0, 0, 2, 3]
            with line.join() as fifth:
                assert fifth(0.0) == 3

    def test_who_leaves_lets_the_next_one_in(self) -> None:
        """A turn that ends, even by an error, is the next one's, which wakes up at once."""
        line = WaitingLine(1)
        at_work, leave = threading.Event(), threading.Event()

        def work() -> None:
            try:
                with line.join():
                    at_work.set()
                    leave.wait(10)
                    raise ValueError
            except ValueError:
                pass

        worker = threading.Thread(target=work)
        worker.start()
        at_work.wait(10)
        with line.join() as wait:
            assert wait(0.0) == 1
            leave.set()
            assert wait(60.0) == 0
        worker.join()
