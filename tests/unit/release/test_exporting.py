# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest

from services.registry.export_formats import ExportFormat
from services.release.domain.exporting import FileChunk, ReleaseReader
from services.release.errors import (
    FormatNotInRelease,
    NoSuchRelease,
    ReleaseAltered,
)
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import (
    STUDY,
    transcript,
    two,
)
from tests.support.release_building import build


class TestReader:
    """Handing out."""

    def test_newest_and_named(self) -> None:
        """Without an id the newest release is given."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        first, _ = build(zone)
        zone.transcripts.append(transcript("P09", 1, 2))
        zone.approve_all()
        second, _ = build(zone)
        reader = ReleaseReader(zone)
        assert reader.find(STUDY, "") == second
        assert reader.find(STUDY, first.release_id) == first
        assert reader.releases(STUDY) == [first, second]

    def test_unknown_releases_are_told(self) -> None:
        """No release, and no release of that id, are different messages."""
        zone = MemoryZone(list(two()))
        with pytest.raises(NoSuchRelease, match="no release yet"):
            ReleaseReader(zone).find(STUDY, "")
        zone.approve_all()
        build(zone)
        with pytest.raises(NoSuchRelease, match="rel-a"):
            ReleaseReader(zone).find(STUDY, "rel-" + "a" * 26)

    def test_refuses_a_format_that_is_younger_than_the_release(self) -> None:
        """A release made before a format was added has no file of it: refused, with what to do."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        release, _ = build(zone)
        old = replace(release, files=tuple(one for one in release.files if one.path[:4] != "vtt/"))
        assert list(ReleaseReader(zone).export(old, ExportFormat.TXT))
        pieces: list[FileChunk] = []
        with pytest.raises(
            FormatNotInRelease,
            match=rf"{old.release_id} .*format vtt.*release build --study {STUDY}",
        ):
            pieces.extend(ReleaseReader(zone).export(old, ExportFormat.VTT))
        assert not pieces

    def test_never_ends_a_file_that_the_store_changed(self) -> None:
        """The last piece of a file with other bytes than the manifest's is never given."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        release, _ = build(zone)
        file, data = zone.files[release.release_id, "txt/P07_S1.txt"]
        zone.files[release.release_id, "txt/P07_S1.txt"] = (file, data[:-1] + b"x")
        pieces: list[FileChunk] = []
        with pytest.raises(ReleaseAltered, match="not what was written"):
            pieces.extend(ReleaseReader(zone).export(release, ExportFormat.TXT))
        assert not any(piece.last for piece in pieces)
