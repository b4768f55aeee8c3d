# SPDX-License-Identifier: Apache-2.0
"""Prefect's server, kept as one process of the installation.

It knows ids, states and counts of runs; never content (`recording_flow.py` shows what it gets).
"""

from __future__ import annotations

import socket

import uvicorn

from flows.settings import FlowSettings, use_prefect_of
from services.common import logging, signals
from services.common.files import write_private
from services.common.installation import Installation
from services.common.process_main import run_process


def main() -> None:
    """Serve Prefect's API until a signal stops it."""
    settings = FlowSettings.load(service="scheduler")
    logging.configure("scheduler", fmt=settings.log_format, level=settings.log_level)
    logging.withhold_tracebacks()
    installation = Installation(settings.home)
    host, port = settings.listen.rsplit(":", 1)
    listener = socket.create_server((host, int(port)))
    address = f"{host}:{listener.getsockname()[1]}"
    use_prefect_of(installation, address)

    from prefect.server.api.server import create_app

    config = uvicorn.Config(
        create_app(), log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    server = AnnouncedServer(config, installation, address)
    signals.stop_with_parent(server.stop)
    server.run(sockets=[listener])


class AnnouncedServer(uvicorn.Server):
    """A server that writes its address into the home once it answers."""

    def __init__(self, config: uvicorn.Config, installation: Installation, address: str) -> None:
        super().__init__(config)
        self._installation = installation
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then write the address."""
        await super().startup(sockets)
        path = self._installation.make_folder("run") / "scheduler.address"
        write_private(path, f"{self._address}\n".encode())

    def stop(self) -> None:
        """Stop soon; may be called from any thread."""
        self.should_exit = True


if __name__ == "__main__":
    run_process(main)
