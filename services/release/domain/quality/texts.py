# SPDX-License-Identifier: Apache-2.0
"""The approved texts that a round is read from, the latest few of which are kept in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from services.release.domain.approved import ApprovedInput
from services.release.domain.ports import ResearchZone, ReviewStore
from services.release.domain.quality.finding import FoundRound, overtaken
from services.release.domain.quality.passages import ApprovedRun
from services.release.domain.transcript import TranscriptSummary

_MOST = 8  # transcripts; one of four hours takes some ten MB


class RoundTexts:
    """Approved runs of the frames of rounds, of which a passage at a time is shown.

    A run with the corrections of a generation never changes, so it is named by these. Whoever asks
    has found the round, for which the zone was asked: it refuses what was erased meanwhile.
    """

    def __init__(self, zone: ResearchZone, store: ReviewStore) -> None:
        self._zone = zone
        self._store = store
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, ...], ApprovedRun] = OrderedDict()

    def of(self, found: FoundRound, passages: Sequence[int]) -> dict[int, ApprovedRun]:
        """Return the runs that passages of a round stand in, by their place in its frame.

        Raises RoundNotOpen for a run that was corrected since.
        """
        return {
            place: self._run(found, place)
            for place in sorted({found.round.passages[at].recording for at in passages})
        }

    def _run(self, found: FoundRound, place: int) -> ApprovedRun:
        one, run = found.round, found.round.frame[place]
        summary = found.contents.run(run.recording_id, run.run_key)
        generation = str(run.corrections_generation)
        key = (
            *(one.study_id, run.recording_id, run.run_key, summary.content_sha256, generation),
            run.text_sha256,
        )
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = self._read(found, place, summary)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made

    def _read(self, found: FoundRound, place: int, summary: TranscriptSummary) -> ApprovedRun:
        one, run = found.round, found.round.frame[place]
        corrections = self._store.corrections(one.study_id, summary)
        if corrections.generation != run.corrections_generation:
            raise overtaken(one)
        source = ApprovedInput(
            summary, found.contents.review(summary), corrections.corrections, corrections.roles
        )
        return ApprovedRun(source, self._zone.segments(one.study_id, summary))
