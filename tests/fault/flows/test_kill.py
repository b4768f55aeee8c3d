# SPDX-License-Identifier: Apache-2.0
"""Processes that die in the middle of a run. Slow: a deployment each, and it has to recover."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deployment import SAMPLES, Deployment, study_file, wait_until
from tests.support.taking import TAKEN

SAMPLE = SAMPLES / "interview-c.ogg"
SERVICES = (
    "audit",
    "storage-clinical",
    "storage-research",
    "transcription",
    "deidentification",
    "worker",
    "scheduler",
    "release",
)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A running deployment whose first participant went through without any fault."""
    folder = tmp_path_factory.mktemp("kill")
    deployment = Deployment(
        folder / "home", {"SOTTO_RECORDINGS_AT_ONCE": "1", "SOTTO_LOST_SECONDS": "45"}
    )
    deployment.up()
    # Who chooses the rule reviews nothing in the study.
    deployment.ok("study", "create", str(study_file(folder, review="automatic")), by="owner")
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
