# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL server for the tests of the audit log."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from tests.support.tools import missing


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "postgresql"]
        subprocess.run(install, check=False, capture_output=True, timeout=300)
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


class Server:
    """A cluster in a folder of its own, reached by a socket in it."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        # The server refuses to run as root.
        self.prefix: Sequence[str] = ()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self.prefix = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
                           "--clear-groups")  # fmt: skip

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs as its user."""
        command = [*self.prefix, str(self.programs / program), *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, timeout=60
        )
        assert done.returncode == 0, done.stderr + done.stdout

    def create(self) -> None:
        """Make the cluster."""
        self.run("initdb", "-D", str(self.folder / "data"), "-U", "audit", "--auth=trust", "-N")

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-k {self.folder} -c listen_addresses= -c shared_buffers=16MB"
        log = str(self.folder / "log.txt")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", log, "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; mode "immediate" is what a power cut does."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def address(self, schema: str = "public") -> str:
        """Connection string that puts tables into a schema."""
        return f"host={self.folder} user=audit dbname=postgres options='-c search_path={schema}'"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A running server."""
    programs = _programs()
    if programs is None:
        missing("no PostgreSQL on this machine, and none can be installed")
    folder = Path(tempfile.mkdtemp(prefix="audit-pg-"))
    server = Server(programs, folder)
    server.create()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_address(postgres: Server) -> Callable[[], str]:
    """Makes an empty schema and gives the connection string that uses it."""

    def make() -> str:
        schema = f"log_{secrets.token_hex(4)}"
        with psycopg.connect(postgres.address(), autocommit=True) as db:
            db.execute(f"CREATE SCHEMA {schema}".encode())
        return postgres.address(schema)

    return make
