# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest

from flows.cli import main as cli
from flows.cli import recordings, watching
from services.common.client import Peers
from services.common.installation import Installation
from services.recordings_client import catalog
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import FakeServices, recording_id, recording_ref
from tests.unit.flows.test_waiting import at_work, held


class TestList:
    def test_progress_of_what_is_under_way(
        self,
        services: FakeServices,
        installation: Installation,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """People read how far a recording is in the place of its state, programs beside it."""

        @contextlib.contextmanager
        def connected(*_: object, **__: object) -> Iterator[Peers]:
            yield services.peers

        monkeypatch.setattr(recordings, "connected", connected)
        for number in range(2):
            services.clinical.add(number, session=number + 1)
        services.clinical.marks.pop(recording_id(1))
        services.clinical.work = at_work(0)
        words = ["recordings", "list", "--home", str(installation.root)]

        assert cli.main(words) == 0
        assert "transcribing 45 %, about 2 min left" in capsys.readouterr().out

        assert cli.main([*words, "--json"]) == 0
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [one["progress"] for one in told] == [
            {
                "stage": "transcription", "percent": 45.0, "seconds_left": 100, "before": 0,
                "starts_in": None, "stale": False, "told_at": "2026-01-01T00:00:10+00:00",
                "worker": "host-1",
            },
            None,
        ]  # fmt: skip
        assert told[0]["state"] == "sealed"


class TestWatch:
    def test_until_nothing_is_under_way(
        self,
        services: FakeServices,
        prefect: FakePrefect,
        installation: Installation,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """The list ends, with the last state of what a run held, once no run holds any of it."""
        for number in range(2):
            services.clinical.add(number, session=number + 1)
        run = prefect.add("ours", "RUNNING", parameters=held(0))

        def finish(_seconds: float) -> None:
            services.clinical.commit(recording_ref(0), "1" * 32)
            services.clinical.marks.clear()
            run["state_type"] = "COMPLETED"

        monkeypatch.setattr(watching.time, "sleep", finish)
        watching.watch(services.peers, installation, catalog.recordings(services.peers))

        shown = capsys.readouterr().out
        assert "transcribed" in shown
        assert "sealed" in shown
        assert "nothing waits" in shown
