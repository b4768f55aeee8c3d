# SPDX-License-Identifier: Apache-2.0
"""Asks the parts of an installation how they are. One that does not answer takes no other away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from services.common.client import Channels
from services.common.errors import SottoError
from services.recordings_client import work
from services.recordings_client.work import Work, duration
from services.registry import identities
from services.registry.processes import SERVICES
from services.upkeep_client import certificates, log_facts, stores
from services.upkeep_client.facts import Fact, Part, Tone, ago, minute
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import work_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

_SECONDS = 5.0
_WALLS = ("seccomp", "Landlock")


def read(peers: Channels, now: dt.datetime, own: Sequence[Fact] = ()) -> list[Part]:
    """Return all parts; `own` is what whoever asks knows of its own certificate."""
    told = cache(lambda: work.read(peers))
    looks: Sequence[tuple[str, str, Callable[[], Iterator[Fact]]]] = (
        ("workers", "Workers", lambda: _workers(told(), now)),
        ("queue", "Queue", lambda: _queue(told())),
        ("clinical", "Clinical store", lambda: stores.store(peers, identities.CLINICAL, now)),
        ("research", "Research store", lambda: stores.store(peers, identities.RESEARCH, now)),
        ("log", "Audit log", lambda: log_facts.log(peers, now)),
        ("backups", "Backups", lambda: log_facts.backups(peers, now)),
        ("transcription", "Transcription", lambda: _transcription(peers)),
        ("deidentification", "De-identification", lambda: _deidentification(peers)),
    )
    found = [_part(*one) for one in looks]
    processes = [one for name in SERVICES for one in certificates.of_service(peers, name, now)]
    try:
        processes += certificates.of_workers(told(), now)
    except SottoError as error:
        processes.append(Fact("worker", "unknown: {why}", {"why": error.message}, tone=Tone.DOUBT))
    return [*found, Part("processes", "Processes and certificates", [*processes, *own])]


def _part(key: str, name: str, look: Callable[[], Iterator[Fact]]) -> Part:
    try:
        return Part(key, name, tuple(look()))
    except SottoError as error:
        return Part(key, name, fault=error.message)


def _workers(now_at_work: Work, now: dt.datetime) -> Iterator[Fact]:
    if not any(one.state == work_pb2.WORKER_STATE_ALIVE for one in now_at_work.workers):
        yield Fact(
            "alive", "none", tone=Tone.BAD,
            advice="Nothing goes on without one. Start the services: sotto up. Where they run,"
            " look at the log of the worker.",
        )  # fmt: skip
    for one in now_at_work.workers:
        yield _worker(one, now_at_work, now)


def _worker(one: work_pb2.Worker, told: Work, now: dt.datetime) -> Fact:
    noted = one.noted_at.ToDatetime(dt.UTC)
    values: dict[str, object] = {
        "started": minute(one.started_at.ToDatetime(dt.UTC)),
        "noted": minute(noted),
        "ago": ago(noted, now),
        "done": one.recordings_done,
        "held": sum(held.worker == one.name for held in told.recordings),
    }
    at_work = [held.held.ref.recording_id for held in told.recordings if _is_at(held, one)]
    values["doing"] = ", ".join(at_work)
    if one.state == work_pb2.WORKER_STATE_STOPPED:
        return Fact(one.name, "stopped in good order at {noted} UTC, {ago} ago", values)
    if one.state == work_pb2.WORKER_STATE_SILENT:
        text = "silent since {noted} UTC, {ago} ago"
        if at_work:
            text = "silent since {noted} UTC, {ago} ago, when it worked on {doing}"
        return Fact(
            one.name, text, values, Tone.BAD,
            "It died, hangs, or does not reach the store. Another worker takes up what it held by"
            " itself; where this one does not come back, look at its log.",
        )  # fmt: skip
    text = "idle, alive since {started} UTC; recordings done: {done}"
    if at_work:
        text = "works on {doing}, alive since {started} UTC; recordings done: {done}"
    return Fact(one.name, text, values, Tone.GOOD)


def _is_at(held: work_pb2.RecordingWork, one: work_pb2.Worker) -> bool:
    return held.worker == one.name and not held.held.place


def _queue(now: Work) -> Iterator[Fact]:
    queue = now.queue
    yield Fact("in progress", "{count}", {"count": queue.running})
    yield Fact("waiting", "{count}", {"count": queue.waiting})
    if not queue.running + queue.waiting:
        return
    if queue.seconds_left is not None:
        yield Fact("all is done in", "about {time}", {"time": duration(queue.seconds_left)})
    elif not queue.places:
        yield Fact("all is done in", "unknown: no worker is alive", tone=Tone.BAD)
    else:
        yield Fact("all is done in", "unknown: no recording was done in the last day")
    if queue.seconds_each is not None:
        yield Fact("pace", "{time} for a recording", {"time": duration(queue.seconds_each)})


def _transcription(peers: Channels) -> Iterator[Fact]:
    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        peers.channel(identities.TRANSCRIPTION)
    )
    told = stub.DescribeEngine(transcription_pb2.DescribeEngineRequest(), timeout=_SECONDS)
    if not told.model:
        yield Fact(
            "speech model", "none", tone=Tone.BAD,
            advice="No recording is heard without one. Bring one: sotto models pull base",
        )  # fmt: skip
    elif told.demo:
        yield Fact(
            "speech model", "{model}, a demo model", {"model": told.model}, Tone.DOUBT,
            "It refuses recordings that it does not know. Bring a real one: sotto models pull base",
        )  # fmt: skip
    else:
        yield Fact("speech model", "{model}", {"model": told.model})
    yield Fact("engine", "{version}", {"version": told.engine})
    whole = all(wall in told.sandbox for wall in _WALLS)
    yield Fact(
        "sandbox", "{walls}", {"walls": told.sandbox},
        Tone.PLAIN if whole else Tone.DOUBT,
        "" if whole else "A wall is missing: see docs/operations.md, what the kernel has to offer.",
    )  # fmt: skip


def _deidentification(peers: Channels) -> Iterator[Fact]:
    stub = deidentification_service_pb2_grpc.DeidentificationServiceStub(
        peers.channel(identities.DEIDENTIFICATION)
    )
    told = stub.DescribeEngine(deidentification_pb2.DescribeEngineRequest(), timeout=_SECONDS)
    for name, version in sorted(told.versions.items()):
        yield Fact(name, "{version}", {"version": version})
