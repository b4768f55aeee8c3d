# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.storage.domain import clock, names
from services.storage.domain.approvals import Approval
from services.storage.domain.bundles import Bundle, SealedFile
from services.storage.domain.corrections import Correction, Corrections, RoleCorrection
from services.storage.domain.digests import ObjectDigest
from services.storage.domain.failures import Failure, Failures
from services.storage.domain.key_records import KeyRecord, Slot, Tombstone
from services.storage.domain.names import Owner
from services.storage.domain.recordings import Recording
from services.storage.domain.retention import KeepingRule, Retention
from services.storage.domain.reviews import Review
from services.storage.domain.transcripts import Finished
from tests.support import old_home
from tests.support.storage_service import KnownReleases
from tests.support.storage_zone import StorageZone, open_zone

P07 = Owner("peer-2026", "P07")
REC = "rec-" + "a" * 26
REL = "rel-" + "b" * 26
RUN = "0123456789abcdef" * 2
TIME = "2026-11-25T16:00:00.000000+00:00"
DIGEST = ObjectDigest(
    size=5, sha256=bytes(range(32)), sealed_size=99, sealed_sha256=bytes(range(32, 64))
)

CONTENT = (
    b'{"sealed_sha256":"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",'
    b'"sealed_size":99,'
    b'"sha256":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","size":5}'
)
AT = b'"2026-11-25T16:00:00.000000+00:00"'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of version 0.1.0, unpacked."""
    return old_home.unpack(tmp_path_factory.mktemp("home-0.1"))


class TestBytes:
    """What version 0.1.0 wrote for these values is what is written now, byte for byte."""

    @pytest.mark.parametrize(
        ("day", "field"), [("", b""), ("2026-11-24", b',"session_date":"2026-11-24"')]
    )
    def test_recording(self, day: str, field: bytes) -> None:
        """The manifest of a recording, without and with a date."""
        recording = Recording(
            study="peer-2026",
            participant="P07",
            recording=REC,
            session=2,
            kind="media",
            file_name='Café "1".wav',
            sealed_at=TIME,
            content=DIGEST,
            session_date=day or None,
        )
        stored = (
            b'{"content":' + CONTENT + b',"file_name":"Caf\xc3\xa9 \\"1\\".wav",'
            b'"format":"sotto recording 1","kind":"media","participant":"P07",'
            b'"recording":"rec-aaaaaaaaaaaaaaaaaaaaaaaaaa","sealed_at":' + AT + b',"session":2'
        ) + (field + b',"study":"peer-2026"}')
        assert recording.encode() == stored
        assert Recording.decode(stored, P07, REC) == recording

    def test_transcript(self) -> None:
        """The manifest of a run."""
        run = Finished(
            run=RUN,
            content_sha256=bytes(32),
            segments=3,
            document=b"\x00\xffdoc",
            committed_at=TIME,
            windows=(DIGEST,),
        )
        stored = (
            b'{"committed_at":' + AT + b',"content_sha256":"' + b"00" * 32 + b'",'
            b'"document":"AP9kb2M=","format":"sotto transcript 1",'
            b'"run":"0123456789abcdef0123456789abcdef","segments":3,"windows":[' + CONTENT + b"]}"
        )
        assert run.encode() == stored
        assert Finished.decode(stored, RUN) == run

    def test_release(self) -> None:
        """The manifest of a release."""
        files = (
            SealedFile(path="txt/P07.txt", participant="P07", content=DIGEST),
            SealedFile(path="README.txt", participant="", content=DIGEST),
        )
        bundle = Bundle(study="peer-2026", release=REL, committed_at=TIME, files=files)
        stored = (
            b'{"committed_at":' + AT + b',"files":['
            b'{"content":' + CONTENT + b',"participant":"P07","path":"txt/P07.txt"},'
            b'{"content":' + CONTENT + b',"participant":"","path":"README.txt"}],'
            b'"format":"sotto release 1","release":"rel-bbbbbbbbbbbbbbbbbbbbbbbbbb",'
            b'"study":"peer-2026"}'
        )
        assert bundle.encode() == stored
        assert Bundle.decode(stored, "peer-2026") == bundle

    def test_key_record(self) -> None:
        """A wrapped data key."""
        slot = Slot.of("clinical", P07)
        record = KeyRecord(
            zone="clinical",
            study="peer-2026",
            holder="P07",
            key_id="0" * 32,
            created=TIME,
            provider="local-file",
            version="zk-1",
            wrapped=b"\x00wrapped\xff",
        )
        stored = (
            b'{"created":' + AT + b',"format":"sotto data key 1","holder":"P07",'
            b'"key_id":"00000000000000000000000000000000","provider":"local-file",'
            b'"study":"peer-2026","version":"zk-1","wrapped":"AHdyYXBwZWT/","zone":"clinical"}'
        )
        assert record.encode() == stored
        assert KeyRecord.decode(stored, slot) == record

    def test_tombstone(self) -> None:
        """A tombstone."""
        tombstone = Tombstone(
            zone="clinical",
            study="peer-2026",
            participant="P07",
            key_id="0" * 32,
            erased_at=TIME,
            recordings=(REC,),
        )
        stored = (
            b'{"erased_at":' + AT + b',"format":"sotto tombstone 1",'
            b'"key_id":"00000000000000000000000000000000","participant":"P07",'
            b'"recordings":["rec-aaaaaaaaaaaaaaaaaaaaaaaaaa"],"study":"peer-2026",'
            b'"zone":"clinical"}'
        )
        assert tombstone.encode() == stored
        assert Tombstone.decode(stored, "clinical") == tombstone

    def test_approval(self) -> None:
        """An approval, which version 0.1 wrote and nothing writes any more."""
        stored = (
            b'{"approver":"hana@example","format":"sotto approval 1",'
            b'"run":"0123456789abcdef0123456789abcdef","time":' + AT + b"}"
        )
        assert Approval.decode(stored, RUN) == Approval(run=RUN, approver="hana@example", time=TIME)

    def test_small_records(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Failures, holds and deletions, as their stores write them."""
        monkeypatch.setattr(clock, "now", lambda: TIME)
        store = open_zone(tmp_path).store
        failure = Failure(stage="transcribe", reason="timeout", message="it took long", time=TIME)
        Failures(store).put(P07, REC, failure)
        Failures(store).put(P07, REC, None)
        long_ago = KnownReleases()
        long_ago.times[REC] = datetime(2020, 1, 1, tzinfo=UTC)
        retention = Retention(store, lambda _study: KeepingRule(30), long_ago)
        retention.put_hold(P07, REC, held=True)
        retention.put_hold(P07, REC, held=False)
        store.put(P07, names.manifest(P07, REC), b"", "a/b")
        retention.delete_content(P07, REC, "30_days_after_release")
        folder = names.recording(P07, REC)
        found = {
            name.removeprefix(folder): store.read(P07, name, names.version_of(name))
            for name in store.list(folder)
        }
        assert found == {
            "content-deleted": b'{"deleted_at":' + AT + b',"format":"sotto content deleted 1",'
            b'"rule":"30_days_after_release"}',
            "failure/g-00000001": b'{"format":"sotto failure 1","message":"it took long",'
            b'"reason":"timeout","stage":"transcribe","time":' + AT + b"}",
            "failure/g-00000002": b'{"format":"sotto failure 1"}',
            "hold/g-00000001": b'{"format":"sotto hold 1","held":"yes"}',
            "hold/g-00000002": b'{"format":"sotto hold 1","held":"no"}',
            "manifest": b"",
        }

    def test_review(self) -> None:
        """A word on a run, as it is written since 0.2."""
        review = Review(
            run=RUN,
            state="rejected",
            decided_by="hana@example",
            decided_at=TIME,
            residual_risk=0.25,
            threshold=0.0,
            reason="the ward is named",
            corrections_generation=2,
        )
        stored = (
            b'{"corrections_generation":2,"decided_at":' + AT + b',"decided_by":"hana@example",'
            b'"format":"sotto review 1","reason":"the ward is named","residual_risk":0.25,'
            b'"run":"0123456789abcdef0123456789abcdef","state":"rejected","threshold":0}'
        )
        assert review.encode() == stored
        assert Review.decode(stored, RUN) == review

    def test_corrections(self) -> None:
        """The corrections of a run, as they are written since 0.2."""
        correction = Correction(
            kind="redact",
            segment=3,
            start=4,
            end=9,
            entity_type="PERSON",
            text="[Person 2]",
            corrected_by="hana",
            corrected_at=TIME,
            spread=False,
            carried_from="",
        )
        run = Finished(
            run=RUN,
            content_sha256=bytes(32),
            segments=4,
            document=b"",
            committed_at=TIME,
            windows=(),
        )
        corrections = Corrections(
            run=RUN, content_sha256=bytes(32), corrections=(correction,), lost=()
        )
        stored = (
            b'{"content_sha256":"' + b"00" * 32 + b'","corrections":[{"carried_from":"",'
            b'"corrected_at":' + AT + b',"corrected_by":"hana","end":9,"entity_type":"PERSON",'
            b'"kind":"redact","segment":3,"spread":false,"start":4,"text":"[Person 2]"}],'
            b'"format":"sotto corrections 1","lost":[],"run":"0123456789abcdef0123456789abcdef"}'
        )
        assert corrections.encode() == stored
        assert Corrections.decode(stored, run) == corrections
        role = RoleCorrection(
            role="participant", corrected_by="hana", corrected_at=TIME, carried_from=""
        )
        with_roles = corrections.model_copy(update={"roles": {"S2": role}})
        ending = (
            b'"roles":{"S2":{"carried_from":"","corrected_at":' + AT + b',"corrected_by":"hana",'
            b'"role":"participant"}},"run":'
        )
        assert with_roles.encode() == stored.replace(b'"run":', ending)
        assert Corrections.decode(with_roles.encode(), run) == with_roles


