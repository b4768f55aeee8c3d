# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.plumbing.audit import AuditTrail
from services.plumbing.errors import Erased, Unavailable
from services.storage.adapters import local_key
from services.storage.adapters.directory import DirectoryBackend
from services.storage.adapters.local_key import LocalKeyProvider
from services.storage.adapters.pkcs11_key import Pkcs11KeyProvider
from services.storage.domain.names import Owner
from services.storage.errors import KeyDoesNotOpen, StoreAway, Unfit
from services.storage.settings import StorageSettings
from services.storage.wiring import Zone, build
from tests.support import softhsm, storage_service
from tests.support.softhsm import SoftHsm
from tests.support.storage import P07, P08

REPOSITORY = Path(__file__).resolve().parents[3]
TOKENS = [f"token-{n}" for n in range(20)]


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    """Tokens made before the library is loaded, which looks for them then."""
    made = softhsm.make(tmp_path_factory.mktemp("softhsm") / "hsm")
    if made is None:
        pytest.skip("SoftHSM2 is not installed: apt-get install softhsm2")
    for label in TOKENS:
        made.token(label)
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(made.config)
    yield made
    os.environ.pop("SOFTHSM2_CONF")
    if before is not None:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def token(hsm: SoftHsm, request: pytest.FixtureRequest) -> str:  # noqa: ARG001 - made by it
    """A token of its own for each test."""
    used = request.config.stash.setdefault(_USED, [])
    label = TOKENS[len(used)]
    used.append(label)
    return label


_USED = pytest.StashKey[list[str]]()


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
        with pytest.raises(Unfit):
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
        assert "Unfit the token refuses the PIN" in output
        assert "999999" not in output

    def test_pin_file_open_to_others(self, hsm: SoftHsm, tmp_path: Path) -> None:
        """A PIN file that others may read is refused."""
        path = tmp_path / "pin"
        path.write_text(softhsm.PIN)
        path.chmod(0o644)
        with pytest.raises(Unfit, match="chmod 600"):
            Pkcs11KeyProvider(hsm.module, TOKENS[0], path, "clinical", create=True)

    def test_token_gone(self, hsm: SoftHsm) -> None:
        """A token that is not there is said."""
        with pytest.raises(StoreAway, match="is not there"):
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
        assert "gone StoreAway" in output, output
        assert "back True" in output, output

    def test_no_module(self, hsm: SoftHsm, tmp_path: Path) -> None:
        """A library that cannot be loaded, or a broken configuration, is said."""
        code = OPEN.format(
            module=str(tmp_path / "no.so"), token="x", pin=str(hsm.pin_file), action="pass"
        )
        assert "StoreAway the token does not answer" in elsewhere(hsm, code)
        code = OPEN.format(module=str(hsm.module), token="x", pin=str(hsm.pin_file), action="pass")
        output = elsewhere(hsm, code, SOFTHSM2_CONF=str(tmp_path / "no.conf"))
        assert "StoreAway" in output

    def test_wrong_token(self, hsm: SoftHsm, token: str) -> None:
        """An empty token is not given a new key while data keys depend on the old one."""
        with pytest.raises(Unfit, match="connect the right token"):
            provider(hsm, token, create=False)


