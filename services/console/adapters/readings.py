# SPDX-License-Identifier: Apache-2.0
"""The transcripts that reviewers have open, kept in memory between one step and the next.

Opening a page reads the transcript, which is an entry of the log. A step, or another window of the
same page, is no other reading: it goes on from what was read, and the answer of each step says
whether somebody else came between.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from services.release_client.review_places import Identified
from services.release_client.reviewing import Reading

_MOST = 32  # an hour of talk takes a few MB
_SECONDS = 900.0  # an idle session ends then


@dataclass(frozen=True, slots=True)
class Opened:
    """A reading, the identified words where they were asked for, and when it was last used."""

    reading: Reading
    identified: Identified | None
    used: float


class Readings:
    """What each session has open, by session and recording."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[str, str], Opened] = OrderedDict()

    def get(self, session: str, recording: str) -> Opened | None:
        """Return what a session has open, unless it rested too long."""
        with self._lock:
            found = self._opened.get((session, recording))
            if found is None or time.monotonic() - found.used > _SECONDS:
                return None
            return found

    def put(self, session: str, recording: str, reading: Reading, words: Identified | None) -> None:
        """Keep a reading; what was used least goes."""
        key = (session, recording)
        with self._lock:
            self._opened[key] = Opened(reading, words, time.monotonic())
            self._opened.move_to_end(key)
            while len(self._opened) > _MOST:
                self._opened.popitem(last=False)

    def drop(self, session: str, recording: str) -> None:
        """Forget a reading, which is no longer what the services have."""
        with self._lock:
            self._opened.pop((session, recording), None)
