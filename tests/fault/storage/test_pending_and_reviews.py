# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.storage.domain.catalog import Catalog
from services.storage.domain.names import RecordingRef
from services.storage.domain.reviews import Reviews
from services.storage.domain.transcripts import Summary, Transcripts
from services.storage.errors import ObjectMissing
from tests.fault.storage import decider, marker
from tests.support.storage_calls import RUN
from tests.support.storage_zone import P07, open_zone
from tests.support.tools import need

REPOSITORY = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'protos'}"}
EMPTY = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
TWO_HOURS = 7200 * 1_000_000


def killed_at(root: Path, call: str, number: int) -> list[str]:
    """Kill the marker at its n-th system call of a kind; return how far it said it was."""
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
         "-e", f"inject={call}:signal=KILL:when={number}",
         sys.executable, "-m", "tests.fault.storage.marker", str(root)],
        env=ENVIRONMENT, capture_output=True, check=False, text=True,
    )  # fmt: skip
    return done.stdout.split()


class TestKilledMarker:
    """kill -9 at each step between a mark and what it announces."""

    @pytest.mark.parametrize("call", ["link", "unlink"])
    def test_nothing_is_forgotten(self, tmp_path: Path, call: str) -> None:
        """What can be seen and was not settled is listed, by another process, whenever it died.

        Slow: a process starts under strace for each system call.
        """
        need("strace")
        said: list[str] = []
        seen = set()
        for number in range(1, 60):
            root = tmp_path / f"{number}"
            said = killed_at(root, call, number)
            if "changed" in said and number > 1:
                break
            if (root / "zone.key").exists():
                seen.add(tuple(said))
                check(root, said)
        assert "changed" in said, "the process was never left alone to its end"
        assert {(), ("sealed", "settled")} <= seen, "it was not killed in both halves of its way"


def check(root: Path, said: list[str]) -> None:
    """What is due is listed two hours later, and the way can be gone to its end."""
    recordings, catalog, pending = marker.open_parts(root, lambda: marker.now() + TWO_HOURS)
    ref = RecordingRef(P07, recordings.recording_id(marker.HEADER))
    listed = [one.ref for one in pending.page("", None, 10)[0]]
    if not said:
        assert listed == list(catalog.sealed("peer-2026"))
    if said == ["sealed", "settled"]:
        assert listed == [ref] or not _has_study(catalog)
    recordings.receive(marker.HEADER, [marker.CONTENT])
    pending.mark(ref)
    assert [one.ref for one in pending.page("", None, 10)[0]] == [ref]


def _has_study(catalog: Catalog) -> bool:
    try:
        catalog.get_study("peer-2026")
    except ObjectMissing:
        return False
    return True


class TestTwoWritersOfReviews:
    """Processes that decide on one run at once."""

    def test_each_generation_once(self, tmp_path: Path) -> None:
        """Each generation is won by one of them, and nothing that was acknowledged is lost."""
        zone = open_zone(tmp_path / "zone", "research")
        Transcripts(zone.store).commit(P07, decider.REC, Summary(RUN, EMPTY, 0, 0, b""))
        Reviews(zone.store).put(P07, decider.REC, decider.word("first"), 0)
        people = ("hana", "lim", "policy:research-default")
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.fault.storage.decider", str(tmp_path / "zone"),
                 person, "40"],
                env=ENVIRONMENT, stdout=subprocess.PIPE, text=True,
            )
            for person in people
        ]  # fmt: skip
        won = [int(line) for one in processes for line in one.communicate()[0].split()]
        assert [one.returncode for one in processes] == [0, 0, 0]
        assert sorted(won) == list(range(2, len(won) + 2))
        [newest] = Reviews(zone.store).all(P07, decider.REC)
        assert newest.generation == len(won) + 1