class TestZone:
    """A whole zone on a token."""

    def test_store_rotate_erase(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """Sealing, rotation and erasure work as on a key file, and no zone key is on the disk."""

        def start() -> tuple[storage_service.Service, Zone]:
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
        version, count = zone.store.keyring.rotate()
        assert (version[:4], count) == ("hsm-", 2)
        receipt = zone.erasure.erase(P07)
        assert receipt.verified_unreadable
        assert receipt.rewrapped == 1
        service.stop()
        service, zone = start()
        assert zone.store.read(P08, P08.prefix + "x/source") == b"content"
        with pytest.raises(Erased):
            zone.store.read(P07, P07.prefix + "x/source")
        assert not (tmp_path / "home/clinical/zone.key").exists()
        service.stop()


class Stopped(BaseException):
    """Stands for a kill: nothing of ours catches it."""


def stop_before(monkeypatch: pytest.MonkeyPatch, owner: type, method: str, call: int) -> None:
    """End everything just before a method is called for the n-th time."""
    real = getattr(owner, method)
    calls = iter(range(1, 1000))

    def counted(*args: object, **more: object) -> object:
        if next(calls) == call:
            raise Stopped
        return real(*args, **more)

    monkeypatch.setattr(owner, method, counted)


class TestMoving:
    """From a key file to a token in place, and back."""

    OWNERS = (P07, P08, Owner("peer-2026", "P09"))

    def start(
        self, home: Path, hsm: SoftHsm, token: str, now: str, before: str = ""
    ) -> storage_service.Service:
        """Start the zone with a key provider."""
        return storage_service.start(
            home,
            "clinical",
            key_provider=now,
            key_provider_before=before,
            pkcs11_module=hsm.module,
            pkcs11_token=token,
            pkcs11_pin=hsm.pin_file,
        )

    def fill(self, home: Path, hsm: SoftHsm, token: str) -> None:
        """Seal something of each owner under the key file."""
        service = self.start(home, hsm, token, "local-file")
        for owner in self.OWNERS:
            service.zone.store.put(owner, owner.prefix + "x/source", owner.code.encode(), "a/b")
        service.stop()

    def check(self, service: storage_service.Service) -> None:
        """Everything opens, and each key has one record, wrapped by the provider of today."""
        keyring = service.zone.store.keyring
        current = keyring.provider.current_version()
        assert keyring.provider.versions() == (current,)
        for owner in self.OWNERS:
            found = service.zone.store.read(owner, owner.prefix + "x/source")
            assert found == owner.code.encode()
            [record] = (service.home / "clinical/keys" / owner.prefix).iterdir()
            assert f'"version":"{current}"' in record.read_text()

    def test_to_the_token(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """One start moves all keys, leaves no key file, and is in the log; later starts do nothing.

        The setting may stay.
        """
        home = tmp_path / "home"
        self.fill(home, hsm, token)
        service = self.start(home, hsm, token, "pkcs11", "local-file")
        self.check(service)
        assert not (home / "clinical/zone.key").exists()
        [intent, outcome] = service.log.events
        assert (intent.name, outcome.name) == ("key:zone:moved",) * 2
        assert outcome.attributes["provider"] == "pkcs11"
        assert outcome.attributes["rewrapped"] == "3"
        service.stop()
        for before in ("local-file", ""):
            service = self.start(home, hsm, token, "pkcs11", before)
            self.check(service)
            assert service.log.events == []
            service.stop()

    def test_back_to_a_file(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """The way back is the same; no key of the zone stays in the token."""
        home = tmp_path / "home"
        self.fill(home, hsm, token)
        self.start(home, hsm, token, "pkcs11", "local-file").stop()
        service = self.start(home, hsm, token, "local-file", "pkcs11")
        self.check(service)
        service.stop()
        with pytest.raises(Unfit):
            provider(hsm, token, create=False)

    @pytest.mark.parametrize(
        ("owner", "method", "call"),
        [
            (Pkcs11KeyProvider, "wrap", 3),  # the self-test wraps once
            (DirectoryBackend, "delete", 2),
            (LocalKeyProvider, "retire", 1),
            (local_key, "_overwrite", 1),
        ],
    )
    def test_killed(
        self,
        hsm: SoftHsm,
        token: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        owner: type,
        method: str,
        call: int,
    ) -> None:
        """Killed between any two steps, nothing is lost, and the next start goes on."""
        home = tmp_path / "home"
        self.fill(home, hsm, token)
        with monkeypatch.context() as patched:
            stop_before(patched, owner, method, call)
            with pytest.raises(Stopped):
                self.start(home, hsm, token, "pkcs11", "local-file")
        service = self.start(home, hsm, token, "pkcs11", "local-file")
        self.check(service)
        assert not (home / "clinical/zone.key").exists()
        service.stop()

    def test_not_recorded(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """Where the audit log does not take it, no key moves and the zone does not start."""
        home = tmp_path / "home"
        self.fill(home, hsm, token)
        key_file = (home / "clinical/zone.key").read_bytes()
        settings = StorageSettings.load(
            home=home,
            service="storage-clinical",
            zone="clinical",
            key_provider="pkcs11",
            key_provider_before="local-file",
            pkcs11_module=hsm.module,
            pkcs11_token=token,
            pkcs11_pin=hsm.pin_file,
        )
        with pytest.raises(Unavailable):
            build(settings, AuditTrail(storage_service.Log(down=True), zone="clinical"))
        assert (home / "clinical/zone.key").read_bytes() == key_file
        self.start(home, hsm, token, "local-file").stop()

    def test_unasked(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """A token in the settings alone moves nothing: the start is refused and says what to do."""
        home = tmp_path / "home"
        self.fill(home, hsm, token)
        with pytest.raises(Unfit, match="key_provider_before"):
            self.start(home, hsm, token, "pkcs11")
