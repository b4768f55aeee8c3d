# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from services.common.errors import Erased
from services.storage.adapters.local_key import LocalKeyProvider
from services.storage.domain import keyring as keyring_module
from services.storage.domain.erasure import Erasure
from services.storage.domain.key_migration import MigratingKeyProvider
from services.storage.domain.key_records import Tombstone
from services.storage.domain.keyring import Keyring
from services.storage.domain.names import Owner
from services.storage.errors import ContractViolation, KeyDoesNotOpen, ObjectMissing
from tests.support.stop import Stopped, stop_before
from tests.support.storage_zone import P07, P08, StorageZone, open_zone

OWNERS = tuple(Owner("peer-2026", f"P{number:02}") for number in range(1, 13))


@pytest.fixture
def a(tmp_path: Path) -> StorageZone:
    """A zone as one process has it open."""
    made = open_zone(tmp_path / "zone")
    made.keyring.check_zone_key()
    return made


@pytest.fixture
def b(a: StorageZone) -> StorageZone:
    """The same zone as another process has it open, with a memory of its own."""
    return open_zone(a.root)


def at_once(*works: Callable[[], object]) -> None:
    """Do it all at the same moment; raises what any of them raised."""
    barrier = threading.Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again by the test's thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def remove_tombstone(zone: StorageZone, owner: Owner) -> None:
    """Take the tombstone away, which nothing of ours does: what is left of the key then shows."""
    (zone.root / "tombstones" / Tombstone.name_of(owner)).unlink()


