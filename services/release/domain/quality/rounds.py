# SPDX-License-Identifier: Apache-2.0
"""Rounds of quality: opening one, looking for what it missed, signing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.release.domain.approvals import approved_runs
from services.release.domain.ports import CheckpointSource, ResearchZone, ReviewStore, Study
from services.release.domain.quality.drawing import seed_of
from services.release.domain.quality.finding import (
    OPEN,
    QualityView,
    RoundFinder,
    overtaken,
    viewed,
)
from services.release.domain.quality.framing import Frame, drawn, framed
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.gating import covers, passes
from services.release.domain.quality.judging import RoundState, stand
from services.release.domain.quality.passages import ApprovedRun
from services.release.domain.quality.ports import RoundStore
from services.release.domain.quality.round import Round, Search, SignOff
from services.release.domain.reviews import ReviewState
from services.release.domain.separation import refuse_changer
from services.release.errors import (
    NotYours,
    ReviewChanged,
    RoundNotOpen,
    WaitsForSearch,
)

_KEY_BYTES = 32
_MISSED = frozenset({RoundState.MISSED})


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
        self._finder = RoundFinder(zone, rounds)
        self._log = log
        self._clock = clock
        self._random = random

    def overview(self, study_id: str) -> QualityOverview:
        """Return the gate of a study, its rounds, and what waits for one."""
        study = self._zone.study(study_id)
        contents = self._zone.contents(study_id)
        views = [viewed(one, contents) for one in self._rounds.rounds(study_id)]
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
        views = [viewed(one, contents) for one in self._rounds.rounds(study_id)]
        for one in views:
            if one.standing.state in OPEN:
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

    def with_misses(self, study_id: str, number: int, person: str) -> QualityView:
        """Return a round whose misses are to be looked for; raises RoundNotOpen for another."""
        return self._finder.require(study_id, number, person, _MISSED)

    def searched(self, study_id: str, number: int, person: str, replaced: int) -> QualityView:
        """Note that what a round missed was replaced in the whole study, at so many places."""

        def change(one: Round) -> Round:
            before = one.search.replaced if one.search else 0
            made = Search(by=person, at=self._now(), replaced=before + replaced)
            return one.changed(search=made)

        found = self._finder.require(study_id, number, person, _MISSED)
        return self._finder.change(found, person, _MISSED, change)

    def sign(self, study_id: str, number: int, person: str, generation: int) -> QualityView:
        """Vouch for a round that is ready, as it was seen; bound to the texts, as they are now.

        Raises ChangedThePolicy, NoSuchRound, RoundNotOpen, NotYours where the study wants another
        person, and ReviewChanged where the round or a text changed since.
        """
        found = self._finder.require(study_id, number, person, {RoundState.READY})
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
                raise overtaken(one)
            text = ApprovedRun(item, self._zone.segments(study.study_id, item.summary))
            if text.sha256 != run.text_sha256:
                raise overtaken(one)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def _gate(study: Study) -> Gate:
    if study.quality is None:
        raise RoundNotOpen(
            f"the study file of {study.study_id} asks for no gate; describe one under 'quality' and"
            " run: sotto study create"
        )
    return study.quality
