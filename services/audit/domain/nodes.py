# SPDX-License-Identifier: Apache-2.0
"""Inner nodes of the tree, read from tiles: what proofs are made of."""

from __future__ import annotations

from collections.abc import Callable

from services.audit.domain.ports import Store
from services.audit.errors import LogDamaged
from services.audit_evidence import merkle
from services.audit_evidence.frontier import TILE_HEIGHT, TILE_WIDTH, Edge, Frontier

_H = merkle.HASH_SIZE


class TileNodes:
    """Hash of any complete subtree of a tree from its full tiles and its right edge."""

    def __init__(self, tile: Callable[[int, int], bytes], edge: Edge) -> None:
        self._tile = tile
        self._edge = edge
        self._seen: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, level: int, index: int) -> bytes:
        """Return the root over leaves [index << level, (index + 1) << level)."""
        row, inside = divmod(level, TILE_HEIGHT)
        first = index << inside
        hashes = self._row(row, first // TILE_WIDTH)
        start = first % TILE_WIDTH
        return merkle.fold(hashes[start : start + (1 << inside)])

    def _row(self, level: int, index: int) -> list[bytes]:
        key = (level, index)
        if key not in self._seen:
            hashes = self._edge.hashes(level, index)
            self._seen[key] = split(self._tile(level, index)) if hashes is None else hashes
        return self._seen[key]


def split(tile: bytes) -> list[bytes]:
    """Cut a tile into its hashes; raises LogDamaged when it is not 256 of them."""
    if len(tile) != TILE_WIDTH * _H:
        raise LogDamaged(f"a stored tile has {len(tile)} bytes instead of {TILE_WIDTH * _H}")
    return [tile[at : at + _H] for at in range(0, len(tile), _H)]


def load_frontier(size: int, store: Store) -> Frontier:
    """Build the right edge of a stored tree of `size` leaves again.

    Leaves behind the last full tile are hashed again, and so is each full tile in a
    part tile above it, so that a damaged tile at the edge shows in the root.
    """
    partial: list[list[bytes]] = []
    level = 0
    while level == 0 or size >> TILE_HEIGHT * level:
        count = size >> TILE_HEIGHT * level
        whole = count - count % TILE_WIDTH
        if level == 0:
            row = [merkle.leaf_hash(leaf) for leaf in store.entries(whole, count)]
        else:
            row = [merkle.fold(split(store.tile(level - 1, i))) for i in range(whole, count)]
        partial.append(row)
        level += 1
    frontier = Frontier(size, [], partial)
    nodes = TileNodes(store.tile, frontier.view())
    at = 0
    for bit in reversed(range(size.bit_length())):
        if size >> bit & 1:
            frontier.stack.append(nodes(bit, at >> bit))
            at += 1 << bit
    return frontier
