# SPDX-License-Identifier: Apache-2.0
"""Whether words that a reviewer would write in the place of misheard ones hold an identifier."""

from __future__ import annotations

from collections.abc import Sequence

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.review_flags import ReviewFlag
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.spreading import DeidentifiedText, Place, check
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.domain.vault import Vault
from services.deidentification.errors import PlaceError

_AROUND = 3  # segments before and behind, which tell whether words are used as a name


def known_names(vault: Vault) -> tuple[RosterEntry, ...]:
    """Return the people of the pseudonym table, who must be found again in new words."""
    return tuple(
        RosterEntry(" ".join(form), "PERSON", chosen=False)
        for table in (vault.participant, vault.study)
        for entry in table.entries
        if entry.kind.startswith("PERSON")
        for form in entry.forms
        if form
    )


def examine(
    engine: Engine,
    segments: Sequence[DeidentifiedText],
    place: Place,
    text: str,
    participant: str,
    vault: Vault,
    roster: Sequence[RosterEntry],
) -> list[ReviewFlag]:
    """Return what is doubtful in new words; offsets are code points of them, the turn is 0.

    Raises PlaceError where the place touches a replacement, and where the engine would replace
    something in the words. The vault stays as it is.
    """
    check(segments, place)
    first = max(place.segment - _AROUND, 0)
    turns = [
        Turn(one.blocked, role=one.role) for one in segments[first : place.segment + _AROUND + 1]
    ]
    own = place.segment - first
    before = turns[own].text
    changed = f"{before[: place.start]}{text}{before[place.end :]}"
    turns[own] = Turn(changed, role=turns[own].role)
    end = place.start + len(text)
    names = (*roster, *known_names(vault))
    result = engine.deidentify(Transcript(tuple(turns), participant), vault, roster=names)
    shift = 0
    for one in result.redactions:
        if one.turn != own or one.start >= end:
            continue
        if place.start < one.end:
            raise PlaceError(
                f"the new words hold a {one.entity_type} at {max(one.start - place.start, 0)} to"
                f" {min(one.end, end) - place.start}; redact that instead, or write the words"
                " around it"
            )
        shift += len(one.replacement) - (one.end - one.start)
    return [
        ReviewFlag(
            0,
            max(one.start - shift - place.start, 0),
            min(one.end - shift, end) - place.start,
            one.reason,
            one.weight,
        )
        for one in result.report.flags
        if one.turn == own and one.start - shift < end and place.start < one.end - shift
    ]
