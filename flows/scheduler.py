# SPDX-License-Identifier: Apache-2.0
"""Prefect's server, kept as one process of the installation.

It knows ids, states and counts of runs; never content (`recording_flow.py` shows what it gets).
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AbstractAsyncContextManager
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import uvicorn

from flows.settings import FlowSettings, prefect_environment
from services.common import logging, signals
from services.common.errors import Unavailable
from services.common.files import write_private
from services.common.installation import Installation
from services.common.process_main import run_process
from services.registry.processes import SCHEDULER

if TYPE_CHECKING:
    from prefect.server.database.configurations import AioSqliteConfiguration
    from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


_log = structlog.get_logger(__name__)


def main() -> None:
    """Serve Prefect's API until a signal stops it."""
    settings = FlowSettings.load(service="scheduler")
    logging.configure("scheduler", fmt=settings.log_format, level=settings.log_level)
    logging.withhold_tracebacks()
    installation = Installation(settings.home)
    installation.claim(SCHEDULER)
    host = settings.listen.rsplit(":", 1)[0]
    listener = listen(settings.listen, settings.pages_port)
    address = f"{host}:{listener.getsockname()[1]}"
    os.environ.update(server_environment(settings, address))

    from prefect.server.api.server import create_app

    # Prefect's import brings its own logging set-up; ours comes after it and is the only one.
    logging.configure("scheduler", fmt=settings.log_format, level=settings.log_level)
    check_database(settings.prefect_database)
    keep_to_owner(installation.make_folder("prefect"))
    _lock_at_begin()
    app = create_app()
    for chatty in ("docket", "alembic"):
        getLogger(chatty).setLevel("WARNING")
    config = uvicorn.Config(
        own_pages(app), log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    server = AnnouncedServer(config, installation, address)
    signals.stop_with_parent(server.stop)
    server.run(sockets=[listener])


_DATABASE_SECONDS = 30.0
# The pages may load from and call nothing but this server, whatever they hold: the newer ones would
# report to a company that measures. To follow a link is up to whoever clicks it.
_POLICY = (
    b"default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; base-uri 'self';"
    b" form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-dns-prefetch-control", b"off"),
)
# Descriptions of Prefect's API, which it shows to everybody, by scripts from elsewhere.
_NOT_SERVED = ("docs", "redoc", "openapi.json")

# Prefect's server looks after much that we do not use. The rest looks less often, so that a machine
# where nothing happens rests.
_SERVICES = {
    # No concurrency limits, pauses, infrastructure to clean up, or news for its makers.
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": "false",
    # Automations get events as they come; nobody reads those of last week.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    # The newer pages report to a company that measures; the older ones do not.
    "PREFECT_SERVER_UI_V2_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT10S",
}

# How often runs are made of schedules, for new deployments and for all. What the environment says
# goes first, so that a test need not wait a minute for each.
_LOOKS = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "60",
}


def server_environment(settings: FlowSettings, address: str) -> dict[str, str]:
    """Return the environment of Prefect's server at an address."""
    environment = prefect_environment(settings, address)
    host, port = address.rsplit(":", 1)
    database = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": settings.prefect_database}
    return {
        **environment,
        "PREFECT_SERVER_API_AUTH_STRING": environment["PREFECT_API_AUTH_STRING"],
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": port,
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        **_SERVICES,
        **{name: os.environ.get(name, seconds) for name, seconds in _LOOKS.items()},
        **(database if settings.prefect_database else {}),
    }


def check_database(url: str) -> None:
    """Connect to the database that the settings name; Prefect's own error would not be shown.

    Raises Unavailable, without the URL, when it cannot be used.
    """
    if not url:
        return
    # Here, as its import is slow and Prefect's server imports it anyway.
    from sqlalchemy.ext.asyncio import create_async_engine

    async def connect() -> None:
        engine = create_async_engine(url)
        try:
            async with asyncio.timeout(_DATABASE_SECONDS), engine.connect():
                pass
        finally:
            await engine.dispose()

    try:
        asyncio.run(connect())
    except Exception as error:
        # What a driver says may hold the password; the type says refused, unknown, wrong password.
        raise Unavailable(
            f"prefect_database: no connection to it ({type(error).__name__}); see whether it runs,"
            " and check its address, its name, the account and the password file"
        ) from error


def listen(address: str, pages_port: int) -> socket.socket:
    """Listen on an address; where its port is 0, on `pages_port` if nothing else has that.

    Raises Unavailable for a port that the settings name and that is taken.
    """
    host, port = address.rsplit(":", 1)
    if int(port):
        try:
            return socket.create_server((host, int(port)))
        except OSError as error:
            raise Unavailable(
                f"cannot listen on {address}: {error.strerror}; stop what has it, or set 'listen'"
                " under [scheduler] to another address"
            ) from error
    try:
        return socket.create_server((host, pages_port))
    except OSError:
        _log.warning("pages_port_taken", port=pages_port)
        return socket.create_server((host, 0))


def keep_to_owner(folder: Path) -> None:
    """Let nobody but the owner read the files in Prefect's folder, those to come included."""
    os.umask(0o077)
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(0o600)


def own_pages(app: ASGIApp) -> ASGIApp:
    """Return the server with a policy by which browsers load and call nothing from elsewhere."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        if scope["type"] == "http":
            parts = scope["path"].strip("/").removeprefix("api/").split("/")
            if parts[0] in _NOT_SERVED:
                start: Message = {"type": "http.response.start", "status": 404, "headers": []}
                await send_with_policy(start)
                await send({"type": "http.response.body", "body": b""})
                return
        await app(scope, receive, send_with_policy)

    return serve


def _lock_at_begin() -> None:
    """Have each transaction of Prefect on SQLite take the lock for writing when it begins.

    One that begins by reading fails where another wrote before it does; Prefect answers 503 then,
    or drops the event that it was about. One that locks first waits for its turn.
    """
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin = AioSqliteConfiguration.begin_transaction

    def begin_for_writing(
        self: AioSqliteConfiguration,
        session: AsyncSession,
        with_for_update: bool = False,  # noqa: ARG001 - the library's signature
    ) -> AbstractAsyncContextManager[AsyncSessionTransaction]:
        return begin(self, session, with_for_update=True)

    AioSqliteConfiguration.begin_transaction = begin_for_writing  # type: ignore[method-assign,assignment] # there is no setting for it


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
