# SPDX-License-Identifier: Apache-2.0
"""Opens a zone by its settings: checks the stores, finishes interrupted work, loads the keys."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import structlog

from services.common.audit import AuditTrail
from services.common.errors import WrongUse
from services.registry.events import Event
from services.storage.adapters.local_key import LocalKeyProvider
from services.storage.backends import (
    Kind,
    check_key_place,
    holds_records,
    key_place,
    open_backend,
)
from services.storage.domain.counters import Counters
from services.storage.domain.erasure import Erasure
from services.storage.domain.key_migration import MigratingKeyProvider
from services.storage.domain.keyring import Keyring
from services.storage.domain.names import Owner
from services.storage.domain.ports import KeyProvider, ObjectBackend
from services.storage.domain.store import SealedStore
from services.storage.errors import NoZoneKey
from services.storage.settings import StorageSettings

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OpenZone:
    """An open zone."""

    settings: StorageSettings
    store: SealedStore
    erasure: Erasure

    def open_backend(self, kind: Kind) -> ObjectBackend:
        """Open a further store of the zone, such as that of the marks of pending recordings."""
        backend = open_backend(self.settings, kind)
        backend.self_test()
        backend.sweep()
        return backend


def open_zone(settings: StorageSettings, trail: AuditTrail) -> OpenZone:
    """Open the stores and keys of a zone and finish what a killed process left undone.

    Raises `ContractViolation` when a store or a key provider does not keep its contract.
    """
    objects = open_backend(settings, "objects")
    objects.self_test()
    check_key_place(settings, objects)
    records = open_backend(settings, "keys")
    tombstones = open_backend(settings, "tombstones")
    records.self_test()
    tombstones.self_test()
    for backend in (objects, records, tombstones):
        backend.sweep()
    provider = open_key_provider(settings, fresh=not holds_records(records))
    provider.self_test()
    keyring = Keyring(
        settings.zone,
        records,
        tombstones,
        provider,
        announce=_announcing(trail),
        has_objects=lambda owner: bool(objects.list(owner.prefix, limit=1).objects),
    )
    _log.info("key_store_opened", zone=settings.zone, backend=key_place(settings))
    keyring.check_zone_key()
    counters = Counters(
        settings.zone, open_backend(settings, "counters"), lambda: keyring.secret("generations")
    )
    store = SealedStore(settings.zone, objects, keyring, counters)
    erasure = Erasure(store, rotate=settings.rotate_on_erasure)
    # Before any key is wrapped again: what belongs to the erased is destroyed, and not carried on.
    left = erasure.finish_all()
    if left:
        _log.warning("erasures_finished", zone=settings.zone, count=left)
    if isinstance(provider, MigratingKeyProvider):
        _move_keys(keyring, provider, trail)
    else:
        keyring.finish_rotation()
    _log.info(
        "store_opened",
        zone=settings.zone,
        backend=settings.storage,
        provider=provider.name,
        version=provider.current_version(),
    )
    return OpenZone(settings, store, erasure)


def open_key_provider(settings: StorageSettings, *, fresh: bool) -> KeyProvider:
    """Open the key provider that the settings name; a `fresh` zone may get a new zone key.

    While the provider before it still holds keys of the zone, both are opened together.
    """
    before = settings.key_provider_before
    if before and before != settings.key_provider and not fresh:
        with contextlib.suppress(NoZoneKey):  # left behind already
            old = _provider(settings, before, create=False)
            return MigratingKeyProvider(
                old, _provider(settings, settings.key_provider, create=True)
            )
    return _provider(settings, settings.key_provider, create=fresh)


def _provider(settings: StorageSettings, kind: str, *, create: bool) -> KeyProvider:
    if kind == "pkcs11":
        from services.storage.adapters.pkcs11_key import Pkcs11KeyProvider

        if settings.pkcs11_module is None:
            raise WrongUse("key_provider is 'pkcs11' but pkcs11_module is not set: set both")
        # The library reads its environment when it is loaded, and services inherit little of it.
        os.environ.update(settings.pkcs11_environment)
        return Pkcs11KeyProvider(
            settings.pkcs11_module,
            settings.pkcs11_token,
            settings.pin_file,
            settings.zone,
            create=create,
        )
    return LocalKeyProvider(settings.zone_key_file, settings.zone, create=create)


def _move_keys(keyring: Keyring, provider: MigratingKeyProvider, trail: AuditTrail) -> None:
    with trail.record(Event.ZONE_KEY_MOVED, attributes={"provider": provider.name}) as act:
        done = keyring.finish_rotation()
        act.note(
            provider=provider.name,
            key_id=done.version,
            rewrapped=done.rewrapped,
            unopened=len(done.unopened),
        )
    _log.warning("zone_key_moved", zone=keyring.zone, provider=provider.name, count=done.rewrapped)


def _announcing(trail: AuditTrail) -> Callable[[Owner, str], AbstractContextManager[object]]:
    def announce(owner: Owner, key_id: str) -> AbstractContextManager[object]:
        return trail.record(
            Event.KEY_CREATED, object=key_id, study_id=owner.study, participant=owner.code
        )

    return announce
