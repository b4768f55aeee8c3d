# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.common.errors import WrongUse
from services.common.installation import Installation
from services.common.instances import has_console
from services.console import cli
from services.console.adapters.trips import FILE, SqliteTrips
from services.console.provider_wiring import registration
from services.console.settings import ConsoleSettings


def _settings(home: Path, **given: Any) -> ConsoleSettings:
    secret = home / "secret"
    secret.write_text("hush\n", "utf-8")
    secret.chmod(0o600)
    told = {
        "oidc_issuer": "https://login.example/realm",
        "oidc_client_id": "sotto",
        "oidc_client_secret_file": secret,
        "public_address": "https://sotto.example:8443",
    }
    return ConsoleSettings.load(home=home, **(told | given))


class TestSettings:
    def test_make_a_registration(self, tmp_path: Path) -> None:
        """The way back is made of the public address, and the secret is read from its file."""
        found = registration(_settings(tmp_path, oidc_acr=["urn:mfa"]))

        assert found.redirect_uri == "https://sotto.example:8443/sign-in/provider/return"
        assert (found.client_secret, found.acr) == ("hush", ("urn:mfa",))
        assert found.scopes == ("openid", "profile")

    @pytest.mark.parametrize("missing", ["oidc_client_id", "public_address"])
    def test_that_are_missing_are_named(self, tmp_path: Path, missing: str) -> None:
        """Half of a registration does not start."""
        with pytest.raises(WrongUse, match=missing):
            registration(_settings(tmp_path, **{missing: ""}))

    def test_secret_is_for_the_console_alone(self, tmp_path: Path) -> None:
        """A file that others may read, or that is not there, is refused."""
        settings = _settings(tmp_path)
        (tmp_path / "secret").chmod(0o644)
        with pytest.raises(WrongUse, match="chmod 600"):
            registration(settings)
        (tmp_path / "secret").unlink()
        with pytest.raises(WrongUse, match="cannot be read"):
            registration(settings)

    @pytest.mark.parametrize(
        "given",
        [
            {"oidc_issuer": "http://login.example"},
            {"oidc_issuer": "login.example"},
            {"public_address": "http://sotto.example"},
            {"public_address": "https://sotto.example/path"},
        ],
    )
    def test_speak_https(self, tmp_path: Path, given: dict[str, str]) -> None:
        """No sign-in goes over the network in clear."""
        with pytest.raises(WrongUse):
            _settings(tmp_path, **given)

    def test_start_the_console(self, tmp_path: Path) -> None:
        """Where a provider is set the console starts without any account of its own."""
        assert not has_console(Installation(tmp_path))
        (tmp_path / "sotto.toml").write_text(
            '[console]\noidc_issuer = "https://login.example/realm"\n', "utf-8"
        )
        assert has_console(Installation(tmp_path))


class TestUnbind:
    def test_frees_a_name(self, tmp_path: Path) -> None:
        """Whoever signs in next with the name has it; a name that nobody had is refused."""
        installation = Installation(tmp_path)
        installation.make_folder("pki")
        folder = installation.make_folder("console")
        trips = SqliteTrips(folder / FILE)
        assert trips.bind("siti", "https://login.example u-1")
        assert not trips.bind("siti", "https://login.example u-2")

        runner = CliRunner()
        words = ["accounts", "unbind", "siti", "--home", str(tmp_path)]
        assert runner.invoke(cli.app, words).exit_code == 0
        assert trips.bind("siti", "https://login.example u-2")
        trips.unbind("siti")
        trips.close()
        assert runner.invoke(cli.app, words).exit_code != 0
