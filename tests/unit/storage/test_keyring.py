# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.errors import Erased
from services.storage.adapters.local_key import LocalKeyProvider
from services.storage.domain.erasure import Erasure
from services.storage.domain.key_records import KeyRecord, Slot, Tombstone
from services.storage.domain.names import Owner
from services.storage.errors import (
    ContractViolation,
    DataCorrupted,
    InvalidName,
    KeyDoesNotOpen,
    ObjectMissing,
)
from tests.support.stop import Stopped, stop_before
from tests.support.storage_zone import P07, P08, StorageZone, open_zone


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """A zone in a folder."""
    return open_zone(tmp_path / "zone")


def reopened(zone: StorageZone) -> StorageZone:
    """The same zone as another process sees it."""
    return open_zone(zone.root, zone.keyring.zone)


class TestKeys:
    """One key per participant and zone."""

    def test_one_each(self, zone: StorageZone) -> None:
        """The same participant gets the same key, another one another, and so after a restart."""
        first = zone.keyring.for_writing(P07)
        assert zone.keyring.for_reading(P07) == first
        assert zone.keyring.for_writing(P08).material != first.material
        assert reopened(zone).keyring.for_reading(P07) == first

    def test_many_at_once(self, zone: StorageZone) -> None:
        """Several processes that need a new key at the same moment agree on one."""
        rings = [reopened(zone).keyring for _ in range(6)]
        found = []
        barrier = threading.Barrier(len(rings))

        def make(number: int) -> None:
            barrier.wait()
            found.append(rings[number].for_writing(P07))

        threads = [threading.Thread(target=make, args=(n,)) for n in range(len(rings))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1

    def test_no_key_in_clear(self, zone: StorageZone) -> None:
        """No data key is found in any file."""
        key = zone.keyring.for_writing(P07)
        for path in zone.root.rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                assert key.material not in data
                assert key.material.hex().encode() not in data

    def test_lost_record(self, zone: StorageZone) -> None:
        """Where sealed objects exist and the key record is gone, no new key is made silently."""
        zone.store.put(P07, P07.prefix + "x/source", b"content", "a/b")
        shutil.rmtree(zone.root / "keys" / P07.study)
        with pytest.raises(DataCorrupted, match="restore the key store"):
            reopened(zone).keyring.for_writing(P07)

    def test_moved_record(self, zone: StorageZone) -> None:
        """The record of one participant in the place of another's does not open."""
        zone.keyring.for_writing(P07)
        zone.keyring.for_writing(P08)
        keys = zone.root / "keys" / P07.study
        (keys / "P08/00000001").write_bytes((keys / "P07/00000001").read_bytes())
        with pytest.raises(DataCorrupted):
            reopened(zone).keyring.for_reading(P08)

    def test_rebound_record(self, zone: StorageZone) -> None:
        """A wrapped key with another name written over it does not open either."""
        zone.keyring.for_writing(P07)
        path = zone.root / "keys" / P07.study / "P07/00000001"
        record = KeyRecord.decode(path.read_bytes(), Slot.of("clinical", P07))
        other = record.model_copy(update={"holder": P08.participant})
        target = zone.root / "keys" / P08.study / "P08/00000001"
        target.parent.mkdir()
        target.write_bytes(other.encode())
        with pytest.raises(KeyDoesNotOpen):
            reopened(zone).keyring.for_reading(P08)

    def test_secret(self, zone: StorageZone) -> None:
        """A secret of the zone is made once and stays."""
        assert zone.keyring.secret("intake") == reopened(zone).keyring.secret("intake")
        assert zone.keyring.secret("intake") != zone.keyring.secret("other")


class TestErasure:
    """Destroyed keys stay destroyed."""

    def test_destroyed(self, zone: StorageZone) -> None:
        """No read, no write, no record left; the tombstone tells which key."""
        key = zone.keyring.for_writing(P07)
        tombstone = zone.keyring.destroy(P07, ("rec-" + "a" * 26,))
        assert tombstone.key_id == key.key_id.hex()
        for ring in (zone.keyring, reopened(zone).keyring):
            with pytest.raises(Erased):
                ring.for_reading(P07)
            with pytest.raises(Erased):
                ring.for_writing(P07)
        assert not list((zone.root / "keys").rglob("P07/*"))
        assert zone.keyring.destroy(P07, ()) == tombstone

    def test_before_anything_was_stored(self, zone: StorageZone) -> None:
        """A participant of whom nothing is stored yet can be erased, too."""
        assert zone.keyring.destroy(P07, ()).key_id == ""
        with pytest.raises(Erased):
            zone.keyring.for_writing(P07)

    def test_restored_backup(self, zone: StorageZone, tmp_path: Path) -> None:
        """A backup of objects and keys from before the erasure does not bring content back."""
        name = P07.prefix + "x/source"
        zone.store.put(P07, name, b"content", "a/b")
        zone.store.put(P08, P08.prefix + "x/source", b"other", "a/b")
        saved = ("objects", "keys", "zone.key")
        for part in saved:
            subprocess.run(["cp", "-a", zone.root / part, tmp_path / part], check=True)
        Erasure(zone.store, rotate=True).erase(P07)
        for part in saved:
            subprocess.run(["rm", "-r", zone.root / part], check=True)
            subprocess.run(["cp", "-a", tmp_path / part, zone.root / part], check=True)
        restored = reopened(zone)
        with pytest.raises(Erased):
            restored.store.read(P07, name)
        assert Erasure(restored.store, rotate=False).finish_all() == 1
        assert not restored.store.exists(name)
        assert restored.keyring.is_destroyed(P07)
        assert restored.store.read(P08, P08.prefix + "x/source") == b"other"

    def test_old_key_backup_stays_shut(self, zone: StorageZone) -> None:
        """With rotation not even the bare wrapped key of an old backup opens any more."""
        zone.keyring.for_writing(P07)
        old = (zone.root / "keys" / P07.study / "P07/00000001").read_bytes()
        Erasure(zone.store, rotate=True).erase(P07)
        record = KeyRecord.decode(old, Slot.of("clinical", P07))
        with pytest.raises(KeyDoesNotOpen):
            zone.provider.unwrap(record.version, record.wrapped, record.slot.context(record.key_id))

    def test_killed_in_between(self, zone: StorageZone) -> None:
        """With the tombstone alone in place everything is refused, and the start finishes it."""
        name = P07.prefix + "x/source"
        zone.store.put(P07, name, b"content", "a/b")
        tombstone = Tombstone(
            zone="clinical",
            study=P07.study,
            participant=P07.participant,
            key_id="",
            erased_at="2026-01-01T00:00:00.000000+00:00",
            recordings=(),
        )
        path = zone.root / "tombstones" / Tombstone.name_of(P07)
        path.parent.mkdir(parents=True)
        path.write_bytes(tombstone.encode())
        again = reopened(zone)
        with pytest.raises(Erased):
            again.store.read(P07, name)
        assert Erasure(again.store, rotate=False).finish_all() == 1
        assert again.keyring.is_destroyed(P07)
        assert not again.store.exists(name)
        assert Erasure(again.store, rotate=False).finish_all() == 0


class TestRotation:
    """A new zone key."""

    def test_rewraps(self, zone: StorageZone) -> None:
        """All data keys open under the new zone key; the old one is gone from the file."""
        key = zone.keyring.for_writing(P07)
        zone.keyring.for_writing(P08)
        before = zone.provider.current_version()
        done = zone.keyring.rotate()
        assert done.rewrapped == 2
        assert zone.provider.versions() == (done.version,)
        assert done.version != before
        assert reopened(zone).keyring.for_reading(P07) == key

    def test_killed_in_between(self, zone: StorageZone, monkeypatch: pytest.MonkeyPatch) -> None:
        """A rotation that died after any number of keys is finished at the next start."""
        keys = {owner: zone.keyring.for_writing(owner) for owner in (P07, P08)}
        version = zone.provider.rotate()
        with monkeypatch.context() as patched:
            stop_before(patched, zone.provider, "wrap", call=2)
            with pytest.raises(Stopped):
                zone.keyring.finish_rotation()
        again = reopened(zone)
        assert again.keyring.finish_rotation().rewrapped == 1
        assert again.provider.versions() == (version,)
        assert {owner: again.keyring.for_reading(owner) for owner in keys} == keys

    def test_key_made_during_a_rotation(
        self, zone: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A key wrapped just before a rotation and written just after it is not lost."""
        other = reopened(zone)
        wrap = zone.provider.wrap

        def late(data_key: bytes, context: bytes) -> tuple[str, bytes]:
            wrapped = wrap(data_key, context)
            if other.provider.versions()[-1] == wrapped[0] and not list(
                (zone.root / "keys").rglob("0*")
            ):
                other.provider.rotate()
            return wrapped

        monkeypatch.setattr(zone.provider, "wrap", late)
        key = zone.keyring.for_writing(P07)
        other.keyring.finish_rotation()
        assert reopened(zone).keyring.for_reading(P07) == key


class TestLocalKey:
    """The zone key's file."""

    def test_open_to_others(self, zone: StorageZone) -> None:
        """A file that others may read is refused."""
        (zone.root / "zone.key").chmod(0o640)
        with pytest.raises(ContractViolation, match="chmod 600"):
            open_zone(zone.root)

    def test_missing_while_keys_exist(self, zone: StorageZone) -> None:
        """A lost key file is not replaced by a new one while keys depend on it."""
        (zone.root / "zone.key").unlink()
        with pytest.raises(ContractViolation, match="restore"):
            LocalKeyProvider(zone.root / "zone.key", "clinical", create=False)

    def test_another_zone(self, zone: StorageZone) -> None:
        """The key file of one zone is refused in another."""
        with pytest.raises(DataCorrupted):
            LocalKeyProvider(zone.root / "zone.key", "research", create=False)

    @pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[1]", b'{"format":1}'])
    def test_broken(self, zone: StorageZone, content: bytes) -> None:
        """A broken file is refused, without its content in the message."""
        (zone.root / "zone.key").write_bytes(content)
        with pytest.raises(DataCorrupted):
            zone.provider.current_version()

    def test_self_test(self, zone: StorageZone) -> None:
        """The provider passes its own test."""
        zone.provider.self_test()

    def test_current_is_not_destroyed(self, zone: StorageZone) -> None:
        """The current version cannot be destroyed."""
        with pytest.raises(ContractViolation):
            zone.provider.destroy_version(zone.provider.current_version())


class TestRecords:
    """Parsers at a trust boundary: our own records come from disks and backups."""

    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        """Whatever a file holds is a record or `DataCorrupted`, never another error."""
        for decode in (
            lambda: KeyRecord.decode(data, Slot.of("clinical", P07)),
            lambda: Tombstone.decode(data, "clinical"),
        ):
            with pytest.raises(DataCorrupted):
                decode()

    @given(
        st.dictionaries(
            st.sampled_from(
                ["format", "zone", "study", "holder", "key_id", "created", "provider", "version",
                 "wrapped", "participant", "erased_at", "recordings"]
            ),
            st.one_of(st.text(max_size=8), st.integers(-5, 5), st.none(), st.lists(st.text())),
        )
    )  # fmt: skip
    @settings(suppress_health_check=[HealthCheck.too_slow])  # on a machine with much else to do
    def test_any_object(self, fields: dict[str, object]) -> None:
        """So it is for JSON objects of any fields."""
        data = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
        with pytest.raises(DataCorrupted):
            KeyRecord.decode(data, Slot.of("clinical", P07))
        with pytest.raises(DataCorrupted):
            Tombstone.decode(data, "clinical")

    @given(
        st.from_regex(r"[a-z0-9][a-z0-9-]{1,38}", fullmatch=True),
        st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,15}", fullmatch=True),
        st.binary(min_size=1, max_size=80),
        st.text(max_size=30),
    )
    def test_round_trip(self, study: str, participant: str, wrapped: bytes, text: str) -> None:
        """What is written is read back."""
        owner = Owner(study, participant)
        slot = Slot.of("research", owner)
        record = KeyRecord(
            zone="research",
            study=study,
            holder=participant,
            key_id="0" * 32,
            created=text,
            provider="local-file",
            version="zk-1",
            wrapped=wrapped,
        )
        assert KeyRecord.decode(record.encode(), slot) == record
        tombstone = Tombstone(
            zone="research",
            study=study,
            participant=participant,
            key_id="",
            erased_at=text,
            recordings=("rec-" + "a" * 26,),
        )
        assert Tombstone.decode(tombstone.encode(), "research") == tombstone

    @given(st.text(max_size=40))
    def test_names(self, text: str) -> None:
        """A participant code or study id is well formed or refused; nothing else comes through."""
        for make in (lambda: Owner("study", text), lambda: Owner(text, "P07")):
            try:
                owner = make()
            except InvalidName:
                continue
            assert owner.prefix.count("/") == 2
            assert ".." not in owner.prefix
            assert owner.prefix.isascii()

    def test_missing(self, zone: StorageZone) -> None:
        """Reading what has no key is a thing that is missing."""
        with pytest.raises(ObjectMissing):
            zone.keyring.for_reading(P07)
