# SPDX-License-Identifier: Apache-2.0
"""Transcripts: windows written once each, and a manifest, last, that makes the run visible.

A segment is opaque here: encoded bytes. The content hash of a run is SHA-256 over the encoded
segments in order.
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from services.common.records import Base64, Count, RunKey, Sha256
from services.storage.domain import clock, digests, names
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.names import Owner
from services.storage.domain.selection import Selections, in_order
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import StoredRecord
from services.storage.errors import (
    ContentMismatch,
    DataCorrupted,
    DiffersFromStored,
    ObjectExists,
    ObjectMissing,
)

_MANIFEST_TYPE = "application/vnd.sotto.transcript+json"
_WINDOW_TYPE = "application/vnd.sotto.window"
_MAGIC = b"SW1"

Segments = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a writer states about a finished run; `document` is its whole manifest, opaque here."""

    run_key: str
    content_sha256: bytes
    segment_count: int
    window_count: int
    document: bytes


class Finished(StoredRecord):
    """A finished run: its manifest."""

    format: Literal["sotto transcript 1"] = "sotto transcript 1"
    run_key: RunKey = Field(alias="run")
    content_sha256: Sha256
    segments: Count
    document: Base64
    committed_at: str
    windows: tuple[ObjectDigest, ...]

    @property
    def summary(self) -> Summary:
        """What the writer stated about the run."""
        return Summary(
            self.run_key, self.content_sha256, self.segments, len(self.windows), self.document
        )

    @classmethod
    def decode(cls, data: bytes, run_key: str) -> Finished:
        """Read a manifest that must belong to this run; raises `DataCorrupted`."""
        return cls.read(data, f"manifest of run {run_key}", run_key=run_key)


