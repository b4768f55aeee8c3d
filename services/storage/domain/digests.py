# SPDX-License-Identifier: Apache-2.0
"""Digests of objects as they stand in manifests, and the check against them."""

from __future__ import annotations

from typing import Any

from services.storage.domain import canonical
from services.storage.domain.sealing import Digest
from services.storage.errors import DataCorrupted


def to_json(digest: Digest) -> dict[str, Any]:
    """A digest for a manifest."""
    return {
        "size": digest.size,
        "sha256": digest.sha256.hex(),
        "sealed_size": digest.sealed_size,
        "sealed_sha256": digest.sealed_sha256.hex(),
    }


def from_json(record: canonical.Record) -> Digest:
    """A digest of a manifest; raises `DataCorrupted`."""
    try:
        return Digest(
            record.number("size"),
            bytes.fromhex(record.text("sha256")),
            record.number("sealed_size"),
            bytes.fromhex(record.text("sealed_sha256")),
        )
    except ValueError:
        raise DataCorrupted("a manifest is damaged: its digests are malformed") from None


def compare(name: str, found: Digest, wanted: Digest) -> None:
    """Raise `DataCorrupted` where an object is not the one that its manifest speaks of."""
    if found != wanted:
        raise DataCorrupted(
            f"object {name} is not the one that its manifest speaks of: run 'sotto storage scrub', "
            "then restore it from a backup"
        )
