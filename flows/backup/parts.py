# SPDX-License-Identifier: Apache-2.0
"""What a home consists of, and what a backup does with each part of it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path

from services.common.errors import WrongUse


class Treatment(StrEnum):
    """What a backup does with a file of the home."""

    DATA = "copied"
    OBJECT = "copied once, since it never changes"
    LOG = "copied as one consistent state, while the service may write to it"
    SECRET = "encrypted under the passphrase"  # noqa: S105 - no password
    TOMBSTONE = "copied last, so that no erasure is missed"
    LEFT_OUT = "left out: it is made again, or belongs to what runs now"


#: The first pattern that fits a file decides; `*` also fits slashes. The order is also that of
#: copying: the log before the objects, so that the objects hold all that the log speaks of, and
#: these before the keys, since a key is older than what it seals.
PARTS: tuple[tuple[str, Treatment], ...] = (
    # A published checkpoint is older than the log that is copied after it.
    ("audit/checkpoint", Treatment.DATA),
    ("audit/*.key*", Treatment.SECRET),  # also of logs that were moved aside
    ("audit/log.sqlite", Treatment.LOG),
    ("audit/log.sqlite.seal", Treatment.LEFT_OUT),
    ("audit/log.sqlite-*", Treatment.LEFT_OUT),
    ("audit/index.sqlite*", Treatment.LEFT_OUT),
    ("audit/lock", Treatment.LEFT_OUT),
    ("audit/*", Treatment.DATA),
    # Before the objects: a counter that is ahead of them would call them rolled back.
    ("clinical/counters/*", Treatment.DATA),
    ("research/counters/*", Treatment.DATA),
    ("*/objects/.staging/*", Treatment.LEFT_OUT),
    ("clinical/objects/*", Treatment.OBJECT),
    ("research/objects/*", Treatment.OBJECT),
    ("models/*", Treatment.OBJECT),
    ("clinical/pending/*", Treatment.LEFT_OUT),
    ("clinical/tombstones/*", Treatment.TOMBSTONE),
    ("research/tombstones/*", Treatment.TOMBSTONE),
    ("clinical/zone.lock", Treatment.LEFT_OUT),
    ("research/zone.lock", Treatment.LEFT_OUT),
    ("clinical/*", Treatment.SECRET),
    ("research/*", Treatment.SECRET),
    ("release/release-key.pem", Treatment.DATA),
    ("release/*", Treatment.SECRET),
    ("pki/*", Treatment.SECRET),
    ("console/*.sqlite-*", Treatment.LEFT_OUT),
    ("console/*", Treatment.SECRET),
    ("configuration/*.lock", Treatment.LEFT_OUT),
    ("configuration/*", Treatment.DATA),
    ("sotto.toml", Treatment.SECRET),
    ("logs/*", Treatment.LEFT_OUT),
    ("prefect/*", Treatment.LEFT_OUT),
    ("run/*", Treatment.LEFT_OUT),
    ("tmp/*", Treatment.LEFT_OUT),
    (".*", Treatment.LEFT_OUT),
)

#: Settings that keep a part of the installation outside its home, and what that is.
_ELSEWHERE: Mapping[str, str] = {
    "storage_path": "objects",
    "keys_path": "keys of participants",
    "tombstones_path": "tombstones of erased participants",
    "key_file": "zone key",
    "audit_folder": "audit log",
    "audit_database": "audit log",
    "signing_folder": "signing key of releases",
    "pki": "certificates",
    "delegation_key": "public key of the console",
    "prefect_database": "queue of work",
}
_ELSEWHERE_BY_VALUE: Mapping[tuple[str, str], str] = {
    ("storage", "s3"): "objects",
    ("key_store", "s3"): "keys of participants and tombstones",
    ("key_provider", "pkcs11"): "zone key",
}


def treatment_of(path: str) -> Treatment | None:
    """Return what is done with a file, by its path within the home; None for an unknown one."""
    return next((one for pattern, one in PARTS if fnmatchcase(path, pattern)), None)


def files_of(home: Path, treatment: Treatment) -> Iterator[Path]:
    """Yield the files of a home that are treated alike, in the order of copying.

    A file that vanishes meanwhile is passed over by whoever copies it.
    """
    found = [path for path in _walk(home) if treatment_of(str(path)) is treatment]
    order = {pattern: number for number, (pattern, _) in enumerate(PARTS)}
    yield from sorted(found, key=lambda path: (order[_pattern(str(path))], path))


def unknown(home: Path) -> list[str]:
    """Return the files of a home that no pattern names."""
    return sorted(str(path) for path in _walk(home) if treatment_of(str(path)) is None)


def kept_elsewhere(home: Path) -> list[str]:
    """Return what the settings keep outside the home, each as `what: setting = value`.

    Raises WrongUse when the settings cannot be read.
    """
    try:
        written = tomllib.loads((home / "sotto.toml").read_text("utf-8"))
    except FileNotFoundError:
        written = {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongUse(f"{home / 'sotto.toml'} cannot be read as TOML; mend it first") from error
    tables = [written, *(table for table in written.values() if isinstance(table, dict))]
    given = [(key, str(value)) for table in tables for key, value in table.items()]
    given += [
        (key.removeprefix("SOTTO_").lower(), value)
        for key, value in os.environ.items()
        if key.startswith("SOTTO_")
    ]
    found = set()
    for key, value in given:
        what = _ELSEWHERE.get(key) if value else None
        what = what or _ELSEWHERE_BY_VALUE.get((key, value))
        if what:
            found.add(f"{what} ({key})")
    return sorted(found)


def _walk(home: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(home):
        folders.sort()
        for name in names:
            yield (Path(folder) / name).relative_to(home)


def _pattern(path: str) -> str:
    return next(pattern for pattern, _ in PARTS if fnmatchcase(path, pattern))
