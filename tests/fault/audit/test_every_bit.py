# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.audit.adapters.key_files import read_vkeys
from services.audit.adapters.sources import SqliteSource
from services.audit_evidence import merkle
from services.audit_evidence.keys import VerifierKey
from services.audit_evidence.verify import verify
from tests.support.audit import make_log
from tests.support.reference_tree import ReferenceTree


class CopyInMemory:
    """A log in memory, in which one entry is changed at will."""

    def __init__(self, entries: list[bytes], notes: list[tuple[str, bytes]]) -> None:
        self.leaves = entries
        self.notes = notes

    def entries(self) -> Iterator[bytes]:
        """The entries as they stand."""
        return iter(self.leaves)

    def checkpoints(self) -> Sequence[tuple[str, bytes]]:
        """The signed checkpoints."""
        return self.notes

    def tile(self, _level: int, _index: int, _width: int) -> bytes | None:
        """None are kept."""
        return None

    def remarks(self) -> Iterator[str]:
        """Return nothing."""
        return iter(())

    def faults(self, _keys: Sequence[VerifierKey]) -> Iterator[str]:
        """A list in memory has no faults."""
        return iter(())

    def close(self) -> None:
        """Nothing is open."""


class TestEveryBit:
    """No single bit of a log can change unnoticed."""

    def test_of_a_log_of_fifty_entries(self, tmp_path: Path) -> None:
        """Each of the bits of all 50 entries, flipped alone, makes the verification fail.

        Slow: that is over 100,000 changed entries, each hashed up to the root.
        """
        folder = make_log(tmp_path / "audit", 50)
        keys = read_vkeys(folder / "log.vkey")
        source = SqliteSource(folder / "log.sqlite")
        copy = CopyInMemory(list(source.entries()), source.checkpoints())
        source.close()
        whole = verify(copy, keys)
        assert whole.ok
        leaves, missed = list(copy.leaves), []
        tree = ReferenceTree(leaves)
        for number, leaf in enumerate(leaves):
            # What the audit path of an entry leads to is the root with that entry changed.
            path = tree.path(number)
            for at, bit in itertools.product(range(len(leaf)), range(8)):
                changed = leaf[:at] + bytes([leaf[at] ^ 1 << bit]) + leaf[at + 1 :]
                hashed = merkle.leaf_hash(changed)
                root = merkle.root_from_inclusion(hashed, number, len(leaves), path)
                if root == whole.root:
                    missed.append((number, at, bit))
                if (at + number) % 40 == bit == 0:  # the whole verifier on some of them
                    copy.leaves[number] = changed
                    report = verify(copy, keys)
                    assert not report.ok
                    assert report.root == root
            copy.leaves[number] = leaf
        assert missed == []
