# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from services.common import certificate_authority


def test_in_a_home_that_no_other_process_made(tmp_path: Path) -> None:
    """A process on a machine of its own has its certificate alone; probes are answered there."""
    certificate_authority.ensure_authority(tmp_path / "pki")
    certificate_authority.ensure_certificate(tmp_path / "pki", "release")
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        import grpc
        from grpc_health.v1 import health_pb2, health_pb2_grpc
        from services.common.health import HealthHandlers
        from services.common.server import Process
        from services.common.settings import ServiceSettings

        home = Path(sys.argv[1])
        health = HealthHandlers()
        settings = ServiceSettings(home=home, service="release", health_listen="127.0.0.1:0")
        with Process(settings) as process:
            probes = process.start_probes(health)
            health.set_serving(True)
            address = (home / "run" / "release.health").read_text("ascii").strip()
            with grpc.insecure_channel(address) as channel:
                ask = health_pb2_grpc.HealthStub(channel).Check
                print(ask(health_pb2.HealthCheckRequest(), timeout=60).status)
            probes.stop()
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"