class Transcripts:
    """Transcripts of a zone."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._selections = Selections(store)

    def put_window(
        self, owner: Owner, recording_id: str, run_key: str, index: int, segments: Sequence[bytes]
    ) -> bool:
        """Store a window; True where the same was there. Raises `DiffersFromStored`."""
        name = names.window(owner, recording_id, run_key, index)
        data = encode_window(segments)
        try:
            self._store.put(owner, name, data, _WINDOW_TYPE)
        except ObjectExists:
            if self._store.read(owner, name) != data:
                raise DiffersFromStored(
                    f"window {index} of run {run_key} was stored with another content: "
                    "the run key must change with whatever changes the result"
                ) from None
            return True
        return False

    def get_window(self, owner: Owner, recording_id: str, run_key: str, index: int) -> Segments:
        """Read the segments of a stored window."""
        name = names.window(owner, recording_id, run_key, index)
        return decode_window(self._store.read(owner, name), name)

    def windows(self, owner: Owner, recording_id: str, run_key: str) -> list[int]:
        """Return the numbers of the stored windows, rising; raises `Erased`."""
        self._store.keyring.refuse_erased(owner)
        prefix = names.run(owner, recording_id, run_key) + "w-"
        return [names.number_in(name) for name in self._store.list(prefix)]

    def finished(self, owner: Owner, recording_id: str, run_key: str) -> Finished | None:
        """Return the run where it is finished; raises `Erased`, `RecordingRemoved`."""
        name = names.run_manifest(owner, recording_id, run_key)
        self._store.keyring.refuse_erased(owner)
        self._store.refuse_removed(owner, recording_id)
        with contextlib.suppress(ObjectMissing):
            return Finished.decode(self._store.read(owner, name), run_key)
        return None

    def require(self, owner: Owner, recording_id: str, run_key: str) -> Finished:
        """Return a finished run; raises `ObjectMissing` where it is not finished, `Erased`."""
        run = self.finished(owner, recording_id, run_key)
        if run is None:
            raise ObjectMissing(f"recording {recording_id} has no such finished transcript")
        return run

    def all_finished(self, owner: Owner, recording_id: str) -> list[Finished]:
        """Return all finished runs of a recording, the newest last."""
        folder = names.transcripts(owner, recording_id)
        runs = (path[len(folder) : -1] for path in self._store.folders(folder))
        found = (
            self.finished(owner, recording_id, run) for run in runs if names.RUN.fullmatch(run)
        )
        return in_order(
            (run for run in found if run is not None), self._selections.of(owner, recording_id)
        )

    def select(self, owner: Owner, recording_id: str, run_key: str) -> None:
        """Make a finished run the newest of its recording again.

        Raises `ObjectMissing` where it is not finished, `Erased`.
        """
        self.require(owner, recording_id, run_key)
        self._selections.put(owner, recording_id, run_key)

    def is_newest(self, owner: Owner, recording_id: str, run_key: str) -> bool:
        """Return whether a run is the newest of its recording; raises `Erased`."""
        runs = self.all_finished(owner, recording_id)
        return bool(runs) and runs[-1].run_key == run_key

    def commit(self, owner: Owner, recording_id: str, summary: Summary) -> bool:
        """Finish a run; True where it was finished with the same content.

        Raises `ContentMismatch` where windows are missing or their hash does not fit.
        """
        before = self.finished(owner, recording_id, summary.run_key)
        if before is not None:
            return _same(before, summary)
        content = hashlib.sha256()
        count = 0
        found: list[ObjectDigest] = []
        for index in range(summary.window_count):
            name = names.window(owner, recording_id, summary.run_key, index)
            try:
                data, digest = self._store.read_with_digest(owner, name)
            except ObjectMissing:
                raise ContentMismatch(
                    f"window {index} of run {summary.run_key} is not stored: store it, then finish"
                ) from None
            for segment in decode_window(data, name):
                content.update(segment)
                count += 1
            found.append(digest)
        if content.digest() != summary.content_sha256 or count != summary.segment_count:
            raise ContentMismatch(
                f"the stored windows of run {summary.run_key} are not what its manifest states"
            )
        manifest = Finished(
            run=summary.run_key,
            content_sha256=summary.content_sha256,
            segments=summary.segment_count,
            document=summary.document,
            committed_at=clock.now(),
            windows=tuple(found),
        )
        name = names.run_manifest(owner, recording_id, summary.run_key)
        try:
            self._store.put(owner, name, manifest.encode(), _MANIFEST_TYPE)
        except ObjectExists:
            return _same(Finished.decode(self._store.read(owner, name), summary.run_key), summary)
        return False

    def read(
        self, owner: Owner, recording_id: str, run: Finished
    ) -> Iterator[tuple[int, Segments]]:
        """Yield the windows of a finished run in order, each verified before it is yielded."""
        for index, wanted in enumerate(run.windows):
            name = names.window(owner, recording_id, run.summary.run_key, index)
            try:
                data, digest = self._store.read_with_digest(owner, name)
            except ObjectMissing:
                raise DataCorrupted(f"object {name} is missing: restore it from a backup") from None
            digests.compare(name, digest, wanted)
            yield index, decode_window(data, name)


def encode_window(segments: Sequence[bytes]) -> bytes:
    """Return a window as stored: a mark, the number of segments, each with its length."""
    parts = [_MAGIC, struct.pack(">I", len(segments))]
    for segment in segments:
        parts += (struct.pack(">I", len(segment)), segment)
    return b"".join(parts)


def decode_window(data: bytes, name: str) -> Segments:
    """Decode a stored window; raises `DataCorrupted`."""
    damaged = DataCorrupted(f"object {name} is damaged: it is no window")
    if data[:3] != _MAGIC or len(data) < 7:
        raise damaged
    (count,) = struct.unpack_from(">I", data, 3)
    position = 7
    segments = []
    for _ in range(count):
        if position + 4 > len(data):
            raise damaged
        (length,) = struct.unpack_from(">I", data, position)
        position += 4 + length
        if position > len(data):
            raise damaged
        segments.append(data[position - length : position])
    if position != len(data):
        raise damaged
    return tuple(segments)


def _same(run: Finished, summary: Summary) -> bool:
    stored = run.summary
    if (stored.content_sha256, stored.segment_count, stored.window_count) != (
        summary.content_sha256,
        summary.segment_count,
        summary.window_count,
    ):
        raise DiffersFromStored(
            f"run {summary.run_key} was finished with another content: the run key must change "
            "with whatever changes the result"
        )
    return True
