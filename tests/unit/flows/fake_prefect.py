# SPDX-License-Identifier: Apache-2.0

"""Prefect's REST API as far as we call it, with runs in memory."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class FakePrefect:
    """The runs that were created; `codes` are HTTP statuses with which the next calls fail.

    `then` is what happens after each of the next answers.
    """

    def __init__(self) -> None:
        self.runs: list[dict[str, Any]] = []
        self.deployments = {"process-recordings", "sweep"}
        self.codes: list[int] = []
        self.then: list[Callable[[], object]] = []
        self.calls: list[tuple[str, str]] = []
        self.authorization = ""
        self.environment: dict[str, str] = {}

    def add(self, name: str, state: str = "SCHEDULED", **fields: Any) -> dict[str, Any]:
        """Put a run into the list."""
        run = {
            "id": f"id-{name}",
            "name": name,
            "state_type": state,
            "state_name": state.capitalize(),
            "created": f"2026-01-01T00:00:{len(self.runs):02}Z",
            "parameters": {"recordings": []},
            "tags": [],
            "idempotency_key": name,
            **fields,
        }
        self.runs.append(run)
        return run

    def answer(self, method: str, path: str, content: Any) -> tuple[int, Any]:
        """Answer a call with a status and its content."""
        self.calls.append((method, path))
        if self.codes:
            return self.codes.pop(0), {}
        parts = path.removeprefix("/api/").split("/")
        if parts == ["admin", "version"]:
            return 200, "3"
        if parts[:2] == ["deployments", "name"]:
            known = parts[2] in self.deployments
            return (200, {"id": parts[2]}) if known else (404, {})
        if parts[0] == "deployments":
            return 201, self._create(content)
        if parts[1] == "filter":
            return 200, self._find(content)
        [run] = [run for run in self.runs if run["id"] == parts[1]]
        if parts[-1] == "set_state":
            run["state_type"] = content["state"]["type"]
            run["state_name"] = content["state"]["name"]
            run["scheduled"] = content["state"]["state_details"]["scheduled_time"]
        return 200, run

    def _create(self, content: dict[str, Any]) -> dict[str, Any]:
        for run in self.runs:
            if run["idempotency_key"] == content["idempotency_key"]:
                return run
        return self.add(**content)

    def _find(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        states = query["flow_runs"]["state"]["type"]["any_"]
        tags = query["flow_runs"].get("tags", {}).get("any_")
        found = [
            run
            for run in self.runs
            if run["state_type"] in states and (tags is None or set(tags) & set(run["tags"]))
        ]
        return found[query["offset"] : query["offset"] + query["limit"]]


@contextlib.contextmanager
def serving() -> Iterator[FakePrefect]:
    """Run the API; `environment` says where it is."""
    prefect = FakePrefect()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, content: Any) -> None:
            prefect.authorization = self.headers["Authorization"]
            status, answer = prefect.answer(self.command, self.path, content)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())
            if prefect.then:
                prefect.then.pop(0)()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    prefect.environment = {
        "PREFECT_API_URL": f"http://127.0.0.1:{server.server_port}/api",
        "PREFECT_API_AUTH_STRING": "sotto:secret",
    }
    try:
        yield prefect
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
