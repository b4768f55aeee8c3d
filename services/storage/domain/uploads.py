# SPDX-License-Identifier: Apache-2.0
"""Uploads: files that come in parts, each sealed and durable before it is acknowledged.

    <study>/<participant>/upload/<upload>/begun      what is known of the file; there is an upload
    <study>/<participant>/upload/<upload>/p-<part>   a part
    <study>/<participant>/upload/<upload>/recording  the recording that it became

An upload is no recording: nothing lists it, and it ends after a day. To finish it reads all parts,
compares them with what the sender has, and seals the recording as any other intake does. A killed
process leaves parts, which are sent no second time, or a recording, which is found again.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from services.common.errors import NotReady
from services.common.records import RecordingId, StudyId
from services.registry.media_forms import HEAD_BYTES
from services.storage.domain import clock, names
from services.storage.domain.deletion import delete_all
from services.storage.domain.names import Owner
from services.storage.domain.recordings import Recordings
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import OwnerCode, StoredRecord
from services.storage.errors import (
    ContentMismatch,
    DiffersFromStored,
    InvalidName,
    ObjectExists,
    ObjectMissing,
)

PART_BYTES = 3 << 20
"""Length of each part but the last one: a part travels in one message."""

KEPT = timedelta(days=1)
"""How long an upload that nobody finishes is kept."""

_BEGUN_TYPE = "application/vnd.sotto.upload+json"
_PART_TYPE = "application/vnd.sotto.part"
_OUTCOME_TYPE = "application/vnd.sotto.uploaded+json"
_ID_CHARS = 26


class UploadRecord(StoredRecord):
    """What is known of a file of which parts come."""

    format: Literal["sotto upload 1"] = "sotto upload 1"
    study: StudyId
    participant: OwnerCode
    upload: str
    file_name: str
    size: Annotated[int, Field(ge=1)]
    begun_at: str
    begun_by: str

    @property
    def parts(self) -> int:
        """How many parts it has."""
        return -(-self.size // PART_BYTES)

    def length(self, part: int) -> int:
        """Return the length of a part in bytes; 0 behind the last one."""
        return max(0, min(PART_BYTES, self.size - part * PART_BYTES))

    @property
    def expires_at(self) -> datetime:
        """When it ends by itself."""
        return clock.parse(self.begun_at) + KEPT


class UploadOutcome(StoredRecord):
    """The record that an upload became a recording."""

    format: Literal["sotto uploaded 1"] = "sotto uploaded 1"
    recording: RecordingId


@dataclass(frozen=True, slots=True, order=True)
class UploadRef:
    """The ids of an upload."""

    owner: Owner
    upload_id: str

    @property
    def folder(self) -> str:
        """What all its objects' names start with."""
        return names.upload(self.owner, self.upload_id)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload and how far it is: `received` parts from the first one on are sealed."""

    ref: UploadRef
    record: UploadRecord
    received: int
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 of a whole upload, and over those of its parts in order; `head` is how it begins."""

    content: bytes
    parts: bytes
    head: bytes


