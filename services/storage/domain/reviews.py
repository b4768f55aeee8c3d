# SPDX-License-Identifier: Apache-2.0
"""Reviews of de-identified runs: the newest word on a run counts, and each word is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from services.common.errors import InvalidInput
from services.common.records import Approver, Count, RunKey
from services.storage.domain import names
from services.storage.domain.approvals import Approval
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.transcripts import Transcripts
from services.storage.domain.versioned import VersionedDocuments

ReviewState = Literal["pending", "approved", "rejected"]
Share = Annotated[float, Field(ge=0, le=1)]


class Review(StoredRecord):
    """One word on a run; `decided_by` is a person's account, or `policy:` and a policy's name.

    `corrections_generation` is that of the corrections that were read with the run. `reason` is
    content. `with_sound`: the study released sound by then; absent where it did not.
    """

    format: Literal["sotto review 1"] = "sotto review 1"
    run_key: RunKey = Field(alias="run")
    state: ReviewState
    decided_by: Approver
    decided_at: str
    residual_risk: Share
    threshold: Share
    reason: Annotated[str, Field(max_length=500)]
    corrections_generation: Count
    with_sound: bool | None = None

    @classmethod
    def decode(cls, data: bytes, run_key: str) -> Review:
        """Read a review that must belong to this run; raises `DataCorrupted`."""
        return cls.read(data, f"review of run {run_key}", run_key=run_key)

    @classmethod
    def of_approval(cls, approval: Approval) -> Review:
        """Return what an approval of version 0.1 says; it knew no risk and no threshold."""
        return cls(
            run=approval.run_key,
            state="approved",
            decided_by=approval.approver,
            decided_at=approval.time,
            residual_risk=0.0,
            threshold=0.0,
            reason="",
            corrections_generation=0,
        )


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review and its generation; 0 for an approval of version 0.1, which has none."""

    review: Review
    generation: int


class Reviews:
    """The reviews of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._transcripts = Transcripts(store)
        self._documents = VersionedDocuments(store, "review")

    def put(self, owner: Owner, recording_id: str, review: Review, base: int) -> Reviewed:
        """Store the word behind generation `base`.

        Raises `GenerationMoved` where another came between, `ObjectMissing` for a run that is not
        finished, `InvalidInput` for a rejection without a reason.
        """
        if review.state == "rejected" and not review.reason:
            raise InvalidInput("a rejection must say why: give a reason")
        self._transcripts.require(owner, recording_id, review.run_key)
        key = names.review(owner, recording_id, review.run_key)
        return Reviewed(review, self._documents.put(owner, review.encode(), base, key))

    def all(self, owner: Owner, recording_id: str) -> list[Reviewed]:
        """Return the newest review of each run that has one, oldest first; raises `Erased`."""
        self._store.keyring.refuse_erased(owner)
        floors = self._store.counters.floors(owner.prefix)
        found = list(self._store.list(names.reviews(owner, recording_id)))
        floors.require(names.reviews(owner, recording_id), found)
        found += self._store.list(names.approvals(owner, recording_id))
        newest = newest_of_runs(found)
        reviewed = (self._read(owner, run, name) for run, name in newest.items())
        return sorted(
            (one for one in reviewed if one is not None),
            key=lambda one: (one.review.decided_at, one.review.run_key),
        )

    def _read(self, owner: Owner, run_key: str, name: str) -> Reviewed | None:
        version = names.version_of(name)
        return decode(name, self._store.read(owner, name, version), run_key)


def newest_of_runs(found: Sequence[str]) -> dict[str, str]:
    """Return the name of the newest review of each run, among sorted names of a recording.

    An approval of version 0.1 is older than any review of its run.
    """
    newest: dict[str, str] = {}
    for name in found:
        parts = name.split("/")
        if parts[3] == "review":
            newest[parts[4]] = name
    for name in found:
        parts = name.split("/")
        if parts[3] == "approval":
            newest.setdefault(parts[4], name)
    return newest


def decode(name: str, data: bytes, run_key: str) -> Reviewed | None:
    """Read a review or an approval by its name; None for an approval that counts as nothing."""
    if names.is_generation(name):
        return Reviewed(Review.decode(data, run_key), names.number_in(name))
    approval = Approval.decode(data, run_key)
    return Reviewed(Review.of_approval(approval), 0) if approval.counts else None
