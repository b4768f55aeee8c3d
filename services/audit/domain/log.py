# SPDX-License-Identifier: Apache-2.0
"""The log: appends batches of events, signs a checkpoint over each, and makes proofs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from services.audit.domain.intents import Intents
from services.audit.domain.nodes import TileNodes, load_frontier
from services.audit.domain.ports import Anchor, Store
from services.audit.errors import LogDamaged, LogUnavailable, OtherWriter
from services.audit_evidence import entry as entries
from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from services.audit_evidence.entry import DraftEntry, Entry
from services.audit_evidence.errors import InvalidFormat, NoSuchEntry
from services.audit_evidence.frontier import Edge, Frontier
from services.audit_evidence.keys import SigningKey, VerifierKey
from services.audit_evidence.query import MAX_PAGE, Query
from services.common.errors import InvalidInput

_log = structlog.get_logger(__name__)

_PAGE = 1000
# A clock that is behind by more was set back, or is not that of the machine that wrote before.
_SET_BACK_SECONDS = 60


@dataclass(frozen=True)
class Snapshot:
    """The log at a durable moment: its checkpoint, signed, and the edge of its tree."""

    size: int
    note: str
    edge: Edge


class AuditLog:
    """An append-only log over a store.

    One thread commits; any thread reads. `keys` sign, the first one being the newest; `retired`
    are keys that signed earlier checkpoints. Raises LogDamaged at once when the store contradicts
    itself, its own checkpoint, or what an anchor keeps: then nothing is ever signed.
    """

    def __init__(
        self,
        store: Store,
        keys: Sequence[SigningKey],
        *,
        retired: Sequence[VerifierKey] = (),
        anchors: Sequence[Anchor] = (),
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.store = store
        self._keys = tuple(keys)
        self._clock = clock
        self.origin = keys[0].name
        self.verifier_keys = (*(key.verifier for key in keys), *retired)
        self._anchors = tuple(anchors)
        self._stale = False
        self._last_time = 0
        self._is_behind = False
        self._load()
        self._intents = Intents(store.entries, self._snapshot.size)
        for anchor in anchors:
            self._compare(anchor.latest())

    @property
    def snapshot(self) -> Snapshot:
        """The newest durable state; covers every entry that was acknowledged before the call."""
        return self._snapshot

    def settle(self) -> None:
        """Know the store as it is, also after a commit that failed; for the thread that commits."""
        if self._stale:
            self.store.recover()
            self._reload()
        self._intents.catch_up(self._snapshot.size)

    def closing(self, draft: DraftEntry) -> int | None:
        """Return None when an outcome may be appended, for the thread that commits.

        Returns an index when this very outcome stands there already. Raises NotOwner when the
        intent is not of the same service, InvalidFormat when it is none, or closed otherwise.
        """
        if (draft.event.intent_index or 0) >= self._snapshot.size:
            self.refresh()  # another process may have taken the intent
            self._intents.catch_up(self._snapshot.size)
        index = self._intents.closing(draft)
        if index is not None and entries.decode(self.leaf(index)).event != draft.event:
            raise InvalidFormat(f"entry {draft.event.intent_index} has another outcome already")
        return index

    def commit(self, drafts: Sequence[DraftEntry]) -> int:
        """Append a batch durably and return the index of its first entry.

        Raises LogFull or LogUnavailable when it could not be made durable: then nothing of the
        batch counts as recorded, and the next call first reads the store again. Raises
        OtherWriter when another process appended first.
        """
        self.settle()
        first = self._frontier.size
        moment = entries.format_time(self._tell_time())
        leaves = [
            entries.encode(draft.event, index, moment, draft.service)
            for index, draft in enumerate(drafts, first)
        ]
        self._stale = True  # the frontier runs ahead of the store until the commit is through
        tiles = self._frontier.extend(merkle.leaf_hashes(leaves))
        note = self._sign(self._frontier)
        try:
            self.store.commit(first, leaves, tiles, note)
        except OtherWriter:
            self._reload()  # nothing failed here: another process was first
            raise
        self._stale = False
        self._snapshot = Snapshot(self._frontier.size, note, self._frontier.view())
        for index, draft in enumerate(drafts, first):
            self._intents.add(index, draft)
        return first

    def _tell_time(self) -> int:
        """Return the time of the next batch in microseconds; it never goes back.

        Where the clock was set back, entries bear the last time until it is there again, and the
        service's own log says so, once.
        """
        now = self._clock() // 1000
        behind = (self._last_time - now) // 1_000_000
        if behind > _SET_BACK_SECONDS and not self._is_behind:
            _log.error("clock_behind_the_log", seconds=behind)
        self._is_behind = behind > _SET_BACK_SECONDS
        self._last_time = max(now, self._last_time)
        return self._last_time

    def refresh(self) -> None:
        """Read what other processes appended since; for the thread that commits."""
        head = self.store.head()
        if self._stale or (head and head.size) != self._snapshot.size:
            self.store.recover()
            self._reload()

    def publish(self) -> None:
        """Hand the newest checkpoint to every anchor.

        Raises LogUnavailable when one cannot take it.
        """
        note = self._snapshot.note
        for anchor in self._anchors:
            try:
                anchor.publish(note)
            except OSError as error:
                raise LogUnavailable(
                    f"the checkpoint could not be published: {error.strerror}"
                ) from None

    def root(self, size: int) -> bytes:
        """Return the root over the first entries; raises NoSuchEntry when there are fewer."""
        nodes, size = self._nodes(size)
        return merkle.range_root(0, size, nodes)

    def inclusion_proof(self, index: int, size: int = 0) -> tuple[list[bytes], int]:
        """Return the audit path of an entry and the tree size that it holds for (0: the newest)."""
        nodes, size = self._nodes(size)
        if not 0 <= index < size:
            raise NoSuchEntry(f"entry {index} is not among the first {size} entries of the log")
        return merkle.inclusion_proof(index, size, nodes), size

    def consistency_proof(self, old: int, new: int = 0) -> tuple[list[bytes], int]:
        """Return the proof from one tree size to another (0: the newest) and the latter."""
        nodes, new = self._nodes(new)
        if old > new:
            raise InvalidInput(f"from_size {old} lies beyond to_size {new}")
        return merkle.consistency_proof(old, new, nodes), new

    def leaf(self, index: int) -> bytes:
        """Return the canonical bytes of an entry; raises NoSuchEntry."""
        if not 0 <= index < self._snapshot.size:
            raise NoSuchEntry(f"the log has {self._snapshot.size} entries; {index} is not there")
        return next(self.store.entries(index, index + 1))

    def leaves(self, start: int, stop: int) -> Iterator[bytes]:
        """Return canonical bytes in order, from `start` to without `stop`."""
        return self.store.entries(start, stop)

    def page(self, query: Query, start: int, limit: int) -> tuple[list[Entry], int | None]:
        """Return a page of matching entries from index `start` on, and where the next page starts.

        None as the second part means that there is nothing further.
        """
        limit = min(limit, MAX_PAGE)
        stop = self._snapshot.size
        found: list[Entry] = []
        while start < stop:
            rows = self.store.select(query, start, stop, _PAGE)
            for leaf in rows:
                entry = entries.decode(leaf)
                if not query.matches(entry):
                    continue
                if len(found) == limit:
                    return found, entry.index
                found.append(entry)
            if len(rows) < _PAGE:
                break
            start = entries.decode(rows[-1]).index + 1
        return found, None

    def page_back(self, query: Query, start: int, stop: int, limit: int) -> tuple[list[Entry], int]:
        """Return a page of matching entries in [start, stop), newest first, and where to go on.

        That is the `stop` of the next page; where it is not above `start`, nothing is further back.
        """
        limit = min(limit, MAX_PAGE)
        stop = min(stop, self._snapshot.size)
        found: list[Entry] = []
        while start < stop:
            rows = self.store.select(query, start, stop, _PAGE, newest_first=True)
            for leaf in rows:
                entry = entries.decode(leaf)
                if not query.matches(entry):
                    continue
                if len(found) == limit:
                    return found, found[-1].index
                found.append(entry)
            if len(rows) < _PAGE:
                break
            stop = entries.decode(rows[-1]).index
        return found, start

    def known(self, column: str) -> list[str]:
        """Return the values that entries have in a column of queries, each once."""
        return self.store.distinct(column, self._snapshot.size)

    def _nodes(self, size: int) -> tuple[merkle.NodeAt, int]:
        snapshot = self._snapshot
        if size > snapshot.size:
            raise NoSuchEntry(f"the log has {snapshot.size} entries, fewer than {size}")
        return TileNodes(self.store.tile, snapshot.edge), size or snapshot.size

    def _sign(self, frontier: Frontier) -> str:
        state = Checkpoint(self.origin, frontier.size, frontier.root())
        return sign_checkpoint(state, self._keys)

    def _reload(self) -> None:
        self._load()
        self._stale = False

    def _load(self) -> None:
        head = self.store.head()
        size = head.size if head else 0
        self._frontier = load_frontier(size, self.store)
        if head is None:
            note = self._sign(self._frontier)
        else:
            note = head.note
            stated = open_checkpoint(note, self.verifier_keys, origin=self.origin).checkpoint
            if (stated.size, stated.root) != (size, self._frontier.root()):
                raise LogDamaged(
                    f"the {size} stored entries do not give the root of the checkpoint over "
                    f"{stated.size}; run `sotto audit verify`, and keep the files as they are"
                )
        self._last_time = 0
        if size:
            last = entries.decode(next(self.store.entries(size - 1, size)))
            self._last_time = entries.to_microseconds(last.time)
        self._snapshot = Snapshot(size, note, self._frontier.view())

    def _compare(self, note: str | None) -> None:
        """Refuse a store that has fewer entries than were published, or others."""
        if note is None:
            return
        seen = open_checkpoint(note, self.verifier_keys, origin=self.origin).checkpoint
        if seen.size > self._snapshot.size:
            raise LogDamaged(
                f"a checkpoint over {seen.size} entries was published, but only "
                f"{self._snapshot.size} are stored: the database was cut or restored from an older "
                "copy. Restore the newer one, or start a new log that names this one"
            )
        nodes, _ = self._nodes(0)
        if merkle.range_root(0, seen.size, nodes) != seen.root:
            raise LogDamaged(
                f"the first {seen.size} entries differ from those under the published checkpoint. "
                "Keep both as evidence, and start a new log that names this one"
            )
