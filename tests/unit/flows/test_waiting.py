# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flows.cli.waiting import percent_done, read_progress, wait_for
from services.common.installation import Installation
from sotto.storage.v1 import catalog_pb2, recording_pb2
from sotto.storage.v1.catalog_pb2 import RecordingStatus
from tests.unit.flows.fake_services import (
    FakeServices,
    finished_run,
    recording_id,
    recording_ref,
)

SEALED = RecordingStatus.RECORDING_STATUS_SEALED
TRANSCRIBED = RecordingStatus.RECORDING_STATUS_TRANSCRIBED


class TestPercentDone:
    @pytest.mark.parametrize(
        ("status", "stages", "percent"),
        [
            (SEALED, {}, 0.0),
            (SEALED, {"r-transcription": 50.0}, 40.0),
            (SEALED, {"r-transcription": 100.0}, 80.0),
            (SEALED, {"other-transcription": 50.0, "r-deidentification": 9.0}, 0.0),
            (TRANSCRIBED, {}, 80.0),
            (TRANSCRIBED, {"r-transcription": 100.0}, 80.0),
            (TRANSCRIBED, {"r-deidentification": 50.0}, 90.0),
            (RecordingStatus.RECORDING_STATUS_DEIDENTIFIED, {}, 100.0),
            (RecordingStatus.RECORDING_STATUS_FAILED, {"r-transcription": 50.0}, 100.0),
            (RecordingStatus.RECORDING_STATUS_ERASED, {}, 100.0),
        ],
    )
    def test_by_state_and_stage(
        self, status: RecordingStatus, stages: dict[str, float], percent: float
    ) -> None:
        """Transcription takes the first 80 percent of a bar, de-identification the rest."""
        assert percent_done("r", status, stages) == percent


class Api(BaseHTTPRequestHandler):
    """Prefect's API as far as it is asked for progress."""

    answer = b""
    seen: list[tuple[str, str, bytes]] = []  # noqa: RUF012 - one list for all requests of a test

    def do_POST(self) -> None:
        """Answer a filter of artifacts."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Authorization"], body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Run the API and return Prefect's environment for it."""
    monkeypatch.setattr(Api, "seen", [])
    server = HTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield {
        "PREFECT_API_URL": f"http://127.0.0.1:{server.server_port}/api",
        "PREFECT_API_AUTH_STRING": "sotto:secret",
    }
    server.shutdown()
    thread.join()
    server.server_close()


class TestReadProgress:
    def test_newest_of_each_key(
        self, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Progress is read with the installation's password; what is no number is left out."""
        artifacts = [{"key": "r-transcription", "data": 45.5}, {"key": "x", "data": "y"}, {}]
        monkeypatch.setattr(Api, "answer", json.dumps(artifacts).encode())

        assert read_progress(environment) == {"r-transcription": 45.5}
        [(path, authorization, body)] = Api.seen
        assert path == "/api/artifacts/latest/filter"
        assert base64.b64decode(authorization.removeprefix("Basic ")) == b"sotto:secret"
        assert json.loads(body)["artifacts"]["type"] == {"any_": ["progress"]}

    def test_broken_answer(
        self, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An answer that is no JSON is no progress."""
        monkeypatch.setattr(Api, "answer", b"{")

        assert read_progress(environment) == {}

    def test_nobody_answers(self) -> None:
        """Where Prefect does not answer there is no progress, and no error."""
        environment = {
            "PREFECT_API_URL": "http://127.0.0.1:1/api",
            "PREFECT_API_AUTH_STRING": "sotto:secret",
        }

        assert read_progress(environment) == {}


class TestWaitFor:
    def test_until_all_are_settled(self, services: FakeServices, tmp_path: Path) -> None:
        """It waits for the recordings that it was given, and for no others."""
        states = [catalog_pb2.RecordingState(ref=recording_ref(number)) for number in range(3)]
        states[0].transcripts.append(finished_run())
        states[1].failure.CopyFrom(
            recording_pb2.StageFailure(stage="transcription", reason="INTERNAL", message="broken")
        )
        services.clinical.recordings = states

        def finish() -> None:
            services.research.recordings = [
                catalog_pb2.RecordingState(ref=states[0].ref, transcripts=[finished_run()])
            ]

        timer = threading.Timer(0.1, finish)
        timer.start()
        wanted = [recording_id(0), recording_id(1)]
        settled = wait_for(services.peers, Installation(tmp_path), "s1", wanted)
        timer.join()

        assert {key: one.state for key, one in settled.items()} == {
            recording_id(0): "deidentified", recording_id(1): "failed",
        }  # fmt: skip
        assert settled[recording_id(1)].message == "broken"
