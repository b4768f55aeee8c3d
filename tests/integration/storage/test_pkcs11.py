# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pkcs11
import pytest

from services.common.errors import Erased
from services.storage.adapters.pkcs11_key import Pkcs11KeyProvider
from services.storage.domain.keyring import Keyring
from services.storage.errors import ContractViolation, KeyDoesNotOpen, StoreUnavailable
from services.storage.zone import OpenZone
from tests.support import softhsm, storage_service, storage_zone
from tests.support.softhsm import TOKENS, SoftHsm
from tests.support.storage_zone import P07, P08

REPOSITORY = Path(__file__).resolve().parents[3]


def provider(hsm: SoftHsm, token: str, *, create: bool = True) -> Pkcs11KeyProvider:
    """A provider on a token."""
    return Pkcs11KeyProvider(hsm.module, token, hsm.pin_file, "clinical", create=create)


def elsewhere(hsm: SoftHsm, code: str, **environment: str) -> str:
    """Run code in another process; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "SOFTHSM2_CONF": str(hsm.config), "PYTHONPATH":
             f"{REPOSITORY}:{REPOSITORY / 'protos'}", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


OPEN = """
from pathlib import Path
from services.storage.adapters.pkcs11_key import Pkcs11KeyProvider
try:
    module, pin = Path({module!r}), Path({pin!r})
    provider = Pkcs11KeyProvider(module, {token!r}, pin, "clinical", create=False)
    {action}
except Exception as error:
    print(type(error).__name__, error)
