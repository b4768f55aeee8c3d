# SPDX-License-Identifier: Apache-2.0
"""What a correction is, and the parts of a segment that it may touch.

Offsets are code points in the text of the run, as it was before any correction.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.common.errors import InvalidInput


class CorrectionMalformed(InvalidInput):
    """A correction does not fit the text that it is about, or another correction."""


class CorrectionKind(enum.Enum):
    """What a correction does."""

    REDACT = "redact"
    RESTORE = "restore"
    RETYPE = "retype"
    WORDING = "wording"
    MERGE = "merge"

    @property
    def leaves_words(self) -> bool:
        """Whether words stand there after it, and no replacement."""
        return self in {CorrectionKind.RESTORE, CorrectionKind.WORDING}


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands in the place of an identifier; `doubtful` where it may be none."""

    start: int
    end: int
    entity_type: str
    doubtful: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place that may hold an identifier still; `weight` is its share of the risk, 0 to 1."""

    start: int
    end: int
    reason: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class SegmentText:
    """The text of a segment as the engine wrote it, with its replacements and doubts in order."""

    text: str
    replacements: tuple[Replacement, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """A reviewer's correction of one place.

    `segment` is the index of the segment, `text` what stands there afterwards: a replacement, or
    words. `entity_type` is empty where words are left. `spread` is True where it came from another
    place by coreference, and `carried_from` the run that it was made on, where that is another one.
    `doubts` are places of a new wording that the engine is unsure of.
    """

    kind: CorrectionKind
    segment: int
    start: int
    end: int
    entity_type: str = ""
    text: str = ""
    corrected_by: str = ""
    corrected_at: datetime | None = None
    spread: bool = False
    carried_from: str = ""
    doubts: tuple[Doubt, ...] = ()

    @property
    def weight(self) -> float:
        """The likeliest of its doubts; 0 without one."""
        return max((one.weight for one in self.doubts), default=0.0)

    @property
    def place(self) -> tuple[int, int, int]:
        """Segment, start and end: the order in which corrections are kept."""
        return self.segment, self.start, self.end

    def overlaps(self, start: int, end: int) -> bool:
        """Return whether it shares a code point with a place of its segment."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class RoleCorrection:
    """The role of a speaker, `interviewer` or `participant`, by a reviewer.

    `carried_from` is the run that it was made on, where that is another one.
    """

    role: str
    corrected_by: str = ""
    corrected_at: datetime | None = None
    carried_from: str = ""


class StepKind(enum.Enum):
    """What a step of a reviewer is."""

    ACCEPT = "accept"
    NOTHING_HERE = "nothing_here"
    SKIP = "skip"
    CORRECT = "correct"
    REMOVE = "remove"
    ROLES = "roles"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class MarkedPlace:
    """A place of the run's own text; from 0 to 0 for a whole segment."""

    segment: int
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a reviewer: what was there before, and what is there after it.

    `number` counts from 1; `of` is the number of the step that is undone or done again. `places`
    are what a step is about that corrects nothing. Roles are by the label of the speaker.
    """

    number: int
    kind: StepKind
    person: str
    at: datetime
    of: int = 0
    places: tuple[MarkedPlace, ...] = ()
    removed: tuple[Correction, ...] = ()
    added: tuple[Correction, ...] = ()
    removed_roles: Mapping[str, RoleCorrection] = field(default_factory=dict)
    added_roles: Mapping[str, RoleCorrection] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunCorrections:
    """The corrections of one run, in order; `generation` is 0 where nothing was corrected yet.

    `lost` are those of an earlier run that have no place in this one, as they were there. `roles`
    and `lost_roles` are the same of roles, by the label of the speaker. `journal` are the steps
    that reviewers took on this run, none of which ever goes.
    """

    corrections: tuple[Correction, ...] = ()
    lost: tuple[Correction, ...] = ()
    generation: int = 0
    roles: Mapping[str, RoleCorrection] = field(default_factory=dict)
    lost_roles: Mapping[str, RoleCorrection] = field(default_factory=dict)
    journal: tuple[Step, ...] = ()

    @property
    def count(self) -> int:
        """How many apply, of places and of roles."""
        return len(self.corrections) + len(self.roles)

    @property
    def lost_count(self) -> int:
        """How many of an earlier run do not, of places and of roles."""
        return len(self.lost) + len(self.lost_roles)

    @property
    def carried_count(self) -> int:
        """How many of those that apply were made on an earlier run."""
        origins = [one.carried_from for one in self.corrections]
        origins += [one.carried_from for one in self.roles.values()]
        return sum(1 for one in origins if one)

    def touch(self, segment: int, start: int, end: int) -> bool:
        """Return whether a correction shares a code point with a place."""
        return any(one.segment == segment and one.overlaps(start, end) for one in self.corrections)
