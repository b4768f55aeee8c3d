# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule

from flows.deployments import lost_runs, wanted
from flows.settings import FlowSettings
from services.common.errors import WrongUse


def schedules(tmp_path: Path, **given: object) -> dict[str, object]:
    """Return the schedules of all deployments under settings."""
    settings = FlowSettings.load(home=tmp_path, **given)
    return {one.flow: one.schedule for one in wanted(settings)}


class TestWanted:
    def test_each_setting_has_its_effect(self, tmp_path: Path) -> None:
        """Intervals and cron expressions of the settings are those of the deployments."""
        found = schedules(
            tmp_path,
            sweep_minutes=7,
            retention_hours=0,
            scrub_schedule="1 2 * * *",
            verify_log_schedule="",
            schedule_timezone="Asia/Kuala_Lumpur",
        )

        sweep, scrub = found["sweep"], found["scrub"]
        assert isinstance(sweep, IntervalSchedule)
        assert sweep.interval.total_seconds() == 7 * 60
        assert isinstance(scrub, CronSchedule)
        assert (scrub.cron, scrub.timezone) == ("1 2 * * *", "Asia/Kuala_Lumpur")
        assert found["apply-retention"] is found["verify-audit-log"] is None
        assert found["process-recordings"] is None
        assert found["evidence-report"] is not None

    @pytest.mark.parametrize(
        "given", [{"scrub_schedule": "99 2 * * *"}, {"schedule_timezone": "Nowhere/Land"}]
    )
    def test_schedule_that_cannot_be(self, tmp_path: Path, given: dict[str, str]) -> None:
        """A schedule that Prefect cannot read is told as a wrong setting."""
        with pytest.raises(WrongUse, match="schedule"):
            schedules(tmp_path, **given)


class TestLostRuns:
    def test_is_of_our_runs_and_starts_a_sweep(self, tmp_path: Path) -> None:
        """Only runs of ours are watched, as long as the settings say."""
        ours, sweep = uuid4(), uuid4()
        found = lost_runs([ours], sweep, FlowSettings(home=tmp_path, lost_seconds=50))

        shown = found.model_dump_json()
        assert f"prefect.deployment.{ours}" in shown
        assert str(sweep) in shown
        assert found.trigger.model_dump()["within"].total_seconds() == 50
