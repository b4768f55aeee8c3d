# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest

from services.common import errors
from tests.support.storage_calls import fetch, ingest, spoil, states
from tests.support.storage_service import StorageServer


class TestRecordings:
    """Intake and reading."""

    @pytest.mark.parametrize("size", [1, 100, 1 << 20, (3 << 20) + 17])
    def test_there_and_back(self, clinical: StorageServer, size: int) -> None:
        """What went in comes out, with the end mark, and its file name with it."""
        content = os.urandom(size)
        put = ingest(clinical, content, session=2)
        header, back, verified = fetch(clinical, put.ref)
        assert back == content
        assert verified
        assert header.file_name == "Faizal 2026-03-04.wav"
        assert header.session == 2
        assert not put.existed

    def test_twice(self, clinical: StorageServer) -> None:
        """The same file for the same session is the same recording; another session another."""
        first = ingest(clinical, b"interview")
        again = ingest(clinical, b"interview")
        assert again.ref == first.ref
        assert again.existed
        assert ingest(clinical, b"interview", session=2).ref != first.ref

    @pytest.mark.parametrize(
        "wrong", [{"size": 5}, {"size": 500}, {"sha256": hashlib.sha256(b"other").digest()}]
    )
    def test_not_what_was_announced(self, clinical: StorageServer, wrong: dict[str, Any]) -> None:
        """Other bytes than announced: refused, and nothing is visible."""
        with pytest.raises(errors.InvalidInput):
            ingest(clinical, b"interview", **wrong)
        assert not states(clinical).recordings
        assert not ingest(clinical, b"interview").existed

    def test_unknown_participant(self, clinical: StorageServer) -> None:
        """A code that the study does not know is refused with advice."""
        with pytest.raises(errors.InvalidInput, match="add the code"):
            ingest(clinical, b"interview", participant="P99")

    def test_day_of_the_interview(self, clinical: StorageServer) -> None:
        """It is kept with the recording and told to its readers, not to those who see states."""
        put = ingest(clinical, b"interview", session_date="2026-03-04")
        assert fetch(clinical, put.ref)[0].session_date == "2026-03-04"
        assert "2026-03-04" not in str(states(clinical))
        assert ingest(clinical, b"interview", session_date="2026-03-04").existed
        assert ingest(clinical, b"interview").existed

    @pytest.mark.parametrize("day", ["2026-03-05", "2026-02-30", "4 March"])
    def test_other_day(self, clinical: StorageServer, day: str) -> None:
        """Another day for what is sealed already, or no day of the calendar, is refused."""
        ingest(clinical, b"interview", session_date="2026-03-04")
        with pytest.raises((errors.AlreadyExists, errors.InvalidInput)):
            ingest(clinical, b"interview", session_date=day)

    def test_nothing_in_clear(self, clinical: StorageServer) -> None:
        """Neither content nor file name is found anywhere below the home, names included."""
        ingest(clinical, b"Encik Faizal from Kampung Baru " * 1000)
        for path in clinical.home.rglob("*"):
            assert "Faizal" not in path.name
            if path.is_file():
                assert b"Faizal" not in path.read_bytes()
                assert path.stat().st_mode & 0o077 == 0

    def test_half_an_intake(self, clinical: StorageServer) -> None:
        """Content left by an intake that died before its manifest is taken up again."""
        put = ingest(clinical, b"interview")
        clinical.zone.store.backend.delete(f"peer-2026/P07/{put.ref.recording_id}/manifest")
        assert not states(clinical).recordings
        again = ingest(clinical, b"interview")
        assert again.ref == put.ref
        assert fetch(clinical, put.ref)[1] == b"interview"

    def test_damage_is_found(self, clinical: StorageServer) -> None:
        """A damaged recording never ends with the mark."""
        put = ingest(clinical, os.urandom(3 << 20))
        name = f"peer-2026/P07/{put.ref.recording_id}/source"
        spoil(clinical, name, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(errors.Corrupted):
            fetch(clinical, put.ref)
