# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest

from flows.cli import work_status
from flows.cli.work_status import WorkStatus
from services.common.installation import Installation
from tests.unit.flows.fake_prefect import FakePrefect

KNOWN = WorkStatus(
    waiting=0,
    running=0,
    seconds_left=0.0,
    queue="nothing waits",
    model="small",
    is_demo_model=False,
    invents=False,
    sandbox="seccomp, Landlock 7",
    prefect_pages="http://127.0.0.1:4200",
    login="log in with sotto: and the password in FILE",
    problem="",
)


class TestLines:
    def test_all_known(self) -> None:
        """People read the queue, the model, and where Prefect's pages are."""
        assert list(KNOWN.lines()) == [
            "Recordings: nothing waits",
            "Speech model: small",
            "Prefect: http://127.0.0.1:4200 (log in with sotto: and the password in FILE)",
        ]

    def test_demo_model_and_problem(self) -> None:
        """A model for the samples only, that it invents, and what could not be found out are
        said.
        """
        demo = replace(KNOWN, is_demo_model=True, problem="it is gone")
        told = list(demo.lines())

        assert "refuses other recordings" in told[1]
        assert "INVENTED" in list(replace(demo, invents=True).lines())[1]
        assert told[-1] == "Not all is known: it is gone"

    def test_no_model(self) -> None:
        """An installation has none until a site takes one; it is said what that means."""
        assert "none in use; recordings are refused" in list(replace(KNOWN, model="").lines())[1]

    @pytest.mark.parametrize("walls", ["seccomp", "Landlock 7", "nothing"])
    def test_a_weak_sandbox_is_said(self, walls: str) -> None:
        """Where the kernel lacks a wall, status names those that there are; else it is silent."""
        told = list(replace(KNOWN, sandbox=walls).lines())
        assert any(line.startswith(f"Sandbox: {walls}, which is less") for line in told)
        assert len(list(replace(KNOWN, sandbox="not known").lines())) == len(list(KNOWN.lines()))


class TestRead:
    def test_without_services(self, prefect: FakePrefect, installation: Installation) -> None:
        """What does not answer is not known, and takes nothing from what the others say."""
        found = work_status.read(installation)

        assert (found.waiting, found.running, found.seconds_left) == (-1, -1, None)
        assert found.prefect_pages == prefect.environment["PREFECT_API_URL"].removesuffix("/api")
        assert found.model == "not known"
        assert found.problem