class Uploads:
    """Uploads of the clinical zone."""

    def __init__(
        self,
        store: SealedStore,
        recordings: Recordings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._recordings = recordings
        self._now = now

    def begin(
        self, owner: Owner, file_name: str, size: int, first_sha256: bytes, person: str
    ) -> tuple[Upload, bool]:
        """Begin an upload; and whether it was begun before and goes on."""
        self._store.keyring.refuse_erased(owner)
        ref = UploadRef(owner, self.upload_id(owner, size, first_sha256))
        there = self._find(ref)
        if there is not None and not there.recording:
            return there, True
        self.abort(ref)  # what is left of one that ended, or became a recording
        record = UploadRecord(
            study=owner.study,
            participant=owner.participant,
            upload=ref.upload_id,
            file_name=file_name,
            size=size,
            begun_at=self._now().isoformat(timespec="microseconds"),
            begun_by=person,
        )
        with contextlib.suppress(ObjectExists):  # somebody began it at the same time
            name = names.upload_begun(owner, ref.upload_id)
            self._store.put(owner, name, record.encode(), _BEGUN_TYPE)
        return self.get(ref), False

    def upload_id(self, owner: Owner, size: int, first_sha256: bytes) -> str:
        """Return the id of the upload of a file, which tells nothing of it."""
        mac = self._recordings.upload_mac(owner, size, first_sha256)
        return "upl-" + base64.b32encode(mac).decode("ascii").lower()[:_ID_CHARS]

    def put(self, ref: UploadRef, part: int, sha256: bytes, content: bytes) -> bool:
        """Seal a part; True where the same one was there already.

        Raises `ContentMismatch` for bytes other than announced, `DiffersFromStored` where another
        part is there.
        """
        record = self.get(ref).record
        if len(content) != record.length(part):
            raise ContentMismatch(f"part {part} has another length than it must: send it again")
        if hashlib.sha256(content).digest() != sha256:
            raise ContentMismatch(f"part {part} does not have the announced hash: send it again")
        name = names.upload_part(ref.owner, ref.upload_id, part)
        try:
            self._store.put(ref.owner, name, content, _PART_TYPE)
        except ObjectExists:
            if self._store.read(ref.owner, name) != content:
                raise DiffersFromStored(
                    f"part {part} of {ref.upload_id} is there already with other bytes: another"
                    " file that begins alike is being uploaded. Finish or drop that upload first"
                ) from None
            return True
        if self._find(ref) is None:  # given up meanwhile: what deletes it may have listed before
            self._store.backend.delete(name)
            raise _gone(ref)
        return False

    def get(self, ref: UploadRef) -> Upload:
        """Return an upload; raises `ObjectMissing` for one that ended, `Erased`."""
        found = self._find(ref)
        if found is None:
            raise _gone(ref)
        return found

    def all(self, study: str = "") -> Iterator[Upload]:
        """Yield the uploads of a study, or of all, that did not end, in the order of names."""
        for ref in self._refs(study):
            found = self._find(ref)
            if found is not None:
                yield found

    def content(self, ref: UploadRef) -> Iterator[bytes]:
        """Yield the bytes of a whole upload, part by part; raises `NotReady` where one misses."""
        upload = self.get(ref)
        if not upload.recording:
            _require_whole(upload)
        for part in range(upload.record.parts):
            data = self._store.read(ref.owner, names.upload_part(ref.owner, ref.upload_id, part))
            yield data

    def digests(self, ref: UploadRef) -> Digests:
        """Read a whole upload and return its hashes."""
        whole, parts, head = hashlib.sha256(), hashlib.sha256(), b""
        for data in self.content(ref):
            head = head or data[:HEAD_BYTES]
            whole.update(data)
            parts.update(hashlib.sha256(data).digest())
        return Digests(whole.digest(), parts.digest(), head)

    def became(self, ref: UploadRef, recording_id: str) -> None:
        """Write down which recording an upload became, and delete its parts."""
        outcome = UploadOutcome(recording=recording_id)
        name = names.upload_outcome(ref.owner, ref.upload_id)
        with contextlib.suppress(ObjectExists):
            self._store.put(ref.owner, name, outcome.encode(), _OUTCOME_TYPE)
        parts = names.upload_parts(ref.owner, ref.upload_id)
        delete_all(self._store, self._store.list(parts))

    def abort(self, ref: UploadRef) -> int:
        """Delete what there is of an upload; return how many objects that were."""
        # The record first: from then on there is no upload, and who puts a part takes it away.
        begun = names.upload_begun(ref.owner, ref.upload_id)
        count = int(self._store.backend.delete(begun))
        return count + delete_all(self._store, self._store.list(ref.folder)).deleted

    def ended(self) -> Iterator[UploadRef]:
        """Yield uploads whose time is over, and what is left of those that were given up."""
        for ref in self._refs(""):
            if self._find(ref) is None:
                yield ref

    def _find(self, ref: UploadRef) -> Upload | None:
        name = names.upload_begun(ref.owner, ref.upload_id)
        try:
            data = self._store.read(ref.owner, name)
        except ObjectMissing:
            return None
        record = UploadRecord.read(
            data,
            f"upload {ref.upload_id}",
            study=ref.owner.study,
            participant=ref.owner.participant,
            upload=ref.upload_id,
        )
        if record.expires_at <= self._now():
            return None
        return Upload(ref, record, self._received(ref), self._outcome(ref))

    def _received(self, ref: UploadRef) -> int:
        count = 0
        for name in self._store.list(names.upload_parts(ref.owner, ref.upload_id)):
            if names.number_in(name) != count:
                break
            count += 1
        return count

    def _outcome(self, ref: UploadRef) -> str:
        name = names.upload_outcome(ref.owner, ref.upload_id)
        if not self._store.exists(name):
            return ""
        return UploadOutcome.read(
            self._store.read(ref.owner, name), f"outcome of {ref.upload_id}"
        ).recording

    def _refs(self, study: str) -> Iterator[UploadRef]:
        studies = [f"{study}/"] if study else list(self._store.folders(""))
        for folder in studies:
            for owner_folder in list(self._store.folders(folder)):
                try:
                    owner = names.owner_of(owner_folder + "upload")
                except InvalidName:
                    continue  # a foreign name; scrub reports it
                if owner.code and not self._is_erased(owner):
                    for one in list(self._store.folders(names.uploads(owner))):
                        yield UploadRef(owner, one.rstrip("/").rsplit("/", 1)[-1])

    def _is_erased(self, owner: Owner) -> bool:
        return self._store.keyring.tombstone(owner) is not None


def _require_whole(upload: Upload) -> None:
    if upload.received != upload.record.parts:
        raise NotReady(
            f"{upload.received} of {upload.record.parts} parts of {upload.ref.upload_id} are there:"
            " send the others, then try again"
        )


def _gone(ref: UploadRef) -> ObjectMissing:
    return ObjectMissing(
        f"there is no upload {ref.upload_id}: it ended, since nobody finished it for a day, or was"
        " given up. Choose the file again",
        reason="no_upload",
    )
