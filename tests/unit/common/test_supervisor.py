# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import json
import os
import stat
from pathlib import Path

import pytest

from services.common import supervisor
from services.common.errors import Unavailable, WrongUse
from services.common.installation import Installation
from services.common.supervisor import ALL, Supervisor, in_start_order
from services.registry import identities, processes


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """Return an installation in which nothing ran yet."""
    return Installation(tmp_path / "home")


class TestStartOrder:
    @pytest.mark.parametrize("names", [*itertools.combinations(ALL, 1), ("worker", "audit"), ALL])
    def test_needs_come_first(self, names: tuple[str, ...]) -> None:
        """Everything that a unit needs is started with it, and before it."""
        order = [unit.name for unit in in_start_order(names)]

        assert set(names) <= set(order)
        assert len(order) == len(set(order))
        for unit in processes.PROCESSES:
            if unit.name in order:
                place = order.index(unit.name)
                assert all(order.index(need) < place for need in unit.needs)

    def test_nothing_more_is_started(self) -> None:
        """What is not needed stays down."""
        assert [unit.name for unit in in_start_order([identities.CLINICAL])] == [
            identities.AUDIT,
            identities.CLINICAL,
        ]

    def test_every_service_is_a_unit(self) -> None:
        """Every service with a certificate of its own can be started."""
        assert set(processes.SERVICES) <= set(ALL)


class TestLock:
    def test_home_has_one_owner(self, installation: Installation) -> None:
        """A second supervisor of the same home is told so, until the first is gone."""
        first = Supervisor(installation)
        with pytest.raises(Unavailable, match="runs already") as caught:
            Supervisor(installation)
        assert caught.value.reason == "running"
        first.close()
        Supervisor(installation).close()

    def test_homes_do_not_disturb_each_other(
        self, installation: Installation, tmp_path: Path
    ) -> None:
        """Two homes on one machine have two owners."""
        first, second = Supervisor(installation), Supervisor(Installation(tmp_path / "other"))
        first.close()

        assert supervisor.is_owned(second.installation)
        second.close()

    def test_looking_takes_nothing(self, installation: Installation) -> None:
        """Asking whether a home is owned neither makes it nor owns it."""
        assert not supervisor.is_owned(installation)
        assert not installation.root.exists()

        owner = Supervisor(installation)
        assert supervisor.is_owned(installation)
        owner.close()
        assert not supervisor.is_owned(installation)

    def test_home_that_is_a_file(self, tmp_path: Path) -> None:
        """A file in the place of a home is wrong use, not a home where nothing runs."""
        (tmp_path / "file").touch()

        with pytest.raises(WrongUse, match="--home"):
            supervisor.state(Installation(tmp_path / "file"))


class TestState:
    def _left_behind(self, installation: Installation) -> None:
        text = json.dumps({"pid": os.getpid(), "addresses": {"audit": "127.0.0.1:1"}})
        (installation.make_folder("run") / "state.json").write_text(text, "utf-8")

    def test_of_a_dead_supervisor_is_none(self, installation: Installation) -> None:
        """What a killed supervisor left behind counts for nothing."""
        self._left_behind(installation)

        assert supervisor.state(installation) is None

    def test_of_a_dead_supervisor_is_not_taken_for_the_next(
        self, installation: Installation
    ) -> None:
        """While the next one is starting, the addresses of the last are not handed out."""
        self._left_behind(installation)
        owner = Supervisor(installation)

        assert supervisor.state(installation) is None
        owner.close()

    def test_half_written_is_none(self, installation: Installation) -> None:
        """A state that cannot be read is no state."""
        owner = Supervisor(installation)
        (installation.run / "state.json").write_text("{", "utf-8")

        assert supervisor.state(installation) is None
        owner.close()


class TestPrepare:
    def test_everybody_gets_a_certificate(self, installation: Installation) -> None:
        """Services and clients get certificates; folders are 0700 and keys 0600."""
        supervisor.prepare(installation)

        for name in (*processes.SERVICES, *identities.CLIENTS):
            assert stat.S_IMODE((installation.pki / name / "key.pem").stat().st_mode) == 0o600
        for path in installation.root.rglob("*"):
            assert path.is_file() or stat.S_IMODE(path.stat().st_mode) == 0o700


class TestLastWords:
    def test_what_is_for_people(self, tmp_path: Path) -> None:
        """The reason of a service that does not start is told; records of its log are not."""
        log = tmp_path / "audit.log"
        assert supervisor._last_words(log) == ""
        log.write_text('{"event": "starting"}\nlog.key is missing: restore it\n')
        assert supervisor._last_words(log) == "log.key is missing: restore it"
        log.write_text('log.key is missing\n{"event": "service_stopped"}\n')
        assert supervisor._last_words(log) == ""
