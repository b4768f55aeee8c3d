# SPDX-License-Identifier: Apache-2.0
"""The transcripts that are being corrected, kept in memory between one step and the next."""

from __future__ import annotations

import threading
from collections import OrderedDict

from services.release.domain.ports import ResearchZone
from services.release.domain.transcript import Segment, TranscriptSummary

_MOST = 8  # transcripts; one of four hours takes some ten MB


class RecentTexts:
    """De-identified transcripts, the latest few of which need not be read again for each step.

    A run never changes, so it is named by its key and its content hash. Whoever asks must have
    asked the zone for the summary first, which refuses what was erased meanwhile.
    """

    def __init__(self, zone: ResearchZone) -> None:
        self._zone = zone
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str, str, str], tuple[Segment, ...]] = OrderedDict()

    def segments(self, study_id: str, summary: TranscriptSummary) -> tuple[Segment, ...]:
        """Return the segments of a run; raises what the zone raises."""
        key = (study_id, summary.recording_id, summary.run_key, summary.content_sha256)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._zone.segments(study_id, summary)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found
