# SPDX-License-Identifier: Apache-2.0
"""Which doubtful places of a run a reviewer has decided, by the journal and the corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.corrections.journal import standing
from services.corrections.model import Doubt, RunCorrections, SegmentText, Step, StepKind

Spot = tuple[int, int, int]


class Decisions:
    """What the steps that count say of places: accepted as they are, nothing in a whole turn."""

    def __init__(self, journal: Iterable[Step]) -> None:
        self._accepted: dict[Spot, int] = {}
        self._cleared: dict[int, int] = {}
        self._written: dict[Spot, int] = {}
        self._skipped: dict[Spot, int] = {}
        for order, one in enumerate(standing(journal), start=1):
            found = {
                StepKind.ACCEPT: self._accepted,
                StepKind.SKIP: self._skipped,
            }.get(one.made.kind)
            for place in one.made.places:
                if one.made.kind is StepKind.NOTHING_HERE:
                    self._cleared[place.segment] = order
                elif found is not None:
                    found[place.segment, place.start, place.end] = order
            self._written.update((correction.place, order) for correction in one.done.added)

    def accepts(self, segment: int, start: int, end: int) -> bool:
        """Return whether a place was accepted, or its turn cleared, as it stands now."""
        written = self._written.get((segment, start, end), 0)
        return any(
            order > written
            for order in (
                self._accepted.get((segment, start, end), 0),
                self._cleared.get(segment, 0),
            )
        )

    def clears(self, segment: int) -> bool:
        """Return whether somebody said that nothing is left in a turn."""
        return segment in self._cleared

    def skips(self, segment: int, start: int, end: int) -> int:
        """Return when a place was put off, as a number that grows; 0 where it was not."""
        return self._skipped.get((segment, start, end), 0)


def undecided(
    segments: Sequence[SegmentText], corrections: RunCorrections
) -> list[tuple[int, Doubt]]:
    """Return the doubtful places that nobody decided: that no correction covers, that nobody
    accepted, in a turn that nobody cleared. A wording of which the engine was unsure is one.
    """
    decisions = Decisions(corrections.journal)
    own: dict[int, list[tuple[int, int]]] = {}
    found: list[tuple[int, Doubt]] = []
    for one in corrections.corrections:
        own.setdefault(one.segment, []).append((one.start, one.end))
        if one.doubts and not decisions.accepts(*one.place):
            found.append((one.segment, Doubt(one.start, one.end, one.doubts[0].reason, one.weight)))
    for index, segment in enumerate(segments):
        for doubt in segment.doubts:
            covered = any(
                start <= doubt.start and doubt.end <= end for start, end in own.get(index, ())
            )
            if not covered and not decisions.accepts(index, doubt.start, doubt.end):
                found.append((index, doubt))
    return found


def position(journal: Sequence[Step], person: str) -> int:
    """Return the segment of the newest step of a person; 0 before the first one."""
    for step in reversed(journal):
        if step.person == person:
            spots = [one.segment for one in step.places]
            spots += [one.segment for one in (*step.added, *step.removed) if not one.spread]
            if spots:
                return spots[0]
    return 0
