# SPDX-License-Identifier: Apache-2.0
"""A real audit service that asks real witnesses over HTTP."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.audit.adapters.export_jsonl import write_jsonl
from services.audit.adapters.key_files import ensure_keys, read_vkeys
from services.audit.adapters.witness_files import WitnessFiles, ensure_witness_key
from services.audit.adapters.witness_http import witness_server
from services.audit.cli.verify import verify_log
from services.audit.domain.witness import Witness
from services.audit_evidence.checkpoint import Checkpoint, peek, sign_checkpoint
from services.audit_evidence.keys import SigningKey
from services.audit_evidence.verification_text import report_lines
from services.common.installation import Installation
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2
from tests.support.audit import AuditDeployment, issue_certificates

SECONDS = 20.0


class RunningWitness:
    """A witness that can be stopped and started at one address."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.key = ensure_witness_key(folder, f"{name}.example/witness")
        self.port = 0
        self.log = folder / "log.vkey"
        self.server = None

    def start(self, *keys: str) -> None:
        """Serve, for the logs of these keys."""
        logs = [one for text in keys for one in read_vkeys(Path(text))]
        witness = Witness(self.key, logs, WitnessFiles(self.folder))
        self.server = witness_server(witness, self.folder, ("127.0.0.1", self.port))
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        """Be unreachable."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
            self.server = None


class WitnessedDeployment:
    """An audit service and two witnesses of its policy."""

    def __init__(self, home: Path) -> None:
        issue_certificates(home)
        self.audit = home / "audit"
        self.service = AuditDeployment(home)
        ensure_keys(Installation(home).make_folder("audit"), fresh=True)
        self.one, self.two = RunningWitness(home / "w1", "one"), RunningWitness(home / "w2", "two")
        for witness in (self.one, self.two):
            witness.start(str(self.audit / "log.vkey"))
        self.policy = self.audit / "policy"
        self.policy.write_text(
            f"log {read_vkeys(self.audit / 'log.vkey')[0]}\n"
            f"witness one {self.one.key.verifier} http://127.0.0.1:{self.one.port}\n"
            f"witness two {self.two.key.verifier} http://127.0.0.1:{self.two.port}\n"
            "group both all one two\nquorum both\n"
        )
        (home / "sotto.toml").write_text(
            "[audit]\naudit_witness_seconds = 0.1\naudit_publish_seconds = 0.05\n"
        )
        self.service.start()

    def append(self, count: int = 3) -> int:
        """Grow; gives the last index."""
        trail = self.service.trail()
        return [trail.fact(Event.KEY_CREATED) for _ in range(count)][-1]

    def witnessed(self) -> int:
        """How many entries the cosigned checkpoint covers."""
        path = self.audit / "witnessed"
        return peek(path.read_bytes()).size if path.exists() else 0

    def states(self) -> dict[str, str]:
        """State of each witness by name."""
        path = self.audit / "witnesses.json"
        rows = json.loads(path.read_bytes()) if path.exists() else []
        return {row["name"]: row["state"] for row in rows}

    def events(self) -> list[tuple[str, str, str]]:
        """Event, witness and reason of what the log says of witnesses."""
        wanted = entry_pb2.EntryFilter(name="audit:witness:*")
        page = self.service.query().ListEntries(entry_pb2.ListEntriesRequest(filter=wanted))
        return [(one.event.name[14:], one.event.object, one.event.reason) for one in page.entries]

    def close(self) -> None:
        """Stop all."""
        self.service.stop()
        self.one.stop()
        self.two.stop()


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[WitnessedDeployment]:
    """All three run."""
    running = WitnessedDeployment(tmp_path)
    yield running
    running.close()


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class TestCosigned:
    """What the service publishes is cosigned without anybody's doing."""

    def test_quorum_export_and_policy(
        self, deployment: WitnessedDeployment, tmp_path: Path
    ) -> None:
        """Both cosign; folder and export verify under the policy, which says how far it reaches."""
        last = deployment.append()
        _until(lambda: deployment.witnessed() > last)
        assert deployment.states() == {"one": "cosigns", "two": "cosigns"}
        assert verify_log(deployment.audit, policy=deployment.policy).ok
        leaves: list[bytes] = []
        for part in deployment.service.query().ExportEntries(entry_pb2.ExportEntriesRequest()):
            leaves += part.leaves
        path = tmp_path / "export.jsonl"
        write_jsonl(path, leaves, part.checkpoint, part.verifier_keys, part.witnessed)
        report = verify_log(path, policy=deployment.policy)
        assert report.ok
        assert report.witnessed is not None
        assert report.witnessed > last
        (tmp_path / "export.jsonl.witnessed").unlink()
        assert not verify_log(path, policy=deployment.policy).ok
        assert deployment.events() == []
        # What is new at the end is cosigned before the service is gone.
        last = deployment.append()
        deployment.service.stop()
        assert deployment.witnessed() > last + 1
        assert not [line for line in report_lines(verify_log(deployment.audit)) if "WRONG" in line]

    def test_one_is_unreachable_and_comes_back(self, deployment: WitnessedDeployment) -> None:
        """Appends go on, the log and the file of standings say so, and it heals by itself."""
        deployment.two.stop()
        last = deployment.append()
        _until(lambda: deployment.states().get("two") == "away")
        assert deployment.witnessed() <= last  # the quorum wants both
        assert deployment.events() == [("lost", "two", "away")]
        assert deployment.append() > last
        deployment.two.start(str(deployment.audit / "log.vkey"))
        _until(lambda: deployment.states()["two"] == "cosigns" and deployment.witnessed() > last)
        assert deployment.events() == [("lost", "two", "away"), ("returned", "two", "cosigns")]

    def test_one_refuses(self, deployment: WitnessedDeployment) -> None:
        """A witness that does not know the log is told apart from one that is not there."""
        deployment.two.stop()
        stranger = ensure_witness_key(deployment.two.folder / "other", "other.example/log")
        (deployment.two.folder / "other.vkey").write_text(f"{stranger.verifier}\n")
        deployment.two.start(str(deployment.two.folder / "other.vkey"))
        deployment.append()
        _until(lambda: deployment.states().get("two") == "refuses")
        assert ("lost", "two", "refuses") in deployment.events()


