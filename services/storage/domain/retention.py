# SPDX-License-Identifier: Apache-2.0
"""Retention: the content of a recording is deleted by its study's rule; a legal hold wins.

Manifest and transcripts stay, so that the same file, sent again, is known and not taken again.
"""

from __future__ import annotations

from typing import Literal

from services.storage.domain import clock, names
from services.storage.domain.names import Owner
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import ObjectExists, ObjectMissing, Retained

_TYPE = "application/vnd.sotto.content-deleted+json"


class ContentDeletion(StoredRecord):
    """The record that the content of a recording was deleted, when and by which rule."""

    format: Literal["sotto content deleted 1"] = "sotto content deleted 1"
    deleted_at: str
    rule: str


class Hold(StoredRecord):
    """The record that a legal hold was set or lifted."""

    format: Literal["sotto hold 1"] = "sotto hold 1"
    held: Literal["yes", "no"]


class Retention:
    """Deletions by rule, and legal holds."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._holds = VersionedDocuments(store, "hold")

    def put_hold(self, owner: Owner, recording_id: str, *, held: bool) -> bool:
        """Set or lift a hold; return True when nothing changed."""
        if not held and not self.is_held(owner, recording_id):
            return True
        record = Hold(held="yes" if held else "no")
        return self._holds.replace(owner, record.encode(), names.holds(owner, recording_id))

    def is_held(self, owner: Owner, recording_id: str) -> bool:
        """Return whether a hold keeps the content."""
        data, number = self._holds.latest(owner, names.holds(owner, recording_id))
        return self.decode_hold(data, recording_id) if number else False

    @staticmethod
    def decode_hold(data: bytes, recording_id: str) -> bool:
        """Read a record of a hold."""
        return Hold.read(data, f"hold of {recording_id}").held == "yes"

    def deleted(self, owner: Owner, recording_id: str) -> ContentDeletion | None:
        """Return the deletion, or None while the content is kept."""
        name = names.content_deleted(owner, recording_id)
        if not self._store.exists(name):
            return None
        return self.decode_deleted(self._store.read(owner, name), recording_id)

    @staticmethod
    def decode_deleted(data: bytes, recording_id: str) -> ContentDeletion:
        """Read a record of a deletion."""
        return ContentDeletion.read(data, f"deletion of {recording_id}")

    def delete_content(
        self, owner: Owner, recording_id: str, rule: str
    ) -> tuple[ContentDeletion, bool]:
        """Delete the content of a recording; and whether that was done before.

        Raises `Retained` for a legal hold or an object lock; may be repeated, also after a
        kill: the record comes first, and nothing is read from then on.
        """
        if not self._store.exists(names.manifest(owner, recording_id)):
            raise ObjectMissing(f"the {self._store.zone} zone has no recording {recording_id}")
        if self.is_held(owner, recording_id):
            raise Retained(f"recording {recording_id} is under legal hold: compliance lifts it")
        done = self.deleted(owner, recording_id)
        existed = done is not None
        if done is None:
            done = ContentDeletion(deleted_at=clock.now(), rule=rule)
            name = names.content_deleted(owner, recording_id)
            try:
                self._store.put(owner, name, done.encode(), _TYPE)
            except ObjectExists:
                done = self.deleted(owner, recording_id) or done
        self._store.backend.delete(names.source(owner, recording_id))
        return done, existed
