# SPDX-License-Identifier: Apache-2.0
"""The corrections that this process wrote last, kept in memory between one step and the next."""

from __future__ import annotations

import threading
from collections import OrderedDict

from services.corrections.model import RunCorrections
from services.release.domain.transcript import RecordingName, TranscriptSummary

_MOST = 64  # recordings; corrections of an hour take some hundred kB


class RecentCorrections:
    """What was written last of each recording, so that a step need not read it again.

    Another process may have written since: only a write that the store refuses then may build on
    it. Whoever asks must have asked the zone for the summary first, which refuses what was erased.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[RecordingName, tuple[str, str, RunCorrections]] = OrderedDict()

    def get(self, name: RecordingName, summary: TranscriptSummary) -> RunCorrections | None:
        """Return the corrections of a run, None where another run was written last, or none."""
        with self._lock:
            kept = self._kept.get(name)
        if kept is None or kept[:2] != (summary.run_key, summary.content_sha256):
            return None
        return kept[2]

    def keep(
        self, name: RecordingName, summary: TranscriptSummary, corrections: RunCorrections
    ) -> None:
        """Keep what was written; what was written longest ago goes."""
        with self._lock:
            self._kept[name] = (summary.run_key, summary.content_sha256, corrections)
            self._kept.move_to_end(name)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def forget(self, name: RecordingName) -> None:
        """Forget a recording, of which something is being written."""
        with self._lock:
            self._kept.pop(name, None)