"""


class TestProvider:
    """Wrapping on a token."""

    def test_self_test(self, hsm: SoftHsm, token: str) -> None:
        """The token passes: it opens what it sealed, refuses the rest, and keeps its key."""
        provider(hsm, token).self_test()

    def test_made_at(self, hsm: SoftHsm, token: str) -> None:
        """A key of ours bears when it was made; one of somebody else its date, or nothing."""
        made = provider(hsm, token)
        before = datetime.now(UTC)
        made.rotate()
        assert before <= datetime.fromisoformat(made.made_at()) <= datetime.now(UTC)
        for start, told in ((None, ""), (date(2024, 2, 1), "2024-02-01T00:00:00+00:00")):
            # SoftHSM reads the date of a private object wrongly.
            public = {pkcs11.Attribute.PRIVATE: False}
            dates = {} if start is None else public | {pkcs11.Attribute.START_DATE: start}
            made._call(
                lambda dates=dates: made._session.generate_key(
                    pkcs11.KeyType.AES, 256, id=b"\xff" * (1 + len(dates)), label=made._label,
                    store=True, template=dates,
                )
            )  # fmt: skip
            assert made.made_at() == told

    def test_context(self, hsm: SoftHsm, token: str) -> None:
        """A wrong context, a flipped byte, a cut or an unknown version does not open."""
        made = provider(hsm, token)
        version, wrapped = made.wrap(b"k" * 32, b"context")
        assert made.unwrap(version, wrapped, b"context") == b"k" * 32
        for bad in (
            (version, wrapped, b"other"),
            (version, wrapped[:-1], b"context"),
            (version, wrapped[:5], b"context"),
            (version, bytes([wrapped[0] ^ 1]) + wrapped[1:], b"context"),
            ("hsm-00", wrapped, b"context"),
        ):
            with pytest.raises(KeyDoesNotOpen):
                made.unwrap(*bad)

    def test_rotation(self, hsm: SoftHsm, token: str) -> None:
        """Old versions open until they are destroyed; the current one cannot be."""
        made = provider(hsm, token)
        version, wrapped = made.wrap(b"k" * 32, b"context")
        fresh = made.rotate()
        assert made.versions() == (version, fresh)
        assert made.current_version() == fresh
        assert made.unwrap(version, wrapped, b"context") == b"k" * 32
        with pytest.raises(ContractViolation):
            made.destroy_version(fresh)
        made.destroy_version(version)
        with pytest.raises(KeyDoesNotOpen):
            made.unwrap(version, wrapped, b"context")

    def test_threads(self, hsm: SoftHsm, token: str) -> None:
        """Many threads share the token without harm."""
        made = provider(hsm, token)
        failures: list[Exception] = []

        def work(number: int) -> None:
            try:
                for _ in range(50):
                    version, wrapped = made.wrap(bytes([number]) * 32, b"context")
                    assert made.unwrap(version, wrapped, b"context") == bytes([number]) * 32
            except Exception as error:  # noqa: BLE001 - reported by the test's thread
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []

    def test_two_processes(self, hsm: SoftHsm, token: str) -> None:
        """Another process rotates and destroys while this one works: nothing fails for either."""
        made = provider(hsm, token)
        code = OPEN.format(
            module=str(hsm.module),
            pin=str(hsm.pin_file),
            token=token,
            action="""
    for _ in range(15):
        provider.rotate()
        version, wrapped = provider.wrap(b"k" * 32, b"context")
        assert provider.unwrap(version, wrapped, b"context") == b"k" * 32
        for old in provider.versions()[:-2]:
            provider.destroy_version(old)
    print("done", provider.current_version())""",
        )
        with ThreadPoolExecutor(1) as threads:
            other = threads.submit(elsewhere, hsm, code)
            opened = 0
            while not other.done():
                version, wrapped = made.wrap(b"m" * 32, b"context")
                try:
                    assert made.unwrap(version, wrapped, b"context") == b"m" * 32
                except KeyDoesNotOpen:
                    assert version not in made.versions()  # destroyed meanwhile, and said so
                else:
                    opened += 1
        assert other.result().split()[-2:] == ["done", made.current_version()]
        assert opened > 0

    def test_rotations_by_two_processes(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """Two processes with one token and one key store rotate at once: every key opens."""
        zone = storage_zone.open_zone(tmp_path / "zone")
        ring = Keyring("clinical", zone.records, zone.tombstones, provider(hsm, token))
        ring.check_zone_key()
        keys = {owner: ring.for_writing(owner) for owner in (P07, P08)}
        code = OPEN.format(
            module=str(hsm.module),
            pin=str(hsm.pin_file),
            token=token,
            action=f"""
    from services.storage.adapters.directory import DirectoryBackend
    from services.storage.domain.keyring import Keyring
    root = Path({str(zone.root)!r})
    stores = (DirectoryBackend(root / "keys"), DirectoryBackend(root / "tombstones"))
    for _ in range(8):
        Keyring("clinical", *stores, provider).rotate()
    print("done")""",
        )
        with ThreadPoolExecutor(1) as threads:
            other = threads.submit(elsewhere, hsm, code)
            while not other.done():
                ring.rotate()
        assert other.result().split()[-1:] == ["done"], other.result()
        assert len(ring.provider.versions()) == 1
        again = Keyring("clinical", zone.records, zone.tombstones, provider(hsm, token))
        assert {owner: again.for_reading(owner) for owner in keys} == keys

    # The library's own search complains when it is collected after its session is gone.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_session_lost(self, hsm: SoftHsm, token: str) -> None:
        """A lost session is opened anew."""
        made = provider(hsm, token)
        version, wrapped = made.wrap(b"k" * 32, b"context")
        made._session.close()
        assert made.unwrap(version, wrapped, b"context") == b"k" * 32

    def test_key_destroyed_in_the_token(self, hsm: SoftHsm, token: str) -> None:
        """A key that another process destroyed does not open here any more."""
        made = provider(hsm, token)
        version, wrapped = made.wrap(b"k" * 32, b"context")
        action = f"provider.rotate(); provider.destroy_version({version!r}); print('done')"
        code = OPEN.format(
            module=str(hsm.module), token=token, pin=str(hsm.pin_file), action=action
        )
        assert "done" in elsewhere(hsm, code)
        with pytest.raises(KeyDoesNotOpen):
            made.unwrap(version, wrapped, b"context")

    def test_after_fork(self, hsm: SoftHsm, token: str) -> None:
        """A child of a process that used the token opens it anew."""
        made = provider(hsm, token)
        code = OPEN.format(
            module=str(hsm.module),
            token=token,
            pin=str(hsm.pin_file),
            action="""import os
    wrapped = provider.wrap(b"k" * 32, b"context")
    if (child := os.fork()) == 0:
        print("child", provider.unwrap(*wrapped, b"context") == b"k" * 32, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print("parent", provider.unwrap(*wrapped, b"context") == b"k" * 32)""",
        )
        assert made.versions()
        output = elsewhere(hsm, code)
        assert "child True" in output
        assert "parent True" in output


class TestTrouble:
    """What can be wrong with a token."""

    def test_wrong_pin(self, hsm: SoftHsm, token: str) -> None:
        """A wrong PIN is said, is not shown, and is tried once."""
        provider(hsm, token)
        wrong = hsm.root / "wrong-pin"
        wrong.write_text("999999")
        wrong.chmod(0o600)
        code = OPEN.format(module=str(hsm.module), token=token, pin=str(wrong), action="pass")
        output = elsewhere(hsm, code)
        assert "ContractViolation the token refuses the PIN" in output
        assert "999999" not in output

    def test_pin_file_open_to_others(self, hsm: SoftHsm, tmp_path: Path) -> None:
        """A PIN file that others may read is refused."""
        path = tmp_path / "pin"
        path.write_text(softhsm.PIN)
        path.chmod(0o644)
        with pytest.raises(ContractViolation, match="chmod 600"):
            Pkcs11KeyProvider(hsm.module, TOKENS[0], path, "clinical", create=True)

    def test_token_gone(self, hsm: SoftHsm) -> None:
        """A token that is not there is said."""
        with pytest.raises(StoreUnavailable, match="is not there"):
            provider(hsm, "another-hospital")

    def test_token_gone_meanwhile(self, hsm: SoftHsm, token: str) -> None:
        """A token that vanishes is said, and is not taken for a wrong key; it may come back."""
        provider(hsm, token)
        code = OPEN.format(
            module=str(hsm.module),
            token=token,
            pin=str(hsm.pin_file),
            action=f"""import shutil
    tokens, away = {str(hsm.root / "tokens")!r}, {str(hsm.root / "away")!r}
    wrapped = provider.wrap(b"k" * 32, b"context")
    shutil.move(tokens, away)
    try:
        print("gone", provider.unwrap(*wrapped, b"context"))
    except Exception as error:
        print("gone", type(error).__name__, error, flush=True)
    finally:
        shutil.move(away, tokens)
    print("back", provider.unwrap(*wrapped, b"context") == b"k" * 32)""",
        )
        output = elsewhere(hsm, code)
        assert "gone StoreUnavailable" in output, output
        assert "back True" in output, output

    def test_no_module(self, hsm: SoftHsm, tmp_path: Path) -> None:
        """A library that cannot be loaded, or a broken configuration, is said."""
        code = OPEN.format(
            module=str(tmp_path / "no.so"), token="x", pin=str(hsm.pin_file), action="pass"
        )
        assert "StoreUnavailable the token does not answer" in elsewhere(hsm, code)
        code = OPEN.format(module=str(hsm.module), token="x", pin=str(hsm.pin_file), action="pass")
        output = elsewhere(hsm, code, SOFTHSM2_CONF=str(tmp_path / "no.conf"))
        assert "StoreUnavailable" in output

    def test_wrong_token(self, hsm: SoftHsm, token: str) -> None:
        """An empty token is not given a new key while data keys depend on the old one."""
        with pytest.raises(ContractViolation, match="connect the right token"):
            provider(hsm, token, create=False)


class TestZone:
    """A whole zone on a token."""

    def test_store_rotate_erase(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """Sealing, rotation and erasure work as on a key file, and no zone key is on the disk."""

        def start() -> tuple[storage_service.StorageServer, OpenZone]:
            service = storage_service.start(
                tmp_path / "home",
                "clinical",
                key_provider="pkcs11",
                pkcs11_module=hsm.module,
                pkcs11_token=token,
                pkcs11_pin=hsm.pin_file,
            )
            return service, service.zone

        service, zone = start()
        for owner in (P07, P08):
            zone.store.put(owner, owner.prefix + "x/source", b"content", "a/b")
        service.stop()
        service, zone = start()
        assert zone.store.read(P07, P07.prefix + "x/source") == b"content"
        done = zone.store.keyring.rotate()
        assert (done.version[:4], done.rewrapped) == ("hsm-", 2)
        receipt = zone.erasure.erase(P07)
        assert receipt.verified_unreadable
        assert receipt.rotation is not None
        # P08's key, and the zone's own for counters, which the first tombstone made.
        assert receipt.rotation.rewrapped == 2
        service.stop()
        service, zone = start()
        assert zone.store.read(P08, P08.prefix + "x/source") == b"content"
        with pytest.raises(Erased):
            zone.store.read(P07, P07.prefix + "x/source")
        assert not (tmp_path / "home/clinical/zone.key").exists()
        service.stop()
