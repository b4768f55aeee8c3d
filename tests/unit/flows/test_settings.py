# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from flows.scheduler import server_environment
from flows.settings import FlowSettings, prefect_environment, settings_of, use_prefect
from services.common.errors import Unavailable, WrongUse
from services.common.installation import Installation

SCHEDULER = {"scheduler": "127.0.0.1:4200"}


@pytest.fixture
def settings(tmp_path: Path) -> FlowSettings:
    """Settings of an installation that has nothing yet."""
    return FlowSettings(home=tmp_path / "home", addresses=SCHEDULER)


class TestFlowSettings:
    def test_defaults(self, settings: FlowSettings) -> None:
        """Two runs at once, a sweep each five minutes, retention daily, a scheduler of ours."""
        assert settings.recordings_at_once == 2
        assert settings.sweep_minutes == 5
        assert settings.retention_hours == 24
        assert settings.prefect_api_url == settings.prefect_database == ""

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("recordings_at_once", 0),
            ("recordings_at_once", 65),
            ("query_seconds", 0),
            ("sweep_minutes", 0),
            ("lost_seconds", 30),
            ("retention_hours", -1),
            ("retention_hours", 721),
            ("prefect_api_url", "prefect.example"),
            ("prefect_database", "mysql://db/prefect"),
            ("prefect_database", "postgresql://db/prefect"),
        ],
    )
    def test_out_of_range(self, tmp_path: Path, name: str, value: Any) -> None:
        """A value that makes no sense is refused by the setting's name."""
        with pytest.raises(WrongUse, match=name):
            FlowSettings.load(home=tmp_path, service="worker", **{name: value})

    def test_form_is_told_in_words(self, tmp_path: Path) -> None:
        """What has another form is answered with what the setting takes, not with a pattern."""
        with pytest.raises(WrongUse, match=r"prefect_api_url: .* such as https://") as told:
            FlowSettings.load(home=tmp_path, service="worker", prefect_api_url="prefect.example")
        assert "pattern" not in str(told.value)
        assert "prefect.example" not in str(told.value)

    def test_settings_of_the_version_before(self, tmp_path: Path) -> None:
        """A file that names settings which are gone is still read; a slip is still refused."""
        file = tmp_path / "sotto.toml"
        file.write_text("[worker]\npoll_seconds = 2\nretention_first_minutes = 1\n")
        assert FlowSettings.load(home=tmp_path, service="worker").recordings_at_once == 2

        file.write_text("[worker]\npoll_second = 2\n")
        with pytest.raises(WrongUse, match="poll_second"):
            FlowSettings.load(home=tmp_path, service="worker")

    def test_of_a_command(self, tmp_path: Path) -> None:
        """A command has the settings of the worker."""
        (tmp_path / "sotto.toml").write_text("[worker]\nrecordings_at_once = 7\n")

        assert settings_of(Installation(tmp_path)).recordings_at_once == 7


class TestPrefectEnvironment:
    def test_of_our_own_scheduler(self, settings: FlowSettings) -> None:
        """Prefect keeps its files in the home, listens where it is told, and needs a password."""
        environment = server_environment(settings, "127.0.0.1:4200")

        assert environment["PREFECT_HOME"] == str(settings.home / "prefect")
        assert environment["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
        assert environment["PREFECT_SERVER_API_PORT"] == "4200"
        user, password = environment["PREFECT_API_AUTH_STRING"].split(":")
        assert user == "sotto"
        assert len(password) >= 32
        assert environment["PREFECT_SERVER_API_AUTH_STRING"] == f"sotto:{password}"
        assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" not in environment

    def test_database(self, settings: FlowSettings) -> None:
        """The scheduler's database is where the settings say."""
        url = "postgresql+asyncpg://sotto@db/prefect"
        given = settings.model_copy(update={"prefect_database": url})

        environment = server_environment(given, "127.0.0.1:4200")

        assert environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == url

    def test_of_another_server(self, settings: FlowSettings, tmp_path: Path) -> None:
        """A hospital's server is called at its address with what its file says."""
        password = tmp_path / "password"
        password.write_text("us:secret\n")
        password.chmod(0o600)
        (tmp_path / "ca").touch()
        url = "https://prefect.hospital.example/api"
        update = {
            "prefect_api_url": url, "prefect_api_auth": password, "prefect_api_ca": tmp_path / "ca",
        }  # fmt: skip

        environment = prefect_environment(settings.model_copy(update=update))

        assert environment["PREFECT_API_URL"] == url
        assert environment["PREFECT_API_AUTH_STRING"] == "us:secret"
        assert environment["PREFECT_API_SSL_CERT_FILE"] == str(tmp_path / "ca")
        for name in ("prefect_api_auth", "prefect_api_ca"):
            with pytest.raises(WrongUse, match=name):
                prefect_environment(settings.model_copy(update={**update, name: tmp_path / "none"}))

    @pytest.mark.parametrize(
        ("content", "mode", "problem"),
        [
            ("us:secret", 0o644, "others can read"),
            ("secret", 0o600, "one line of user:password"),
            ("us:secret\nmore", 0o600, "one line of user:password"),
            ("", 0o600, "one line of user:password"),
        ],
    )
    def test_password_file_that_will_not_do(
        self, settings: FlowSettings, tmp_path: Path, content: str, mode: int, problem: str
    ) -> None:
        """A password that others can read, or that is none, is refused by the setting's name."""
        file = tmp_path / "password"
        file.write_text(content)
        file.chmod(mode)

        with pytest.raises(WrongUse, match=f"^prefect_api_auth: .*{problem}") as told:
            prefect_environment(settings.model_copy(update={"prefect_api_auth": file}))
        assert "secret" not in str(told.value)

    def test_no_scheduler(self, tmp_path: Path) -> None:
        """Where no scheduler is known, the error says how to start one."""
        with pytest.raises(Unavailable, match="sotto up"):
            prefect_environment(FlowSettings(home=tmp_path))

    def test_tells_nothing_to_anybody(self, settings: FlowSettings) -> None:
        """No telemetry, no server of its own making, no results or logs of ours in Prefect."""
        environment = prefect_environment(settings)

        assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
        assert environment["PREFECT_SERVER_EPHEMERAL_ENABLED"] == "false"
        assert environment["PREFECT_RESULTS_PERSIST_BY_DEFAULT"] == "false"
        assert environment["PREFECT_LOGGING_TO_API_ENABLED"] == "false"
        assert environment["DO_NOT_TRACK"] == "1"

    def test_password_is_made_once_and_private(self, settings: FlowSettings) -> None:
        """Scheduler, worker and commands use the same password, which only the owner can read."""
        first = prefect_environment(settings)
        second = prefect_environment(settings)

        assert first["PREFECT_API_AUTH_STRING"] == second["PREFECT_API_AUTH_STRING"]
        assert (settings.home / "prefect" / "api.password").stat().st_mode & 0o777 == 0o600


class TestUsePrefect:
    def test_sets_the_environment(
        self, settings: FlowSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """This process's Prefect is that of the installation."""
        wanted = prefect_environment(settings)
        for name in wanted:
            monkeypatch.setenv(name, "other")

        use_prefect(settings)

        assert {name: os.environ[name] for name in wanted} == wanted
