# SPDX-License-Identifier: Apache-2.0
"""The register of copies: writes that one is taken before it leaves, and what people say since."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.registry.purposes import Purpose
from services.release.domain.copies import terms
from services.release.domain.copies.copy import Copy, Notice, SeenNotice, Taking
from services.release.domain.copies.notices import Notices
from services.release.domain.copies.ports import CopyStore, StoredCopy
from services.release.domain.copies.terms import Terms
from services.release.domain.ports import ResearchZone, StoredRelease
from services.release.errors import CopyChanged, NoSuchCopy, PurposeMissing

_TRIES = 5  # whoever holds a copy is the only one who writes of it


@dataclass(frozen=True)
class Acceptance:
    """What a person says when they take a release; `terms_sha256` is of what they accept."""

    person: str
    terms_sha256: str
    purpose: Purpose | None
    purpose_text: str


@dataclass(frozen=True)
class CopyView:
    """A copy with what concerns it now, which is nothing once it is declared destroyed."""

    copy: Copy
    notices: Sequence[Notice]


class CopyRegister:
    """The copies of releases; `clock` gives UTC."""

    def __init__(
        self,
        zone: ResearchZone,
        store: CopyStore,
        notices: Notices,
        clock: Callable[[], datetime],
    ) -> None:
        self._zone = zone
        self._store = store
        self._notices = notices
        self._clock = clock

    def terms(self, study_id: str) -> Terms:
        """Return the terms of a study as they are now."""
        return terms.of_study(self._zone.study(study_id))

    def take(self, release: StoredRelease, form: str, said: Acceptance, *, request_id: str) -> Copy:
        """Write that a copy is taken, before its first byte leaves.

        Raises TermsNotAccepted and PurposeMissing where something was not said.
        """
        agreed = self.terms(release.study_id)
        terms.require(agreed, said.terms_sha256, release.study_id)
        if said.purpose is None:
            raise PurposeMissing(
                "say what the release is for: on its page, or with --purpose"
                f" ({', '.join(Purpose)})"
            )
        if said.purpose is Purpose.OTHER and not said.purpose_text.strip():
            raise PurposeMissing(
                "say in words what the release is for: on its page, or with --purpose-text"
            )
        copy = Copy(
            taking=Taking(
                study=release.study_id,
                release=release.release_id,
                person=said.person,
                form=form,
                purpose=said.purpose.value,
                purpose_text=said.purpose_text.strip(),
                terms=agreed.text,
                taken_at=self._now(),
                request_id=request_id,
            )
        )
        self._store.put_copy(copy, 0)
        return copy

    def of_study(self, study_id: str) -> Sequence[CopyView]:
        """Return all copies of a study, the newest first."""
        return self._views(study_id, [one.copy for one in self._store.copies(study_id)])

    def of_person(self, study_id: str, person: str) -> Sequence[CopyView]:
        """Return the copies of a study that a person took, the newest first."""
        copies = [one.copy for one in self._store.copies(study_id)]
        return self._views(study_id, [one for one in copies if one.taking.person == person])

    def acknowledge(self, study_id: str, copy_id: str, person: str, read: Sequence[Notice]) -> None:
        """Write that a person read what concerns their copy.

        Raises NoSuchCopy where it is not theirs or a notice does not concern it.
        """
        self._change(study_id, copy_id, person, lambda copy: self._with_seen(copy, read))

    def declare_destroyed(self, study_id: str, copy_id: str, person: str) -> tuple[Copy, bool]:
        """Write that a person destroyed their copy; True where they had said so before.

        Raises NoSuchCopy where it is not theirs.
        """
        return self._change(
            study_id,
            copy_id,
            person,
            lambda copy: (
                copy if copy.destroyed_at else copy.model_copy(update={"destroyed_at": self._now()})
            ),
        )

    def _with_seen(self, copy: Copy, read: Sequence[Notice]) -> Copy:
        concerns = self._notices.of_study(copy.taking.study).get(copy.taking.release_id, ())
        if not set(read) <= set(concerns):
            raise NoSuchCopy(f"{copy.copy_id} is not concerned by that; look at it again")
        new = [one for one in dict.fromkeys(read) if copy.seen_at(one) is None]
        seen = (*copy.seen, *(SeenNotice(notice=one, at=self._now()) for one in new))
        return copy.model_copy(update={"seen": seen})

    def _change(
        self, study_id: str, copy_id: str, person: str, change: Callable[[Copy], Copy]
    ) -> tuple[Copy, bool]:
        """Change a person's copy and return it; True where that left it as it was."""
        for tries_left in reversed(range(_TRIES)):
            stored = self._find(study_id, copy_id, person)
            changed = change(stored.copy)
            if changed == stored.copy:
                return changed, True
            try:
                self._store.put_copy(changed, stored.generation)
            except CopyChanged:
                if not tries_left:
                    raise
            else:
                break
        return changed, False

    def _find(self, study_id: str, copy_id: str, person: str) -> StoredCopy:
        for one in self._store.copies(study_id):
            if (one.copy.copy_id, one.copy.taking.person) == (copy_id, person):
                return one
        raise NoSuchCopy(f"{person} took no copy {copy_id} of {study_id}; see: sotto release held")

    def _views(self, study_id: str, copies: Sequence[Copy]) -> Sequence[CopyView]:
        open_ones = any(one.destroyed_at is None for one in copies)
        notices = self._notices.of_study(study_id) if open_ones else {}
        copies = sorted(copies, key=lambda one: (one.taking.taken_at, one.copy_id), reverse=True)
        return [
            CopyView(
                one,
                () if one.destroyed_at else tuple(notices.get(one.taking.release_id, ())),
            )
            for one in copies
        ]

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)
