# SPDX-License-Identifier: Apache-2.0
"""The corrections of a run, with those of an earlier run of the same recording taken over."""

from __future__ import annotations

from dataclasses import replace

from services.corrections.carry_over import carry_over
from services.corrections.model import RunCorrections, SegmentText
from services.release.domain.ports import ResearchZone, ReviewStore
from services.release.domain.reviews import ReviewState, StudyContents
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

        `contents` is what was read of the recording before. May be repeated. Raises ReviewChanged
        when somebody else took them over or corrected at the same moment.
        """
        own = self._store.corrections(name.study_id, summary)
        if contents.review(summary).generation:
            return own  # whoever wrote that word took them over; what went since was taken back
        if own.lost or any(one.carried_from for one in own.corrections):
            return own  # done before, by a call that ended before its word was written
        runs = contents.runs[name.recording_id]
        for earlier in reversed(runs[: runs.index(summary)]):
            found = self._store.corrections(name.study_id, earlier)
            if found.corrections or found.lost:
                return self._take_over(name, summary, own, earlier, found, contents)
        return own

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
                *(() if seen else found.lost),
                *lost,
                *(one for one in carried if own.touch(*one.place)),
            ),
            own.generation,
        )
        if both == own:
            return own
        generation = self._store.put_corrections(name.study_id, summary, both)
        return replace(both, generation=generation)

    def _texts(self, name: RecordingName, summary: TranscriptSummary) -> list[SegmentText]:
        return [
            SegmentText(one.text, one.replacements)
            for one in self._zone.segments(name.study_id, summary)
        ]
