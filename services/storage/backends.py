# SPDX-License-Identifier: Apache-2.0
"""Where the stores of a zone are: objects, wrapped keys, tombstones, marks of pending recordings.

Objects have a place of their own, so that a backup of them holds no key. The other three share
one: all of them must be deletable at any time, which a bucket with object lock would forbid.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from services.storage.adapters.directory import DirectoryBackend
from services.storage.adapters.folder_pace import FolderPace, Pace
from services.storage.domain import names
from services.storage.domain.ports import SELF_TEST, ObjectBackend
from services.storage.errors import ContractViolation, InvalidName, StoreUnavailable
from services.storage.settings import StorageSettings

Kind = Literal["objects", "keys", "tombstones", "pending", "counters"]
Place = Literal["directory", "s3"]

#: What is stored beside the objects, in the order in which it is moved: a key is usable only where
#: its tombstone, if there is one, is seen.
KEY_KINDS: Final[tuple[Kind, ...]] = ("tombstones", "pending", "counters", "keys")


def space(settings: StorageSettings) -> tuple[int, int]:
    """Return free and all bytes where objects are; zeros where nobody can tell."""
    if settings.storage != "directory":
        return 0, 0
    usage = shutil.disk_usage(_folder(settings, "objects"))
    return usage.free, usage.total


def pace(settings: StorageSettings) -> Callable[[], Pace]:
    """Return what tells how fast the place of objects fills; nothing where nobody can tell."""
    if settings.storage != "directory":
        return Pace
    return FolderPace(_folder(settings, "objects")).read


def open_backend(
    settings: StorageSettings, kind: Kind, place: Place | None = None
) -> ObjectBackend:
    """Open a store of the zone, where the settings say or in the `place` given."""
    chosen = place or (settings.storage if kind == "objects" else key_place(settings))
    if chosen == "s3":
        from services.storage.adapters.s3 import S3Backend

        return S3Backend(
            settings.s3_options() if kind == "objects" else settings.s3_keys_options(kind)
        )
    return DirectoryBackend(_folder(settings, kind))


def key_place(settings: StorageSettings) -> Place:
    """Return where keys, tombstones and marks are.

    An installation whose objects went to S3 while keys stayed in folders goes on with them until
    they are moved.
    """
    if settings.key_store:
        return settings.key_store
    given = settings.keys_path or settings.tombstones_path
    if settings.storage == "directory" or given or _folders_hold_keys(settings):
        return "directory"
    return "s3"


def check_key_place(settings: StorageSettings, objects: ObjectBackend) -> None:
    """Refuse to start where keys are in two places, or lost: never begin anew in silence.

    Raises `ContractViolation`.
    """
    place = key_place(settings)
    uses_s3 = "s3" in {settings.storage, settings.key_store}
    in_folders = _folders_hold_keys(settings)
    in_bucket = uses_s3 and _bucket_holds_keys(settings, required=place == "s3")
    if place == "s3" and in_folders:
        raise ContractViolation(
            f"keys of the {settings.zone} zone are in the folder "
            f"{_folder(settings, 'keys')}, but key_store says S3: stop Sotto and run 'sotto "
            "storage move-keys', or remove key_store"
        )
    if place == "directory" and in_bucket:
        raise ContractViolation(
            f"keys of the {settings.zone} zone are in bucket "
            f"{settings.s3_keys_options('keys').bucket}, but the folders "
            f"{'hold keys, too' if in_folders else 'are to be used'}: stop Sotto and run 'sotto "
            "storage move-keys', which also finishes a move that was interrupted, or set key_store"
        )
    if not in_folders and not in_bucket and _has_objects(objects):
        raise ContractViolation(
            f"the {settings.zone} zone has sealed objects and no keys in "
            f"{'its key bucket' if place == 's3' else _folder(settings, 'keys')}: restore the keys "
            "from their backup, or say by key_store, keys_path or s3_keys_bucket where they are"
        )


def holds_records(backend: ObjectBackend) -> bool:
    """Return whether a store of keys or tombstones holds any, probes of a test aside."""
    return any(not info.name.startswith(SELF_TEST) for info in backend.list("").objects)


def _folder(settings: StorageSettings, kind: Kind) -> Path:
    given = {
        "objects": settings.storage_path,
        "keys": settings.keys_path,
        "tombstones": settings.tombstones_path,
    }
    return settings.folder(given.get(kind), kind)


def _folders_hold_keys(settings: StorageSettings) -> bool:
    return any(
        holds_records(open_backend(settings, kind, "directory")) for kind in ("keys", "tombstones")
    )


def _bucket_holds_keys(settings: StorageSettings, *, required: bool) -> bool:
    """Return whether the bucket of keys holds any; one that is not `required` may be missing."""
    try:
        return any(
            holds_records(open_backend(settings, kind, "s3")) for kind in ("keys", "tombstones")
        )
    except StoreUnavailable as error:
        if error.reason not in {"store_bucket", "store_credentials"}:
            raise
        if required:
            raise StoreUnavailable(
                f"bucket {settings.s3_keys_options('keys').bucket} for the keys of the zone is "
                "missing, or refused to the zone's account: create it without object lock, as "
                'docs/storage.md says, or keep keys in folders by key_store = "directory"',
                reason=error.reason,
            ) from None
        return False


def _has_objects(objects: ObjectBackend) -> bool:
    """Return whether there is any object of a study; what others put there does not count."""
    for info in objects.list("").objects:
        try:
            names.owner_of(info.name)
        except InvalidName:
            continue
        return True
    return False
