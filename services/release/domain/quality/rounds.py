# SPDX-License-Identifier: Apache-2.0
"""Rounds of quality: opening one, reading its passages, ruling on them, signing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.common.errors import InvalidInput
from services.release.domain.approvals import approved_runs
from services.release.domain.approved import ApprovedInput
from services.release.domain.ports import CheckpointSource, ResearchZone, ReviewStore, Study
from services.release.domain.quality.drawing import seed_of
from services.release.domain.quality.framing import Frame, drawn, framed
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.gating import covers, passes
from services.release.domain.quality.judging import RoundState, Standing, stand
from services.release.domain.quality.passages import ApprovedRun, Line, Mark
from services.release.domain.quality.planting import Planted, Planter
from services.release.domain.quality.ports import RoundStore, StoredRound
from services.release.domain.quality.round import Reading, Round, Ruling, Search, SignOff, Span
from services.release.domain.reviews import ReviewState, StudyContents
from services.release.domain.separation import refuse_changer
from services.release.errors import (
    NoSuchRound,
    NotYours,
    ReviewChanged,
    RoundNotOpen,
    WaitsForSearch,
)

_KEY_BYTES = 32
_TRIES = 8  # others may write meanwhile; none of them writes that often
_OPEN = frozenset({RoundState.READING, RoundState.ADJUDICATION, RoundState.READY})


@dataclass(frozen=True)
class ShownPassage:
    """A passage as one reader sees it, the planted item among its words where there is one.

    `taken` are the places of replacements in the text; `readings` are what two readers marked, for
    whoever rules on it.
    """

    number: int
    role: str
    text: str
    language: str
    taken: tuple[tuple[int, int, str], ...]
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    readings: tuple[tuple[Mark, ...], ...] = ()


@dataclass(frozen=True)
class QualityView:
    """A round with how it stands and the generation of its record."""

    round: Round
    standing: Standing
    generation: int


@dataclass(frozen=True)
class QualityOverview:
    """The gate of a study, its rounds, and the approved recordings that passed none yet."""

    gate: Gate | None
    rounds: tuple[QualityView, ...]
    waiting: tuple[str, ...]


class QualityRounds:
    """The rounds of studies; `clock` gives UTC, `random` as many bytes as it is asked for."""

    def __init__(
        self,
        zone: ResearchZone,
        store: ReviewStore,
        rounds: RoundStore,
        log: CheckpointSource,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._zone = zone
        self._store = store
        self._rounds = rounds
        self._log = log
        self._clock = clock
        self._random = random

    def overview(self, study_id: str) -> QualityOverview:
        """Return the gate of a study, its rounds, and what waits for one."""
        study = self._zone.study(study_id)
        contents = self._zone.contents(study_id)
        views = [_view(one, contents) for one in self._rounds.rounds(study_id)]
        waiting: list[str] = []
        if study.quality is not None:
            passed = [one.round for one in views if passes(one.round, study.quality)]
            for summary in contents.newest:
                review = contents.review(summary)
                if review.state is ReviewState.APPROVED and not any(
                    one.covers(summary.recording_id, summary.run_key, review.corrections_generation)
                    for one in passed
                ):
                    waiting.append(summary.recording_id)
        return QualityOverview(study.quality, tuple(views), tuple(sorted(waiting)))

    def frame(self, study_id: str, person: str) -> Frame:
        """Return what a new round would be drawn from: all that is approved and in no passed round.

        Raises ChangedThePolicy, RoundNotOpen where the study asks for no gate, nothing is left to
        look at or a round is open, and WaitsForSearch where something was missed that was not
        looked for in the whole study yet.
        """
        study = self._zone.study(study_id)
        gate = _gate(study)
        refuse_changer(study, person)
        contents = self._zone.contents(study_id)
        views = [_view(one, contents) for one in self._rounds.rounds(study_id)]
        for one in views:
            if one.standing.state in _OPEN:
                raise RoundNotOpen(
                    f"round {one.round.number} of {study_id} is open: nobody draws again until it"
                    f" has ended; see: sotto quality show --study {study_id}"
                )
            if one.standing.state is RoundState.MISSED and one.round.search is None:
                raise WaitsForSearch(
                    f"round {one.round.number} of {study_id} found what was missed; look for it in"
                    f" the whole study first, with: sotto quality search --study {study_id}"
                )
        inputs, _ = approved_runs(self._zone, self._store, study, contents)
        passed = [one.round for one in views if passes(one.round, gate)]
        wanted = [
            # The key of a run that an earlier version made tells something of its words, and the
            # frame of a round is told to everybody.
            one
            for one in inputs
            if one.summary.is_keyed and not any(covers(done, one) for done in passed)
        ]
        if not wanted:
            raise RoundNotOpen(
                f"no approved transcript of {study_id} waits for its gate; see: sotto review list"
                f" --study {study_id}"
            )
        return framed(self._zone, study_id, len(views) + 1, gate, wanted)

    def open(self, frame: Frame, person: str) -> QualityView:
        """Draw from a frame whose digest is in the audit log, and store the round.

        The seed is made from a checkpoint that the log signs after that. Raises ReviewChanged where
        another round was opened at the same moment.
        """
        checkpoint = self._log.newest_checkpoint().checkpoint
        seed = seed_of(frame.number, frame.sha256, checkpoint)
        count, passages = drawn(frame, seed)
        made = Round(
            study_id=frame.study_id,
            number=frame.number,
            opened_by=person,
            opened_at=self._now(),
            gate=frame.gate,
            frame=frame.runs,
            checkpoint=checkpoint,
            seed=seed,
            plant_key=self._random(_KEY_BYTES),
            drawn=count,
            passages=passages,
        )
        generation = self._rounds.put_round(made, 0)
        return QualityView(made, stand(made), generation)

    def read(self, study_id: str, number: int, person: str, most: int) -> list[ShownPassage]:
        """Return passages that a person has still to read, at most so many, in an order of theirs.

        Raises ChangedThePolicy, NoSuchRound and RoundNotOpen.
        """
        found = self._open_round(study_id, number, person, _OPEN)
        one = found.round
        left = [at for at in range(len(one.passages)) if _is_left(one, at, person)]
        planter = Planter(one.plant_key, person)
        chosen = planter.shuffled(left)[:most]
        texts = self._texts(study_id, one, chosen)
        return [self._shown(one, at, texts, _planted(one, at, person, texts)) for at in chosen]

    def record(
        self, study_id: str, number: int, person: str, marked: Sequence[tuple[int, Sequence[Mark]]]
    ) -> QualityView:
        """Store what a person marked in passages that they read; no mark says that all is well.

        A person's own reading may be given again until the round's reading ends. Raises
        ChangedThePolicy, NoSuchRound, RoundNotOpen, NotYours, and InvalidInput for a mark that does
        not fit.
        """
        found = self._open_round(study_id, number, person, {RoundState.READING})
        passages = [at for at, _ in marked]
        _require(found.round, passages)
        texts = self._texts(study_id, found.round, passages)
        made = []
        for at, marks in marked:
            planted = _planted(found.round, at, person, texts)
            run = texts[found.round.passages[at].recording]
            spans, is_found = run.spans(found.round.passages[at].segment, marks, planted)
            made.append(
                Reading(
                    passage=at,
                    reader=person,
                    spans=spans,
                    planted=planted is not None,
                    found=is_found,
                    at=self._now(),
                )
            )

        def change(one: Round) -> Round:
            mine = {old.passage for old in one.readings if old.reader == person}
            for new in made:
                if new.passage not in mine and not _is_left(one, new.passage, person):
                    raise NotYours(
                        f"passage {new.passage} of round {number} needs no reading of yours"
                    )
            new_ones = {new.passage: new for new in made}
            kept = [
                new_ones.pop(old.passage)
                if old.reader == person and old.passage in new_ones
                else old
                for old in one.readings
            ]
            return one.changed(readings=(*kept, *new_ones.values()))

        return self._change(study_id, number, change)

    def disputes(self, study_id: str, number: int, person: str) -> list[ShownPassage]:
        """Return what a person may rule on, lowest agreement first, without the readers' names."""
        found = self._open_round(study_id, number, person, _OPEN)
        one = found.round
        mine = [
            at
            for at in found.standing.disputed
            if all(reading.reader != person for reading in one.by_passage[at])
        ]
        texts = self._texts(study_id, one, mine)
        return [self._shown(one, at, texts, None, with_readings=True) for at in mine]

    def rule(
        self, study_id: str, number: int, person: str, passage: int, marks: Sequence[Mark]
    ) -> QualityView:
        """Store what is right where two readers disagreed; raises NotYours for one of both."""
        states = {RoundState.READING, RoundState.ADJUDICATION}
        found = self._open_round(study_id, number, person, states)
        _require(found.round, [passage])
        if passage not in found.standing.disputed:
            raise NotYours(f"two readers do not disagree on passage {passage} of round {number}")
        if any(one.reader == person for one in found.round.by_passage[passage]):
            raise NotYours(f"{person} read passage {passage}; a third person rules on it")
        texts = self._texts(study_id, found.round, [passage])
        where = found.round.passages[passage]
        spans, _ = texts[where.recording].spans(where.segment, marks, None)
        ruling = Ruling(passage=passage, by=person, spans=spans, at=self._now())

        def change(one: Round) -> Round:
            kept = (other for other in one.rulings if other.passage != passage)
            return one.changed(rulings=(*kept, ruling))

        return self._change(study_id, number, change)

    def with_misses(self, study_id: str, number: int, person: str) -> QualityView:
        """Return a round whose misses are to be looked for; raises RoundNotOpen for another."""
        return self._open_round(study_id, number, person, {RoundState.MISSED})

    def searched(self, study_id: str, number: int, person: str, replaced: int) -> QualityView:
        """Note that what a round missed was replaced in the whole study, at so many places."""

        def change(one: Round) -> Round:
            before = one.search.replaced if one.search else 0
            made = Search(by=person, at=self._now(), replaced=before + replaced)
            return one.changed(search=made)

        return self._change(study_id, number, change)

    def sign(self, study_id: str, number: int, person: str, generation: int) -> QualityView:
        """Vouch for a round that is ready, as it was seen; bound to the texts, as they are now.

        Raises ChangedThePolicy, NoSuchRound, RoundNotOpen, NotYours where the study wants another
        person, and ReviewChanged where the round or a text changed since.
        """
        found = self._open_round(study_id, number, person, {RoundState.READY})
        one, study = found.round, self._zone.study(study_id)
        if found.generation != generation:
            raise ReviewChanged(
                f"round {number} of {study_id} changed since you looked; look again with: sotto"
                f" quality show --study {study_id}"
            )
        if _gate(study).other_signer and person in one.readers:
            raise NotYours(
                f"{person} read in round {number}; the study wants it signed by somebody else"
            )
        self._require_texts(study, one)
        signed = SignOff(by=person, at=self._now(), text_sha256=one.text_sha256)
        made = one.changed(signed=signed)
        stored = self._rounds.put_round(made, generation)
        return QualityView(made, stand(made), stored)

    def _require_texts(self, study: Study, one: Round) -> None:
        """Refuse to sign for texts that are not those of the frame."""
        contents = self._zone.contents(study.study_id)
        inputs, _ = approved_runs(self._zone, self._store, study, contents)
        by_recording = {item.summary.recording_id: item for item in inputs}
        for run in one.frame:
            item = by_recording.get(run.recording_id)
            if item is None or not covers(one, item):
                raise _overtaken(one)
            text = ApprovedRun(item, self._zone.segments(study.study_id, item.summary))
            if text.sha256 != run.text_sha256:
                raise _overtaken(one)

    def _open_round(
        self, study_id: str, number: int, person: str, states: Collection[RoundState]
    ) -> QualityView:
        """Return a round in which a person may act; raises as its callers say."""
        refuse_changer(self._zone.study(study_id), person)
        found = self._find(study_id, number)
        state = found.standing.state
        if state is RoundState.OVERTAKEN:
            raise _overtaken(found.round)
        if state not in states:
            raise RoundNotOpen(
                f"round {number} of {study_id} is at another point: {state.value}; see: sotto"
                f" quality show --study {study_id}"
            )
        return found

    def _find(self, study_id: str, number: int) -> QualityView:
        contents = self._zone.contents(study_id)
        for one in self._rounds.rounds(study_id):
            if one.round.number == number:
                return _view(one, contents)
        raise NoSuchRound(
            f"{study_id} has no round {number}; see: sotto quality show --study {study_id}"
        )

    def _texts(self, study_id: str, one: Round, passages: Sequence[int]) -> dict[int, ApprovedRun]:
        """Read the runs that passages stand in, by their place in the frame."""
        contents = self._zone.contents(study_id)
        found = {}
        for place in sorted({one.passages[at].recording for at in passages}):
            run = one.frame[place]
            summary = contents.run(run.recording_id, run.run_key)
            corrections = self._store.corrections(study_id, summary)
            if corrections.generation != run.corrections_generation:
                raise _overtaken(one)
            source = ApprovedInput(
                summary, contents.review(summary), corrections.corrections, corrections.roles
            )
            found[place] = ApprovedRun(source, self._zone.segments(study_id, summary))
        return found

    def _shown(
        self,
        one: Round,
        at: int,
        texts: dict[int, ApprovedRun],
        planted: Planted | None,
        *,
        with_readings: bool = False,
    ) -> ShownPassage:
        where = one.passages[at]
        run = texts[where.recording]
        segment = run.segment(where.segment)
        readings: list[tuple[Mark, ...]] = []
        if with_readings:
            # In an order of their places: which reader came first tells who it was.
            readings = sorted(
                _marks(run, where.segment, found.spans) for found in one.by_passage[at]
            )
        return ShownPassage(
            at,
            segment.role or segment.speaker,
            planted.text if planted else segment.text,
            segment.language,
            tuple(
                (*_moved((one.start, one.end), planted), one.entity_type)
                for one in segment.replacements
            ),
            tuple(run.before(where.segment)),
            tuple(run.after(where.segment)),
            tuple(readings),
        )

    def _change(self, study_id: str, number: int, change: Callable[[Round], Round]) -> QualityView:
        """Change a round, again where another reader wrote meanwhile."""
        for tries_left in reversed(range(_TRIES)):
            found = self._find(study_id, number)
            made = change(found.round)
            try:
                generation = self._rounds.put_round(made, found.generation)
            except ReviewChanged:
                if not tries_left:
                    raise
            else:
                return QualityView(made, stand(made), generation)
        raise ReviewChanged(f"round {number} of {study_id} changes too often; try again")

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def is_overtaken(one: Round, contents: StudyContents) -> bool:
    """Return whether a run of the frame is not the newest and approved any more, as it was read."""
    newest = {found.recording_id: found for found in contents.newest}
    for run in one.frame:
        summary = newest.get(run.recording_id)
        if summary is None or summary.run_key != run.run_key:
            return True
        review = contents.review(summary)
        if review.state is not ReviewState.APPROVED:
            return True
        if review.corrections_generation != run.corrections_generation:
            return True
    return False


