# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import socket
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from flows.scheduler import AnnouncedServer, check_database
from services.common.errors import Unavailable
from services.common.installation import Installation


async def _answer(scope: Any, _receive: Any, send: Any) -> None:
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


class TestCheckDatabase:
    def test_that_does_not_answer(self) -> None:
        """It is told by the setting's name with what is wrong, without the URL and its password."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        url = f"postgresql+asyncpg://sotto:secret@127.0.0.1:{port}/prefect"

        with pytest.raises(Unavailable, match=r"prefect_database: .*ConnectionRefused") as told:
            check_database(url)
        assert "secret" not in str(told.value)

    def test_that_answers(self, tmp_path: Path) -> None:
        """A database that can be used, and none, are passed over in silence."""
        check_database("")
        check_database(f"sqlite+aiosqlite:///{tmp_path / 'prefect.db'}")


class TestAnnouncedServer:
    def test_address_is_there_once_it_answers(self, tmp_path: Path) -> None:
        """Whoever reads the address, which only the owner can, gets an answer at it."""
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(_answer, log_config=None, lifespan="off")
        server = AnnouncedServer(config, Installation(tmp_path), address)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        path = tmp_path / "run" / "scheduler.address"
        try:
            deadline = time.monotonic() + 10
            while not path.exists() and time.monotonic() < deadline:
                time.sleep(0.005)
            written = path.read_text("ascii").strip()
            with urllib.request.urlopen(f"http://{written}", timeout=5) as answer:
                assert answer.read() == b"here"
        finally:
            server.stop()
            thread.join(10)

        assert written == address
        assert path.stat().st_mode & 0o777 == 0o600
        assert not thread.is_alive()
