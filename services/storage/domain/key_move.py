# SPDX-License-Identifier: Apache-2.0
"""Moving the stores of wrapped keys and tombstones to another place."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from services.storage.domain.key_store import names, put_once, read
from services.storage.domain.ports import ObjectBackend
from services.storage.errors import DiffersFromStored, ObjectExists


def move(pairs: Sequence[tuple[ObjectBackend, ObjectBackend]]) -> int:
    """Copy every record of each first store into the second; then remove it from the first.

    Nothing is removed before everything was copied and read back. May be repeated, also after a
    kill. Returns the number of records that were there to move. Raises `DiffersFromStored` where
    the second store has another record of the same name: the stores went different ways.
    """
    for source, target in pairs:
        for name in names(source, ""):
            record = read(source, name)
            with contextlib.suppress(ObjectExists):
                put_once(target, name, record)
            if read(target, name) != record:
                raise DiffersFromStored(
                    f"both stores have a record {name}, and they differ: find out which one is in "
                    "use, and move the other one away by hand"
                )
    count = 0
    for source, _ in pairs:
        for name in list(names(source, "")):
            source.delete(name, shred=True)
            count += 1
    return count
