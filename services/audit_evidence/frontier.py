# SPDX-License-Identifier: Apache-2.0
"""The right edge of a growing Merkle tree: enough to append and to give roots and full tiles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.audit_evidence import merkle

#: A tile holds this many hashes, as in the C2SP tlog-tiles format.
TILE_WIDTH = 256
#: Tree levels that a tile spans.
TILE_HEIGHT = 8


@dataclass(frozen=True)
class Tile:
    """A full tile: 256 hashes of tree level `8 * level`, starting at hash `256 * index`."""

    level: int
    index: int
    hashes: bytes


@dataclass
class Frontier:
    """A growing tree: takes leaf hashes one by one, O(log n) state and one part tile a level.

    `stack` holds the hash of each complete subtree that makes up the tree, largest first: one a
    set bit of `size`. `partial[L]` holds the hashes of tree level 8L that fill no whole tile yet;
    a list is only ever appended to or replaced, so that a reader may keep an older view of it.
    """

    size: int = 0
    stack: list[bytes] = field(default_factory=list)
    partial: list[list[bytes]] = field(default_factory=lambda: [[]])

    def push(self, leaf: bytes) -> list[Tile]:
        """Append a leaf hash; return the tiles that it completed, lowest first."""
        full: list[Tile] = []
        self._keep(0, leaf, full)
        self._merge(leaf, 0, full)
        return full

    def extend(self, leaves: Iterable[bytes]) -> list[Tile]:
        """Append leaf hashes; return the tiles that they completed, in order of completion."""
        full: list[Tile] = []
        rest = list(leaves)
        at = 0
        while at < len(rest):
            if self.size % TILE_WIDTH == 0 and len(rest) - at >= TILE_WIDTH:
                full += self._push_tile(rest[at : at + TILE_WIDTH])
                at += TILE_WIDTH
            else:
                full += self.push(rest[at])
                at += 1
        return full

    def root(self) -> bytes:
        """Return the root of the present tree; that of an empty one is SHA-256 of nothing."""
        if not self.stack:
            return merkle.EMPTY_ROOT
        root = self.stack[-1]
        for left in reversed(self.stack[:-1]):
            root = merkle.node_hash(left, root)
        return root

    def view(self) -> Edge:
        """Return an unchanging view of the part tiles for proofs at the present size."""
        return Edge(self.size, tuple(self.partial))

    def _push_tile(self, row: list[bytes]) -> list[Tile]:
        """Append as many leaves as fill a tile of their own, at its beginning."""
        full = [Tile(0, self.size // TILE_WIDTH, b"".join(row))]
        carry = merkle.fold(row)
        self._keep(1, carry, full)
        self._merge(carry, TILE_HEIGHT, full)
        return full

    def _merge(self, carry: bytes, level: int, full: list[Tile]) -> None:
        """Append a complete subtree of `2 ** level` leaves and merge it with equal ones."""
        added = 1 << level
        while self.size >> level & 1:
            carry = merkle.node_hash(self.stack.pop(), carry)
            level += 1
            if level % TILE_HEIGHT == 0:
                self._keep(level // TILE_HEIGHT, carry, full)
        self.stack.append(carry)
        self.size += added

    def _keep(self, level: int, value: bytes, full: list[Tile]) -> None:
        if level == len(self.partial):
            self.partial.append([])
        row = self.partial[level]
        row.append(value)
        if len(row) == TILE_WIDTH:
            index = (self.size >> TILE_HEIGHT * level) // TILE_WIDTH
            full.append(Tile(level, index, b"".join(row)))
            self.partial[level] = []


@dataclass(frozen=True)
class Edge:
    """The part tiles of a tree of `size` leaves; rows may be longer than that size asks for."""

    size: int
    rows: tuple[list[bytes], ...]

    def hashes(self, level: int, index: int) -> list[bytes] | None:
        """Return the hashes of the part tile `index` of tile level `level`, None if it is full."""
        count = self.size >> TILE_HEIGHT * level
        if index != count // TILE_WIDTH:
            return None
        return self.rows[level][: count % TILE_WIDTH] if level < len(self.rows) else []
