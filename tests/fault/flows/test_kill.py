# SPDX-License-Identifier: Apache-2.0
"""Processes that die in the middle of a run. Slow: a deployment each, and it has to recover."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.recordings_client import work
from services.recordings_client.work import WorkProgress
from services.registry.identities import OPERATOR
from services.storage.domain.work import SILENT_SECONDS
from tests.support.console import installed_desk
from tests.support.deployment import SAMPLES, Deployment, study_file, wait_until
from tests.support.taking import TAKEN

SAMPLE = SAMPLES / "interview-c.ogg"
SERVICES = (
    "audit",
    "storage-clinical",
    "storage-research",
    "transcription",
    "deidentification",
    "scheduler",
    "release",
)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A running deployment whose first participant went through without any fault."""
    folder = tmp_path_factory.mktemp("kill")
    deployment = Deployment(
        folder / "home",
        {"SOTTO_RECORDINGS_AT_ONCE": "1", "SOTTO_LOST_SECONDS": "45", "SOTTO_WINDOW_SECONDS": "20"},
    )
    deployment.up()
    # Who chooses the rule reviews nothing in the study.
    deployment.ok(
        "study", "create", str(study_file(folder, review="automatic", codes=13)), by="owner"
    )
    whose = ("--study", "trial", "--participant", "P01", "--wait")
    deployment.ok("ingest", str(SAMPLE), *whose)
    yield deployment
    deployment.down()


def windows(deployment: Deployment, code: str) -> int:
    """Objects that the clinical zone holds for a participant beyond the recording itself."""
    return sum(
        1
        for path in (deployment.root / "clinical").rglob("*")
        if path.is_file() and f"/{code}/" in str(path) and "transcript" in str(path)
    )


def settled(deployment: Deployment, code: str) -> str:
    """State of a participant's recording, empty while it is worked on."""
    done = deployment.sotto("recordings", "list", "--json")
    if done.code != 0:
        return ""  # a store is just being started again
    [one] = [one for one in done.records if one["participant"] == code]
    return str(one["state"]) if one["state"] in {"approved", "needs_review", "failed"} else ""


def released_words(deployment: Deployment, out: Path, *codes: str) -> list[str]:
    """Release the study and return the words of these participants, each without its code."""
    deployment.approve("trial")
    deployment.ok("release", "build", "--study", "trial")
    deployment.ok(
        "release", "export", "--study", "trial", "--format", "txt", "--out", str(out), *TAKEN
    )
    return [(out / f"{code}_S1.txt").read_text("utf-8").replace(code, "PXX") for code in codes]


class TestKill:
    @pytest.mark.parametrize(("number", "name"), [*enumerate(SERVICES, 2)], ids=SERVICES)
    def test_each_service_may_die_in_the_middle(
        self, deployment: Deployment, tmp_path: Path, number: int, name: str
    ) -> None:
        """Whichever process is killed in the middle of a run, the run ends with the same words.

        The audit log verifies after that.
        """
        code = f"P{number:02}"
        deployment.ok("ingest", str(SAMPLE), "--study", "trial", "--participant", code)
        wait_until(lambda: windows(deployment, code) >= 1, what=f"work on {code}")
        deployment.kill(name)
        ended = f"{code} after {name} died"
        wait_until(lambda: settled(deployment, code) != "", what=ended, every=1.0)
        assert settled(deployment, code) != "failed", deployment.logs()
        undisturbed, disturbed = released_words(deployment, tmp_path / "release", "P01", code)
        assert disturbed == undisturbed
        deployment.ok("audit", "verify", "--log", str(deployment.root / "audit"))


def told(deployment: Deployment, code: str) -> dict[str, Any]:
    """Return how far a participant's recording is, as the command tells it; empty where not due."""
    [one] = [one for one in deployment.recordings("trial") if one["participant"] == code]
    return dict(one["progress"] or {})


