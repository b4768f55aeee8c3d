# SPDX-License-Identifier: Apache-2.0
"""A log as a folder of tiles (C2SP tlog-tiles), as our export and other logs lay it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from services.audit.adapters.checkpoint_file import (
    CHECKPOINT_FILE,
    WITNESSED_FILE,
    WITNESSED_NAME,
)
from services.audit.domain.tiles import TilePath, unpack_bundle
from services.audit.errors import LogDamaged
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.frontier import TILE_WIDTH
from services.audit_evidence.keys import VerifierKey
from services.common.errors import SottoError


class TilesSource:
    """The folder; how many entries it holds is taken from its checkpoint, then checked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def checkpoints(self) -> list[tuple[str, bytes]]:
        """Return the checkpoint beside the tiles, and the one that witnesses cosigned."""
        names = (("the checkpoint of the tiles", CHECKPOINT_FILE), (WITNESSED_NAME, WITNESSED_FILE))
        places = [(name, self._folder / file) for name, file in names]
        return [(name, path.read_bytes()) for name, path in places if path.exists()]

    def entries(self) -> Iterator[bytes]:
        """Return the entries of all bundles; raises LogDamaged at the first that does not fit."""
        try:
            size = peek(self.checkpoints()[0][1]).size
        except (IndexError, SottoError):
            raise LogDamaged("the checkpoint does not say how many entries there are") from None
        for first in range(0, size, TILE_WIDTH):
            path = TilePath(None, first // TILE_WIDTH, min(TILE_WIDTH, size - first))
            entries = unpack_bundle(self._read(path))
            if len(entries) != path.width:
                raise LogDamaged(f"{path} holds {len(entries)} entries instead of {path.width}")
            yield from entries

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Return a tile, full or part."""
        return self._read(TilePath(level, index, width))

    def faults(self, _keys: Sequence[VerifierKey]) -> Iterator[str]:
        """Return nothing: further files do not belong to the log."""
        return iter(())

    def remarks(self) -> Iterator[str]:
        """Return nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held open."""

    def _read(self, path: TilePath) -> bytes:
        try:
            return (self._folder / str(path)).read_bytes()
        except OSError as error:
            raise LogDamaged(f"{path} cannot be read: {error.strerror}") from None
