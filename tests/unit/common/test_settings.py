# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib
import os
import pkgutil
from pathlib import Path

import pytest
from pydantic import Field, ValidationError

import flows
import services
from services.common.errors import WrongUse
from services.common.settings import InstallationSettings, ServiceSettings


class Tuned(ServiceSettings):
    """Settings of a service that the tests make up."""

    service: str = Field(default="tuned", description="Name.")
    pace: int = Field(default=1, ge=1, le=9, description="Pace.")
    secret: str = Field(default="", pattern="^[a-z]*$", description="Never shown.")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home that the environment names, and no other setting."""
    for name in os.environ:
        if name.startswith("SOTTO_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SOTTO_HOME", str(tmp_path))
    return tmp_path


def _file(home: Path, text: str) -> None:
    (home / "sotto.toml").write_text(text, "utf-8")


class TestSources:
    def test_default(self) -> None:
        """Without environment and file the defaults hold."""
        assert Tuned.load().pace == 1

    def test_file_over_default(self, home: Path) -> None:
        """The top level of the file replaces defaults."""
        _file(home, "pace = 2\n")

        assert Tuned.load().pace == 2

    def test_own_table_over_top_level(self, home: Path) -> None:
        """The service's own table replaces what all share."""
        _file(home, "pace = 2\n[tuned]\npace = 3\n")

        assert Tuned.load().pace == 3

    def test_own_table_of_the_name_that_is_set(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A service under another name reads the table of that name."""
        _file(home, "[tuned]\npace = 3\n[other]\npace = 4\n")
        monkeypatch.setenv("SOTTO_SERVICE", "other")

        assert Tuned.load().pace == 4
        assert Tuned.load(service="tuned").pace == 3

    def test_environment_over_file(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment replaces the file."""
        _file(home, "[tuned]\npace = 3\n")
        monkeypatch.setenv("SOTTO_PACE", "5")

        assert Tuned.load().pace == 5

    def test_given_over_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the program itself gives comes first."""
        monkeypatch.setenv("SOTTO_PACE", "5")

        assert Tuned.load(pace=6).pace == 6

    def test_tables_and_json(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Addresses are a table in the file and a JSON object in the environment."""
        _file(home, '[addresses]\naudit = "127.0.0.1:1"\n')
        assert Tuned.load().addresses == {"audit": "127.0.0.1:1"}

        monkeypatch.setenv("SOTTO_ADDRESSES", '{"audit": "127.0.0.1:2"}')
        assert Tuned.load().addresses["audit"] == "127.0.0.1:2"

    def test_settings_of_other_services_are_left_alone(self, home: Path) -> None:
        """Top level and tables may hold what concerns others."""
        _file(home, 'audit_origin = "x"\n[audit]\nnothing = 1\n')

        assert Tuned.load().pace == 1

    def test_are_frozen(self) -> None:
        """Settings do not change while a service runs."""
        with pytest.raises(ValidationError):
            Tuned.load().pace = 2


class TestFaults:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SOTTO_PACE", "10"),
            ("SOTTO_PACE", "quick-8675309"),
            ("SOTTO_SECRET", "HUNTER-8675309"),
            ("SOTTO_ADDRESSES", "{8675309"),
            ("SOTTO_ADDRESSES", '["8675309"]'),
            ("SOTTO_LOG_LEVEL", "8675309"),
            ("SOTTO_WORKERS", "8675309"),
        ],
    )
    def test_wrong_field_is_named_without_its_value(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        """A setting that cannot be used is named; its value, which may be a secret, is not."""
        monkeypatch.setenv(name, value)

        with pytest.raises(WrongUse) as caught:
            Tuned.load()

        assert name.removeprefix("SOTTO_").lower() in caught.value.message
        assert "8675309" not in caught.value.message
        assert "EnvSettingsSource" not in caught.value.message
        assert "\n" not in caught.value.message

    def test_missing_home(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a home the message asks for it."""
        monkeypatch.delenv("SOTTO_HOME")

        with pytest.raises(WrongUse, match="home"):
            Tuned.load()

    @pytest.mark.parametrize(
        "text", ["pace = \n", "[tuned\n", "pace = 1\npace = 2\n", "\x00", 'a = "\ud7ff']
    )
    def test_broken_file(self, home: Path, text: str) -> None:
        """A file that is no TOML is refused, and the message says which."""
        _file(home, text)

        with pytest.raises(WrongUse, match=r"sotto\.toml cannot be read as TOML"):
            Tuned.load()

    def test_file_that_is_not_text(self, home: Path) -> None:
        """Bytes that are no UTF-8 are refused the same way."""
        (home / "sotto.toml").write_bytes(b'a = "\xff"')

        with pytest.raises(WrongUse, match=r"sotto\.toml"):
            Tuned.load()

    def test_file_that_cannot_be_opened(self, home: Path) -> None:
        """A file that cannot be opened is not taken for one that is missing."""
        (home / "sotto.toml").mkdir()

        with pytest.raises(WrongUse, match=r"sotto\.toml"):
            Tuned.load()

    def test_own_table_that_is_none(self, home: Path) -> None:
        """A plain value where the service's table belongs is named."""
        _file(home, 'tuned = "fast"\n')

        with pytest.raises(WrongUse, match="tuned"):
            Tuned.load()

    def test_misspelt_setting_in_the_own_table(self, home: Path) -> None:
        """A name that is no setting, in the table of one service, is named, not passed over."""
        _file(home, "[tuned]\npaec = 3\n")

        with pytest.raises(WrongUse, match="paec"):
            Tuned.load()

    def test_wrong_value_in_the_file(self, home: Path) -> None:
        """A wrong value in the file is named like one in the environment."""
        _file(home, '[tuned]\npace = "8675309"\n')

        with pytest.raises(WrongUse, match="pace") as caught:
            Tuned.load()
        assert "8675309" not in caught.value.message


def _all_settings() -> list[type[InstallationSettings]]:
    for package in (services, flows):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rsplit(".", 1)[-1] == "settings":
                importlib.import_module(module.name)
    found: list[type[InstallationSettings]] = [InstallationSettings]
    for kind in found:
        found += [one for one in kind.__subclasses__() if one.__module__ != __name__]
    return found


class TestDocumentation:
    def test_every_setting_is_documented(self) -> None:
        """Every setting of every service says what it is for, in a sentence."""
        kinds = _all_settings()
        bare = [
            f"{kind.__name__}.{name}"
            for kind in kinds
            for name, field in kind.model_fields.items()
            if not (field.description or "").endswith((".", ")"))
        ]

        assert len(kinds) >= 5
        assert bare == []

    def test_every_service_has_a_name_of_its_own(self) -> None:
        """Fields of services that share one file do not clash with the names of their tables."""
        fields = {name for kind in _all_settings() for name in kind.model_fields}

        assert not fields & {"audit", "transcription", "deidentification", "release", "worker"}
