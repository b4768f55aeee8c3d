# SPDX-License-Identifier: Apache-2.0
"""Prefect's server, kept as one process of the installation.

It knows ids, states and counts of runs; never content (what it is told is in `recording_flow.py`).
"""

from __future__ import annotations

import socket

from flows.settings import FlowSettings, use_prefect_of
from services.common import logging, signals
from services.common.files import write_private
from services.common.installation import Installation
from services.common.process_main import run_process


def main() -> None:
    """Serve Prefect's API until told to stop."""
    settings = FlowSettings.load(service="scheduler")
    logging.configure("scheduler", fmt=settings.log_format, level=settings.log_level)
    logging.withhold_tracebacks()
    installation = Installation(settings.home)
    host, port = settings.listen.rsplit(":", 1)
    listener = socket.create_server((host, int(port)))
    address = f"{host}:{listener.getsockname()[1]}"
    use_prefect_of(installation, address)

    import uvicorn
    from prefect.server.api.server import create_app

    class Server(uvicorn.Server):
        """A server that writes down its address once it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            write_private(installation.folder("run") / "scheduler.address", f"{address}\n".encode())

    config = uvicorn.Config(
        create_app(), log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    server = Server(config)
    signals.stop_with_parent(lambda: setattr(server, "should_exit", True))
    server.run(sockets=[listener])


if __name__ == "__main__":
    run_process(main)
