# SPDX-License-Identifier: Apache-2.0
"""Correcting a run, a step at a time: each is in the journal, and can be undone and done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.errors import Internal
from services.corrections import journal
from services.corrections.journal import NoSuchStep, StepBuiltUpon
from services.corrections.model import (
    Correction,
    CorrectionKind,
    MarkedPlace,
    RoleCorrection,
    RunCorrections,
    SegmentText,
    Step,
    StepKind,
)
from services.corrections.replay import check
from services.corrections.roles import engine_roles, role_of
from services.release.domain import mentions
from services.release.domain.carrying import CorrectionCarrier
from services.release.domain.holding import hold
from services.release.domain.ports import (
    CorrectionSpreader,
    RedactedPlace,
    ResearchZone,
    ReviewStore,
)
from services.release.domain.recent_corrections import RecentCorrections
from services.release.domain.recent_texts import RecentTexts
from services.release.domain.reviews import ReviewState
from services.release.domain.separation import refuse_changers
from services.release.domain.transcript import RecordingName, Segment, TranscriptSummary
from services.release.errors import (
    NoSuchCorrection,
    NoSuchLabel,
    NoSuchPlace,
    PlaceCorrected,
    ReviewChanged,
    no_such_speaker,
)

_PENDING = ReviewState.PENDING
# Whose words are a person's, not the engine's.
_WORDS = frozenset({CorrectionKind.RESTORE, CorrectionKind.WORDING})


@dataclass(frozen=True)
class WantedCorrection:
    """What a person asks for: a place of the run's own text, and what to do with it.

    `text` holds the words to put back or the new wording, and is empty otherwise. It does not
    spread to places that touch one that is `left_out`. `also` are further replacements to put
    words back for.
    """

    run_key: str
    kind: CorrectionKind
    segment: int
    start: int
    end: int
    entity_type: str
    text: str
    left_out: tuple[MarkedPlace, ...] = ()
    also: tuple[RedactedPlace, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A step that was taken, and the generation of the corrections after it."""

    step: Step
    generation: int


@dataclass(frozen=True)
class AssignedRoles:
    """The role of every speaker of a run, by the label; empty where nobody knows.

    `step` is None where nothing changed.
    """

    roles: Mapping[str, str]
    step: Step | None
    generation: int

    @property
    def changed(self) -> int:
        """How many speakers have another role than before."""
        step = self.step
        return len({*step.removed_roles, *step.added_roles}) if step else 0


@dataclass(frozen=True)
class _Open:
    """A run that is being corrected, its corrections, and where its review stands."""

    name: RecordingName
    summary: TranscriptSummary
    corrections: RunCorrections
    state: ReviewState
    is_remembered: bool = False


