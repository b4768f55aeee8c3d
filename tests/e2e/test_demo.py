# SPDX-License-Identifier: Apache-2.0
"""The demonstration. Slow: it starts all services and takes whole recordings the whole way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from flows.demo import egress, speech_model
from tests.support import s3, s3_accounts
from tests.support.deployment import ROOT, Deployment
from tests.support.tools import missing, need_tracing

CHECKS = (
    "transcripts against what was said",
    "approvals",
    "a name that the engine missed",
    "planted identifiers in the release",
    "release verified",
    "a second run of the same inputs",
    "planted identifiers outside sealed objects",
    "audit log verified",
    "sockets open to other machines",
    "ways out of this machine",
)


@pytest.fixture(scope="module", autouse=True)
def model() -> Path:
    """Whisper base, fetched before anything watches the network, and kept for the next run."""
    said: list[str] = []
    try:
        return speech_model.fetch(said.append)
    except typer.Exit:
        missing(LookupError(" ".join(said)))


class TestDemo:
    @pytest.mark.timeout(600)
    def test_every_check_holds_and_nothing_looks_for_a_way_out(self, tmp_path: Path) -> None:
        """The demonstration passes all its checks in the network namespace that it takes, and no
        call of any of its processes is for another machine or for a name server.
        """
        need_tracing()
        home, trace = tmp_path / "home", tmp_path / "trace"

        done = subprocess.run(
            [
                *egress.strace_command(trace),
                *(sys.executable, "-m", "flows.cli.main", "demo", "--home", str(home)),
            ],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=580,
            check=False,
        )

        _expect_every_check(done, home)
        assert "a network with lo alone" in done.stdout
        watched = egress.Traced(trace).check()
        assert watched.passed, watched.figure

    @pytest.mark.timeout(600)
    def test_every_check_holds_on_s3(self, tmp_path: Path) -> None:
        """So it does with both zones in buckets, each under the least rights that ship for it."""
        try:
            with s3.running("versitygw", tmp_path / "versitygw") as server:
                s3_accounts.make(server)
                home = tmp_path / "home"
                home.mkdir(mode=0o700)
                example = (ROOT / "infra/s3/sotto.toml").read_text("utf-8")
                settings = example.replace("https://s3.hospital.example:9000", server.endpoint)
                settings = settings.replace('s3_ca = "/etc/sotto/s3-ca.pem"\n', "")
                for zone in s3_accounts.ZONES:
                    path = s3_accounts.credentials(server, zone)
                    settings = settings.replace(f"/etc/sotto/{zone}.s3", str(path))
                (home / "sotto.toml").write_text(settings, "utf-8")
                done = subprocess.run(
                    [sys.executable, "-m", "flows.cli.main", "demo", "--home", str(home)],
                    capture_output=True,
                    text=True,
                    cwd=ROOT,
                    timeout=580,
                    check=False,
                )
                _expect_every_check(done, home)
                assert "calls seen by strace" in done.stdout
                for zone in s3_accounts.ZONES:
                    assert not (home / zone / "objects").exists()
                    objects = server.client().list_objects(f"sotto-{zone}", recursive=True)
                    assert len(list(objects)) > 20
        except s3.NotInstalled as error:
            missing(error)

    def test_without_any_source_of_its_model(self, tmp_path: Path) -> None:
        """Where no index and no hub can be reached it says what to do, and starts nothing."""
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli.main", "demo", "--home", str(tmp_path / "home")],
            env={
                **os.environ,
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
                "HF_ENDPOINT": "http://127.0.0.1:9",
            },
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=120,
            check=False,
        )
        assert done.returncode == 5, done.stderr
        assert "sotto models add" in done.stderr
        assert str(tmp_path / "cache") in done.stderr
        assert not (tmp_path / "home").exists()


def _expect_every_check(done: subprocess.CompletedProcess[str], home: Path) -> None:
    assert done.returncode == 0, done.stdout + done.stderr + Deployment(home).logs()
    lines = done.stdout.splitlines()
    for check in CHECKS:
        assert [line for line in lines if check in line and line.startswith("ok")], done.stdout
