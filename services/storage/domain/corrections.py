# SPDX-License-Identifier: Apache-2.0
"""Reviewers' corrections of a de-identified run, apart from it and bound to its content hash.

Places are code points of the run's own text, so that one correction moves no other.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.common.errors import InvalidInput
from services.common.records import Count, Record, RunKey, Sha256
from services.registry import ids
from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.transcripts import Finished, Transcripts
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import ContentMismatch, DataCorrupted

CorrectionKind = Literal["redact", "restore", "retype", "wording", "merge"]
StepKind = Literal["accept", "nothing_here", "skip", "correct", "remove", "roles", "undo", "redo"]
Person = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PERSON})$")]
_EntityType = Annotated[str, StringConstraints(pattern=f"^{ids.or_empty(ids.ENTITY_TYPE)}$")]
_OptionalRun = Annotated[str, StringConstraints(pattern=f"^{ids.or_empty(ids.RUN_KEY)}$")]


class Doubt(Record):
    """A place of a new wording that the engine was unsure of."""

    start: Count
    end: Count
    reason: Annotated[str, StringConstraints(pattern="^[a-z_]{1,40}$")]
    weight: Annotated[float, Field(ge=0, le=1)]


class Correction(Record):
    """A correction of one place, from `start` up to `end` in the text of a segment.

    `spread` says that coreference put it there, `carried_from` names the run that it was made on
    where that is another one; `doubts` are absent where there are none.
    """

    kind: CorrectionKind
    segment: Count
    start: Count
    end: Count
    entity_type: _EntityType
    text: Annotated[str, Field(max_length=4096)]
    corrected_by: Person
    corrected_at: str
    spread: bool
    carried_from: _OptionalRun
    doubts: Annotated[tuple[Doubt, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.start >= self.end:
            raise ValueError("end must lie behind start")
        if (self.kind in {"restore", "wording"}) != (not self.entity_type):
            raise ValueError("where words are left there is no entity type, elsewhere there is one")
        return self


class RoleCorrection(Record):
    """The role of a speaker; `carried_from` names the run that it was made on, where it is another
    one.
    """

    role: Literal["interviewer", "participant"]
    corrected_by: Person
    corrected_at: str
    carried_from: _OptionalRun


_Speaker = Annotated[str, StringConstraints(pattern=f"^{ids.NUMBERED_SPEAKER}$")]
_Roles = Annotated[dict[_Speaker, RoleCorrection], Field(min_length=1)]


class MarkedPlace(Record):
    """A place of the run's own text, or, from 0 to 0, a whole segment."""

    segment: Count
    start: Count
    end: Count


class Step(Record):
    """A step of a reviewer; `of` is the step that is undone or done again, 0 where none is.

    What is empty is absent.
    """

    number: Annotated[int, Field(ge=1)]
    kind: StepKind
    person: Person
    at: str
    of: Count
    places: Annotated[tuple[MarkedPlace, ...], Field(min_length=1)] | None = None
    removed: Annotated[tuple[Correction, ...], Field(min_length=1)] | None = None
    added: Annotated[tuple[Correction, ...], Field(min_length=1)] | None = None
    removed_roles: _Roles | None = None
    added_roles: _Roles | None = None

    @model_validator(mode="after")
    def _names_what_it_turns(self) -> Self:
        turns = self.kind in {"undo", "redo"}
        if not (0 < self.of < self.number if turns else self.of == 0):
            raise ValueError("to undo or redo names an earlier step, and nothing else does")
        return self


class Corrections(StoredRecord):
    """The corrections of one run; `lost` are those of an earlier run that found no place in it.

    `roles` and `lost_roles` are the same of roles, by the label of the speaker; `journal` are the
    steps that led here. All three are absent where there are none.
    """

    format: Literal["sotto corrections 1"] = "sotto corrections 1"
    run_key: RunKey = Field(alias="run")
    content_sha256: Sha256
    corrections: tuple[Correction, ...]
    lost: tuple[Correction, ...]
    roles: _Roles | None = None
    lost_roles: _Roles | None = None
    journal: Annotated[tuple[Step, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(step.number != number for number, step in enumerate(self.journal or (), start=1)):
            raise ValueError("the steps of a journal are numbered from 1, without gaps")
        for before, behind in pairwise(self.corrections):
            if (before.segment, before.end) > (behind.segment, behind.start):
                raise ValueError(
                    "corrections must be in the order of their places, none overlapping"
                )
        return self

    @classmethod
    def decode(cls, data: bytes, run: Finished) -> Corrections:
        """Read corrections that must belong to this very run; raises `DataCorrupted`."""
        what = f"corrections of run {run.run_key}"
        found = cls.read(data, what, run_key=run.run_key)
        if found.content_sha256 != run.content_sha256:
            raise DataCorrupted(f"{what} are damaged: they are bound to another content")
        return found


class CorrectionStore:
    """The corrections of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._transcripts = Transcripts(store)
        self._documents = VersionedDocuments(store, "corrections")

    def put(self, owner: Owner, recording_id: str, corrections: Corrections, base: int) -> int:
        """Store what replaces generation `base`; return the new generation.

        Raises `GenerationMoved` where another came between, `ObjectMissing` for a run that is not
        finished, `ContentMismatch` for a hash that is not that run's, `InvalidInput` for a segment
        that it does not have, or for a journal that leaves out or changes a step.
        """
        run = self._transcripts.require(owner, recording_id, corrections.run_key)
        if corrections.content_sha256 != run.content_sha256:
            raise ContentMismatch(
                f"the corrections are bound to another content than that of run {run.run_key}: "
                "read the transcript again, then correct it"
            )
        if any(one.segment >= run.segments for one in corrections.corrections):
            raise InvalidInput(f"run {run.run_key} has no such segment: it has {run.segments}")
        key = names.corrections(owner, recording_id, run.run_key)
        data, number = self._documents.latest(owner, key)
        if number == base:
            there = Corrections.decode(data, run).journal or () if number else ()
            if (corrections.journal or ())[: len(there)] != there:
                raise InvalidInput(
                    "the journal of a review only grows: read the corrections again, then write"
                )
        return self._documents.put(owner, corrections.encode(), base, key)

    def get(self, owner: Owner, recording_id: str, run_key: str) -> tuple[Corrections, int]:
        """Return the corrections of a run and their generation; none, and 0, before the first.

        Raises `ObjectMissing` for a run that is not finished, `Erased`, `DataCorrupted`.
        """
        run = self._transcripts.require(owner, recording_id, run_key)
        key = names.corrections(owner, recording_id, run_key)
        data, generation = self._documents.latest(owner, key)
        if generation:
            return Corrections.decode(data, run), generation
        nothing = Corrections(
            run=run_key, content_sha256=run.content_sha256, corrections=(), lost=()
        )
        return nothing, 0
