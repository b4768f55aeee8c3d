# SPDX-License-Identifier: Apache-2.0
"""Recordings: sealed as they come in, visible once all bytes came and their hash fits."""

from __future__ import annotations

import base64
import contextlib
import hmac
import itertools
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from services.common.records import Count, Record, RecordingId, StudyId
from services.storage.domain import clock, digests, names
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.parts import Parts
from services.storage.domain.store import SealedStore
from services.storage.domain.stored_record import OwnerCode, StoredRecord
from services.storage.errors import DataCorrupted, DiffersFromStored, ObjectExists, ObjectMissing

_MANIFEST_TYPE = "application/vnd.sotto.recording+json"
_ID_CHARS = 26  # of base32: 130 bits of the HMAC

RecordingKind = Literal["media", "transcript"]


class ReadingOptions(Record):
    """How a transcript made elsewhere is to be read; `roles` by label of the speaker."""

    encoding: str = ""
    append_notes: bool = False
    roles: dict[str, Literal["interviewer", "participant"]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordingHeader:
    """What is announced before the bytes come; `size` in bytes, `kind` "media" or "transcript".

    `session_date` is the day of the interview in ISO 8601, empty when it is not known. `reading` is
    None where nothing is said about it. `speakers` is how many people speak, 0 where that is not
    said.
    """

    owner: Owner
    session: int
    kind: RecordingKind
    file_name: str
    size: int
    sha256: bytes
    session_date: str = ""
    reading: ReadingOptions | None = None
    speakers: int = 0

    @property
    def content_type(self) -> str:
        """Content type that the seal is bound to."""
        return f"application/vnd.sotto.{self.kind}"


class Recording(StoredRecord):
    """A sealed recording: its manifest."""

    format: Literal["sotto recording 1"] = "sotto recording 1"
    study: StudyId
    participant: OwnerCode
    recording: RecordingId
    session: Count
    kind: RecordingKind
    file_name: str
    sealed_at: str
    content: ObjectDigest
    session_date: str | None = None
    reading: ReadingOptions | None = None
    """Other options of reading than those that go without saying."""
    speakers: Annotated[int, Field(ge=1, le=20)] | None = None

    @property
    def header(self) -> RecordingHeader:
        """What was announced before the bytes came."""
        return RecordingHeader(
            Owner(self.study, self.participant),
            self.session,
            self.kind,
            self.file_name,
            self.content.size,
            self.content.sha256,
            self.session_date or "",
            self.reading,
            self.speakers or 0,
        )

    @classmethod
    def decode(cls, data: bytes, owner: Owner, recording_id: str) -> Recording:
        """Read a manifest that must belong to this recording; raises `DataCorrupted`."""
        return cls.read(
            data,
            f"manifest of {recording_id}",
            study=owner.study,
            participant=owner.participant,
            recording=recording_id,
        )


class Recordings:
    """Intake and reading of recordings in the clinical zone.

    `announce` is called before a recording becomes visible, so that no kill leaves one unannounced.
    """

    def __init__(
        self,
        store: SealedStore,
        announce: Callable[[RecordingRef], object] = lambda _ref: None,
    ) -> None:
        self._store = store
        self._announce = announce

    def recording_id(self, header: RecordingHeader) -> str:
        """Return the id that the content has, or would get.

        The same file for the same session gives the same id: intake is idempotent. What was removed
        never comes back under its id: the file gets another one then, the same each time.
        """
        for removals in itertools.count():
            found = self.id_of(header.owner, header.session, header.sha256, removals)
            if not self._store.exists(names.removed(header.owner, found)):
                return found
        raise AssertionError("unreachable")

    def id_of(self, owner: Owner, session: int, sha256: bytes, removals: int = 0) -> str:
        """Return an id: an HMAC of owner, session and content, so it reveals nothing of them.

        `removals` counts how often the content was removed from this very place.
        """
        fields = [owner.study.encode(), owner.participant.encode(), str(session).encode(), sha256]
        if removals:
            fields.append(str(removals).encode())
        mac = self._mac(fields)
        return "rec-" + base64.b32encode(mac).decode("ascii").lower()[:_ID_CHARS]

    def content_mac(self, study: str, sha256: bytes) -> bytes:
        """Return a keyed hash of a content in a study, 32 bytes, that tells nothing of it."""
        return self._mac([study.encode(), sha256])

    def upload_mac(self, owner: Owner, size: int, first_sha256: bytes) -> bytes:
        """Return a keyed hash by which the upload of a file is known again, 32 bytes."""
        fields = [b"upload", owner.study.encode(), owner.participant.encode(), str(size).encode()]
        return self._mac([*fields, first_sha256])

    def _mac(self, fields: Sequence[bytes]) -> bytes:
        """Return HMAC-SHA-256 (RFC 2104) over fields, each behind its length."""
        message = b"".join(struct.pack(">I", len(field)) + field for field in fields)
        return hmac.digest(self._store.keyring.secret("intake"), message, "sha256")

    def find(self, header: RecordingHeader) -> str | None:
        """Return the id of the same content where it is sealed already; raises `Erased`."""
        self._store.keyring.refuse_erased(header.owner)
        recording_id = self.recording_id(header)
        found = self._store.exists(names.manifest(header.owner, recording_id))
        return recording_id if found else None

    def receive(self, header: RecordingHeader, chunks: Iterable[bytes]) -> tuple[str, bool]:
        """Seal a recording; its id, and whether it was there already.

        Raises `ContentMismatch` where bytes and announcement differ: nothing is visible then, and
        `DiffersFromStored` where it is there already with another date or other options.
        """
        existing = self.find(header)
        if existing is not None:
            self._same_date(header, existing)
            self._same_reading(header, existing)
            self._same_speakers(header, existing)
            return existing, True
        recording_id = self.recording_id(header)
        digest = self._seal(header, recording_id, chunks)
        recording = Recording(
            study=header.owner.study,
            participant=header.owner.participant,
            recording=recording_id,
            session=header.session,
            kind=header.kind,
            file_name=header.file_name,
            sealed_at=clock.now(),
            content=digest,
            session_date=header.session_date or None,
            reading=_unusual(header.reading),
            speakers=header.speakers or None,
        )
        self._announce(RecordingRef(header.owner, recording_id))
        with contextlib.suppress(ObjectExists):  # another upload of the same content was faster
            self._store.put(
                header.owner,
                names.manifest(header.owner, recording_id),
                recording.encode(),
                _MANIFEST_TYPE,
            )
        return recording_id, False

    def _same_date(self, header: RecordingHeader, recording_id: str) -> None:
        """Refuse another date than the sealed one; no date at all is not another one."""
        if not header.session_date:
            return
        if self.get(header.owner, recording_id).header.session_date != header.session_date:
            raise DiffersFromStored(
                f"recording {recording_id} was sealed with another date, or without one, and keeps "
                "it: ingest the file without a date, or as another session"
            )

    def _same_reading(self, header: RecordingHeader, recording_id: str) -> None:
        """Refuse other options of reading than the sealed ones; none at all are not others."""
        if header.reading is None:
            return
        if self.get(header.owner, recording_id).reading != _unusual(header.reading):
            raise DiffersFromStored(
                f"recording {recording_id} was sealed with other options of reading, and keeps"
                f" them: to read the file anew, run 'sotto recordings remove {recording_id}"
                " --reason wrong_reading', then ingest it again"
            )

    def _same_speakers(self, header: RecordingHeader, recording_id: str) -> None:
        """Refuse another number of speakers than the sealed one; no number is not another one."""
        if not header.speakers:
            return
        if self.get(header.owner, recording_id).speakers != header.speakers:
            raise DiffersFromStored(
                f"recording {recording_id} was sealed with another number of speakers, or without"
                " one, and keeps that: to have it transcribed anew, run 'sotto recordings remove"
                f" {recording_id} --reason wrong_reading', then ingest it again"
            )

    def get(self, owner: Owner, recording_id: str) -> Recording:
        """Return the manifest; raises `ObjectMissing`, `Erased`, `DataCorrupted`."""
        self._store.refuse_removed(owner, recording_id)
        data = self._store.read(owner, names.manifest(owner, recording_id))
        return Recording.decode(data, owner, recording_id)

    def content_deleted(self, owner: Owner, recording_id: str) -> bool:
        """Return whether the content was deleted by the study's rule of retention."""
        return self._store.exists(names.content_deleted(owner, recording_id))

    @contextlib.contextmanager
    def reading(
        self, owner: Owner, recording_id: str
    ) -> Iterator[tuple[Recording, Iterator[bytes]]]:
        """Open the manifest and the bytes, PROVISIONAL until their iterator ends by itself."""
        recording = self.get(owner, recording_id)
        name = names.source(owner, recording_id)
        self._refuse_deleted(owner, recording_id)
        try:
            with self._store.opening(owner, name) as (opening, chunks):

                def verified() -> Iterator[bytes]:
                    yield from chunks
                    digests.compare(name, opening.digest(), recording.content)

                yield recording, verified()
        except ObjectMissing:
            raise _missing(recording_id) from None

    @contextlib.contextmanager
    def reading_parts(self, owner: Owner, recording_id: str) -> Iterator[Parts]:
        """Open the bytes for reading from anywhere; each part is authentic and in its place."""
        recording = self.get(owner, recording_id)
        self._refuse_deleted(owner, recording_id)
        try:
            with self._store.opening_parts(owner, names.source(owner, recording_id)) as parts:
                if parts.size != recording.content.size:
                    raise DataCorrupted(
                        f"the content of recording {recording_id} is not as long as it was:"
                        " restore it from a backup"
                    )
                yield parts
        except ObjectMissing:
            raise _missing(recording_id) from None

    def _refuse_deleted(self, owner: Owner, recording_id: str) -> None:
        if self.content_deleted(owner, recording_id):
            raise ObjectMissing(
                f"the content of recording {recording_id} was deleted by its study's rule of "
                "retention; its transcripts remain"
            )

    def _seal(
        self, header: RecordingHeader, recording_id: str, chunks: Iterable[bytes]
    ) -> ObjectDigest:
        name = names.source(header.owner, recording_id)
        with self._store.writing(header.owner, name, header.content_type) as writing:
            writing.fill(chunks, header.size, header.sha256)
            try:
                return writing.commit()
            except ObjectExists:
                return self._adopt(header, recording_id)

    def _adopt(self, header: RecordingHeader, recording_id: str) -> ObjectDigest:
        """Return the digest of content that another upload, perhaps a killed one, left.

        Where it is damaged it is removed, since no manifest names it, and `DataCorrupted` is
        raised: the next upload writes it again.
        """
        name = names.source(header.owner, recording_id)
        try:
            with self._store.opening(header.owner, name) as (opening, chunks):
                for _ in chunks:
                    pass
                digest = opening.digest()
            if digest.sha256 != header.sha256:
                raise DataCorrupted(
                    f"the content of recording {recording_id} is another one: try again"
                )
        except DataCorrupted:
            if not self._store.exists(names.manifest(header.owner, recording_id)):
                self._store.backend.delete(name)
            raise
        return digest


def _missing(recording_id: str) -> DataCorrupted:
    return DataCorrupted(
        f"the content of recording {recording_id} is missing: restore it from a backup"
    )


def _unusual(reading: ReadingOptions | None) -> ReadingOptions | None:
    """Return options of reading as they are sealed: None for those that go without saying."""
    return None if reading == ReadingOptions() else reading