class TestRealHome:
    """What version 0.1.0 left on a disk reads, and would be written again byte for byte."""

    @pytest.mark.parametrize("zone", ["clinical", "research"])
    def test_objects(self, home: Path, zone: str) -> None:
        """Every object opens; every manifest gives its own bytes again."""
        opened = open_zone(home / zone, zone)
        kinds = set()
        for name in opened.store.list(""):
            owner = names.owner_of(name)
            data = opened.store.read(owner, name, names.version_of(name))
            again = _again(owner, name, data)
            if again is not None:
                assert again == data
                kinds.add(name.split("/")[-1][:4])
        assert kinds == ({"mani"} if zone == "clinical" else {"mani", "rel-"})

    @pytest.mark.parametrize("zone", ["clinical", "research"])
    def test_keys_and_tombstones(self, home: Path, zone: str) -> None:
        """Every key record and tombstone gives its own bytes again; every key opens."""
        opened: StorageZone = open_zone(home / zone, zone)
        records = [path for path in (home / zone / "keys").rglob("0*") if path.is_file()]
        assert records
        for path in records:
            study, holder = path.parts[-3:-1]
            slot = Slot(zone, study, holder)
            record = KeyRecord.decode(path.read_bytes(), slot)
            assert record.encode() == path.read_bytes()
            opened.provider.unwrap(record.version, record.wrapped, slot.context(record.key_id))
        [erased] = (home / zone / "tombstones").rglob("erased")
        assert Tombstone.decode(erased.read_bytes(), zone).encode() == erased.read_bytes()


def _again(owner: Owner, name: str, data: bytes) -> bytes | None:
    """Decode a manifest and encode it again; None where the object is no manifest."""
    parts = name.split("/")
    if parts[-1] == "manifest" and len(parts) == 4:
        return Recording.decode(data, owner, parts[2]).encode()
    if parts[-1] == "manifest" and len(parts) == 6:
        return Finished.decode(data, parts[4]).encode()
    if parts[2] == "release":
        return Bundle.decode(data, owner.study, parts[3]).encode()
    return None
