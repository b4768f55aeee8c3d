# SPDX-License-Identifier: Apache-2.0
"""Parts that the audit tests share: a slow second Merkle tree, events, small logs, vectors."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.audit.adapters.folder import CHECKPOINT_FILE, FileAnchor, ensure_keys
from services.audit.adapters.sqlite_store import SqliteStore
from services.audit.domain.draft import Draft
from services.audit.domain.entry import Event, Outcome, Phase
from services.audit.domain.log import AuditLog

REPOSITORY = Path(__file__).resolve().parents[3]
VECTORS = Path(
    os.environ.get("SOTTO_TEST_VECTORS", REPOSITORY.parent / "shared" / "data" / "vectors")
)
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="published test vectors are not on this machine"
)


def vectors(name: str) -> Any:
    """Read a file of published vectors."""
    return json.loads((VECTORS / name).read_text("utf-8"))


class SlowTree:
    """RFC 6962 written down as its definitions read, in quadratic time: the oracle."""

    def __init__(self, entries: list[bytes]) -> None:
        self.entries = entries

    def root(self, low: int = 0, high: int | None = None) -> bytes:
        """MTH(D[low:high])."""
        part = self.entries[low : len(self.entries) if high is None else high]
        if not part:
            return hashlib.sha256().digest()
        if len(part) == 1:
            return hashlib.sha256(b"\x00" + part[0]).digest()
        k = self.split(len(part))
        left, right = SlowTree(part[:k]).root(), SlowTree(part[k:]).root()
        return hashlib.sha256(b"\x01" + left + right).digest()

    def path(self, m: int) -> list[bytes]:
        """PATH(m, D)."""
        n = len(self.entries)
        if n == 1:
            return []
        k = self.split(n)
        left, right = SlowTree(self.entries[:k]), SlowTree(self.entries[k:])
        return [*left.path(m), right.root()] if m < k else [*right.path(m - k), left.root()]

    def proof(self, m: int) -> list[bytes]:
        """PROOF(m, D)."""
        return self._subproof(m, whole=True) if 0 < m < len(self.entries) else []

    def _subproof(self, m: int, *, whole: bool) -> list[bytes]:
        n = len(self.entries)
        if m == n:
            return [] if whole else [self.root()]
        k = self.split(n)
        left, right = SlowTree(self.entries[:k]), SlowTree(self.entries[k:])
        if m <= k:
            return [*left._subproof(m, whole=whole), right.root()]
        return [*right._subproof(m - k, whole=False), left.root()]

    @staticmethod
    def split(n: int) -> int:
        """The largest power of two smaller than n."""
        k = 1
        while k * 2 < n:
            k *= 2
        return k


def fact(number: int = 0, **fields: Any) -> Event:
    """An event of one step."""
    given = {"person": "ana", "object": f"rec-{number}", "participant": "P07", "study_id": "st1"}
    return Event("recording:content:read", Phase.FACT, Outcome.SUCCESS, **{**given, **fields})


def intent(**fields: Any) -> Event:
    """An announcement."""
    return Event("recording:content:read", Phase.INTENT, **fields)


def outcome(of: int, result: Outcome = Outcome.SUCCESS, **fields: Any) -> Event:
    """What became of an announcement."""
    return Event("recording:content:read", Phase.OUTCOME, result, of, **fields)


class Bench:
    """A log in a folder, opened as the service opens it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        folder.mkdir(exist_ok=True, mode=0o700)
        self.folder = folder
        self.store = SqliteStore(folder)
        try:
            self.ring = ensure_keys(folder, "audit.example/log", fresh=self.store.head() is None)
            self.store.seal_keys = self.ring.signing
            anchors = [FileAnchor(folder / CHECKPOINT_FILE)]
            self.log = AuditLog(
                self.store,
                self.ring.signing,
                retired=self.ring.retired,
                anchors=anchors,
                **options,
            )
        except BaseException:
            self.store.close()
            raise

    def add(self, *events: Event, service: str = "storage-clinical") -> int:
        """Commit events as one batch."""
        return self.log.commit([Draft(event, service) for event in events])

    def close(self) -> None:
        """Publish and close, as the service does."""
        self.log.publish()
        self.store.close()


def make_log(folder: Path, count: int, *, batch: int = 7) -> Path:
    """Make a closed log of `count` entries: facts, and pairs of intent and outcome."""
    bench = Bench(folder)
    events: list[Event] = []
    while len(events) < count:
        if len(events) % 5 == 3 and len(events) + 1 < count:
            events += [intent(object="rec-9"), outcome(len(events), object="rec-9")]
        else:
            events.append(fact(len(events)))
    for at in range(0, count, batch):
        bench.add(*events[at : at + batch])
    bench.close()
    return folder