class Corrector:
    """Takes steps of reviewers; `clock` gives UTC.

    A run that was decided on waits for review again. Every method raises ChangedThePolicy,
    NoSuchTranscript, TranscriptMadeAnew, and ReviewChanged when another correction came between.
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
        self._texts = RecentTexts(zone)
        self._recent = RecentCorrections()

    def add(self, name: RecordingName, wanted: WantedCorrection, person: str) -> Taken:
        """Add a correction, and those that it spreads to.

        Raises CorrectionMalformed, PlaceCorrected, and Unavailable when the de-identification
        engine, which a redaction or a wording needs, cannot be reached.
        """
        run = self._open(name, wanted.run_key, person)
        texts = self._segment_texts(run)
        places = [(wanted.segment, wanted.start, wanted.end)]
        places += [(one.segment, one.start, one.end) for one in wanted.also]
        if any(run.corrections.touch(*one) for one in places):
            raise PlaceCorrected(
                f"segment {wanted.segment} is corrected at that place already; take that back"
                " first with: sotto review undo"
            )
        at = self._clock()
        asked = Correction(
            wanted.kind,
            wanted.segment,
            wanted.start,
            wanted.end,
            wanted.entity_type,
            # What stands there after another kind of correction is the engine's word.
            wanted.text if wanted.kind in _WORDS else "[]",
            person,
            at,
        )
        check(texts, [asked])
        added = self._spread(run, asked, wanted)
        check(texts, (*run.corrections.corrections, *added))
        step = journal.next_step(run.corrections, StepKind.CORRECT, person, at, added=added)
        return self._take(run, step)

    def remove(
        self, name: RecordingName, run_key: str, segment: int, start: int, person: str
    ) -> Taken:
        """Take back the correction that begins at a place, with those that spread from it.

        Raises NoSuchCorrection.
        """
        run = self._open(name, run_key, person)
        there = run.corrections.corrections
        for one in there:
            if (one.segment, one.start) == (segment, start):
                break
        else:
            raise NoSuchCorrection(
                f"no correction begins at character {start} of segment {segment};"
                f" see: sotto review show {name.recording_id} --full"
            )
        gone = {one.place, *(() if one.spread else _spread_from(one, there))}
        step = journal.next_step(
            run.corrections,
            StepKind.REMOVE,
            person,
            self._clock(),
            removed=[other for other in there if other.place in gone],
        )
        return self._take(run, step)

    def assign(
        self, name: RecordingName, run_key: str, roles: Mapping[str, str], person: str
    ) -> AssignedRoles:
        """Give speakers their roles, of all that they say; an empty one gives the engine's back.

        Where nothing changes nothing is written. Raises NoSuchSpeaker.
        """
        run = self._open(name, run_key, person)
        by_engine = engine_roles((one.speaker, one.role) for one in self._segments(run))
        if unknown := [one for one in roles if one not in by_engine]:
            raise no_such_speaker(name.recording_id, unknown, by_engine)
        there = run.corrections.roles
        before = {one: role_of(one, by_engine[one], there) for one in by_engine}
        after = before | {one: role or by_engine[one] for one, role in roles.items()}
        changed = [one for one in by_engine if before[one] != after[one]]
        if not changed:
            return AssignedRoles(after, None, run.corrections.generation)
        at = self._clock()
        step = replace(
            journal.next_step(run.corrections, StepKind.ROLES, person, at),
            removed_roles={one: there[one] for one in changed if one in there},
            added_roles={
                one: RoleCorrection(after[one], person, at)
                for one in changed
                if after[one] != by_engine[one]
            },
        )
        taken = self._take(run, step)
        return AssignedRoles(after, taken.step, taken.generation)

    def mark(
        self,
        name: RecordingName,
        run_key: str,
        kind: StepKind,
        places: Sequence[MarkedPlace],
        person: str,
    ) -> Taken:
        """Say of places that they may stay, of turns that nothing is left in them, or that places
        are put off. Raises NoSuchPlace.
        """
        turns = kind is StepKind.NOTHING_HERE

        def made(run: _Open) -> Step:
            for one in places:
                is_whole = (one.start, one.end) == (0, 0)
                if one.segment >= run.summary.segments or is_whole is not turns:
                    raise NoSuchPlace(
                        f"segment {one.segment} has no such place; look again with:"
                        f" sotto review show {name.recording_id} --full"
                    )
            step = journal.next_step(run.corrections, kind, person, self._clock())
            return replace(step, places=tuple(places))

        return self._taken(name, run_key, person, made)

    def merge(self, name: RecordingName, run_key: str, label: str, into: str, person: str) -> Taken:
        """Give all replacements with one label another one that the transcript has.

        It holds for this transcript: the pseudonym table keeps both. Raises NoSuchLabel.
        """
        run = self._open(name, run_key, person)
        texts = self._segment_texts(run)
        found = mentions.labelled(texts, run.corrections, label)
        kinds = mentions.labelled(texts, run.corrections, into)
        if not found or not kinds or label == into:
            raise NoSuchLabel(
                "the transcript has no two such labels; take both from what this shows:"
                f" sotto review show {name.recording_id} --full"
            )
        at, there = self._clock(), {one.place: one for one in run.corrections.corrections}
        added, removed = list[Correction](), list[Correction]()
        for place in found:
            before = there.get(place)
            if before is None:
                kind = CorrectionKind.MERGE
                entity_type = kinds[next(iter(kinds))]
                is_first = not added
                added.append(
                    Correction(kind, *place, entity_type, into, person, at, spread=not is_first)
                )
            else:
                removed.append(before)
                added.append(replace(before, text=into, corrected_by=person, corrected_at=at))
        step = journal.next_step(
            run.corrections, StepKind.CORRECT, person, at, added=added, removed=removed
        )
        after = journal.take(run.corrections, step)
        check(texts, after.corrections)
        return self._take(run, step)

    def undo(self, name: RecordingName, run_key: str, number: int, person: str) -> Taken:
        """Undo a step, the person's newest that counts by default.

        Raises NoSuchStep and StepBuiltUpon.
        """

        def made(run: _Open) -> Step:
            return journal.undo(run.corrections, person, self._clock(), number)

        return self._taken(name, run_key, person, made)

    def redo(self, name: RecordingName, run_key: str, person: str) -> Taken:
        """Do again what the person undid last; raises NoSuchStep and StepBuiltUpon."""

        def made(run: _Open) -> Step:
            return journal.redo(run.corrections, person, self._clock())

        return self._taken(name, run_key, person, made)

    def mentions(
        self, name: RecordingName, run_key: str, place: MarkedPlace, entity_type: str
    ) -> list[MarkedPlace]:
        """Return where the same is mentioned as at a place, and nobody corrected it.

        Words are looked for by the engine where a type is given, and among doubtful places
        otherwise; of a replacement those of the same label are returned. Raises NoSuchPlace.
        """
        contents = self._zone.contents_of(name)
        summary = contents.newest_run(name.recording_id, run_key)
        corrections = self._store.corrections(name.study_id, summary)
        run = _Open(name, summary, corrections, _PENDING)
        texts = self._segment_texts(run)
        found = mentions.alike(texts, place, doubts_only=not entity_type)
        if found is None:
            asked = RedactedPlace(place.segment, place.start, place.end, "")
            found = [
                MarkedPlace(one.segment, one.start, one.end)
                for one in self._spreader.look(name.study_id, summary, asked, entity_type)
            ]
        return [one for one in found if not run.corrections.touch(one.segment, one.start, one.end)]

    def _open(
        self, name: RecordingName, run_key: str, person: str, *, remembers: bool = False
    ) -> _Open:
        """Return a run with its corrections as they are stored, or, where `remembers`, as this
        process stored them last.
        """
        contents = self._zone.contents_of(name)
        summary = contents.newest_run(name.recording_id, run_key)
        refuse_changers(self._zone.study(name.study_id), summary, person)
        state = contents.review(summary).state
        # What was decided on is read, since taking that back names how its corrections are now.
        recent = self._recent.get(name, summary) if remembers and state is _PENDING else None
        if recent is not None:
            return _Open(name, summary, recent, state, is_remembered=True)
        corrections = self._carrier.corrections(name, summary, contents)
        return _Open(name, summary, corrections, state)

    def _taken(
        self, name: RecordingName, run_key: str, person: str, made: Callable[[_Open], Step]
    ) -> Taken:
        """Take the step that `made` makes of a run, without reading first where this process wrote
        last: the store refuses it where another writer came between, and it is made once more.
        """
        run = self._open(name, run_key, person, remembers=True)
        if run.is_remembered:
            try:
                step = made(run)
                generation = self._store_step(run, step)
            except (ReviewChanged, NoSuchStep, StepBuiltUpon):
                run = self._open(name, run_key, person)
            else:
                return self._tell(run, step, generation)
        return self._take(run, made(run))

    def _segments(self, run: _Open) -> tuple[Segment, ...]:
        return self._texts.segments(run.name.study_id, run.summary)

    def _segment_texts(self, run: _Open) -> list[SegmentText]:
        return [SegmentText(one.text, one.replacements, one.doubts) for one in self._segments(run)]

    def _spread(
        self, run: _Open, asked: Correction, wanted: WantedCorrection
    ) -> tuple[Correction, ...]:
        """Return the asked correction and those at other places of the same words or label."""
        study, summary = run.name.study_id, run.summary
        place = RedactedPlace(asked.segment, asked.start, asked.end, asked.text)
        if asked.kind is CorrectionKind.RESTORE:
            return (asked, *(_at(asked, one, spread=True) for one in wanted.also))
        if asked.kind is CorrectionKind.WORDING:
            doubts = self._spreader.examine(study, summary, place)
            return (replace(asked, doubts=tuple(doubts)),)
        spread = (
            self._spreader.redact if asked.kind is CorrectionKind.REDACT else self._spreader.retype
        )
        found: list[Correction] = []
        for one in spread(study, summary, place, asked.entity_type):
            is_asked = one.segment == asked.segment and asked.overlaps(one.start, one.end)
            correction = _at(asked, one, spread=not is_asked)
            is_free = not run.corrections.touch(*correction.place) and not any(
                other.segment == one.segment and correction.overlaps(other.start, other.end)
                for other in wanted.left_out
            )
            if is_asked or is_free:
                found.append(correction)
        if sum(1 for one in found if not one.spread) != 1:
            raise Internal("the de-identification service did not answer with the asked place")
        return tuple(found)

    def _take(self, run: _Open, step: Step) -> Taken:
        """Store a step with what it leads to, between two words on the run.

        The first takes back what was decided, so that nothing is released that was approved with
        other corrections; the second says which corrections there are now, where they changed.
        """
        return self._tell(run, step, self._store_step(run, step))

    def _store_step(self, run: _Open, step: Step) -> int:
        """Store a step after the first word; returns the generation of the corrections."""
        study, summary = run.name.study_id, run.summary
        after = journal.take(run.corrections, step)
        if run.state is not _PENDING:
            hold(self._store, study, summary, run.corrections.generation, step.person)
        self._recent.forget(run.name)
        generation = self._store.put_corrections(study, summary, after)
        self._recent.keep(run.name, summary, replace(after, generation=generation))
        return generation

    def _tell(self, run: _Open, step: Step, generation: int) -> Taken:
        """Say the second word."""
        if step.added or step.removed or step.added_roles or step.removed_roles:
            hold(self._store, run.name.study_id, run.summary, generation, step.person)
        return Taken(step, generation)


def _at(asked: Correction, place: RedactedPlace, *, spread: bool) -> Correction:
    return replace(
        asked,
        segment=place.segment,
        start=place.start,
        end=place.end,
        text=place.text,
        spread=spread,
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
