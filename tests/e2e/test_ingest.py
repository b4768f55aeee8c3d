# SPDX-License-Identifier: Apache-2.0
"""Batches by the command, against running services: folders, lists, refusals, kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, Deployment

TALK = "I: Good morning.\nP: Good morning, I slept well.\nI: And the voices?\nP: Less now.\n"
PATTERN = ("--name-pattern", "{participant}_{session}")


@pytest.fixture
def study(deployment: Deployment, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A study of its own for each test, so that sessions and contents are free."""
    name = f"in-{request.node.name[5:30].replace('_', '-').strip('-')}"
    path = tmp_path / "study.yaml"
    codes = ", ".join(f"P{number:02}" for number in range(1, 41))
    path.write_text(
        f"id: {name}\ntitle: Batches\nlanguages: [en]\npolicy: research-default\n"
        f"participants: [{codes}]\n",
        "utf-8",
    )
    deployment.ok("study", "create", str(path))
    return name


def _folder(root: Path, count: int) -> Path:
    folder = root / "Siti Aminah"
    folder.mkdir()
    for number in range(count):
        path = folder / f"P{number // 5 + 1:02}_{number % 5 + 1}.txt"
        path.write_text(f"{TALK}P: That was talk {number}.\n", "utf-8")
    return folder


class TestShow:
    def test_report_is_there_again(
        self, deployment: Deployment, study: str, tmp_path: Path
    ) -> None:
        """What was told at intake is told by `recordings show`, and nothing of the content is."""
        path = tmp_path / "Siti.docx"
        path.write_text(TALK, "utf-8")
        given = (str(path), "--study", study, "--participant", "P01")

        strict = deployment.sotto("ingest", *given, "--strict")
        [sealed] = deployment.ok("ingest", *given, "--wait", "--json").records
        [shown] = deployment.ok("recordings", "show", sealed["recording_id"], "--json").records
        people = deployment.ok("recordings", "show", sealed["recording_id"])

        kinds = [one["kind"] for one in sealed["warnings"]]
        assert kinds == ["suffix_differs"]
        assert strict.code == 4
        assert "without --strict" in strict.err
        assert [one["kind"] for one in shown["warnings"]] == kinds
        assert shown["reading"]["turns"] == sealed["reading"]["turns"]
        assert "another form than the suffix" in people.out
        assert "Siti" not in json.dumps(shown) + people.out


class TestWithoutInstallation:
    def test_a_look_needs_none_and_leaves_none(self, tmp_path: Path) -> None:
        """Whoever only looks at a file gets its report, and no home is made for it."""
        path = tmp_path / "talk.txt"
        path.write_text(TALK, "utf-8")
        home = tmp_path / "home"
        words = ["ingest", str(path), "--dry-run"]

        done = subprocess.run(
            [sys.executable, "-m", "flows.cli.main", *words],
            capture_output=True,
            env={**os.environ, "SOTTO_HOME": str(home), "TMPDIR": str(tmp_path)},
            cwd=ROOT,
            check=False,
        )

        assert done.returncode == 0
        assert b"4 turns, none with times" in done.stderr
        assert sorted(tmp_path.iterdir()) == [path]


class TestFolder:
    def test_one_bad_file_stops_no_other(
        self, deployment: Deployment, study: str, tmp_path: Path
    ) -> None:
        """All that can be sealed is, each file has a line, and the exit code says what is not."""
        folder = _folder(tmp_path, 3)
        (folder / "P05_1.pdf").write_bytes(b"%PDF-1.7\n\x00")
        (folder / "Thumbs.db").write_bytes(b"\x00")
        batch = (str(folder), "--study", study, *PATTERN)

        seen = deployment.sotto("ingest", str(folder), "--dry-run")
        before = deployment.recordings(study)
        done = deployment.sotto("ingest", *batch)
        again = deployment.sotto("ingest", *batch, "--json")

        assert (seen.code, before) == (4, [])
        assert done.code == 4
        assert "P05_1.pdf, P05 session 1: refused: This is a PDF" in done.err
        assert "left alone:" in done.err
        assert "P01_2.txt, P01 session 2: sealed" in done.err
        assert "2 speakers: S1 interviewer" in done.err
        assert "4 files: 3 sealed, 1 refused" in done.err
        assert len(deployment.recordings(study)) == 3
        assert [one["existed"] for one in again.records] == [True, True, True, False]
        assert [one["state"] for one in again.records] == ["sealed"] * 3 + ["refused"]
        assert "Siti" not in again.out
        assert "P01_1" not in again.out

    def test_kill_and_again(self, deployment: Deployment, study: str, tmp_path: Path) -> None:
        """A command that is killed in the middle is gone on with by the same command."""
        folder = _folder(tmp_path, 36)
        words = ["ingest", str(folder), "--study", study, *PATTERN, "--json"]
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli.main", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=deployment.environment,
            cwd=ROOT,
        )
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()

        done = deployment.ok(*words)

        assert first["state"] == "sealed"
        assert len(done.records) == 36
        assert {one["state"] for one in done.records} == {"sealed"}
        assert done.records[0]["existed"]
        assert not done.records[-1]["existed"]
        listed = deployment.recordings(study)
        assert len(listed) == 36
        assert {one["recording_id"] for one in listed} == {
            one["recording_id"] for one in done.records
        }


class TestList:
    def test_from_the_template(self, deployment: Deployment, study: str, tmp_path: Path) -> None:
        """The template is a list as soon as codes stand in it, and says who is who."""
        folder = _folder(tmp_path, 2)
        printed = deployment.ok("ingest", "--template", str(folder)).out
        rows = printed.splitlines()
        path = tmp_path / "list.csv"
        for number, row in enumerate(rows[1:], 1):
            file, *_ = row.split(",")
            rows[number] = f"{file},P0{number},1,2026-03-0{number},S1=participant,,"
        path.write_text("\r\n".join(rows), "utf-8")

        unfilled = tmp_path / "unfilled.csv"
        unfilled.write_text(printed, "utf-8")
        refused = deployment.sotto("ingest", "--manifest", str(unfilled), "--study", study)
        done = deployment.ok("ingest", "--manifest", str(path), "--study", study, "--json")

        assert refused.code == 4
        assert "line 2: it names no participant" in refused.err
        assert [one["participant"] for one in done.records] == ["P01", "P02"]
        speakers = done.records[0]["reading"]["speakers"]
        assert [one["role"] for one in speakers] == ["participant", "participant"]