def _view(one: StoredRound, contents: StudyContents) -> QualityView:
    standing = stand(one.round, is_overtaken=is_overtaken(one.round, contents))
    return QualityView(one.round, standing, one.generation)


def _gate(study: Study) -> Gate:
    if study.quality is None:
        raise RoundNotOpen(
            f"the study file of {study.study_id} asks for no gate; describe one under 'quality' and"
            " run: sotto study create"
        )
    return study.quality


def _require(one: Round, passages: Sequence[int]) -> None:
    if any(at >= len(one.passages) for at in passages):
        raise InvalidInput(f"round {one.number} has {len(one.passages)} passages, from 0")
    if len(set(passages)) != len(passages):
        raise InvalidInput("a passage is named twice")


def _is_left(one: Round, at: int, person: str) -> bool:
    """Return whether a passage needs a reading by this person."""
    readings = one.by_passage.get(at, ())
    if any(reading.reader == person for reading in readings):
        return False
    return len(readings) < (2 if one.passages[at].second else 1)


def _planted(one: Round, at: int, person: str, texts: dict[int, ApprovedRun]) -> Planted | None:
    """Return what is planted in a passage for a reader, as it was when they read it."""
    planter = Planter(one.plant_key, person)
    if at not in planter.chosen(range(len(one.passages)), one.gate.planted):
        return None
    where = one.passages[at]
    segment = texts[where.recording].segment(where.segment)
    taken = texts[where.recording].taken(where.segment)
    return planter.plant(at, segment.text, segment.language, taken)


def _marks(run: ApprovedRun, segment: int, spans: Sequence[Span]) -> tuple[Mark, ...]:
    return tuple(Mark(*run.shown(segment, one), one.entity_type) for one in spans)


def _moved(place: tuple[int, int], planted: Planted | None) -> tuple[int, int]:
    if planted is None or place[0] < planted.at:
        return place
    return place[0] + planted.length, place[1] + planted.length


def _overtaken(one: Round) -> RoundNotOpen:
    return RoundNotOpen(
        f"a transcript of round {one.number} of {one.study_id} was corrected, decided on or made"
        " anew since; when all are approved again, open a new round with: sotto quality open"
        f" --study {one.study_id}"
    )
