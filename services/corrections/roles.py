# SPDX-License-Identifier: Apache-2.0
"""Roles of speakers by a reviewer: who has which, and who is the same speaker in the next run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from services.corrections.carry_over import same_words
from services.corrections.model import RoleCorrection, SegmentText


def role_of(speaker: str, role: str, roles: Mapping[str, RoleCorrection]) -> str:
    """Return the role of a speaker to whom the engine gave `role`, by a reviewer where one said."""
    return roles[speaker].role if speaker in roles else role


def engine_roles(speakers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the engine's role of each speaker, in order of appearance.

    `speakers` holds speaker and role of each segment; a speaker without one role has none.
    """
    found: dict[str, str] = {}
    for speaker, role in speakers:
        found[speaker] = role if found.setdefault(speaker, role) == role else ""
    return found


def carry_roles(
    old: Sequence[SegmentText],
    old_speakers: Sequence[str],
    roles: Mapping[str, RoleCorrection],
    new: Sequence[SegmentText],
    new_speakers: Sequence[tuple[str, str]],
    made_on: str,
) -> tuple[dict[str, RoleCorrection], dict[str, RoleCorrection]]:
    """Return the roles of speakers that are the same in the new run, and those of the others.

    A speaker is the same who says more than half of the words of the old one that are found again,
    and of whose such words more than half are the old one's; the label may be another. Roles that
    the new run has by itself are in neither. `old_speakers` are the speakers of each segment, with
    the engine's role in `new_speakers`; `made_on` is the key of the old run.
    """
    if not roles:
        return {}, {}
    said = Counter(
        (old_speakers[before], new_speakers[after][0]) for before, after in same_words(old, new)
    )
    of_old: Counter[str] = Counter()
    of_new: Counter[str] = Counter()
    for (before, after), words in said.items():
        of_old[before] += words
        of_new[after] += words
    same = {
        before: after
        for (before, after), words in said.items()
        if 2 * words > of_old[before] and 2 * words > of_new[after]
    }
    by_itself = engine_roles(new_speakers)
    carried: dict[str, RoleCorrection] = {}
    lost: dict[str, RoleCorrection] = {}
    for speaker, one in roles.items():
        if speaker not in same:
            lost[speaker] = one
        elif by_itself[same[speaker]] != one.role:
            carried[same[speaker]] = replace(one, carried_from=one.carried_from or made_on)
    return carried, lost
