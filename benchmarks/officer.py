# SPDX-License-Identifier: Apache-2.0
"""Measures the pages of a compliance officer over a large log.

    python benchmarks/officer.py [--entries 200000] [--months 1] [--folder FOLDER] [--only PAGE]

A log of recordings that came in, were transcribed, reviewed sound by sound, released and handed
out is written by the domain of the audit service, a batch at a time. The service then runs over it
as a process of its own, with certificates; the console runs in this process and is asked as a
browser asks it. Prints a JSON line: for each page seconds, and seconds of processors that console
and service took for it, which other work on the machine does not change; the first time and, where
that is short, the second. With --months the log covers so many months up to now, and not this one
alone. PAGE names the pages to measure by how they begin, such as "evidence". FOLDER keeps the log
for another run. What services log goes to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

import grpc

from services.audit_evidence.entry import DraftEntry, Outcome, Phase, ReportedEvent
from services.common import identity, logging
from services.common.client import Peers
from services.common.delegation import PRIVATE_KEY, Delegate, ensure_keys
from services.registry.events import Event
from services.registry.identities import AUDIT, CLINICAL, COMPLIANCE, CONSOLE, RESEARCH
from sotto.storage.v1 import catalog_pb2
from sotto.study.v1 import study_pb2
from tests.support.audit import CLIENTS, AuditDeployment, LogFixture, issue_certificates
from tests.support.compliance_desk import Zone
from tests.support.console import Desk
from tests.support.in_process import InProcessChannel

_STUDY = "recovery-2026"
_CLIPS = 85  # of a transcript: a sound for each doubtful place
_RELEASED_TOGETHER = 25
_BATCH = 500
_MONTH_NS = 30 * 86_400 * 10**9
_LONG_SECONDS = 10  # what takes longer is measured once


def acts(entries: int) -> Iterator[DraftEntry]:
    """Yield entries as the services write them, of so many recordings as it takes."""
    written = 0
    recording = 0
    while written < entries:
        for draft in _story(recording):
            if written == entries:
                return
            yield draft
            written += 1
        recording += 1


def name_of(recording: int) -> str:
    """Return the id of a recording."""
    return f"rec-{_letters(recording)}"


def _letters(number: int) -> str:
    """Return a number as the letters that ids are made of."""
    return f"{number:026}".translate(str.maketrans("0123456789", "abcdefghij"))


def _story(number: int) -> Iterator[DraftEntry]:
    """Yield what is done with a recording, from the inbox on; every so often with a release."""
    recording, code = name_of(number), f"P{number % 400 + 1:03}"
    run = f"{recording}/{'0' * 32}"
    own = {"study_id": _STUDY, "participant": code}
    reviewer = {"person": f"reviewer{number % 6}", "role": "reviewer", "purpose": "review"}
    yield _entry(
        Event.RECORDING_SEALED, CLINICAL, object=recording, attributes={"session": "1"}, **own
    )
    yield _entry(
        Event.RECORDING_READ, CLINICAL, object=recording, caller="transcription",
        request_id=f"{number:08x}a", **own,
    )  # fmt: skip
    yield _entry(
        Event.TRANSCRIPT_READ, CLINICAL, object=run, caller="deidentification",
        request_id=f"{number:08x}a", **own,
    )  # fmt: skip
    yield _entry(
        Event.TRANSCRIPT_REVIEWED, "release", object=recording, caller=CONSOLE,
        request_id=f"{number:08x}b", **reviewer, **own,
    )  # fmt: skip
    for at in range(_CLIPS):
        yield _entry(
            Event.CLIP_CUT, "transcription", object=recording, caller=CONSOLE,
            request_id=f"{number:08x}c{at:02x}", **reviewer, **own,
        )  # fmt: skip
    yield _entry(
        Event.TRANSCRIPT_APPROVED, "release", object=recording, caller=CONSOLE,
        request_id=f"{number:08x}d", **reviewer, **own,
    )  # fmt: skip
    if number % _RELEASED_TOGETHER == _RELEASED_TOGETHER - 1:
        yield from _release(number)


def _release(newest: int) -> Iterator[DraftEntry]:
    release, request = f"rel-{_letters(newest)}", f"{newest:08x}e"
    operator = {"person": "faiz", "role": "operator", "request_id": request}
    for number in range(newest - _RELEASED_TOGETHER + 1, newest + 1):
        own = {"study_id": _STUDY, "participant": f"P{number % 400 + 1:03}", **operator}
        read = f"{name_of(number)}/{'0' * 32}"
        yield _entry(Event.TRANSCRIPT_READ, RESEARCH, object=read, caller="release", **own)
        for kind in ("txt", "docx"):
            file = f"{release}/{kind}/{own['participant']}_S{number}.{kind}"
            yield _entry(Event.BUNDLE_FILE_SEALED, RESEARCH, object=file, caller="release", **own)
    yield _entry(Event.BUNDLE_SEALED, RESEARCH, object=release, study_id=_STUDY, **operator)
    yield _entry(
        Event.RELEASE_EXPORTED, "release", object=_STUDY, study_id=_STUDY, caller=CONSOLE,
        person="mei", role="researcher", request_id=f"{newest:08x}f",
        attributes={"release_id": release, "format": "docx"},
    )  # fmt: skip


def _entry(event: Event, service: str, **fields: object) -> DraftEntry:
    zone = {CLINICAL: "clinical", "transcription": "clinical"}.get(service, "research")
    told = ReportedEvent(event.value, Phase.FACT, Outcome.SUCCESS, zone=zone, **fields)  # type: ignore[arg-type]
    return DraftEntry(told, service)


class _Study(Zone):
    """A zone with the study of this log."""

    def ListStudies(self, _request: Any, _context: object) -> catalog_pb2.ListStudiesResponse:
        """Name the study."""
        return catalog_pb2.ListStudiesResponse(study_ids=[_STUDY])

    def GetStudy(self, _request: Any, _context: object) -> catalog_pb2.GetStudyResponse:
        """Describe it."""
        codes = [f"P{number:03}" for number in range(1, 401)]
        return catalog_pb2.GetStudyResponse(study=study_pb2.Study(id=_STUDY, participants=codes))


def processor_seconds(process: int) -> float:
    """Return the processor time of this process and of another one (proc(5), stat)."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def measured(desk: Desk, service: int, only: str = "") -> dict[str, list[tuple[float, float]]]:
    """Return seconds, and those of processors, of each page: the first time, and the second."""
    officer = desk.signed_in("aminah", COMPLIANCE)

    def follow(path: str, **form: str) -> str:
        answer = officer.post(path, data=form)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def show(path: str) -> None:
        answer = officer.get(path)
        assert answer.status_code == 200, answer.text

    def make(path: str, **form: str) -> None:
        answer = officer.post(path, data=form)
        assert answer.status_code == 200, answer.text

    month = f"{time.strftime('%Y-%m', time.gmtime())}"
    period = {"since": "2020-01-01", "until": "2999-01-01"}
    pages: dict[str, Callable[[], None]] = {
        "log": lambda: show("/log"),
        "log, oldest entries": lambda: show("/log?after=60"),
        "log, of a participant": lambda: show(follow("/log", participant="P007")),
        "log, hand-outs": lambda: show(follow("/log", kind="disclose")),
        "log, refusals, of which there are none": lambda: show(
            follow("/log", outcome="denied", kind="without")
        ),
        "log, nothing is found": lambda: show(
            follow("/log", participant="P007", person="mei", kind="without")
        ),
        "an entry with its proof": lambda: show("/log/1000"),
        "who saw a participant": lambda: show(
            follow("/participants", study=_STUDY, participant="P007")
        ),
        "chain of custody": lambda: show(f"/custody/{name_of(3)}"),
        "verification, the page": lambda: show("/verification"),
        "verification, of the log": lambda: make("/verification"),
        "evidence of a month": lambda: make(
            "/evidence", month=month, **{"language": "en", "as": "page"}
        ),
        "evidence of a month, PDF": lambda: make(
            "/evidence", month=month, **{"language": "en", "as": "pdf"}
        ),
        "breach report, a person": lambda: make(
            "/evidence/breach", subject="mei", **period, **{"language": "en", "as": "page"}
        ),
        "copy of the log": lambda: make("/log/copy"),
    }
    found: dict[str, list[tuple[float, float]]] = {}
    for name, page in pages.items():
        if not name.startswith(only):
            continue
        for _ in range(2):
            began, used = time.perf_counter(), processor_seconds(service)
            page()
            took, worked = time.perf_counter() - began, processor_seconds(service) - used
            found.setdefault(name, []).append((round(took, 2), round(worked, 2)))
            if worked > _LONG_SECONDS:
                break
        print(name, found[name], file=sys.stderr, flush=True)
    return found


