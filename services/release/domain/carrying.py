# SPDX-License-Identifier: Apache-2.0
"""The corrections of a run, with those of an earlier run of the same recording taken over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from services.corrections.carry_over import carry_over
from services.corrections.model import Correction, CorrectionKind, RunCorrections, SegmentText
from services.release.domain.ports import ResearchZone, ReviewStore
from services.release.domain.reviews import Review, ReviewState, StudyContents
from services.release.domain.transcript import RecordingName, TranscriptSummary


class CorrectionCarrier:
    """Takes corrections over before the first word on a run is written, whoever writes it."""

    def __init__(self, zone: ResearchZone, store: ReviewStore) -> None:
        self._zone = zone
        self._store = store

    def corrections(
        self, name: RecordingName, summary: TranscriptSummary, contents: StudyContents
    ) -> RunCorrections:
        """Return the corrections of a run, after those of the newest earlier run that has some.

        Of a run that has a review these are only corrections that came after it: they were made on
        a run that was the newest one meanwhile, and words that were restored here and taken back
        there go. `contents` is what was read of the recording before. May be repeated. Raises
        ReviewChanged when somebody else took them over or corrected at the same moment.
        """
        own = self._store.corrections(name.study_id, summary)
        review = contents.review(summary)
        if not review.generation and (own.lost or any(one.carried_from for one in own.corrections)):
            return own  # done before, by a call that ended before its word was written
        gone = set(self._taken_back(name.study_id, summary, own, contents))
        if gone:
            kept = tuple(one for one in own.corrections if one not in gone)
            own = self._put(name, summary, replace(own, corrections=kept))
        runs = contents.runs[name.recording_id]
        for earlier in reversed(runs[: runs.index(summary)]):
            found = self._store.corrections(name.study_id, earlier)
            if review.generation:
                found = RunCorrections(tuple(_later(found.corrections, review, own)))
            if found.corrections or found.lost:
                return self._take_over(name, summary, own, earlier, found, contents)
        return own

    def are_left(
        self, study_id: str, summary: TranscriptSummary, review: Review, contents: StudyContents
    ) -> bool:
        """Return whether corrections of another run, made after a review, are still to be taken.

        Words that were restored and taken back there count as well. So it is between the moment in
        which an older run becomes the newest one again and the rule that is applied to it: its
        approval knows nothing of them.
        """
        runs = contents.runs[summary.recording_id]
        earlier = runs[: runs.index(summary)]
        if not earlier:
            return False
        own = self._store.corrections(study_id, summary)
        if any(self._taken_back(study_id, summary, own, contents)):
            return True
        return any(
            any(_later(self._store.corrections(study_id, one).corrections, review, own))
            for one in earlier
        )

    def _take_over(
        self,
        name: RecordingName,
        summary: TranscriptSummary,
        own: RunCorrections,
        earlier: TranscriptSummary,
        found: RunCorrections,
        contents: StudyContents,
    ) -> RunCorrections:
        carried, lost = carry_over(
            self._texts(name, earlier),
            found.corrections,
            self._texts(name, summary),
            earlier.run_key,
        )
        # What was lost on the way to the earlier run stays named until a person decided on it.
        decided = contents.review(earlier)
        seen = decided.state is not ReviewState.PENDING and not decided.is_by_rule
        both = RunCorrections(
            (*own.corrections, *(one for one in carried if not own.touch(*one.place))),
            (
                *own.lost,
                *(() if seen else found.lost),
                *lost,
                *(one for one in carried if own.touch(*one.place)),
            ),
            own.generation,
        )
        return own if both == own else self._put(name, summary, both)

    def _put(
        self, name: RecordingName, summary: TranscriptSummary, corrections: RunCorrections
    ) -> RunCorrections:
        generation = self._store.put_corrections(name.study_id, summary, corrections)
        return replace(corrections, generation=generation)

    def _taken_back(
        self,
        study_id: str,
        summary: TranscriptSummary,
        own: RunCorrections,
        contents: StudyContents,
    ) -> Iterator[Correction]:
        """Yield restored words of a run that somebody took back on a run that had them.

        A run whose review is newer than they are had them, unless they were taken back there.
        """
        restored = [one for one in own.corrections if one.kind is CorrectionKind.RESTORE]
        runs = contents.runs[summary.recording_id]
        for other in runs[: runs.index(summary)] if restored else ():
            decided = contents.review(other).decided_at
            there = self._store.corrections(study_id, other)
            if decided is None or not there.generation:
                continue
            known = {_made(one) for one in (*there.corrections, *there.lost)}
            for one in restored:
                made = one.corrected_at
                if made is not None and made < decided and _made(one) not in known:
                    yield one

    def _texts(self, name: RecordingName, summary: TranscriptSummary) -> list[SegmentText]:
        return [
            SegmentText(one.text, one.replacements)
            for one in self._zone.segments(name.study_id, summary)
        ]


def _later(
    corrections: Iterable[Correction], review: Review, own: RunCorrections
) -> Iterator[Correction]:
    """Yield the corrections that came after a review and were not taken over since."""
    known = {_made(one) for one in (*own.corrections, *own.lost)}
    for one in corrections:
        made, decided = one.corrected_at, review.decided_at
        if made is not None and decided is not None and made > decided and _made(one) not in known:
            yield one


def _made(one: Correction) -> tuple[CorrectionKind, str, datetime | None, str]:
    """Return what tells a correction from others wherever it was carried to."""
    return one.kind, one.corrected_by, one.corrected_at, one.text
