# SPDX-License-Identifier: Apache-2.0
"""Merkle tree hashing and proofs (RFC 6962 section 2.1, verified after RFC 9162 section 2.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from services.audit_evidence.errors import InvalidFormat, ProofRefused
from services.common.errors import InvalidInput

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256

#: Returns the hash of the complete subtree over leaves [index * 2**level, (index + 1) * 2**level).
NodeAt = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf; the prefix keeps a node from ever passing for a leaf."""
    return _sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Sequence[bytes]) -> list[bytes]:
    """Hash many entries as leaves."""
    sha256 = _sha256
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two 32-byte children into their parent."""
    return _sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power-of-two run of sibling hashes."""
    row, sha256 = list(hashes), _sha256
    while len(row) > 1:  # written out: verifying a large log spends much of its time here
        pairs = zip(row[::2], row[1::2], strict=True)
        row = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return row[0]


def range_root(start: int, stop: int, node: NodeAt) -> bytes:
    """Return the hash of the subtree over leaves [start, stop).

    `start` is a multiple of the smallest power of two that is not below `stop - start`, which
    holds for every subtree that RFC 6962 forms. Costs O(log n) calls of `node`.
    """
    parts: list[bytes] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    if not parts:
        return EMPTY_ROOT
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def inclusion_proof(index: int, size: int, node: NodeAt) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves, leaf's sibling first.

    Raises InvalidInput when the leaf is not in the tree. Source: RFC 6962 section 2.1.1.
    """
    if not 0 <= index < size:
        raise InvalidInput(f"entry {index} is not in a tree of {size} entries")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        split = start + _largest_power_below(stop - start)
        if index < split:
            path.append(range_root(split, stop, node))
            stop = split
        else:
            path.append(range_root(start, split, node))
            start = split
    path.reverse()
    return path


def consistency_proof(old: int, new: int, node: NodeAt) -> list[bytes]:
    """Return the proof that the tree of `new` leaves starts with the tree of `old` leaves.

    Empty when the sizes are equal or `old` is 0. Raises InvalidInput when `old` exceeds `new`.
    Source: RFC 6962 section 2.1.2.
    """
    if not 0 <= old <= new:
        raise InvalidInput(f"a tree of {old} entries is no beginning of one of {new}")
    if old in {0, new}:
        return []
    path: list[bytes] = []
    start, stop = 0, new
    whole = True  # the subtree in hand begins at leaf 0: the verifier knows its hash
    while stop != old:
        split = start + _largest_power_below(stop - start)
        if old <= split:
            path.append(range_root(split, stop, node))
            stop = split
        else:
            path.append(range_root(start, split, node))
            start = split
            whole = False
    if not whole:
        path.append(range_root(start, stop, node))
    path.reverse()
    return path


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to.

    Raises ProofRefused when the proof cannot belong to that position.
    Source: RFC 9162 section 2.1.3.2.
    """
    _check_hashes(leaf, *proof)
    if not 0 <= index < size:
        raise ProofRefused(f"entry {index} is not in a tree of {size} entries")
    at, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofRefused("the inclusion proof is too long")
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            root = node_hash(root, sibling)
        at >>= 1
        last >>= 1
    if last:
        raise ProofRefused("the inclusion proof is too short")
    return root


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` (a leaf hash) is at `index` in the tree of that size and root.

    Raises ProofRefused when it does not.
    """
    _check_hashes(root)
    if root_from_inclusion(leaf, index, size, proof) != root:
        raise ProofRefused(f"the proof of entry {index} leads to another root")


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the newer tree begins with the older one.

    An old size of 0 is refused: every tree begins with nothing, so there is nothing to prove.
    Raises ProofRefused. Source: RFC 9162 section 2.1.4.2.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 < old_size <= new_size:
        raise ProofRefused(f"there is no consistency proof from {old_size} to {new_size} entries")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise ProofRefused(f"two different trees of {old_size} entries")
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)  # a complete subtree: its hash is the old root itself
    if not path:
        raise ProofRefused("the consistency proof is empty")
    old, new = _climb(path, old_size - 1, new_size - 1)
    if old != old_root:
        raise ProofRefused(f"the proof does not lead to the older root of {old_size} entries")
    if new != new_root:
        raise ProofRefused(f"the proof does not lead to the newer root of {new_size} entries")


def _climb(path: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes]:
    """Return the older and the newer root that a consistency proof leads to."""
    while at & 1:
        at >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofRefused("the consistency proof is too long")
        if at & 1 or at == last:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        at >>= 1
        last >>= 1
    if last:
        raise ProofRefused("the consistency proof is too short")
    return old, new


def _largest_power_below(n: int) -> int:
    """Return the largest power of two below n, for n of at least 2."""
    return 1 << ((n - 1).bit_length() - 1)


def _check_hashes(*hashes: bytes) -> None:
    for value in hashes:
        if len(value) != HASH_SIZE:
            raise InvalidFormat(f"a tree hash has {len(value)} bytes instead of {HASH_SIZE}")
