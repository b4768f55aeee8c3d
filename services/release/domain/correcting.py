# SPDX-License-Identifier: Apache-2.0
"""Correcting a run: adding a correction, with where it spreads to, and taking one back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.errors import Internal
from services.corrections.model import (
    Correction,
    CorrectionKind,
    RoleCorrection,
    RunCorrections,
    SegmentText,
)
from services.corrections.replay import check
from services.corrections.roles import engine_roles, role_of
from services.registry import ids
from services.release.domain.carrying import CorrectionCarrier
from services.release.domain.ports import (
    CorrectionSpreader,
    RedactedPlace,
    ResearchZone,
    ReviewStore,
)
from services.release.domain.reviews import Review, ReviewState
from services.release.domain.separation import refuse_changers
from services.release.domain.transcript import RecordingName, TranscriptSummary
from services.release.errors import NoSuchCorrection, NoSuchSpeaker, PlaceCorrected, ReviewChanged

_TRIES = 5  # others may decide meanwhile; none of them decides that often


@dataclass(frozen=True)
class WantedCorrection:
    """What a person asks for: a place of the run's own text, and what to do with it.

    `text` holds the words to put back, and is empty unless it is a restoration.
    """

    run_key: str
    kind: CorrectionKind
    segment: int
    start: int
    end: int
    entity_type: str
    text: str


@dataclass(frozen=True)
class AssignedRoles:
    """The role of every speaker of a run, by the label; empty where nobody knows.

    `changed` counts the speakers whose role is another one than before.
    """

    roles: Mapping[str, str]
    changed: int
    generation: int


class Corrector:
    """Adds and removes corrections; `clock` gives UTC.

    A run that was decided on waits for review again.
    """

    def __init__(
        self,
        zone: ResearchZone,
        store: ReviewStore,
        spreader: CorrectionSpreader,
        clock: Callable[[], datetime],
    ) -> None:
        self._zone = zone
        self._store = store
        self._spreader = spreader
        self._clock = clock
        self._carrier = CorrectionCarrier(zone, store)

    def add(
        self, name: RecordingName, wanted: WantedCorrection, person: str
    ) -> tuple[tuple[Correction, ...], int]:
        """Add a correction and return what was added, with the new generation.

        Raises ChangedThePolicy, CorrectionMalformed, PlaceCorrected, NoSuchTranscript,
        TranscriptMadeAnew, ReviewChanged when another correction came between, and Unavailable
        when the de-identification engine, which a redaction needs, cannot be reached.
        """
        contents = self._zone.contents_of(name)
        summary = contents.newest_run(name.recording_id, wanted.run_key)
        refuse_changers(self._zone.study(name.study_id), summary, person)
        corrections = self._carrier.corrections(name, summary, contents)
        texts = [
            SegmentText(one.text, one.replacements)
            for one in self._zone.segments(name.study_id, summary)
        ]
        if corrections.touch(wanted.segment, wanted.start, wanted.end):
            raise PlaceCorrected(
                f"segment {wanted.segment} is corrected at that place already; take that back"
                " first with: sotto review undo"
            )
        asked = Correction(
            wanted.kind,
            wanted.segment,
            wanted.start,
            wanted.end,
            wanted.entity_type,
            # What stands there after another kind of correction is the engine's word.
            wanted.text if wanted.kind is CorrectionKind.RESTORE else "[]",
            person,
            self._clock(),
        )
        check(texts, [asked])
        added = self._spread(name, summary, asked, corrections)
        after = (*corrections.corrections, *added)
        check(texts, after)
        generation = self._replace(name, summary, replace(corrections, corrections=after), person)
        return added, generation

    def remove(
        self, name: RecordingName, run_key: str, segment: int, start: int, person: str
    ) -> tuple[int, int]:
        """Take back the correction that begins at a place, with those that spread from it.

        Return how many went, and the new generation. Raises ChangedThePolicy, NoSuchCorrection,
        NoSuchTranscript, TranscriptMadeAnew and ReviewChanged.
        """
        contents = self._zone.contents_of(name)
        summary = contents.newest_run(name.recording_id, run_key)
        refuse_changers(self._zone.study(name.study_id), summary, person)
        corrections = self._carrier.corrections(name, summary, contents)
        for one in corrections.corrections:
            if (one.segment, one.start) == (segment, start):
                break
        else:
            raise NoSuchCorrection(
                f"no correction begins at character {start} of segment {segment};"
                f" see: sotto review show {name.recording_id} --full"
            )
        gone = {one.place, *(() if one.spread else _spread_from(one, corrections.corrections))}
        kept = tuple(other for other in corrections.corrections if other.place not in gone)
        generation = self._replace(name, summary, replace(corrections, corrections=kept), person)
        return len(gone), generation

    def assign(
        self, name: RecordingName, run_key: str, roles: Mapping[str, str], person: str
    ) -> AssignedRoles:
        """Give speakers their roles, of all that they say; an empty one gives the engine's back.

        Where nothing changes nothing is written. Raises ChangedThePolicy, NoSuchSpeaker,
        NoSuchTranscript, TranscriptMadeAnew and ReviewChanged.
        """
        contents = self._zone.contents_of(name)
        summary = contents.newest_run(name.recording_id, run_key)
        refuse_changers(self._zone.study(name.study_id), summary, person)
        by_engine = engine_roles(
            (one.speaker, one.role) for one in self._zone.segments(name.study_id, summary)
        )
        if unknown := [one for one in roles if one not in by_engine]:
            raise _no_such_speaker(name.recording_id, unknown, by_engine)
        corrections = self._carrier.corrections(name, summary, contents)
        before = {one: role_of(one, by_engine[one], corrections.roles) for one in by_engine}
        after = before | {one: role or by_engine[one] for one, role in roles.items()}
        changed = [one for one in by_engine if before[one] != after[one]]
        generation = corrections.generation
        if changed:
            kept = {one: was for one, was in corrections.roles.items() if one not in changed}
            new = {
                one: RoleCorrection(after[one], person, self._clock())
                for one in changed
                if after[one] != by_engine[one]
            }
            generation = self._replace(
                name, summary, replace(corrections, roles=kept | new), person
            )
        return AssignedRoles(after, len(changed), generation)

    def _spread(
        self,
        name: RecordingName,
        summary: TranscriptSummary,
        asked: Correction,
        corrections: RunCorrections,
    ) -> tuple[Correction, ...]:
        """Return the asked correction and those at other places of the same words or label."""
        if asked.kind is CorrectionKind.RESTORE:
            return (asked,)
        place = RedactedPlace(asked.segment, asked.start, asked.end, "")
        spread = (
            self._spreader.redact if asked.kind is CorrectionKind.REDACT else self._spreader.retype
        )
        found: list[Correction] = []
        for one in spread(name.study_id, summary, place, asked.entity_type):
            is_asked = one.segment == asked.segment and asked.overlaps(one.start, one.end)
            correction = replace(
                asked,
                segment=one.segment,
                start=one.start,
                end=one.end,
                text=one.text,
                spread=not is_asked,
            )
            if is_asked or not corrections.touch(*correction.place):
                found.append(correction)
        if sum(1 for one in found if not one.spread) != 1:
            raise Internal("the de-identification service did not answer with the asked place")
        return tuple(found)

    def _replace(
        self,
        name: RecordingName,
        summary: TranscriptSummary,
        corrections: RunCorrections,
        person: str,
    ) -> int:
        """Store corrections between two words on the run.

        The first takes back what was decided, so that nothing is released that was approved with
        other corrections; the second says which corrections there are now.
        """
        if self._review(name, summary).state is not ReviewState.PENDING:
            self._hold(name, summary, corrections.generation, person)
        generation = self._store.put_corrections(name.study_id, summary, corrections)
        self._hold(name, summary, generation, person)
        return generation

    def _hold(
        self, name: RecordingName, summary: TranscriptSummary, generation: int, person: str
    ) -> None:
        review = Review(
            summary.run_key,
            ReviewState.PENDING,
            person,
            residual_risk=summary.residual_risk,
            threshold=summary.threshold,
            corrections_generation=generation,
        )
        for tries_left in reversed(range(_TRIES)):
            before = self._review(name, summary)
            try:
                self._store.put_review(
                    name.study_id, summary, replace(review, generation=before.generation)
                )
            except ReviewChanged:
                if not tries_left:
                    raise
            else:
                return

    def _review(self, name: RecordingName, summary: TranscriptSummary) -> Review:
        return self._store.review(name.study_id, summary) or Review(summary.run_key)


def _no_such_speaker(
    recording_id: str, unknown: Sequence[str], known: Iterable[str]
) -> NoSuchSpeaker:
    there = [one for one in known if re.fullmatch(ids.NUMBERED_SPEAKER, one)]
    advice = f"it has {', '.join(there)}" if there else "its speakers have no numbers"
    return NoSuchSpeaker(
        f"no speaker of {recording_id} is {' or '.join(unknown)}; {advice};"
        f" see: sotto review show {recording_id} --full"
    )


def _spread_from(one: Correction, others: Sequence[Correction]) -> set[tuple[int, int, int]]:
    """Return the places that a correction spread to: those of the same person and moment."""
    return {
        other.place
        for other in others
        if other.spread
        and (other.kind, other.entity_type) == (one.kind, one.entity_type)
        and (other.corrected_by, other.corrected_at) == (one.corrected_by, one.corrected_at)
    }
