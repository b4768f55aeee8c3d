# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
import stat
import subprocess
from pathlib import Path

import pytest

from flows.cli import main
from services.common import certificate_authority as authority
from services.common import supervisor
from services.common.installation import Installation
from services.common.settings import DELEGATION_KEY
from services.registry import identities, processes
from tests.support.tools import need

NAMES = {*processes.SERVICES, *identities.CLIENTS}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return an installation that was started before."""
    supervisor.prepare(Installation(tmp_path / "home"))
    return tmp_path / "home"


def _sotto(home: Path, *words: str) -> int:
    return main.main(["certificates", *words, "--home", str(home)])


def _listed(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert _sotto(home, "list", "--json", *words) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


class TestIssue:
    def test_makes_a_folder_for_another_machine(self, home: Path, tmp_path: Path) -> None:
        """The folder has key, certificate and authority, for its owner alone."""
        out = tmp_path / "usb" / "transcription"

        hosts = ("--host", "GPU1.example", "--host", "10.0.0.7")
        words = ("issue", "transcription", *hosts, "--days", "90", "--out", str(out))
        assert _sotto(home, *words) == 0
        # With the key by which it verifies what the console states.
        assert sorted(path.name for path in out.iterdir()) == sorted(
            [*authority.PARTS, DELEGATION_KEY]
        )
        assert stat.S_IMODE(out.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
        made = authority.read(out)
        assert authority.name_of(made) == "transcription"
        assert authority.hosts_of(made) == ["gpu1.example", "10.0.0.7"]
        assert (made.not_valid_after_utc - made.not_valid_before_utc).days == 90

    def test_is_verified_by_openssl(self, home: Path, tmp_path: Path) -> None:
        """openssl verifies the chain, the names and the uses, with the folder's own authority."""
        need("openssl")
        out = tmp_path / "release"
        assert _sotto(home, "issue", "release", "--host", "db7.example", "--out", str(out)) == 0

        def openssl(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["openssl", *words], capture_output=True, text=True, check=False, cwd=out
            )

        for host in ("release.sotto.internal", "db7.example"):
            for purpose in ("sslserver", "sslclient"):
                done = openssl("verify", "-CAfile", "ca.pem", "-purpose", purpose,
                               "-verify_hostname", host, "cert.pem")  # fmt: skip
                assert done.returncode == 0, done.stderr
        other = openssl("verify", "-CAfile", "ca.pem", "-verify_hostname", "db8.example",
                        "cert.pem")  # fmt: skip
        assert other.returncode != 0
        printed = openssl("x509", "-noout", "-serial", "-in", "cert.pem").stdout.strip()
        assert printed == f"serial={authority.serial(authority.read(out))}"

    def test_unknown_name_is_refused_with_those_there_are(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A name that nobody may bear is refused, for any folder, and all others are listed."""
        out = tmp_path / "out"
        for words in (("board",), ("board", "--out", str(out)), ("../evil", "--out", str(out))):
            assert _sotto(home, "issue", *words) == 2
            told = capsys.readouterr().err
            assert all(name in told for name in NAMES)
        assert not (home / "pki" / "board").exists()
        assert not out.exists()

    def test_nothing_is_overwritten_unasked(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A folder that holds a part of a certificate is left alone without --force."""
        before = authority.read(home / "pki" / "audit")
        assert _sotto(home, "issue", "audit") == 2
        assert "renew audit" in capsys.readouterr().err
        (tmp_path / "key.pem").write_text("precious")
        assert _sotto(home, "issue", "audit", "--out", str(tmp_path)) == 2
        assert f"renew audit --out {tmp_path}" in capsys.readouterr().err
        assert (tmp_path / "key.pem").read_text() == "precious"
        assert authority.read(home / "pki" / "audit") == before

        assert _sotto(home, "issue", "audit", "--force") == 0
        assert authority.read(home / "pki" / "audit") != before

    @pytest.mark.parametrize(
        "host", ["audit.sotto.internal", "SOTTO.internal", "*.example", "a b", "", "-a.example"]
    )
    def test_host_that_is_none_is_refused(self, home: Path, tmp_path: Path, host: str) -> None:
        """A host that would say who a service is, a wildcard, or no host is refused."""
        out = tmp_path / "out"
        assert _sotto(home, "issue", "audit", "--host", host, "--out", str(out)) == 4
        assert not out.exists()

    def test_without_an_authority(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Where there is no authority none is made: certificates of another one fit nobody."""
        assert _sotto(tmp_path / "new", "issue", "audit") != 0
        assert "sotto up" in capsys.readouterr().err
        assert not (tmp_path / "new" / "pki").exists()


class TestList:
    def test_has_all_that_were_issued(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Those in use are listed with their folder, those for other machines without one."""
        assert {one["name"] for one in _listed(home, capsys)} == NAMES
        out = tmp_path / "out"
        words = ("--host", "w2.example", "--days", "9", "--out", str(out))
        assert _sotto(home, "issue", "flows", *words) == 0

        first = _listed(home, capsys)[0]
        assert first["name"] == "flows"
        assert first["role"] == "orchestrator"
        assert first["hosts"] == ["w2.example"]
        assert first["folder"] == ""
        assert first["serial"] == authority.serial(authority.read(out))
        assert len(_listed(home, capsys)) == len(NAMES) + 1

    def test_of_the_ended_only_when_asked(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What has ended is left out, unless it is asked for."""
        day = dt.timedelta(days=-1)
        authority.issue(home / "pki", "flows", tmp_path / "out", life=day)

        assert len(_listed(home, capsys)) == len(NAMES)
        assert len(_listed(home, capsys, "--ended")) == len(NAMES) + 1


class TestRenew:
    def test_keeps_the_hosts(self, home: Path, tmp_path: Path) -> None:
        """A renewed certificate is for the same hosts, under a new key."""
        out = tmp_path / "out"
        assert _sotto(home, "issue", "audit", "--host", "a.example", "--out", str(out)) == 0
        before, key = authority.read(out), (out / "key.pem").read_bytes()

        assert _sotto(home, "renew", "audit", "--out", str(out)) == 0
        after = authority.read(out)
        assert after.serial_number != before.serial_number
        assert authority.hosts_of(after) == ["a.example"]
        assert (out / "key.pem").read_bytes() != key

    def test_keeps_the_time(self, home: Path, tmp_path: Path) -> None:
        """A certificate that was issued for months is renewed for as long, unless asked."""
        out = tmp_path / "out"
        assert _sotto(home, "issue", "audit", "--days", "90", "--out", str(out)) == 0

        assert _sotto(home, "renew", "audit", "--out", str(out)) == 0
        assert authority.life_of(authority.read(out)) == dt.timedelta(days=90)
        assert _sotto(home, "renew", "audit", "--days", "30", "--out", str(out)) == 0
        assert authority.life_of(authority.read(out)) == dt.timedelta(days=30)

    def test_all(self, home: Path) -> None:
        """With --all every certificate of the installation is another one."""
        before = {name: authority.read(home / "pki" / name) for name in NAMES}

        assert _sotto(home, "renew", "--all") == 0
        assert all(authority.read(home / "pki" / name) != one for name, one in before.items())

    def test_by_a_start_keeps_the_hosts_too(self, home: Path) -> None:
        """What a start renews keeps its hosts."""
        pki = home / "pki"
        authority.issue(pki, "audit", pki / "audit", hosts=["a.example"], life=dt.timedelta(days=3))
        supervisor.prepare(Installation(home))

        assert authority.hosts_of(authority.read(pki / "audit")) == ["a.example"]

    @pytest.mark.parametrize("words", [(), ("audit", "--all"), ("--all", "--out", "x"), ("board",)])
    def test_that_is_unclear_is_refused(self, home: Path, words: tuple[str, ...]) -> None:
        """One name or all, and nothing else."""
        assert _sotto(home, "renew", *words) == 2

    def test_of_another_name_is_refused(self, home: Path, tmp_path: Path) -> None:
        """A folder of one name is not renewed under another."""
        out = tmp_path / "out"
        assert _sotto(home, "issue", "audit", "--out", str(out)) == 0

        assert _sotto(home, "renew", "release", "--out", str(out)) == 4


class TestSecondMachine:
    def test_start_makes_no_authority_of_its_own(self, home: Path, tmp_path: Path) -> None:
        """Where the authority's certificate was put without its key, a start issues nothing."""
        second = Installation(tmp_path / "second")
        pki = second.make_folder("pki")
        assert _sotto(home, "issue", "transcription", "--out", str(pki / "transcription")) == 0
        (pki / "ca.pem").write_bytes((pki / "transcription" / "ca.pem").read_bytes())
        supervisor.prepare(second)

        assert sorted(path.name for path in pki.iterdir()) == ["ca.pem", "transcription"]


class TestPersons:
    def test_issue_list_and_renew(
        self, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A person's certificate says whose it is, is listed so, and stays theirs when renewed."""
        out = tmp_path / "siti"
        words = ("--person", "siti", "--role", "reviewer", "--out", str(out))
        assert _sotto(home, "issue", *words) == 0
        made = authority.read(out)
        assert (authority.name_of(made), authority.person_of(made)) == ("reviewer", "siti")
        assert authority.hosts_of(made) == []
        [row] = [one for one in _listed(home, capsys) if one["person"]]
        assert (row["name"], row["role"], row["person"]) == ("reviewer", "person", "siti")

        assert _sotto(home, "renew", "reviewer", "--out", str(out)) == 0
        renewed = authority.read(out)
        assert renewed != made
        assert authority.person_of(renewed) == "siti"

    def test_is_a_clients_alone(self, home: Path, tmp_path: Path) -> None:
        """openssl takes it for a client and for no server, and finds the URI of RFC 5280."""
        need("openssl")
        out = tmp_path / "siti"
        assert _sotto(
            home, "issue", "--person", "siti", "--role", "compliance", "--out", str(out)
        ) == 0  # fmt: skip

        def openssl(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["openssl", *words], capture_output=True, text=True, check=False, cwd=out
            )

        purposes = {
            purpose: openssl("verify", "-CAfile", "ca.pem", "-purpose", purpose, "cert.pem")
            for purpose in ("sslclient", "sslserver")
        }
        assert purposes["sslclient"].returncode == 0, purposes["sslclient"].stderr
        assert purposes["sslserver"].returncode != 0
        names = openssl("x509", "-noout", "-ext", "subjectAltName", "-in", "cert.pem").stdout
        assert "URI:urn:sotto:person:siti" in names

    @pytest.mark.parametrize(
        ("words", "status"),
        [
            (("--person", "siti", "--role", "reviewer"), 2),
            (("--person", "siti", "--out", "out"), 2),
            (("--role", "reviewer", "--out", "out"), 2),
            (("reviewer", "--person", "siti", "--role", "reviewer", "--out", "out"), 2),
            (("--person", "siti", "--role", "flows", "--out", "out"), 2),
            (("--person", "dr lim", "--role", "reviewer", "--out", "out"), 4),
            (("--person", "siti", "--role", "reviewer", "--host", "a.b", "--out", "out"), 2),
            ((), 2),
        ],
    )
    def test_wrong_use(
        self,
        home: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        words: tuple[str, ...],
        status: int,
    ) -> None:
        """A person without role or folder, a role that is none of people, or a name are refused."""
        monkeypatch.chdir(tmp_path)

        assert _sotto(home, "issue", *words) == status
        assert not (tmp_path / "out").exists()
