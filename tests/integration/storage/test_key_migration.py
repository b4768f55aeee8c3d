# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from pathlib import Path

import pytest

from services.common.audit import AuditTrail
from services.common.errors import Unavailable
from services.storage.adapters import local_key
from services.storage.adapters.directory import DirectoryBackend
from services.storage.adapters.local_key import LocalKeyProvider
from services.storage.adapters.pkcs11_key import Pkcs11KeyProvider
from services.storage.domain.names import Owner
from services.storage.errors import ContractViolation
from services.storage.settings import StorageSettings
from services.storage.zone import open_zone
from tests.support import storage_service
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.softhsm import SoftHsm
from tests.support.stop import Stopped, stop_before
from tests.support.storage_zone import P07, P08


class TestKeyMigration:
    """From a key file to a token in place, and back."""

    OWNERS = (P07, P08, Owner("peer-2026", "P09"))

    def start(
        self, home: Path, hsm: SoftHsm, token: str, now: str, before: str = ""
    ) -> storage_service.StorageServer:
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

    def check(self, service: storage_service.StorageServer) -> None:
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
        with pytest.raises(ContractViolation):
            Pkcs11KeyProvider(hsm.module, token, hsm.pin_file, "clinical", create=False)

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
            open_zone(settings, AuditTrail(FakeAuditLog(down=True), zone="clinical"))
        assert (home / "clinical/zone.key").read_bytes() == key_file
        self.start(home, hsm, token, "local-file").stop()

    def test_unasked(self, hsm: SoftHsm, token: str, tmp_path: Path) -> None:
        """A token in the settings alone moves nothing: the start is refused and says what to do."""
        home = tmp_path / "home"
        self.fill(home, hsm, token)
        with pytest.raises(ContractViolation, match="key_provider_before"):
            self.start(home, hsm, token, "pkcs11")
