# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

from services.storage.domain.erasure import Erasure
from services.storage.domain.recordings import RecordingHeader, Recordings
from services.storage.domain.scrub import Scrub
from services.storage.domain.transcripts import Summary, Transcripts
from tests.support.storage_zone import P07, P08, open_zone

RUN = "0" * 32


def header(number: int) -> tuple[RecordingHeader, bytes]:
    """A recording to come."""
    import hashlib

    content = (b"%04d" % number) * 50_000
    digest = hashlib.sha256(content).digest()
    return RecordingHeader(P07, 1, "media", f"{number}.wav", len(content), digest), content


class TestBackup:
    """A zone is copied while it is used, and restored on an empty machine."""

    def test_copy_in_use(self, tmp_path: Path) -> None:
        """Everything acknowledged before the copy began is in it, and nothing in it is half.

        The order is that of docs/storage.md: objects first, then keys. A key is older than what it
        seals, so that the copy of the keys opens all of the copy of the objects.
        """
        import hashlib

        zone = open_zone(tmp_path / "zone")
        recordings, transcripts = Recordings(zone.store), Transcripts(zone.store)
        acknowledged: list[str] = []
        stop = threading.Event()

        def work() -> None:
            number = 0
            while not stop.is_set():
                announced, content = header(number)
                recording_id, _ = recordings.receive(announced, [content])
                segments = [b"segment %d" % n for n in range(3)]
                for index, segment in enumerate(segments):
                    transcripts.put_window(P07, recording_id, RUN, index, [segment])
                digest = hashlib.sha256(b"".join(segments)).digest()
                transcripts.commit(P07, recording_id, Summary(RUN, digest, 3, 3, b"document"))
                acknowledged.append(recording_id)
                number += 1

        worker = threading.Thread(target=work)
        worker.start()
        while len(acknowledged) < 3:
            stop.wait(0.01)
        before = list(acknowledged)
        copy = tmp_path / "copy"
        copy.mkdir(mode=0o700)
        for part in ("objects", "keys", "zone.key", "tombstones"):
            packed = tmp_path / "packed.tar"
            # tar says 1 where a file changed or vanished under it, as staged ones may.
            subprocess.run(
                ["tar", "-C", tmp_path / "zone", "--exclude", ".staging", "-cf", packed, part],
                check=False,
                capture_output=True,
            )
            subprocess.run(["tar", "-C", copy, "-xf", packed], check=True)
        while len(acknowledged) < len(before) + 3:
            stop.wait(0.01)
        stop.set()
        worker.join()
        restored = open_zone(copy)
        assert [f for f in Scrub(restored.store).findings() if f.finding != "orphan"] == []
        for recording_id in before:
            with Recordings(restored.store).reading(P07, recording_id) as (_, chunks):
                assert sum(map(len, chunks)) == 200_000
            runs = Transcripts(restored.store).all_finished(P07, recording_id)
            assert [run.summary.run_key for run in runs] == [RUN]

    def test_erased_after_the_backup(self, tmp_path: Path) -> None:
        """Restoring objects and keys, but no tombstones, leaves the erased erased."""
        zone = open_zone(tmp_path / "zone")
        for owner in (P07, P08):
            zone.store.put(owner, owner.prefix + "x/source", b"content", "a/b")
        subprocess.run(["cp", "-a", tmp_path / "zone", tmp_path / "copy"], check=True)
        Erasure(zone.store, rotate=True).erase(P07)
        subprocess.run(["rm", "-r", tmp_path / "copy/tombstones"], check=True)
        subprocess.run(
            ["cp", "-a", tmp_path / "zone/tombstones", tmp_path / "copy/tombstones"], check=True
        )
        restored = open_zone(tmp_path / "copy")
        assert Erasure(restored.store, rotate=True).finish_all() == 1
        assert list(restored.store.list("")) == [P08.prefix + "x/source"]
        assert restored.keyring.is_destroyed(P07)
        assert restored.store.read(P08, P08.prefix + "x/source") == b"content"
