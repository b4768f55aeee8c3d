# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.domain.uploads import Uploads
from services.storage.errors import StoreOutOfSpace
from tests.fault.storage.uploader import CONTENT, PARTS, sha
from tests.support.mortal_backend import Died, Life, MortalBackend
from tests.support.small_disk import mounted
from tests.support.storage_zone import P07, open_zone

REPOSITORY = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'protos'}"}


def run(root: Path) -> subprocess.Popen[str]:
    """The uploader as a process of its own."""
    command = [sys.executable, "-m", "tests.fault.storage.uploader", str(root)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True)


class TestKill:
    """kill -9 at any moment."""

    @pytest.mark.parametrize("after", [1, 4])
    def test_between_parts(self, tmp_path: Path, after: int) -> None:
        """No acknowledged part is sent again, and the recording is the file in the end."""
        first = run(tmp_path / "zone")
        assert first.stdout is not None
        told = [int(first.stdout.readline()) for _ in range(after)]
        first.kill()
        first.wait()
        told += [int(line) for line in first.stdout.read().split() if line.isdigit()]
        first.stdout.close()
        out, _ = run(tmp_path / "zone").communicate()
        *parts, made = out.split()
        assert not set(map(int, parts)) & set(told)
        zone = open_zone(tmp_path / "zone")
        with Recordings(zone.store).reading(P07, made) as (_recording, chunks):
            assert b"".join(chunks) == CONTENT

    def test_at_each_change_of_the_end(self, tmp_path: Path) -> None:
        """Sealing that dies before any of its changes is done by the same call again."""
        header = RecordingHeader(P07, 1, "media", "a.wav", len(CONTENT), sha(CONTENT))
        zone = open_zone(tmp_path / "zone")
        upload, _ = Uploads(zone.store, Recordings(zone.store)).begin(
            P07, "a.wav", len(CONTENT), sha(PARTS[0]), "siti"
        )
        for number, part in enumerate(PARTS):
            Uploads(zone.store, Recordings(zone.store)).put(upload.ref, number, sha(part), part)

        def end(changes: int) -> str:
            mortal = open_zone(
                tmp_path / "zone", objects=MortalBackend(zone.objects, Life(changes))
            )
            recordings = Recordings(mortal.store)
            uploads = Uploads(mortal.store, recordings)
            made = uploads.get(upload.ref).recording
            if not made:
                made, _ = recordings.receive(header, uploads.content(upload.ref))
            uploads.became(upload.ref, made)
            return made

        for changes in range(3):
            with pytest.raises(Died):
                end(changes)
        made = end(100)
        with Recordings(zone.store).reading(P07, made) as (_recording, chunks):
            assert b"".join(chunks) == CONTENT
        assert not [name for name in zone.store.list("") if "/p-" in name]


class TestDiskFull:
    """A full disk."""

    def test_what_was_acknowledged_stays(self, tmp_path: Path) -> None:
        """The part that has no room is refused as such; the others stay, and room helps."""
        with mounted(tmp_path / "disk", 12) as disk:
            zone = open_zone(disk / "zone")
            uploads = Uploads(zone.store, Recordings(zone.store))
            upload, _ = uploads.begin(P07, "a.wav", len(CONTENT), sha(PARTS[0]), "siti")
            told: list[int] = []

            def send() -> None:
                for number, part in enumerate(PARTS):
                    uploads.put(upload.ref, number, sha(part), part)
                    told.append(number)

            with pytest.raises(StoreOutOfSpace):
                send()
            assert uploads.get(upload.ref).received == len(told) >= 2
            assert uploads.abort(upload.ref) == len(told) + 1
            assert not list(zone.store.list(P07.prefix))
