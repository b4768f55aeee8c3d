# SPDX-License-Identifier: Apache-2.0
"""A service of one installation that runs in another home, as on another machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from services.registry.identities import AUDIT, RELEASE, RESEARCHER
from sotto.release.v1 import release_pb2, release_service_pb2_grpc
from tests.support.deployment import ROOT, Deployment, wait_for_address
from tests.support.ports import free_port


class TestSecondMachine:
    def test_serves_the_first(self, tmp_path: Path) -> None:
        """A service with an issued certificate, found by settings alone, serves the first machine.

        It stands in the audit log of the first, and makes no authority of its own.
        """
        first, second = Deployment(tmp_path / "first"), tmp_path / "second"
        audit, release = (f"127.0.0.{one}:{free_port(f'127.0.0.{one}')}" for one in (2, 3))
        first.root.mkdir(mode=0o700)
        (first.root / "sotto.toml").write_text(
            f'replicas = {{ release = 0 }}\naddresses = {{ release = "{release}" }}\n'
            f'[audit]\nlisten = "{audit}"\n'
        )
        second.mkdir(mode=0o700)
        (second / "sotto.toml").write_text(
            f'listen = "{release}"\naddresses = {{ audit = "{audit}" }}\n'
        )
        with first.start(RELEASE):
            assert first.addresses[AUDIT] == audit
            out = str(second / "pki" / RELEASE)
            first.ok("certificates", "issue", RELEASE, "--host", "r2.example", "--out", out)
            log = second / "log"
            with log.open("wb") as errors:
                process = subprocess.Popen(
                    [sys.executable, "-m", "services.release"],
                    cwd=ROOT,
                    stderr=errors,
                    env={**os.environ, "SOTTO_HOME": str(second)},
                )
            try:
                assert wait_for_address(second, RELEASE, process, log=log) == release
                with first.peers(RESEARCHER) as peers:
                    stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(RELEASE))
                    assert stub.GetSigningKey(release_pb2.GetSigningKeyRequest()).fingerprint
            finally:
                process.terminate()
                process.wait(60)
            entries = first.ok("audit", "list", "--json").records
        assert RELEASE in {one["object"] for one in entries if "started" in one["event"]}
        assert [path.name for path in (second / "pki").iterdir()] == [RELEASE]
