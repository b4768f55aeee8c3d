# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import threading

import pytest

from services.common.errors import Cancelled
from services.common.rooms import UNDER_WAY_FOR_EACH_SERVED, Room, TooManyCalls


class TestRoom:
    def test_certificate_has_so_many_calls_and_no_more(self) -> None:
        """A call beyond the limit of a certificate is refused; another certificate's is not."""
        room = Room("sotto.test", 2)
        with contextlib.ExitStack() as calls:
            for _ in range(2 * UNDER_WAY_FOR_EACH_SERVED):
                calls.enter_context(room.under_way(b"one"))
            with pytest.raises(TooManyCalls, match="16 calls"), room.under_way(b"one"):
                pass
            calls.enter_context(room.under_way(b"other"))

        with room.under_way(b"one"):
            pass

    def test_calls_take_turns(self) -> None:
        """A third call of a certificate waits until one of two has ended."""
        room, third = Room("sotto.test", 2), threading.Event()
        with room.under_way(b"one") as client:

            def wait() -> None:
                with client.served(lambda: True):
                    third.set()

            with client.served(lambda: True):
                with client.served(lambda: True):
                    waiting = threading.Thread(target=wait)
                    waiting.start()
                    assert not third.wait(0.2)
                assert third.wait(10)
            waiting.join()

    def test_other_certificates_do_not_wait(self) -> None:
        """The turns of a certificate are its own."""
        room = Room("sotto.test", 1)
        with (
            room.under_way(b"one") as one,
            one.served(lambda: True),
            room.under_way(b"other") as other,
            other.served(lambda: True),
        ):
            pass

    def test_call_that_ends_waits_no_longer(self) -> None:
        """A call whose caller has gone leaves the line."""
        room = Room("sotto.test", 1)
        with (
            room.under_way(b"one") as client,
            client.served(lambda: True),
            pytest.raises(Cancelled),
            client.served(lambda: False),
        ):
            pass