class TestErasureByAnother:
    """What one process erased is erased for the other."""

    def test_refused_and_forgotten(self, a: StorageZone, b: StorageZone) -> None:
        """The other one refuses at its next call, and has no key in memory from then on."""
        name = P07.prefix + "x/source"
        a.store.put(P07, name, b"content", "a/b")
        assert b.store.read(P07, name) == b"content"
        a.keyring.destroy(P07, ())
        for call in (lambda: b.store.read(P07, name), lambda: b.keyring.for_writing(P07)):
            with pytest.raises(Erased):
                call()
        remove_tombstone(a, P07)
        with pytest.raises(ObjectMissing):
            b.keyring.for_reading(P07)

    def test_forgotten_without_a_call(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A key leaves the other one's memory after a minute, whomever it is called for."""
        for owner in (P07, P08):
            a.keyring.for_writing(owner)
            b.keyring.for_reading(owner)
        a.keyring.destroy(P07, ())
        moment = keyring_module.time.monotonic()
        monkeypatch.setattr(keyring_module.time, "monotonic", lambda: moment + 61)
        b.keyring.for_reading(P08)
        monkeypatch.setattr(keyring_module.time, "monotonic", lambda: moment)
        remove_tombstone(a, P07)
        with pytest.raises(ObjectMissing):
            b.keyring.for_reading(P07)

    def test_others_are_told(self, a: StorageZone, b: StorageZone) -> None:
        """What else holds something of the participant is told at the same moment."""
        told: list[Owner] = []
        b.keyring.when_erased(told.append)
        a.keyring.for_writing(P07)
        a.keyring.destroy(P07, ())
        assert told == []
        with pytest.raises(Erased):
            b.keyring.refuse_erased(P07)
        assert told == [P07]

    @pytest.mark.parametrize("_round", range(5))
    def test_while_it_rotates(self, a: StorageZone, b: StorageZone, _round: int) -> None:
        """A rotation brings back no key that is destroyed meanwhile."""
        for owner in OWNERS:
            a.keyring.for_writing(owner)
        gone = OWNERS[:6]

        def erase() -> None:
            for owner in gone:
                a.keyring.destroy(owner, ())

        at_once(erase, b.keyring.rotate, b.keyring.rotate)
        again = open_zone(a.root).keyring
        assert all(again.is_destroyed(owner) for owner in gone)
        assert {again.for_reading(owner) for owner in OWNERS[6:]} == {
            b.keyring.for_reading(owner) for owner in OWNERS[6:]
        }


class TestRotationByTwo:
    """The zone key is replaced by two processes at once, while others work."""

    @pytest.mark.parametrize("_round", range(5))
    def test_at_once(self, a: StorageZone, b: StorageZone, _round: int) -> None:
        """All end well; every key opens, under the one zone key that is left."""
        before = {owner: a.keyring.for_writing(owner) for owner in OWNERS[:6]}
        c, d = open_zone(a.root), open_zone(a.root)
        made = {}

        def create() -> None:
            for owner in OWNERS[6:]:
                made[owner] = c.keyring.for_writing(owner)

        def look() -> None:
            for owner, key in before.items():
                assert open_zone(a.root).keyring.for_reading(owner) == key

        at_once(a.keyring.rotate, b.keyring.rotate, d.keyring.rotate, create, look)
        again = open_zone(a.root)
        assert len(again.provider.versions()) == 1
        assert {owner: again.keyring.for_reading(owner) for owner in OWNERS} == before | made
        for owner in OWNERS:
            assert len(list((a.root / "keys" / owner.prefix).iterdir())) == 1

    def test_old_version_in_memory(self, a: StorageZone, b: StorageZone) -> None:
        """A process that saw the old zone key goes on: it opens, seals and rotates."""
        key = b.keyring.for_writing(P07)
        a.keyring.rotate()
        assert open_zone(a.root).keyring.for_reading(P07) == key
        other = b.keyring.for_writing(P08)
        version = b.keyring.rotate().version
        assert a.provider.versions() == (version,)
        assert a.keyring.for_reading(P08) == other

    @pytest.mark.parametrize("call", range(1, 7))
    @pytest.mark.parametrize("method", ["wrap", "destroy_version"])
    def test_killed(
        self,
        a: StorageZone,
        b: StorageZone,
        monkeypatch: pytest.MonkeyPatch,
        method: str,
        call: int,
    ) -> None:
        """Killed at any step, the other process goes on, and its rotation finishes this one."""
        keys = {owner: a.keyring.for_writing(owner) for owner in OWNERS[:4]}
        stop_before(monkeypatch, a.provider, method, call)
        try:
            a.keyring.rotate()
            a.keyring.rotate()
        except Stopped:
            pass
        monkeypatch.undo()
        assert {owner: b.keyring.for_reading(owner) for owner in keys} == keys
        version = b.keyring.rotate().version
        assert b.provider.versions() == (version,)
        assert {owner: open_zone(a.root).keyring.for_reading(owner) for owner in keys} == keys


def first(
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    method: str,
    happens: Callable[[], object],
    call: int = 1,
) -> None:
    """Let something happen just before a method is called for the first, or n-th, time."""
    real = getattr(owner, method)
    calls = iter(range(1, 1000))

    def late(*args: object) -> object:
        if next(calls) == call:
            happens()
        return real(*args)

    monkeypatch.setattr(owner, method, late)


class TestBetweenTwoSteps:
    """What another process does between any two steps of this one."""

    def test_rotation_before_unwrapping(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A record whose zone key is destroyed after it was read is read again."""
        key = a.keyring.for_writing(P07)
        first(monkeypatch, b.provider, "unwrap", a.keyring.rotate)
        assert b.keyring.for_reading(P07) == key

    def test_record_overwritten_while_it_is_read(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Zeros in the place of a record that was removed meanwhile are no damage."""
        key = a.keyring.for_writing(P07)
        opened = b.records.open

        def late(name: str) -> object:
            reader = opened(name)
            monkeypatch.setattr(b.records, "open", opened)
            a.keyring.rotate()
            return reader

        monkeypatch.setattr(b.records, "open", late)
        assert b.keyring.for_reading(P07) == key

    def test_erasure_before_rewrapping(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A key that is destroyed while it is rewrapped does not come back."""
        a.keyring.for_writing(P07)
        b.provider.rotate()
        # The first two are of the record that marks the zone key.
        first(monkeypatch, b.provider, "unwrap", lambda: a.keyring.destroy(P07, ()), call=3)
        b.keyring.finish_rotation()
        assert open_zone(a.root).keyring.is_destroyed(P07)
        assert list((a.root / "keys").rglob("P07/*")) == []

    def test_erasure_while_a_key_is_made(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A key that is made during the erasure of its participant does not stay."""
        first(monkeypatch, b.records, "stage", lambda: a.keyring.destroy(P07, ()))
        with pytest.raises(Erased):
            b.keyring.for_writing(P07)
        assert a.keyring.is_destroyed(P07)

    def test_rotation_during_a_rewrap(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A record that another process rewraps first is left to it."""
        key = a.keyring.for_writing(P07)
        first(monkeypatch, b.records, "stage", a.keyring.rotate)
        b.keyring.rotate()
        assert len(a.provider.versions()) == 1
        assert open_zone(a.root).keyring.for_reading(P07) == key


class TestWriterWhoIsTooLate:
    """A key was wrapped before a rotation, and is written after it."""

    def test_rewrapped_from_memory(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its writer sees that its zone key is gone, and wraps the key anew."""
        first(monkeypatch, a.records, "stage", b.keyring.rotate)
        key = a.keyring.for_writing(P07)
        assert open_zone(a.root).keyring.for_reading(P07) == key

    def test_writer_killed(
        self, a: StorageZone, b: StorageZone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Killed before it looked, it leaves a record that another key takes the place of."""
        with monkeypatch.context() as patched:
            first(patched, a.records, "stage", b.keyring.rotate)
            stop_before(patched, a.provider, "versions", 2)
            with pytest.raises(Stopped):
                a.keyring.for_writing(P07)
        with pytest.raises(KeyDoesNotOpen):
            b.keyring.for_reading(P07)
        b.keyring.rotate()
        b.store.put(P07, P07.prefix + "x/source", b"content", "a/b")
        assert open_zone(a.root).store.read(P07, P07.prefix + "x/source") == b"content"

    def test_but_not_where_objects_are(self, a: StorageZone, b: StorageZone) -> None:
        """A key that does not open is never replaced while something may be sealed with it."""
        a.store.put(P07, P07.prefix + "x/source", b"content", "a/b")
        saved = a.root / "saved"
        shutil.copytree(a.root / "keys" / P07.prefix, saved)
        a.keyring.rotate()
        shutil.rmtree(a.root / "keys" / P07.prefix)
        shutil.copytree(saved, a.root / "keys" / P07.prefix)
        with pytest.raises(KeyDoesNotOpen):
            b.keyring.for_writing(P07)


class TestOtherZoneKey:
    """Two machines whose zone keys part."""

    @pytest.fixture
    def elsewhere(self, a: StorageZone, tmp_path: Path) -> Keyring:
        """The same key store, with a copy of the key file from before a rotation."""
        a.keyring.for_writing(P07)
        shutil.copy(a.root / "zone.key", tmp_path / "zone.key")
        provider = LocalKeyProvider(tmp_path / "zone.key", "clinical", create=False)
        return Keyring("clinical", a.records, a.tombstones, provider)

    def test_copy_works_until_the_rotation(self, a: StorageZone, elsewhere: Keyring) -> None:
        """An exact copy is as good as the file itself."""
        elsewhere.check_zone_key()
        assert elsewhere.for_reading(P07) == a.keyring.for_reading(P07)

    def test_refused_afterwards(self, a: StorageZone, elsewhere: Keyring) -> None:
        """After a rotation the other one does not start, makes no key and does not rotate."""
        a.keyring.rotate()
        for call in (
            elsewhere.check_zone_key,
            lambda: elsewhere.for_writing(P08),
            elsewhere.rotate,
        ):
            with pytest.raises(ContractViolation, match="same key file or token"):
                call()
        assert a.keyring.is_destroyed(P08)
        assert open_zone(a.root).keyring.for_reading(P07) == a.keyring.for_reading(P07)

    def test_parting_at_the_write(
        self, a: StorageZone, elsewhere: Keyring, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A rotation just before a key is written leaves no key that the others cannot open."""
        first(monkeypatch, a.records, "stage", open_zone(a.root).keyring.rotate)
        with pytest.raises(ContractViolation, match="same key file or token"):
            elsewhere.for_writing(P08)
        assert a.keyring.is_destroyed(P08)

    def test_two_first_starts(self, a: StorageZone, tmp_path: Path) -> None:
        """A machine that made a zone key of its own is refused before it wraps anything."""
        provider = LocalKeyProvider(tmp_path / "own.key", "clinical", create=True)
        other = Keyring("clinical", a.records, a.tombstones, provider)
        with pytest.raises(ContractViolation, match="same key file or token"):
            other.check_zone_key()


class TestMigrationByTwo:
    """Two processes move the zone's keys to another provider at once."""

    def test_at_once(self, a: StorageZone, tmp_path: Path) -> None:
        """Both end well, all keys open by the new provider, and the old one is gone."""
        keys = {owner: a.keyring.for_writing(owner) for owner in OWNERS}
        rings = []
        for _ in range(2):
            old = LocalKeyProvider(a.root / "zone.key", "clinical", create=False)
            new = LocalKeyProvider(tmp_path / "new.key", "clinical", create=True)
            rings.append(
                Keyring("clinical", a.records, a.tombstones, MigratingKeyProvider(old, new))
            )
        at_once(*(ring.finish_rotation for ring in rings))
        assert not (a.root / "zone.key").exists()
        for ring in rings:
            assert {owner: ring.for_reading(owner) for owner in OWNERS} == keys
            ring.check_zone_key()
            ring.provider.self_test()
        fresh = LocalKeyProvider(tmp_path / "new.key", "clinical", create=False)
        again = Keyring("clinical", a.records, a.tombstones, fresh)
        assert {owner: again.for_reading(owner) for owner in OWNERS} == keys


class TestStartBesideAnother:
    """A start finishes what was left, while another process works."""

    def test_finish_during_an_erasure(self, a: StorageZone, b: StorageZone) -> None:
        """An erasure and a start that finishes it at the same time both end well."""
        for number in range(20):
            a.store.put(P07, f"{P07.prefix}x/{number}/source", b"content", "a/b")
        starting = Erasure(b.store, rotate=False)
        at_once(
            lambda: Erasure(a.store, rotate=True).erase(P07),
            *(starting.finish_all for _ in range(3)),
        )
        assert Erasure(b.store, rotate=False).finish_all() == 0
        assert list(a.store.list("")) == []
        assert a.keyring.is_destroyed(P07)

    def test_sweep_beside_a_writer(self, a: StorageZone, b: StorageZone) -> None:
        """No sweep takes what another process is writing, not even at its very beginning."""
        stop = threading.Event()

        def sweep() -> None:
            while not stop.is_set():
                b.objects.sweep()

        def write() -> None:
            try:
                for number in range(100):
                    a.store.put(P07, f"{P07.prefix}x/{number}/source", b"content", "a/b")
            finally:
                stop.set()

        at_once(sweep, write)
        assert len(list(a.store.list(P07.prefix))) == 100

    def test_probes_are_no_keys(self, a: StorageZone, b: StorageZone) -> None:
        """A store that another process is testing has no keys and no tombstones of its own."""
        for store in (a.records, a.tombstones):
            staged = store.stage("self-test/0123456789abcdef/probe")
            staged.write(b"probe")
            staged.commit()
        b.keyring.for_writing(P07)
        assert b.keyring.rotate().rewrapped == 1
        assert list(b.keyring.tombstones()) == []
