# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import logging
import os
import pwd
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.common import certificate_authority, client_session, context, supervisor
from services.common.errors import PermissionDenied, Unauthenticated, Unavailable
from services.common.installation import Installation
from services.registry import identities


@pytest.fixture(autouse=True)
def library_logs() -> Iterator[None]:
    """Let libraries log again after a session has silenced them."""
    yield
    logging.disable(logging.NOTSET)


class TestPerson:
    @pytest.mark.parametrize(
        ("account", "written"),
        [("dr.lim", "dr.lim"), ("HOSPITAL\\lim ah", "HOSPITAL_lim_ah"), ("x" * 70, "x" * 64)],
    )
    def test_account_fits_the_audit_log(
        self, account: str, written: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What an entry cannot hold is replaced, and a long account is cut."""
        entry = pwd.struct_passwd((account, "x", 1000, 1000, "", "/", "/bin/sh"))
        monkeypatch.setattr("pwd.getpwuid", lambda _uid: entry)
        assert client_session.person() == written

    @pytest.mark.parametrize("variable", ["LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"])
    def test_variables_that_anybody_sets_are_not_asked(
        self, variable: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The account is that of the process, whatever the environment says."""
        account = client_session.person()
        monkeypatch.setenv(variable, "prof_chan")

        assert client_session.person() == account != "prof_chan"

    def test_account_that_the_machine_does_not_know(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a container without a list of accounts, the number stands for the account."""
        monkeypatch.setattr("os.getuid", lambda: 987_654)

        assert client_session.person() == "uid-987654"


class TestConnected:
    @pytest.fixture
    def installation(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
        """Return an installation with certificates, whose services run elsewhere."""

        @contextlib.contextmanager
        def running(*_: Any, before_start: Any) -> Iterator[Mapping[str, str]]:
            before_start(["audit"])
            yield {}

        installation = Installation(tmp_path / "home")
        supervisor.prepare(installation)
        monkeypatch.setattr(supervisor, "running", running)
        return installation

    def test_calls_are_made_for_the_person_in_the_clients_role(
        self, installation: Installation, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The context of a session names person, role and purpose, and ends with it."""
        with client_session.connected(installation, identities.REVIEWER, ["audit"]):
            call = context.current()
        assert (call.person, call.role, call.purpose) == (
            client_session.person(),
            "reviewer",
            "research",
        )
        assert call.request_id
        assert context.current().person == ""
        assert capsys.readouterr().err == (
            "No services are running; starting audit for this command.\n"
        )

    def test_a_missing_certificate_is_an_error_of_ours(self, installation: Installation) -> None:
        """A client that has no certificate cannot open a session."""
        with (
            pytest.raises(Unauthenticated),
            client_session.connected(installation, "board", ["audit"]),
        ):
            pytest.fail("a session was opened")

    def test_a_persons_certificate_says_who_calls(
        self, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a certificate of a person the calls are for that person, in its role alone."""
        folders = []
        for role in ("reviewer", "researcher"):
            folders.append(tmp_path / role)
            certificate_authority.issue(installation.pki, role, folders[-1], person="siti")
        monkeypatch.setenv("SOTTO_CERTIFICATE", os.pathsep.join(map(str, folders)))

        for role in ("reviewer", "researcher"):
            with client_session.connected(installation, role, ["audit"]):
                assert (context.current().person, context.current().role) == ("siti", role)
        with (
            pytest.raises(PermissionDenied, match="siti in role reviewer"),
            client_session.connected(installation, "operator", ["audit"]),
        ):
            pytest.fail("a session was opened")

    def test_another_accounts_services_are_named_by_settings(
        self, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With a certificate of another installation nothing is started: settings say where."""
        folder = tmp_path / "siti"
        certificate_authority.issue(installation.pki, "reviewer", folder, person="siti")
        monkeypatch.setenv("SOTTO_CERTIFICATE", str(folder))
        elsewhere = Installation(tmp_path / "none")

        with (
            pytest.raises(Unavailable, match=r'SOTTO_ADDRESSES=.*"storage-clinical": "127'),
            client_session.connected(elsewhere, "reviewer", ["release", "storage-clinical"]),
        ):
            pytest.fail("a session was opened")
        monkeypatch.setenv("SOTTO_ADDRESSES", '{"release": "127.0.0.1:4704"}')
        with client_session.connected(elsewhere, "reviewer", ["release"]):
            assert context.current().person == "siti"
        assert not elsewhere.root.exists()
