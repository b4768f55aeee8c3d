# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.common import instances
from services.common.errors import WrongUse
from services.common.installation import Installation
from services.registry.identities import CONSOLE
from services.registry.processes import PROCESSES

BY_NAME = {spec.name: spec for spec in PROCESSES}


def _plan(home: Path, text: str = "") -> instances.StartPlan:
    (home / "sotto.toml").write_text(text, "utf-8")
    return instances.plan(Installation(home))


def _names(plan: instances.StartPlan, kind: str) -> list[str]:
    return [one.name for one in plan.instances(BY_NAME[kind])]


class TestReplicas:
    def test_one_of_each_by_default(self, tmp_path: Path) -> None:
        """Without settings one of each kind starts, under the name of its kind.

        The console does where somebody can sign in to it.
        """
        plan = _plan(tmp_path)

        kinds = [name for name in BY_NAME if name != CONSOLE]
        assert [_names(plan, name) for name in kinds] == [[name] for name in kinds]
        assert _names(plan, CONSOLE) == []

    def test_several(self, tmp_path: Path) -> None:
        """The first has the name of its kind, the others have a number too."""
        plan = _plan(tmp_path, "[replicas]\nrelease = 3\nworker = 2\n")

        assert _names(plan, "release") == ["release", "release-2", "release-3"]
        assert _names(plan, "worker") == ["worker", "worker-2"]

    def test_from_the_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment goes before the file."""
        monkeypatch.setenv("SOTTO_REPLICAS", '{"release": 2}')

        assert len(_names(_plan(tmp_path, "[replicas]\nrelease = 3\n"), "release")) == 2

    def test_none_here(self, tmp_path: Path) -> None:
        """A service that runs elsewhere is not started, and its address goes to the others."""
        plan = _plan(
            tmp_path,
            '[replicas]\ntranscription = 0\n[addresses]\ntranscription = "10.0.0.7:4001"\n',
        )

        assert _names(plan, "transcription") == []
        assert plan.addresses == {"transcription": "10.0.0.7:4001"}

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("[replicas]\naudit = 2\n", "one writer"),
            ("[replicas]\nscheduler = 2\n", "one scheduler"),
            ("[replicas]\nreleases = 2\n", "no process"),
            ("[replicas]\nrelease = -1\n", "0 to 64"),
            ("[replicas]\nrelease = 65\n", "0 to 64"),
            ("[replicas]\nrelease = 0\n", "'addresses' does not say"),
            ('[replicas]\nrelease = 2\n[release]\nlisten = "10.0.0.7:4001"\n', "port 0"),
        ],
    )
    def test_that_cannot_be_are_refused(self, tmp_path: Path, text: str, told: str) -> None:
        """What cannot run so many times is refused before anything starts, with the reason."""
        with pytest.raises(WrongUse, match=told):
            _plan(tmp_path, text)

    @pytest.mark.parametrize(
        "text",
        [
            '[replicas]\naudit = 2\n[audit]\naudit_database = "host=db"\n',
            'audit_database = "host=db"\n[replicas]\naudit = 2\n',
        ],
    )
    def test_of_audit_over_postgresql(self, tmp_path: Path, text: str) -> None:
        """Over PostgreSQL the audit service may run more than once."""
        assert _names(_plan(tmp_path, text), "audit") == ["audit", "audit-2"]


class TestListen:
    def test_is_what_the_settings_say(self, tmp_path: Path) -> None:
        """A process listens where its own table says, the others on a free port of loopback."""
        plan = _plan(tmp_path, '[release]\nlisten = "10.0.0.7:4001"\n')

        assert [one.listen for one in plan.instances(BY_NAME["release"])] == ["10.0.0.7:4001"]
        assert [one.listen for one in plan.instances(BY_NAME["audit"])] == ["127.0.0.1:0"]
