# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
from urllib.request import OpenerDirector, Request

import pytest

from flows import prefect_api
from flows.prefect_api import PrefectApi
from services.common.errors import Exhausted, NotFound, PermissionDenied, SottoError, Unavailable
from tests.unit.flows.fake_prefect import FakePrefect


@pytest.fixture
def api(prefect: FakePrefect) -> PrefectApi:
    """The API as commands call it."""
    return PrefectApi(prefect.environment)


class TestCreateRun:
    def test_once_for_a_key(self, prefect: FakePrefect, api: PrefectApi) -> None:
        """The same key again is the same run; the password travels with the call."""
        given = {"tags": ["t"], "idempotency_key": "k"}
        first = api.create_run("sweep", "one", {"a": 1}, **given)  # type: ignore[arg-type]
        second = api.create_run("sweep", "two", {"a": 1}, **given)  # type: ignore[arg-type]

        assert first == second
        assert [run["name"] for run in prefect.runs] == ["one"]
        credentials = base64.b64decode(prefect.authorization.removeprefix("Basic "))
        assert credentials == b"sotto:secret"

    def test_no_worker_yet(self, prefect: FakePrefect, api: PrefectApi) -> None:
        """Before a worker made the deployments there is nothing to start."""
        prefect.deployments.clear()

        with pytest.raises(NotFound, match="worker"):
            api.create_run("sweep", "one", {}, idempotency_key="k")


class TestActiveRuns:
    def test_all_pages(
        self, prefect: FakePrefect, api: PrefectApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All runs that are not over are found, however many there are."""
        monkeypatch.setattr(prefect_api, "_PAGE", 2)
        for number in range(5):
            prefect.add(f"run {number}", "RUNNING", tags=["a" if number % 2 else "b"])
        prefect.add("over", "COMPLETED")

        assert len(list(api.active_runs("sweep"))) == 5
        assert [run.name for run in api.active_runs("sweep", tags=["a"])] == ["run 1", "run 3"]


class TestCheck:
    def test_waits_longer_than_commands_do(
        self, api: PrefectApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A worker starts beside all other services; one that gave up would end them all."""
        given: list[float] = []
        really = OpenerDirector.open

        def opened(self: OpenerDirector, request: Request, timeout: float) -> object:
            given.append(timeout)
            return really(self, request, timeout=timeout)

        monkeypatch.setattr(OpenerDirector, "open", opened)
        list(api.active_runs("sweep"))
        api.check()

        assert given[-1] > given[0]


class TestFailures:
    @pytest.mark.parametrize(
        ("code", "kind"),
        [(401, PermissionDenied), (403, PermissionDenied), (404, NotFound), (500, Unavailable)],
    )
    def test_statuses(
        self, prefect: FakePrefect, api: PrefectApi, code: int, kind: type[SottoError]
    ) -> None:
        """Each status is an error of ours with advice."""
        prefect.codes = [code]

        with pytest.raises(kind):
            list(api.active_runs("sweep"))

    def test_busy(
        self, prefect: FakePrefect, api: PrefectApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A scheduler that is busy is asked again, and not for ever."""
        monkeypatch.setattr(prefect_api, "_PAUSES", (0.0, 0.0))
        prefect.codes = [503, 429]
        assert list(api.active_runs("sweep")) == []

        prefect.codes = [503] * 9
        with pytest.raises(Exhausted):
            list(api.active_runs("sweep"))
        assert len(prefect.calls) == 3 + 3

    def test_nobody_answers(self) -> None:
        """Where no scheduler is, the error says how to start one."""
        api = PrefectApi({"PREFECT_API_URL": "http://127.0.0.1:1/api"})

        with pytest.raises(Unavailable, match="sotto up"):
            list(api.active_runs("sweep"))
