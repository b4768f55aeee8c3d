# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from flows.due import DueRecording
from flows.submit import submit
from services.common.errors import Unavailable
from services.common.installation import Installation
from tests.unit.flows.fake_prefect import FakePrefect
from tests.unit.flows.fake_services import FakeServices, recording_id, recording_ref


class TestSubmit:
    def test_one_run_with_ids_alone(
        self, services: FakeServices, prefect: FakePrefect, installation: Installation
    ) -> None:
        """The recordings of a participant are one run; Prefect gets ids, sessions and marks."""
        services.clinical.add(0, session=2)
        services.clinical.add(1, session=1)
        services.clinical.add(2, "P08")

        assert submit(installation, services.peers, [recording_ref(0), recording_ref(1)]) == 1
        [run] = prefect.runs
        assert run["tags"] == ["participant:s1/P07"]
        assert [DueRecording.read(one) for one in run["parameters"]["recordings"]] == [
            DueRecording("s1", "P07", 1, recording_id(1), 1),
            DueRecording("s1", "P07", 2, recording_id(0), 1),
        ]

    def test_again_starts_nothing(
        self, services: FakeServices, prefect: FakePrefect, installation: Installation
    ) -> None:
        """The same recordings under the same marks are the same run; a new mark is a new one."""
        services.clinical.add(0)
        for _ in range(2):
            submit(installation, services.peers, [recording_ref(0)])
        assert len(prefect.runs) == 1

        services.clinical.mark(recording_id(0))
        submit(installation, services.peers, [recording_ref(0)])
        assert len(prefect.runs) == 2

    def test_nothing_due(
        self, services: FakeServices, prefect: FakePrefect, installation: Installation
    ) -> None:
        """A recording that is not on the list of pending ones starts no run."""
        services.clinical.add(0)
        services.clinical.marks.clear()

        assert submit(installation, services.peers, [recording_ref(0)]) == 0
        assert not prefect.runs

    def test_no_scheduler(self, services: FakeServices, tmp_path: Path) -> None:
        """Without a scheduler the caller learns that, and the recording stays pending."""
        services.clinical.add(0)

        with pytest.raises(Unavailable):
            submit(Installation(tmp_path), services.peers, [recording_ref(0)])
        assert services.clinical.marks
