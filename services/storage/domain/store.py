# SPDX-License-Identifier: Apache-2.0
"""One zone's sealed objects: everything in storage reads and writes through this store."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from services.common.errors import Erased
from services.storage.domain import names
from services.storage.domain.counters import Counters
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.keyring import Keyring
from services.storage.domain.names import Owner
from services.storage.domain.parts import Parts
from services.storage.domain.ports import ObjectBackend
from services.storage.domain.sealing import DataKey, Opening, Place, Preamble, Sealing
from services.storage.errors import (
    ContentMismatch,
    DataCorrupted,
    ObjectMissing,
    RecordingRemoved,
)

WHOLE_LIMIT = 80 << 20  # bytes held in memory at once; larger objects are streamed


class SealedStore:
    """Seals into and opens from a zone's backend under the owners' keys.

    `counters` are those of the versioned documents in it.
    """

    def __init__(
        self, zone: str, backend: ObjectBackend, keyring: Keyring, counters: Counters
    ) -> None:
        self.zone = zone
        self.backend = backend
        self.keyring = keyring
        self.counters = counters

    @contextlib.contextmanager
    def writing(
        self, owner: Owner, name: str, content_type: str, version: int = 1
    ) -> Iterator[Writing]:
        """Begin an object; whatever is not committed when the block ends is gone.

        Raises `Erased` for a participant who was erased, `StoreOutOfSpace`, `StoreUnavailable`.
        """
        key = self.keyring.for_writing(owner)
        staged = self.backend.stage(name)
        sealing = None
        try:
            preamble = Preamble(version, key.key_id, content_type)
            sealing = Sealing(staged, key, self._place(owner, name), preamble)
            yield Writing(self, owner, name, sealing)
        finally:
            if sealing is not None:
                sealing.abandon()
            else:
                staged.abort()

    def put(
        self, owner: Owner, name: str, data: bytes, content_type: str, version: int = 1
    ) -> ObjectDigest:
        """Seal a whole small object; raises `ObjectExists` where the name is taken."""
        with self.writing(owner, name, content_type, version) as writing:
            writing.write(data)
            return writing.commit()

    def read(self, owner: Owner, name: str, version: int = 1) -> bytes:
        """Return a whole object, verified. Raises `ObjectMissing`, `Erased`, `DataCorrupted`."""
        return self.read_with_digest(owner, name, version)[0]

    def read_with_digest(
        self, owner: Owner, name: str, version: int = 1
    ) -> tuple[bytes, ObjectDigest]:
        """Return a whole object and its sizes and hashes."""
        with self.opening(owner, name, version) as (opening, chunks):
            data = bytearray()
            for chunk in chunks:
                data += chunk
                if len(data) > WHOLE_LIMIT:
                    raise DataCorrupted(f"object {name} is larger than such an object may be")
            return bytes(data), opening.digest()

    @contextlib.contextmanager
    def opening(
        self, owner: Owner, name: str, version: int = 1
    ) -> Iterator[tuple[Opening, Iterator[bytes]]]:
        """Open an object for streaming; see `Opening.chunks` for what its chunks guarantee."""
        with (
            self._opened(owner, name, version) as (opening, key),
            contextlib.closing(opening.chunks(key)) as chunks,
        ):
            yield opening, chunks

    @contextlib.contextmanager
    def opening_parts(self, owner: Owner, name: str, version: int = 1) -> Iterator[Parts]:
        """Open an object for reading from anywhere; see `Parts` for what that guarantees."""

        def read_at(offset: int, size: int) -> bytes:
            reader = self.backend.open(name, offset)
            try:
                data = reader.read(size)
                while len(data) < size and (more := reader.read(size - len(data))):
                    data += more
                return data
            finally:
                reader.close()

        with self._opened(owner, name, version) as (opening, key):
            yield opening.parts(key, read_at)

    @contextlib.contextmanager
    def _opened(self, owner: Owner, name: str, version: int) -> Iterator[tuple[Opening, DataKey]]:
        key = self.keyring.for_reading(owner)
        try:
            reader = self.backend.open(name)
        except ObjectMissing:
            self.keyring.refuse_erased(owner)
            raise
        try:
            opening = Opening(reader, self._place(owner, name))
            if opening.preamble.version != version:
                raise DataCorrupted(
                    f"object {name} is damaged: it is version {opening.preamble.version} in the "
                    f"place of version {version}. Restore it from a backup"
                )
            yield opening, key
        finally:
            reader.close()

    def refuse_removed(self, owner: Owner, recording_id: str) -> None:
        """Raise `RecordingRemoved` for a recording that was removed."""
        if self.exists(names.removed(owner, recording_id)):
            raise RecordingRemoved(recording_id)

    def exists(self, name: str) -> bool:
        """Return whether there is an object, readable or not."""
        return self.backend.stat(name) is not None

    def list(self, prefix: str) -> Iterator[str]:
        """Yield all names that start with `prefix`, in order."""
        after = ""
        while True:
            page = self.backend.list(prefix, after)
            yield from (info.name for info in page.objects)
            after = page.after
            if not after:
                return

    def folders(self, prefix: str, after: str = "") -> Iterator[str]:
        """Yield the folders right below `prefix`, with their final slash, a listing call each."""
        while True:
            page = self.backend.list(prefix, after, 1)
            if not page.objects:
                return
            rest = page.objects[0].name[len(prefix) :]
            head, slash, _ = rest.partition("/")
            if slash:
                yield prefix + head + slash
            after = prefix + head + slash + (names.BEHIND if slash else "")

    def _place(self, owner: Owner, name: str) -> Place:
        return Place(self.zone, owner.study, owner.participant, name)


class Writing:
    """An object being written through a `SealedStore`."""

    def __init__(self, store: SealedStore, owner: Owner, name: str, sealing: Sealing) -> None:
        self._store = store
        self._owner = owner
        self._name = name
        self._sealing = sealing

    def write(self, data: bytes) -> None:
        """Seal more bytes."""
        self._sealing.write(data)

    def fill(self, chunks: Iterable[bytes], size: int, sha256: bytes) -> None:
        """Seal what was announced; raises `ContentMismatch` where other bytes come."""
        for chunk in chunks:
            if self._sealing.size + len(chunk) > size:
                raise ContentMismatch("more bytes came than were announced: send it again")
            self._sealing.write(chunk)
        if self._sealing.size != size:
            raise ContentMismatch("fewer bytes came than were announced: send it again")
        if self._sealing.content_sha256() != sha256:
            raise ContentMismatch("the bytes do not have the announced hash: send it again")

    def commit(self) -> ObjectDigest:
        """Make the object visible, once; raises `ObjectExists`, `Erased`, `RecordingRemoved`."""
        self._store.keyring.refuse_erased(self._owner)
        digest = self._sealing.finish()
        try:
            # An erasure writes its tombstone before it lists what to delete: either it sees this
            # object, or this look sees the tombstone. So does a removal with its record.
            self._store.keyring.refuse_erased(self._owner)
            recording_id = names.recording_of(self._name)
            if recording_id and self._name != names.removed(self._owner, recording_id):
                self._store.refuse_removed(self._owner, recording_id)
        except (Erased, RecordingRemoved):
            self._store.backend.delete(self._name)
            raise
        return digest
