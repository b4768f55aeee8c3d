# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from flows import catalog
from flows.cli import watching
from services.common.installation import Installation
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import FakeServices, recording_ref
from tests.unit.flows.test_waiting import held


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
            run["state_type"] = "COMPLETED"

        monkeypatch.setattr(watching.time, "sleep", finish)
        watching.watch(services.peers, installation, catalog.recordings(services.peers))

        shown = capsys.readouterr().out
        assert "transcribed" in shown
        assert "sealed" in shown
        assert "nothing waits" in shown