def let_pass(deployment: Deployment) -> None:
    """Put what the worker told last back by as long as it takes until it counts as silent."""
    [note] = [one for one in deployment.root.rglob("work/*/*") if re.fullmatch(r"\d{16}", one.name)]
    note.rename(note.with_name(f"{int(note.name) - (SILENT_SECONDS + 5) * 1_000_000:016}"))


class TestWorker:
    def test_tells_how_far_it_is_and_another_goes_on(
        self, deployment: Deployment, tmp_path: Path
    ) -> None:
        """Stage, per cent and place are told while it works, the same by command and by page.

        Once it is killed and was silent for long, what it held is told as stale. The next one goes
        on, and the words are those of a run that nobody disturbed.
        """
        talk = tmp_path / "talk.txt"
        talk.write_text("I: How was the week?\nP: It was fine.\n", "utf-8")
        with deployment.held(deployment.pid("worker")):  # until both are there
            deployment.ok("ingest", str(SAMPLE), "--study", "trial", "--participant", "P12")
            deployment.ok("ingest", str(talk), "--study", "trial", "--participant", "P13")
        with (
            deployment.peers(OPERATOR) as peers,
            installed_desk(tmp_path, deployment) as desk,
        ):
            page = desk.signed_in("siti", OPERATOR)

            def is_under_way() -> bool:
                return any(map(_is_heard, work.read(peers, "trial").progress.values()))

            wait_until(is_under_way, what="progress of P12")
            # It stands still from here on, so that all are asked about the same moment.
            with deployment.held(deployment.pid("worker")):
                first, second = told(deployment, "P12"), told(deployment, "P13")
                assert (first["stage"], first["stale"]) == ("transcription", False)
                assert 0 < first["percent"] < 100
                assert (second["before"], second["stage"]) == (1, "")
                shown = page.get("/recordings?show=progress").text
                assert f"Transcribing: {first['percent']:.0f} %" in shown
                assert "1 recording has its turn before it" in shown
                with deployment.held(deployment.supervisor_pid):
                    deployment.kill("worker")
                    let_pass(deployment)
                    gone = told(deployment, "P12")
                    assert (gone["stage"], gone["stale"]) == ("transcription", True)
                    assert gone["percent"] == first["percent"]
                    shown = page.get("/recordings?show=progress").text
                    assert "Its worker told nothing since" in shown
                    assert "No worker is alive" in shown
                    assert "when it worked on" in deployment.ok("status", "--all").err
        wait_until(lambda: settled(deployment, "P12") != "", what="P12 after all", every=1.0)
        assert settled(deployment, "P12") != "failed", deployment.logs()
        assert told(deployment, "P12") == {}
        undisturbed, disturbed = released_words(deployment, tmp_path / "release", "P01", "P12")
        assert disturbed == undisturbed
        deployment.ok("audit", "verify", "--log", str(deployment.root / "audit"))


def _is_heard(progress: WorkProgress) -> bool:
    return progress.stage == "transcription" and 0 < progress.percent < 100


class TestWithdrawal:
    def test_in_the_middle_of_a_run(self, deployment: Deployment) -> None:
        """A participant who withdraws during a run is gone: the run stops, nothing comes back."""
        deployment.ok("ingest", str(SAMPLE), "--study", "trial", "--participant", "P10")
        wait_until(lambda: windows(deployment, "P10") >= 1, what="work on P10")
        receipts = deployment.ok(
            "participant", "withdraw", "P10", "--study", "trial", "--yes", "--json"
        ).records
        zones = [one for one in receipts if "zone" in one]
        assert [one["verified_unreadable"] for one in zones] == [True, True]
        # One recording at a time: this one waits until the run before it has ended.
        whose = ("--study", "trial", "--participant", "P11", "--wait")
        deployment.ok("ingest", str(SAMPLE), *whose)
        for zone in ("clinical", "research"):
            assert not list((deployment.root / zone / "objects").glob("trial/P10/**/*"))
            assert not list((deployment.root / zone / "keys").glob("trial/P10/*"))
        [one] = [one for one in deployment.recordings("trial") if one["participant"] == "P10"]
        assert one["state"] == "erased"
