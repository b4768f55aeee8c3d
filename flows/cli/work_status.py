# SPDX-License-Identifier: Apache-2.0
"""What `sotto status` says of the work: queue, forecast, speech model, Prefect's pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.settings import api_url, login_hint, settings_of
from services.common.client_session import connected
from services.common.errors import SottoError
from services.common.installation import Installation
from services.recordings_client import work
from services.registry import identities
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

_NO_PAGES = "unknown"
_NOT_KNOWN = "not known"
_NO_MODEL = (
    "none in use; recordings are refused until one is fetched (sotto models pull base) and Sotto"
    " was started again"
)


@dataclass(frozen=True, slots=True)
class WorkStatus:
    """The work of an installation that is up; `problem` says what could not be found out.

    Counts are of recordings; -1 and None where they are not known.
    """

    waiting: int
    running: int
    seconds_left: float | None
    queue: str
    model: str
    is_demo_model: bool
    invents: bool
    sandbox: str
    prefect_pages: str
    login: str
    problem: str

    def lines(self) -> Iterator[str]:
        """Yield what people read of it."""
        yield f"Recordings: {self.queue}"
        yield f"Speech model: {self.model or _NO_MODEL}{self._demo_note()}"
        if self._is_weak:
            yield (
                f"Sandbox: {self.sandbox}, which is less than it should be; see"
                " docs/operations.md, what the kernel has to offer"
            )
        yield _pages_line(self.prefect_pages, self.login)
        if self.problem:
            yield f"Not all is known: {self.problem}"

    @property
    def _is_weak(self) -> bool:
        """Whether a wall is known to be missing around what reads files from outside."""
        whole = all(wall in self.sandbox for wall in ("seccomp", "Landlock"))
        return not whole and self.sandbox != _NOT_KNOWN

    def _demo_note(self) -> str:
        if not self.is_demo_model:
            return ""
        if self.invents:
            return (
                " (a demo model, which by the setting demo_model_invents writes INVENTED words for"
                " all but recordings of the tests)"
            )
        return (
            " (a demo model: it knows recordings of the tests and refuses other recordings; see:"
            " sotto models pull --help)"
        )


def pages_line(installation: Installation) -> str:
    """Return where Prefect's pages of an installation that is up are, and how to log in."""
    settings = settings_of(installation)
    return _pages_line(api_url(settings).removesuffix("/api"), login_hint(settings))


def _pages_line(address: str, login: str) -> str:
    return f"Prefect: {address}" + (f" ({login})" if login else "")


def read(installation: Installation) -> WorkStatus:
    """Ask the store and transcription, bearing that one of them does not answer."""
    settings = settings_of(installation)
    problems: list[str] = []
    queue: work.WorkQueue | None = None
    engine = transcription_pb2.DescribeEngineResponse(model=_NOT_KNOWN)
    pages = _NO_PAGES
    try:
        pages = api_url(settings).removesuffix("/api")
    except SottoError as error:
        problems.append(error.message)
    try:
        with connected(installation, identities.OPERATOR, ()) as peers:
            queue = work.read(peers).queue
    except SottoError as error:
        problems.append(error.message)
    try:
        with connected(installation, identities.OPERATOR, ()) as peers:
            engine = transcription_service_pb2_grpc.TranscriptionServiceStub(
                peers.channel(identities.TRANSCRIPTION)
            ).DescribeEngine(transcription_pb2.DescribeEngineRequest(), timeout=10.0)
    except SottoError as error:
        problems.append(error.message)
    return WorkStatus(
        waiting=queue.waiting if queue else -1,
        running=queue.running if queue else -1,
        seconds_left=queue.seconds_left if queue else None,
        queue=queue.label if queue else _NOT_KNOWN,
        model=engine.model,
        is_demo_model=engine.demo,
        invents=engine.invents,
        sandbox=engine.sandbox or _NOT_KNOWN,
        prefect_pages=pages,
        login=login_hint(settings),
        problem="; ".join(dict.fromkeys(problems)),
    )
