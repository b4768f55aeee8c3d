# SPDX-License-Identifier: Apache-2.0
"""Takes a recording in, settles it, changes its study, until it is killed; says how far it is."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from services.storage.adapters.directory import DirectoryBackend
from services.storage.domain.catalog import Catalog
from services.storage.domain.pending import PendingList
from services.storage.domain.recordings import RecordingHeader, Recordings
from tests.support.storage_zone import P07, open_zone

CONTENT = b"interview"
HEADER = RecordingHeader(P07, 1, "media", "a.wav", len(CONTENT), hashlib.sha256(CONTENT).digest())


def now() -> int:
    """Return the time in microseconds."""
    return time.time_ns() // 1000


def open_parts(
    root: Path, clock: Callable[[], int] = now
) -> tuple[Recordings, Catalog, PendingList]:
    """Open a zone with its list of pending recordings."""
    store = open_zone(root).store
    catalog = Catalog(store)
    pending = PendingList(DirectoryBackend(root / "pending"), store, catalog.sealed, clock)
    return Recordings(store, pending.mark), catalog, pending


def main() -> None:
    """Go the way of a recording, and say each step once it is done."""
    recordings, catalog, pending = open_parts(Path(sys.argv[1]))
    recordings.receive(HEADER, [CONTENT])
    print("sealed", flush=True)  # noqa: T201 - what the test waits for
    [found] = pending.page("", None, 10)[0]
    pending.settle(found.ref, found.mark)
    print("settled", flush=True)  # noqa: T201 - what the test waits for
    with pending.changing("peer-2026") as change:
        change.happened = not catalog.put_study("peer-2026", lambda _before: b"changed")
    print("changed", flush=True)  # noqa: T201 - what the test waits for


if __name__ == "__main__":
    main()
