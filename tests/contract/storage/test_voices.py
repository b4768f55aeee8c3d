# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.storage.domain import names
from services.storage.domain.names import Owner
from services.storage.domain.ports import ObjectBackend
from services.storage.domain.scrub import Scrub
from services.storage.domain.voices import VoiceStore
from services.storage.errors import GenerationMoved, ObjectMissing
from tests.support.storage_zone import StorageZone, open_zone

STUDY = "peer-2026"


@pytest.fixture
def zone(tmp_path: Path, backend: ObjectBackend) -> StorageZone:
    """A zone whose objects are in each kind of store."""
    return open_zone(tmp_path / "zone", objects=backend)


def clips(zone: StorageZone) -> list[str]:
    """The objects of clips that there are."""
    return list(zone.store.list(names.voice_clips(STUDY)))


class TestVoices:
    """Voices behave alike on every store."""

    def test_enrolled_replaced_and_erased(self, zone: StorageZone) -> None:
        """One clip a person, read as it was written; what is replaced or erased is gone for good,
        and its number is never used again.
        """
        voices = VoiceStore(zone.store)
        assert voices.put(STUDY, "siti", b"one", 12_000) == (False, False)
        assert voices.put(STUDY, "ana", b"two", 11_000) == (False, False)
        assert voices.put(STUDY, "siti", b"one", 12_000) == (True, False)
        assert [(one.person, one.speech_ms) for one in voices.of(STUDY)] == [
            ("ana", 11_000),
            ("siti", 12_000),
        ]
        assert voices.put(STUDY, "siti", b"three", 13_000) == (False, True)
        assert voices.clip(STUDY, "siti") == b"three"
        assert len(clips(zone)) == 2
        assert voices.erase(STUDY, "siti")
        assert not voices.erase(STUDY, "siti")
        with pytest.raises(ObjectMissing, match="no voice of siti"):
            voices.clip(STUDY, "siti")
        assert voices.clip(STUDY, "ana") == b"two"
        voices.put(STUDY, "siti", b"one", 12_000)
        assert [names.number_in(one) for one in clips(zone)] == [2, 4]

    def test_what_a_kill_left_goes_with_the_next_change(self, zone: StorageZone) -> None:
        """A clip that was stored and never listed is no voice, hinders none and does not stay."""
        voices = VoiceStore(zone.store)
        left = names.voice_clip(STUDY, 1)
        zone.store.put(Owner.of_study(STUDY), left, b"left", "audio/flac")
        assert list(voices.of(STUDY)) == []
        voices.put(STUDY, "siti", b"one", 12_000)
        assert voices.clip(STUDY, "siti") == b"one"
        assert clips(zone) == [names.voice_clip(STUDY, 2)]

    def test_two_writers(self, zone: StorageZone, monkeypatch: pytest.MonkeyPatch) -> None:
        """The slower of two is told to try again, and the voice of the faster one stays."""
        slow, fast = VoiceStore(zone.store), VoiceStore(zone.store)
        put = slow._put_clip

        def overtaken(study: str, clip: bytes) -> int:
            number = put(study, clip)
            fast.put(study, "ana", b"fast", 12_000)
            return number

        monkeypatch.setattr(slow, "_put_clip", overtaken)
        with pytest.raises(GenerationMoved, match="again"):
            slow.put(STUDY, "siti", b"slow", 12_000)
        assert [one.person for one in fast.of(STUDY)] == ["ana"]
        assert fast.clip(STUDY, "ana") == b"fast"

    def test_the_store_knows_them_as_its_own(self, zone: StorageZone) -> None:
        """A check of the whole store finds nothing strange."""
        VoiceStore(zone.store).put(STUDY, "siti", b"one", 12_000)
        assert not list(Scrub(zone.store).findings())
