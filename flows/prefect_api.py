# SPDX-License-Identifier: Apache-2.0
"""The few calls of Prefect's REST API that commands and flows make.

Commands must answer within a second, so they do without Prefect's own client, whose import alone
takes longer. The paths are those of Prefect 3 (docs.prefect.io, REST API reference).
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.common.errors import Exhausted, NotFound, PermissionDenied, SottoError, Unavailable

ACTIVE = ("SCHEDULED", "PENDING", "RUNNING", "CANCELLING")
"""Types of states of a run that is not over."""

_SECONDS = 10.0
# A worker starts beside all other services, and a busy machine's first answer may take long.
_START_SECONDS = 120.0
_PAGE = 200
_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)


@dataclass(frozen=True, slots=True)
class FlowRun:
    """A flow run as Prefect knows it."""

    id: str
    name: str
    state_type: str
    state_name: str
    created: dt.datetime
    parameters: Mapping[str, Any]
    tags: tuple[str, ...]

    @property
    def recordings(self) -> Sequence[Mapping[str, object]]:
        """The recordings that it was started for; none where somebody started it by hand."""
        found: Sequence[Mapping[str, object]] = self.parameters.get("recordings") or ()
        return found

    @property
    def is_active(self) -> bool:
        """Whether the run is not over."""
        return self.state_type in ACTIVE


class PrefectApi:
    """Prefect's API by the environment that `prefect_environment` returns."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._url = environment["PREFECT_API_URL"]
        self._headers = {"Content-Type": "application/json"}
        if auth := environment.get("PREFECT_API_AUTH_STRING"):
            token = base64.b64encode(auth.encode()).decode()
            self._headers["Authorization"] = f"Basic {token}"
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if self._url.startswith("https:"):  # loading authorities takes as long as a call
            authority = environment.get("PREFECT_API_SSL_CERT_FILE")
            context = ssl.create_default_context(cafile=authority)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._opener = urllib.request.build_opener(*handlers)

    def check(self) -> None:
        """Raise Unavailable or PermissionDenied where the API cannot be used, saying why.

        Waits long for an answer, as it is the first call of a worker.
        """
        self._call("GET", "/admin/version", seconds=_START_SECONDS)

    def create_run(
        self,
        deployment: str,
        name: str,
        parameters: Mapping[str, Any],
        *,
        idempotency_key: str,
        tags: Sequence[str] = (),
    ) -> FlowRun:
        """Start a run of a deployment as soon as a worker is free, and return it.

        A run with the same key is returned instead of a second one. Raises NotFound when no worker
        has made the deployment yet.
        """
        found = self._call("GET", f"/deployments/name/{deployment}/{deployment}")
        run = self._call(
            "POST",
            f"/deployments/{found['id']}/create_flow_run",
            {
                "name": name,
                "parameters": parameters,
                "tags": list(tags),
                "idempotency_key": idempotency_key,
            },
        )
        return _flow_run(run)

    def active_runs(self, deployment: str, *, tags: Sequence[str] = ()) -> Iterator[FlowRun]:
        """Yield the runs of a deployment that are not over; only those with one of the tags."""
        query: dict[str, Any] = {
            "flow_runs": {"state": {"type": {"any_": ACTIVE}}, "tags": {"any_": list(tags)}},
            "deployments": {"name": {"any_": [deployment]}},
            "sort": "ID_DESC",
            "limit": _PAGE,
            "offset": 0,
        }
        if not tags:
            del query["flow_runs"]["tags"]
        while True:
            page = self._call("POST", "/flow_runs/filter", query)
            for run in page:
                yield _flow_run(run)
            if len(page) < _PAGE:
                return
            query["offset"] += _PAGE

    def state_type(self, run_id: str) -> str:
        """Return the type of a run's state, such as "RUNNING"."""
        return str(self._call("GET", f"/flow_runs/{run_id}")["state_type"])

    def schedule(self, run_id: str, at: str, *, name: str) -> None:
        """Have a run that did not begin start at a time (ISO 8601); `name` is that of its state."""
        state = {"type": "SCHEDULED", "name": name, "state_details": {"scheduled_time": at}}
        self._call("POST", f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})

    def _call(
        self, method: str, path: str, content: object = None, *, seconds: float = _SECONDS
    ) -> Any:
        """Call the API, again where it is too busy; all that is called here may be repeated."""
        for pause in _PAUSES:
            try:
                return self._call_once(method, path, content, seconds)
            except Exhausted:
                time.sleep(pause)
        return self._call_once(method, path, content, seconds)

    def _call_once(self, method: str, path: str, content: object, seconds: float) -> Any:
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(  # noqa: S310 - the settings allow http and https alone
            self._url + path, data=data, headers=self._headers, method=method
        )
        try:
            with self._opener.open(request, timeout=seconds) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise _problem(error.code) from error
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"the scheduler cannot be reached at {self._url}; see 'sotto status', or start it"
                " with: sotto up. Where it is the hospital's own Prefect server, check"
                " prefect_api_url and prefect_api_ca"
            ) from error


def _problem(code: int) -> SottoError:
    if code in (401, 403):
        return PermissionDenied(
            "the scheduler did not accept our password; see prefect_api_auth in docs/settings.md"
        )
    if code == 404:
        return NotFound("the scheduler does not know this deployment yet; is a worker running?")
    if code in (429, 503):
        return Exhausted("the scheduler has too much to do now; try again")
    return Unavailable(f"the scheduler answered with HTTP status {code}; see its log, try again")


def _flow_run(run: Mapping[str, Any]) -> FlowRun:
    return FlowRun(
        id=str(run["id"]),
        name=str(run["name"]),
        state_type=str(run["state_type"]),
        state_name=str(run["state_name"]),
        created=dt.datetime.fromisoformat(run["created"]),
        parameters=run["parameters"],
        tags=tuple(run["tags"]),
    )