class TestConflict:
    """A witness that remembers another history raises an alarm."""

    @pytest.mark.parametrize("more", [0, 1000])
    def test_another_history(self, deployment: WitnessedDeployment, more: int) -> None:
        """Somebody with the log's key showed a witness another log: as large, or larger."""
        last = deployment.append()
        _until(lambda: deployment.witnessed() > last)
        key = SigningKey.parse((deployment.audit / "log.key").read_text().strip())
        deployment.two.stop()
        place = next(deployment.two.folder.glob("*/checkpoint"))
        fork = Checkpoint(key.name, peek(place.read_bytes()).size + more, bytes(32))
        place.write_text(sign_checkpoint(fork, [key]))
        deployment.two.start(str(deployment.audit / "log.vkey"))
        deployment.append()
        _until(lambda: deployment.states()["two"] == "conflict")
        assert deployment.events()[-1] == ("conflict", "two", "conflict")
        assert b'"witness_conflict"' in (deployment.service.home / "log.txt").read_bytes()
        assert deployment.append() > last  # and nothing stops

    def test_a_restored_log_does_not_start(self, deployment: WitnessedDeployment) -> None:
        """What was cosigned binds the next start, also where the published file went back too."""
        deployment.service.stop()
        kept = deployment.audit.with_name("backup")
        shutil.copytree(deployment.audit, kept)
        deployment.service.start()
        last = deployment.append()
        _until(lambda: deployment.witnessed() > last)
        deployment.service.stop()
        for name in ("log.sqlite", "log.sqlite.seal", "checkpoint"):
            shutil.copy(kept / name, deployment.audit / name)
        with pytest.raises(AssertionError, match="start a new log"):
            deployment.service.start()
        deployment.service.process = None
