# SPDX-License-Identifier: Apache-2.0
"""The corrections of a run, with those of an earlier run of the same recording taken over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.corrections.carry_over import carry_over
from services.corrections.model import (
    Correction,
    CorrectionKind,
    RoleCorrection,
    RunCorrections,
    SegmentText,
)
from services.corrections.roles import carry_roles
from services.release.domain.ports import ResearchZone, ReviewStore
from services.release.domain.reviews import Review, ReviewState, StudyContents
from services.release.domain.transcript import RecordingName, Segment, TranscriptSummary


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
        if not review.generation and (own.lost_count or own.carried_count):
            return own  # done before, by a call that ended before its word was written
        gone = set(self._taken_back(name.study_id, summary, own, contents))
        if gone:
            kept = tuple(one for one in own.corrections if one not in gone)
            own = self._put(name, summary, replace(own, corrections=kept))
        runs = contents.runs[name.recording_id]
        for earlier in reversed(runs[: runs.index(summary)]):
            found = self._store.corrections(name.study_id, earlier)
            if review.generation:
                found = _later(found, review, own)
            if found.count or found.lost_count:
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
            _later(self._store.corrections(study_id, one), review, own).count for one in earlier
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
        before = self._zone.segments(name.study_id, earlier)
        after = self._zone.segments(name.study_id, summary)
        old, new = _texts(before), _texts(after)
        carried, lost = carry_over(old, found.corrections, new, earlier.run_key)
        roles, lost_roles = carry_roles(
            old,
            [one.speaker for one in before],
            found.roles,
            new,
            [(one.speaker, one.role) for one in after],
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
            {**roles, **own.roles},
            {
                **_unlike(roles, own.roles),
                **lost_roles,
                **({} if seen else found.lost_roles),
                **own.lost_roles,
            },
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
        restored = [one for one in own.corrections if one.kind.leaves_words]
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


def _texts(segments: Sequence[Segment]) -> list[SegmentText]:
    return [SegmentText(one.text, one.replacements) for one in segments]


def _unlike(
    roles: Mapping[str, RoleCorrection], own: Mapping[str, RoleCorrection]
) -> dict[str, RoleCorrection]:
    """Return the roles of speakers who have another one already."""
    return {
        speaker: one
        for speaker, one in roles.items()
        if speaker in own and own[speaker].role != one.role
    }


def _later(found: RunCorrections, review: Review, own: RunCorrections) -> RunCorrections:
    """Return the corrections that came after a review and were not taken over since."""
    known = {_made(one) for one in (*own.corrections, *own.lost)}
    known_roles = {_given(one) for one in (*own.roles.values(), *own.lost_roles.values())}

    def is_later(one: Correction | RoleCorrection) -> bool:
        made, decided = one.corrected_at, review.decided_at
        return made is not None and decided is not None and made > decided

    return RunCorrections(
        tuple(one for one in found.corrections if is_later(one) and _made(one) not in known),
        roles={
            speaker: one
            for speaker, one in found.roles.items()
            if is_later(one) and _given(one) not in known_roles
        },
    )


def _made(one: Correction) -> tuple[CorrectionKind, str, datetime | None, str]:
    """Return what tells a correction from others wherever it was carried to."""
    return one.kind, one.corrected_by, one.corrected_at, one.text


def _given(one: RoleCorrection) -> tuple[str, str, datetime | None]:
    """Return what tells a role that was given from others; each has a moment of its own."""
    return one.role, one.corrected_by, one.corrected_at
