# SPDX-License-Identifier: Apache-2.0
"""Builds releases from a zone in memory, as a new process would."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from services.common.signing import Signer
from services.registry.export_formats import ExportFormat
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.domain.ports import AuditCheckpoint, StoredRelease
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import (
    NOON,
    STUDY,
    Recorder,
)

SIGNER = Signer.generate()


class Log:
    """A log whose size grows with every look."""

    def __init__(self) -> None:
        self._sizes = itertools.count(1)

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return a checkpoint that no other call gives."""
        return AuditCheckpoint(f"example/log\n{next(self._sizes)}\nAAAA\n", ("key",))


def clock() -> Iterator[datetime]:
    """Return moments a second apart."""
    return (NOON + timedelta(seconds=number) for number in itertools.count())


def builder(zone: MemoryZone) -> ReleaseBuilder:
    """Return a builder, as a new process would have it."""
    moments = clock()
    return ReleaseBuilder(
        zone, zone, zone, Log(), Recorder(), SIGNER, lambda: next(moments), "0.1.0"
    )


def build(zone: MemoryZone, made: ReleaseBuilder | None = None) -> tuple[StoredRelease, bool]:
    """Build a release of all that is approved, by a builder or by a new one."""
    return (made or builder(zone)).build(STUDY)


def export(zone: MemoryZone, release: StoredRelease, name: str, folder: Path) -> None:
    """Write an export to a folder."""
    folder.mkdir()
    for piece in ReleaseReader(zone).export(release, ExportFormat(name)):
        with (folder / piece.name).open("ab") as file:
            file.write(piece.data)
