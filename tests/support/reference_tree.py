# SPDX-License-Identifier: Apache-2.0
"""A second Merkle tree, slow and plain, that the fast one is compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from services.audit.domain.tiles import TilePath
from services.audit_evidence.frontier import TILE_HEIGHT, TILE_WIDTH


class ReferenceTree:
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
        left, right = ReferenceTree(part[:k]).root(), ReferenceTree(part[k:]).root()
        return hashlib.sha256(b"\x01" + left + right).digest()

    def path(self, m: int) -> list[bytes]:
        """PATH(m, D)."""
        n = len(self.entries)
        if n == 1:
            return []
        k = self.split(n)
        left, right = ReferenceTree(self.entries[:k]), ReferenceTree(self.entries[k:])
        return [*left.path(m), right.root()] if m < k else [*right.path(m - k), left.root()]

    def proof(self, m: int) -> list[bytes]:
        """PROOF(m, D)."""
        return self._subproof(m, whole=True) if 0 < m < len(self.entries) else []

    def _subproof(self, m: int, *, whole: bool) -> list[bytes]:
        n = len(self.entries)
        if m == n:
            return [] if whole else [self.root()]
        k = self.split(n)
        left, right = ReferenceTree(self.entries[:k]), ReferenceTree(self.entries[k:])
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


def tiles_of(size: int) -> Iterator[TilePath]:
    """Return every hash tile and bundle of a log of that size: full ones and the right edge."""
    for level in (None, *range(64)):
        count = size >> TILE_HEIGHT * (level or 0)
        if not count:
            return
        for index in range(count // TILE_WIDTH):
            yield TilePath(level, index)
        if count % TILE_WIDTH:
            yield TilePath(level, count // TILE_WIDTH, count % TILE_WIDTH)
