# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from services.storage.domain import names
from services.storage.domain.bundles import BundleFile, Bundles
from services.storage.domain.names import RecordingRef
from services.storage.domain.retention import record_deletion
from services.storage.domain.scrub import Scrub
from services.storage.errors import AudioDeleted, ObjectMissing
from tests.support.storage_zone import P07, StorageZone, open_zone

REC, OTHER = "rec-" + "a" * 26, "rec-" + "b" * 26
RULE = "30_days_after_release"
RELEASES = ["rel-" + letter * 26 for letter in "ab"]


def audio(recording: str) -> BundleFile:
    """A file with the sound of a recording."""
    return _file(f"audio/{recording}_{'0' * 16}.flac", recording.encode())


def _file(path: str, content: bytes) -> BundleFile:
    return BundleFile(path, hashlib.sha256(content).digest(), len(content), P07.participant)


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """Two releases, one of them unfinished, with the sound of two recordings and a text."""
    zone = open_zone(tmp_path / "zone", "research")
    bundles = Bundles(zone.store)
    text = _file("txt/P07_S1.txt", b"text")
    for release in RELEASES:
        bundles.put_file(P07.study, release, text, [b"text"])
        for one in (REC, OTHER):
            bundles.put_file(P07.study, release, audio(one), [one.encode()])
    bundles.commit(P07.study, RELEASES[0], [text, audio(REC), audio(OTHER)], [])
    return zone


def test_it_goes_from_every_release(zone: StorageZone) -> None:
    """Finished or not; text and the sound of others stay, and may be asked for again."""
    ref, bundles = RecordingRef(P07, REC), Bundles(zone.store)
    assert not record_deletion(zone.store, ref, RULE)
    assert record_deletion(zone.store, ref, RULE)
    assert [bundles.delete_audio(ref).deleted for _ in range(2)] == [2, 0]
    left = {one.rpartition("/")[2] for one in zone.store.list(names.bundles(P07))}
    assert left == {"P07_S1.txt", audio(OTHER).path.removeprefix("audio/")}
    found = bundles.get(P07.study, RELEASES[0])
    assert bundles.read(found, audio(OTHER)) == OTHER.encode()
    with pytest.raises(ObjectMissing, match="deleted with its recording"):
        bundles.read(found, audio(REC))


def test_a_scrub_misses_nothing(zone: StorageZone) -> None:
    """What was deleted by a rule is no damage; what is gone without one is."""
    ref = RecordingRef(P07, REC)
    Bundles(zone.store).delete_audio(ref)
    assert [one.finding for one in Scrub(zone.store).findings()] == ["missing"]
    record_deletion(zone.store, ref, RULE)
    assert list(Scrub(zone.store).findings()) == []


def test_none_is_stored_any_more(zone: StorageZone) -> None:
    """A release that was being built finds out."""
    record_deletion(zone.store, RecordingRef(P07, REC), RULE)
    bundles = Bundles(zone.store)
    with pytest.raises(AudioDeleted):
        bundles.put_file(P07.study, "rel-" + "c" * 26, audio(REC), [REC.encode()])
    names_left = zone.store.list(f"{names.bundles(P07)}rel-{'c' * 26}/")
    assert list(names_left) == []


def test_whose_sound_a_file_is() -> None:
    """Its path says it, and no other path does."""
    assert names.recording_of_audio(audio(REC).path) == REC
    assert names.recording_of_audio("txt/P07_S1.txt") == ""
    assert names.recording_of_audio("audio/P07_S1.flac") == ""
