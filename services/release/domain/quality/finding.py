# SPDX-License-Identifier: Apache-2.0
"""Finding a round in which a person may act, and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from services.release.domain.ports import ResearchZone
from services.release.domain.quality.judging import RoundState, Standing, stand
from services.release.domain.quality.ports import RoundStore, StoredRound
from services.release.domain.quality.round import Round
from services.release.domain.reviews import ReviewState, StudyContents
from services.release.domain.separation import refuse_changer
from services.release.errors import NoSuchRound, ReviewChanged, RoundNotOpen

#: States in which a round is under way: nobody draws again before it has ended.
OPEN = frozenset({RoundState.READING, RoundState.ADJUDICATION, RoundState.READY})
_TRIES = 8  # others may write meanwhile; none of them writes that often


@dataclass(frozen=True)
class QualityView:
    """A round with how it stands and the generation of its record."""

    round: Round
    standing: Standing
    generation: int


@dataclass(frozen=True)
class FoundRound(QualityView):
    """A round, and the transcripts of its study as they were when it was found."""

    contents: StudyContents


class RoundFinder:
    """Finds rounds in the store, and changes them."""

    def __init__(self, zone: ResearchZone, rounds: RoundStore) -> None:
        self._zone = zone
        self._rounds = rounds

    def find(self, study_id: str, number: int) -> FoundRound:
        """Return a round; raises NoSuchRound."""
        contents = self._zone.contents(study_id)
        one = self._rounds.round(study_id, number)
        if one is None:
            raise NoSuchRound(
                f"{study_id} has no round {number}; see: sotto quality show --study {study_id}"
            )
        view = viewed(one, contents)
        return FoundRound(view.round, view.standing, view.generation, contents)

    def require(
        self, study_id: str, number: int, person: str, states: Collection[RoundState]
    ) -> FoundRound:
        """Return a round in which a person may act.

        Raises ChangedThePolicy, NoSuchRound, and RoundNotOpen where it is in another state.
        """
        refuse_changer(self._zone.study(study_id), person)
        found = self.find(study_id, number)
        state = found.standing.state
        if state is RoundState.OVERTAKEN:
            raise overtaken(found.round)
        if state not in states:
            raise RoundNotOpen(
                f"round {number} of {study_id} is at another point: {state.value}; see: sotto"
                f" quality show --study {study_id}"
            )
        return found

    def change(
        self,
        found: FoundRound,
        person: str,
        states: Collection[RoundState],
        change: Callable[[Round], Round],
    ) -> QualityView:
        """Change a round, again where another reader wrote meanwhile and it is in a state still."""
        study_id, number = found.round.study_id, found.round.number
        for tries_left in reversed(range(_TRIES)):
            made = change(found.round)
            try:
                generation = self._rounds.put_round(made, found.generation)
            except ReviewChanged:
                if not tries_left:
                    raise
                found = self.require(study_id, number, person, states)
            else:
                return QualityView(made, stand(made), generation)
        raise ReviewChanged(f"round {number} of {study_id} changes too often; try again")


def viewed(one: StoredRound, contents: StudyContents) -> QualityView:
    """Return a round with how it stands before the transcripts of its study."""
    standing = stand(one.round, is_overtaken=is_overtaken(one.round, contents))
    return QualityView(one.round, standing, one.generation)


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


def overtaken(one: Round) -> RoundNotOpen:
    """Return the error that a transcript of a round changed since."""
    return RoundNotOpen(
        f"a transcript of round {one.number} of {one.study_id} was corrected, decided on or made"
        " anew since; when all are approved again, open a new round with: sotto quality open"
        f" --study {one.study_id}"
    )
