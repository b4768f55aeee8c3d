# SPDX-License-Identifier: Apache-2.0
"""Digests of objects as manifests hold them, and the check against them."""

from __future__ import annotations

from services.common.records import Count, Record, Sha256
from services.storage.errors import DataCorrupted


class ObjectDigest(Record):
    """Sizes in bytes and SHA-256 of an object, in clear and sealed."""

    size: Count
    sha256: Sha256
    sealed_size: Count
    sealed_sha256: Sha256


def compare(name: str, found: ObjectDigest, wanted: ObjectDigest) -> None:
    """Raise `DataCorrupted` when an object is not the one that its manifest names."""
    if found != wanted:
        raise DataCorrupted(
            f"object {name} is not the one that its manifest names: run 'sotto storage scrub', "
            "then restore it from a backup"
        )
