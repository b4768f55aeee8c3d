# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from services.storage.domain.catalog import Catalog
from services.storage.domain.contents import Contents, ContentState
from services.storage.domain.erasure import Erasure
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.recordings import ReadingOptions, RecordingHeader, Recordings
from services.storage.errors import DiffersFromStored
from tests.support.counting_backend import CountingBackend
from tests.support.storage_zone import P07, P08, StorageZone, open_zone

CONTENT = b"an interview"
SHA256 = hashlib.sha256(CONTENT).digest()


class Clinical:
    """A clinical zone, and where it says that a content is."""

    def __init__(self, root: Path) -> None:
        self.zone: StorageZone = open_zone(root / "zone")
        self.store = self.zone.store
        self.recordings = Recordings(self.store)
        self.catalog = Catalog(self.store)

    def seal(
        self,
        owner: Owner = P07,
        session: int = 1,
        content: bytes = CONTENT,
        reading: ReadingOptions | None = None,
        speakers: int = 0,
    ) -> RecordingRef:
        """Take a recording in."""
        sha256 = hashlib.sha256(content).digest()
        header = RecordingHeader(
            *(owner, session, "transcript", "a.txt", len(content), sha256),
            reading=reading,
            speakers=speakers,
        )
        return RecordingRef(owner, self.recordings.receive(header, [content])[0])

    def erase(self, owner: Owner) -> None:
        """Erase a participant."""
        Erasure(self.store, rotate=False).erase(owner)

    def erase_as_0_1_did(self, owner: Owner) -> None:
        """Write a tombstone of version 0.1, which bears ids alone."""
        ids = [one.recording for one in self.catalog.recordings(owner.study)]
        self.zone.keyring.destroy(owner, tuple(ids))
        for name in list(self.store.list(owner.prefix)):
            self.zone.objects.delete(name)

    def find(self, *hashes: bytes) -> list[tuple[str, int, ContentState]]:
        """Where contents are."""
        found = Contents(self.store, self.catalog.recordings).find("peer-2026", hashes)
        return [(one.ref.owner.participant, one.session, one.state) for one in found]


@pytest.fixture
def clinical(tmp_path: Path) -> Clinical:
    """An empty zone."""
    return Clinical(tmp_path)


class TestFind:
    def test_of_a_participant_who_withdrew(self, clinical: Clinical) -> None:
        """The tombstone bears a keyed hash, and nothing that tells of the content."""
        ref = clinical.seal(session=7)
        clinical.seal(P08, content=b"another")
        clinical.erase(P07)
        assert clinical.find(SHA256) == [("P07", 0, ContentState.WITHDRAWN)]
        tombstone = clinical.zone.keyring.tombstone(P07)
        assert tombstone is not None
        assert tombstone.recordings == (ref.recording_id,)
        assert SHA256.hex() not in tombstone.encode().decode()

    def test_of_one_whom_version_0_1_erased(self, clinical: Clinical) -> None:
        """Its tombstone bears ids alone, which tell the session, too."""
        clinical.seal(session=999)
        clinical.erase_as_0_1_did(P07)
        assert clinical.find(SHA256) == [("P07", 999, ContentState.WITHDRAWN)]
        assert clinical.find(hashlib.sha256(b"x").digest()) == []

    def test_damaged_manifest(self, clinical: Clinical) -> None:
        """What cannot be read holds up neither the answer nor an erasure."""
        ref = clinical.seal()
        clinical.seal(session=2)
        name = f"{ref.folder}manifest"
        clinical.zone.objects.delete(name)
        staged = clinical.zone.objects.stage(name)
        staged.write(b"damaged")
        staged.commit()
        assert clinical.find(SHA256) == [("P07", 2, ContentState.SEALED)]
        clinical.erase(P07)
        # With one hash missing, ids are tried.
        assert {one[2] for one in clinical.find(SHA256)} == {ContentState.WITHDRAWN}

    def test_two_installations(self, tmp_path: Path, clinical: Clinical) -> None:
        """The hash is keyed: the same content of the same study has another one elsewhere."""
        (tmp_path / "other").mkdir()
        other = Clinical(tmp_path / "other")
        macs = {one.recordings.content_mac("peer-2026", SHA256) for one in (clinical, other)}
        macs.add(clinical.recordings.content_mac("another", SHA256))
        assert len(macs) == 3

    def test_second_question_reads_no_manifest(self, tmp_path: Path) -> None:
        """However many files are asked for, and however often, each manifest is opened once."""
        clinical = Clinical(tmp_path)
        for session in range(1, 20):
            clinical.seal(session=session)
        backend = CountingBackend(clinical.zone.objects)
        clinical.store.backend = backend
        clinical.find(SHA256)
        opened = backend.calls["open"]
        clinical.find(SHA256, *(bytes([one]) * 32 for one in range(200)))
        assert opened == 19
        assert backend.calls["open"] == opened


class TestReading:
    """Options of reading are sealed with the recording."""

    ROLES = ReadingOptions(roles={"S1": "interviewer"})

    def test_sealed(self, clinical: Clinical) -> None:
        """They come back as they were given; those that go without saying are not written."""
        ref = clinical.seal(reading=self.ROLES)
        plain = clinical.seal(P08, reading=ReadingOptions())
        assert clinical.recordings.get(ref.owner, ref.recording_id).header.reading == self.ROLES
        assert clinical.recordings.get(plain.owner, plain.recording_id).reading is None

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (None, ReadingOptions(encoding="gb18030")),
            (ROLES, ReadingOptions()),
            (ROLES, ReadingOptions(roles={"S1": "participant"})),
        ],
    )
    def test_other_options_for_the_same_file(
        self, clinical: Clinical, first: ReadingOptions | None, second: ReadingOptions
    ) -> None:
        """They are refused with the command that makes way for them."""
        ref = clinical.seal(reading=first)
        with pytest.raises(DiffersFromStored) as caught:
            clinical.seal(reading=second)
        assert f"remove {ref.recording_id} --reason wrong_reading" in caught.value.message

    @pytest.mark.parametrize(
        ("first", "second"), [(None, ReadingOptions()), (ROLES, ROLES), (ROLES, None)]
    )
    def test_same_options_again(
        self, clinical: Clinical, first: ReadingOptions | None, second: ReadingOptions | None
    ) -> None:
        """They change nothing, nor does an intake that says nothing of them."""
        assert clinical.seal(reading=first) == clinical.seal(reading=second)


class TestSpeakers:
    """How many people speak, as it was said at intake."""

    def test_sealed(self, clinical: Clinical) -> None:
        """The number comes back; where none was said, none is written."""
        ref, plain = clinical.seal(speakers=3), clinical.seal(P08)
        assert clinical.recordings.get(ref.owner, ref.recording_id).header.speakers == 3
        assert b"speakers" not in clinical.recordings.get(P08, plain.recording_id).encode()

    def test_another_number_for_the_same_file(self, clinical: Clinical) -> None:
        """It is refused with the command that makes way for it; none at all changes nothing."""
        ref = clinical.seal(speakers=3)
        assert clinical.seal() == ref
        with pytest.raises(DiffersFromStored) as caught:
            clinical.seal(speakers=2)
        assert f"remove {ref.recording_id} --reason wrong_reading" in caught.value.message
