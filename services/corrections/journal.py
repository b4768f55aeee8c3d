# SPDX-License-Identifier: Apache-2.0
"""The journal of a review: every step of every reviewer, in order, none ever taken out.

Corrections alone say what is applied. A step says how they came about: which of them it took away
and which it put there. Undoing is a step of its own, which does the reverse of another, so that
both are computed from what is stored and outlive any session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.errors import Conflict, NotFound
from services.corrections.model import (
    Correction,
    RoleCorrection,
    RunCorrections,
    Step,
    StepKind,
)

_NO_ROLE: Mapping[str, RoleCorrection] = {}


class NoSuchStep(NotFound):
    """There is nothing to undo or redo, or no step of that number that counts."""


class StepBuiltUpon(Conflict):
    """A later step changed the same places, so that this one cannot be undone or redone first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A step that counts: as it was made, and the record that did it last."""

    made: Step
    done: Step


def standing(journal: Iterable[Step]) -> tuple[Standing, ...]:
    """Return the steps that count, in the order in which they were done last."""
    made: dict[int, Step] = {}
    found: dict[int, Standing] = {}
    for step in journal:
        if step.kind is StepKind.UNDO:
            found.pop(step.of)
        elif step.kind is StepKind.REDO:
            found[step.of] = Standing(made[step.of], step)
        else:
            made[step.number] = step
            found[step.number] = Standing(step, step)
    return tuple(found.values())


def take(corrections: RunCorrections, step: Step) -> RunCorrections:
    """Return the corrections after a step, which is the newest of their journal then."""
    roles = {
        speaker: role
        for speaker, role in corrections.roles.items()
        if speaker not in step.removed_roles
    }
    return replace(
        corrections,
        corrections=_after(corrections.corrections, step.removed, step.added),
        roles=roles | dict(step.added_roles),
        journal=(*corrections.journal, step),
    )


def next_step(
    corrections: RunCorrections,
    kind: StepKind,
    person: str,
    at: datetime,
    *,
    added: Sequence[Correction] = (),
    removed: Sequence[Correction] = (),
) -> Step:
    """Return a step that has the next number."""
    return Step(
        len(corrections.journal) + 1, kind, person, at, added=tuple(added), removed=tuple(removed)
    )


def undo(corrections: RunCorrections, person: str, at: datetime, number: int = 0) -> Step:
    """Return the step that undoes another: the person's newest that counts, unless one is named.

    Raises NoSuchStep, and StepBuiltUpon where a later step changed the same places.
    """
    there = standing(corrections.journal)
    wanted = [
        one for one in there if (one.made.number == number if number else one.made.person == person)
    ]
    if not wanted:
        raise NoSuchStep(
            f"step {number} does not count, or there is none of that number"
            if number
            else "you have made no step here that could be undone"
        )
    chosen = wanted[-1]
    for later in there[there.index(chosen) + 1 :]:
        _refuse_shared(chosen.done, later, "undone")
    found = {_what(one): one for one in corrections.corrections}
    gone = [found[_what(one)] for one in chosen.done.added if _what(one) in found]
    return _reverse(corrections, StepKind.UNDO, chosen, gone, chosen.done.removed, person, at)


def redo(corrections: RunCorrections, person: str, at: datetime) -> Step:
    """Return the step that does again what the person undid last, with no other step since.

    Raises NoSuchStep, and StepBuiltUpon where somebody changed the same places meanwhile.
    """
    undone: list[int] = []
    for step in corrections.journal:
        if step.kind is StepKind.UNDO:
            undone = [number for number in undone if number != step.of]
            undone += [step.of] if step.person == person else []
        elif step.kind is StepKind.REDO:
            undone = [number for number in undone if number != step.of]
        elif step.person == person:
            undone = []
    if not undone:
        raise NoSuchStep("there is nothing to do again: no step of yours was undone just now")
    done = [one for one in corrections.journal if undone[-1] in {one.number, one.of}]
    chosen = Standing(done[0], [one for one in done if one.kind is not StepKind.UNDO][-1])
    found = {_what(one): one for one in corrections.corrections}
    gone = [found[_what(one)] for one in chosen.done.removed if _what(one) in found]
    missing = len(gone) < len(chosen.done.removed)
    left = _after(corrections.corrections, gone, ())
    if missing or any(_overlap(one, other) for one in chosen.done.added for other in left):
        raise StepBuiltUpon(
            f"step {chosen.made.number} cannot be done again: its places were changed since"
        )
    return _reverse(corrections, StepKind.REDO, chosen, gone, chosen.done.added, person, at)


def _reverse(
    corrections: RunCorrections,
    kind: StepKind,
    chosen: Standing,
    gone: Sequence[Correction],
    back: Sequence[Correction],
    person: str,
    at: datetime,
) -> Step:
    """Return the step that takes `gone` away and puts `back` there, with the roles to it."""
    before, after = chosen.done.added_roles, chosen.done.removed_roles
    if kind is StepKind.REDO:
        before, after = after, before
    speakers = {*before, *after}
    return Step(
        len(corrections.journal) + 1,
        kind,
        person,
        at,
        chosen.made.number,
        chosen.made.places,
        tuple(gone),
        _as_of(back, at),
        {one: corrections.roles[one] for one in speakers if one in corrections.roles},
        {one: replace(after[one], corrected_at=at) for one in speakers if one in after},
    )


def _as_of(corrections: Sequence[Correction], at: datetime) -> tuple[Correction, ...]:
    """Return corrections as made at a time; what was made together has one moment still.

    Whether a correction is carried to another run is told by its time, and one that comes back is
    new to a run that was decided on meanwhile.
    """
    moments: dict[object, datetime] = {}
    for one in corrections:
        key = (one.corrected_by, one.corrected_at)
        moments.setdefault(key, at + timedelta(microseconds=len(moments)))
    return tuple(
        replace(one, corrected_at=moments[one.corrected_by, one.corrected_at])
        for one in corrections
    )


def _after(
    there: Sequence[Correction], removed: Sequence[Correction], added: Sequence[Correction]
) -> tuple[Correction, ...]:
    gone = {_what(one) for one in removed}
    kept = [one for one in there if _what(one) not in gone]
    return tuple(sorted((*kept, *added), key=lambda one: one.place))


def _what(one: Correction) -> tuple[object, ...]:
    """Return what tells corrections of a run apart, whenever they were made."""
    return one.kind, one.place, one.entity_type, one.text


def _overlap(one: Correction, other: Correction) -> bool:
    return one.segment == other.segment and one.overlaps(other.start, other.end)


def _refuse_shared(step: Step, later: Standing, what: str) -> None:
    """Raise StepBuiltUpon where a later step changed places or roles of a step."""
    own, others = (*step.removed, *step.added), (*later.done.removed, *later.done.added)
    roles = {*step.removed_roles, *step.added_roles}
    if roles & {*later.done.removed_roles, *later.done.added_roles} or any(
        _overlap(one, other) for one in own for other in others
    ):
        raise StepBuiltUpon(
            f"step {step.of or step.number} cannot be {what} before step {later.made.number}, by"
            f" {later.made.person}, which changed the same places"
        )
