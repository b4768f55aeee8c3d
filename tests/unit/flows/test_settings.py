# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from flows.settings import FlowSettings, prefect_environment, use_prefect_of
from services.common.errors import WrongUse
from services.common.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation that has nothing yet."""
    return Installation(tmp_path / "home")


class TestFlowSettings:
    def test_defaults(self, tmp_path: Path) -> None:
        """Two recordings at once, a look each second, retention once a day."""
        settings = FlowSettings.load(home=tmp_path, service="worker")

        assert settings.recordings_at_once == 2
        assert settings.poll_seconds == 1.0
        assert (settings.retention_hours, settings.retention_first_minutes) == (24.0, 10.0)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("recordings_at_once", 0),
            ("recordings_at_once", 65),
            ("poll_seconds", 0),
            ("retention_hours", -1),
            ("retention_hours", 721),
            ("retention_first_minutes", -1),
        ],
    )
    def test_out_of_range(self, tmp_path: Path, name: str, value: Any) -> None:
        """A value that makes no sense is refused by the setting's name."""
        with pytest.raises(WrongUse, match=name):
            FlowSettings.load(home=tmp_path, service="worker", **{name: value})


class TestPrefectEnvironment:
    def test_is_of_this_installation(self, installation: Installation) -> None:
        """Prefect keeps its files in the home, listens where it is told, and needs a password."""
        environment = prefect_environment(installation, "127.0.0.1:4200")

        assert environment["PREFECT_HOME"] == str(installation.root / "prefect")
        assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
        assert environment["PREFECT_SERVER_API_PORT"] == "4200"
        user, password = environment["PREFECT_API_AUTH_STRING"].split(":")
        assert user == "sotto"
        assert len(password) >= 32
        assert environment["PREFECT_SERVER_API_AUTH_STRING"] == f"sotto:{password}"

    def test_tells_nothing_to_anybody(self, installation: Installation) -> None:
        """No telemetry, no server of its own making, no results on disk."""
        environment = prefect_environment(installation, "127.0.0.1:1")

        assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert environment["PREFECT_SERVER_EPHEMERAL_ENABLED"] == "false"
        assert environment["PREFECT_RESULTS_PERSIST_BY_DEFAULT"] == "false"
        assert environment["DO_NOT_TRACK"] == "1"

    def test_password_is_made_once_and_private(self, installation: Installation) -> None:
        """Scheduler, worker and commands use the same password, which only the owner can read."""
        first = prefect_environment(installation, "127.0.0.1:1")
        second = prefect_environment(installation, "127.0.0.1:2")

        assert first["PREFECT_API_AUTH_STRING"] == second["PREFECT_API_AUTH_STRING"]
        assert (installation.root / "prefect" / "api.password").stat().st_mode & 0o777 == 0o600


class TestUsePrefectOf:
    def test_sets_the_environment(
        self, installation: Installation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """This process's Prefect is that of the installation."""
        wanted = prefect_environment(installation, "127.0.0.1:4200")
        for name in wanted:
            monkeypatch.setenv(name, "other")

        use_prefect_of(installation, "127.0.0.1:4200")

        assert {name: os.environ[name] for name in wanted} == wanted
