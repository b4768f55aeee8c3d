# SPDX-License-Identifier: Apache-2.0
"""Writes the log as a folder of tiles (C2SP tlog-tiles), which other people's tools read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from services.audit.adapters.checkpoint_file import CHECKPOINT_FILE, WITNESSED_FILE
from services.audit.adapters.key_files import VKEY_FILE
from services.audit.domain.tiles import TilePath, pack_bundle
from services.audit_evidence import merkle
from services.audit_evidence.frontier import TILE_WIDTH, Frontier
from services.common.files import write_private


def write_tiles(
    folder: Path,
    leaves: Iterable[bytes],
    checkpoint: str,
    verifier_keys: Sequence[str],
    witnessed: str = "",
) -> int:
    """Write bundles and hash tiles, full and partial, then the checkpoint last; gives the size."""
    frontier = Frontier()
    bundle: list[bytes] = []
    for leaf in leaves:
        bundle.append(leaf)
        for tile in frontier.push(merkle.leaf_hash(leaf)):
            _write(folder, TilePath(tile.level, tile.index), tile.hashes)
        if len(bundle) == TILE_WIDTH:
            _write(folder, TilePath(None, frontier.size // TILE_WIDTH - 1), pack_bundle(bundle))
            bundle = []
    if bundle:
        part = TilePath(None, frontier.size // TILE_WIDTH, len(bundle))
        _write(folder, part, pack_bundle(bundle))
    for level, row in enumerate(frontier.partial):
        if row:
            index = (frontier.size >> 8 * level) // TILE_WIDTH
            _write(folder, TilePath(level, index, len(row)), b"".join(row))
    keys = "".join(key + "\n" for key in verifier_keys)
    write_private(folder / VKEY_FILE, keys.encode(), mode=0o644)
    if witnessed:
        write_private(folder / WITNESSED_FILE, witnessed.encode(), mode=0o644)
    write_private(folder / CHECKPOINT_FILE, checkpoint.encode(), mode=0o644)
    return frontier.size


def _write(folder: Path, path: TilePath, data: bytes) -> None:
    place = folder / str(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
