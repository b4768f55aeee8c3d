# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from services.registry import ids
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.run_keys import RunKeys
from services.storage.handlers.recordings import coarse
from tests.support.storage_zone import P07, open_zone

RECORDING = "rec-" + "a" * 26
REF = RecordingRef(P07, RECORDING)
DIGEST = hashlib.sha256(b"inputs").digest()


class TestRunKeys:
    def test_everything_that_it_names_changes_it(self, tmp_path: Path) -> None:
        """Study, participant, recording and digest each give another key."""
        made = RunKeys(open_zone(tmp_path).keyring)
        others = [
            (RecordingRef(Owner("peer-2027", "P07"), RECORDING), DIGEST),
            (RecordingRef(Owner("peer-2026", "P08"), RECORDING), DIGEST),
            (RecordingRef(P07, "rec-" + "b" * 26), DIGEST),
            (REF, hashlib.sha256(b"others").digest()),
        ]
        keys = {made.make(ref, digest) for ref, digest in [(REF, DIGEST), *others]}
        assert len(keys) == 5
        assert all(re.fullmatch(ids.RUN_KEY, key) for key in keys)

    def test_survives_a_restart_and_a_rotation(self, tmp_path: Path) -> None:
        """The secret stays the same while the zone key changes, so that runs are found again."""
        zone = open_zone(tmp_path)
        before = RunKeys(zone.keyring).make(REF, DIGEST)
        zone.keyring.rotate()
        assert RunKeys(open_zone(tmp_path).keyring).make(REF, DIGEST) == before

    def test_differs_between_installations(self, tmp_path: Path) -> None:
        """The same inputs have another key in another installation."""
        keys = {RunKeys(open_zone(tmp_path / n).keyring).make(REF, DIGEST) for n in ("a", "b")}
        assert len(keys) == 2

    def test_is_not_a_recording_id(self, tmp_path: Path) -> None:
        """Its secret is another than that of recording ids."""
        keyring = open_zone(tmp_path).keyring
        assert keyring.secret("run") != keyring.secret("intake")


class TestCoarse:
    @pytest.mark.parametrize(
        ("size", "told"),
        [(1, 1 << 20), (1 << 20, 1 << 20), ((1 << 20) + 1, 1 << 21), (3 << 30, 1 << 32)],
    )
    def test_rounds_up_to_a_power_of_two(self, size: int, told: int) -> None:
        """Small files all look alike, and no file looks smaller than it is."""
        assert coarse(size) == told
