# SPDX-License-Identifier: Apache-2.0
"""Where a content is in a study already: the answer to a second intake of the same file.

Nothing is kept for it that could drift from the store: manifests tell what is there, records of
removals and tombstones bear keyed hashes of what was. Tombstones of earlier versions bear ids
alone, which are keyed hashes too, of the content with participant and session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.registry.removals import RemovalReason
from services.storage.domain.key_records import Tombstone
from services.storage.domain.names import RecordingRef
from services.storage.domain.recordings import Recording, Recordings
from services.storage.domain.removals import Removals
from services.storage.domain.store import SealedStore

_LAST_SESSION = 999  # as in the contract


class ContentState(StrEnum):
    """What became of a content."""

    SEALED = "sealed"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class FoundContent:
    """A place of a content; `session` is 0 where nobody can tell any more."""

    sha256: bytes
    ref: RecordingRef
    session: int
    state: ContentState
    removal: RemovalReason | None = None


class Contents:
    """The contents of the clinical zone; `manifests` yields those of a study's recordings."""

    def __init__(self, store: SealedStore, manifests: Callable[[str], Iterable[Recording]]) -> None:
        self._keyring = store.keyring
        self._manifests = manifests
        self._recordings = Recordings(store)
        self._removals = Removals(store)

    def find(self, study: str, hashes: Sequence[bytes]) -> list[FoundContent]:
        """Return the places of contents by their SHA-256, in the order of names."""
        wanted = frozenset(hashes)
        macs = {self._recordings.content_mac(study, one): one for one in wanted}
        found = [
            FoundContent(
                one.content.sha256,
                RecordingRef(one.header.owner, one.recording),
                one.session,
                ContentState.SEALED,
            )
            for one in self._manifests(study)
            if one.content.sha256 in wanted
        ]
        found += self._removed(study, macs)
        for tombstone in self._keyring.tombstones(f"{study}/"):
            found += self._withdrawn(tombstone, macs)
        return sorted(found, key=lambda one: (one.ref.folder, one.sha256))

    def _removed(self, study: str, macs: dict[bytes, bytes]) -> Iterator[FoundContent]:
        for ref, removal in self._removals.all(study):
            if removal.content in macs:
                yield FoundContent(
                    macs[removal.content],
                    ref,
                    removal.session,
                    ContentState.REMOVED,
                    removal.reason,
                )

    def _withdrawn(self, tombstone: Tombstone, macs: dict[bytes, bytes]) -> Iterator[FoundContent]:
        # In an erasure a manifest that does not open is left out, and nothing tells which one.
        contents = tombstone.contents or ()
        if len(contents) == len(tombstone.recordings):
            for recording_id, mac in zip(tombstone.recordings, contents, strict=True):
                if mac in macs:
                    ref = RecordingRef(tombstone.owner, recording_id)
                    yield FoundContent(macs[mac], ref, 0, ContentState.WITHDRAWN)
            return
        known = frozenset(tombstone.recordings)
        for sha256 in macs.values():
            for session in range(1, _LAST_SESSION + 1):
                recording_id = self._recordings.id_of(tombstone.owner, session, sha256)
                if recording_id in known:
                    ref = RecordingRef(tombstone.owner, recording_id)
                    yield FoundContent(sha256, ref, session, ContentState.WITHDRAWN)