def _clock(entries: int, months: int) -> Callable[[], int]:
    """Return a clock by which a log of so many entries takes so many months, up to now."""
    now = time.time_ns()
    step = months * _MONTH_NS * _BATCH // entries if months > 1 else 0
    times = iter(range(now - step * (entries // _BATCH), now, step or 1))
    return lambda: next(times, time.time_ns())


def measure(home: Path, entries: int, months: int, only: str) -> dict[str, object]:
    """Write the log where it is missing, and measure over it."""
    home.mkdir(parents=True, exist_ok=True)
    log = LogFixture(home / "audit", clock=_clock(entries, months))
    began = time.perf_counter()
    if not log.log.snapshot.size:
        told = acts(entries)
        while drafts := list(islice(told, _BATCH)):
            log.log.commit(drafts)
    size = log.log.snapshot.size
    log.close()
    wrote = round(time.perf_counter() - began, 1)
    issue_certificates(home, (*CLIENTS, CONSOLE))
    ensure_keys(home / "pki")
    service = AuditDeployment(home)
    service.start()
    peers = Peers(identity.load(home / "pki" / CONSOLE), {AUDIT: service.address})
    zones = {name: _Study(name.removeprefix("storage-")) for name in (CLINICAL, RESEARCH)}
    names = ("CatalogReader", "Erasure", "RetentionCalendar", "Hold")

    def channel(name: str) -> grpc.Channel:
        if name == AUDIT:
            return peers.channel(AUDIT)
        return InProcessChannel.to({f"sotto.storage.v1.{one}Service": zones[name] for one in names})

    delegate = Delegate(home / "pki" / CONSOLE / PRIVATE_KEY)
    with contextlib.ExitStack() as stack:
        stack.callback(service.stop)
        stack.callback(peers.close)
        accounts = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        desk = stack.enter_context(Desk(accounts, channel=channel, assertions=delegate))
        assert service.process is not None
        seconds = measured(desk, service.process.pid, only)
    return {"entries": size, "months": months, "seconds_to_write": wrote, "seconds": seconds}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=200_000)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    logging.configure("console", fmt="json", level="warning", stream=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        home = asked.folder or Path(folder)
        print(json.dumps(measure(home, asked.entries, asked.months, asked.only)))


if __name__ == "__main__":
    main()
