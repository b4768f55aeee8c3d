# SPDX-License-Identifier: Apache-2.0
"""A zone in a temporary folder, for tests of the domain on real parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.storage.adapters.directory import DirectoryBackend
from services.storage.adapters.local_key import LocalKeyProvider
from services.storage.domain.counters import Counters
from services.storage.domain.keyring import Keyring
from services.storage.domain.names import Owner
from services.storage.domain.ports import ObjectBackend
from services.storage.domain.store import SealedStore


@dataclass
class StorageZone:
    """A zone with its parts within reach."""

    root: Path
    objects: ObjectBackend
    records: DirectoryBackend
    tombstones: DirectoryBackend
    provider: LocalKeyProvider
    keyring: Keyring
    store: SealedStore


def open_zone(
    root: Path, zone: str = "clinical", objects: ObjectBackend | None = None
) -> StorageZone:
    """Open, or make, a zone below `root`; `objects` is where its objects are, there by default."""
    root.mkdir(mode=0o700, exist_ok=True)
    objects = objects or DirectoryBackend(root / "objects")
    records = DirectoryBackend(root / "keys")
    tombstones = DirectoryBackend(root / "tombstones")
    provider = LocalKeyProvider(root / "zone.key", zone, create=True)
    keyring = Keyring(
        zone,
        records,
        tombstones,
        provider,
        has_objects=lambda owner: bool(objects.list(owner.prefix, limit=1).objects),
    )
    counters = Counters(
        zone, DirectoryBackend(root / "counters"), lambda: keyring.secret("generations")
    )
    store = SealedStore(zone, objects, keyring, counters)
    return StorageZone(root, objects, records, tombstones, provider, keyring, store)


P07 = Owner("peer-2026", "P07")
P08 = Owner("peer-2026", "P08")
