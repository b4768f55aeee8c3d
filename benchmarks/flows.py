# SPDX-License-Identifier: Apache-2.0
"""What orchestration adds to the stages, and what an idle installation costs.

    python benchmarks/flows.py [--transcripts 100] [--recordings 4] [--idle 60]

Starts a whole installation on an S3 server (VersityGW) of its own. Seals transcripts of a dozen
turns, and the sample recordings, and has each set processed from the moment that its runs are
started. The stages' own times are those between intent and outcome in the audit log. Then it leaves
the installation idle. Prints one JSON object a line.

`added_s` is wall time times the runs at once, less the sum of the stages, for each recording; the
aim is 1 s and 2 % of the stages. It holds the time until a worker asks for runs. Requests are
counted in the S3 server's access log, processor time is that of the worker, the scheduler and what
they started. Needs no network once VersityGW is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from flows.cli.waiting import wait_for
from flows.settings import settings_of
from flows.submit import submit
from services.common import context
from services.common.installation import Installation
from services.common.paging import pages
from services.common.supervisor import Supervisor
from services.intake import source_files
from services.registry import identities
from services.registry.events import Event
from services.registry.processes import SCHEDULER, WORKER
from services.studies import studies, study_file
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.storage.v1 import recording_pb2
from tests.support import s3, speech_model
from tests.support.deployment import ROOT, SAMPLES
from tests.support.speaking import PERSON, SpeakingPeers

STUDY = "bench"
SESSIONS = 5  # interviews of each participant, which are worked on one after the other
TURNS = 12
STAGES = (Event.RECORDING_TRANSCRIBED, Event.TRANSCRIPT_DEIDENTIFIED, Event.REVIEW_RULE_APPLIED)
ADDED_AIM_S, ADDED_AIM_SHARE = 1.0, 0.02


def main() -> None:
    """Run both sets and the idle time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transcripts", type=int, default=100)
    parser.add_argument("--recordings", type=int, default=4)
    parser.add_argument("--idle", type=float, default=60.0, help="seconds")
    given = parser.parse_args()
    os.environ.setdefault(speech_model.SETTING, str(speech_model.DEMO_FOLDER))
    with tempfile.TemporaryDirectory(prefix="sotto-bench-") as folder:
        root = Path(folder)
        with s3.running("versitygw", root / "s3") as server:
            installation = Installation(root / "home")
            installation.root.mkdir(mode=0o700)
            (installation.root / "sotto.toml").write_text(_settings(server), "utf-8")
            supervisor = Supervisor(installation)
            try:
                supervisor.start()
                bench = FlowsBenchmark(installation, supervisor, server)
                if given.transcripts:
                    bench.measure("transcripts", bench.transcripts(given.transcripts))
                if given.recordings:
                    bench.measure("recordings", bench.recordings(given.recordings))
                bench.idle(given.idle)
            finally:
                supervisor.close()


class FlowsBenchmark:
    """An installation, and what was sealed in it."""

    def __init__(
        self, installation: Installation, supervisor: Supervisor, server: s3.S3Server
    ) -> None:
        self._installation = installation
        self._supervisor = supervisor
        self._server = server
        pki, addresses = installation.pki, supervisor.addresses
        self._operator = SpeakingPeers(pki, identities.OPERATOR, addresses)
        self._compliance = SpeakingPeers(pki, identities.COMPLIANCE, addresses)
        self._at_once = settings_of(installation).recordings_at_once

    def transcripts(self, count: int) -> list[recording_pb2.RecordingRef]:
        """Seal transcripts, each another one, of several sessions a participant."""
        turns = (
            (ROOT / "flows/demo/samples/interview-d.txt").read_text("utf-8").splitlines()[:TURNS]
        )
        codes = [f"T{number // SESSIONS:03}" for number in range(count)]
        self._create_study(codes)
        sealed = []
        for number, code in enumerate(codes):
            path = self._server.root / f"{number}.txt"
            path.write_text("\n".join([*turns, f"P: That was talk number {number}."]), "utf-8")
            sealed.append(self._seal(path, code, number % SESSIONS + 1))
        return sealed

    def recordings(self, count: int) -> list[recording_pb2.RecordingRef]:
        """Seal the sample recordings, in turn, each of another participant."""
        samples = sorted(SAMPLES.glob("*.ogg"))
        codes = [f"R{number:03}" for number in range(count)]
        self._create_study(codes)
        return [
            self._seal(samples[number % len(samples)], code, 1) for number, code in enumerate(codes)
        ]

    def measure(self, what: str, sealed: Sequence[recording_pb2.RecordingRef]) -> None:
        """Have recordings processed, and say how long it took beside the stages."""
        since, began = time.time(), time.monotonic()
        with self._acting():
            runs = submit(self._installation, self._operator, sealed)
            settled = wait_for(self._operator, self._installation, sealed)
        wall = time.monotonic() - began
        failed = [one.message for one in settled.values() if one.state == "failed"]
        stages = self._stage_seconds(since)
        total = sum(sum(times) for times in stages.values())
        places = min(self._at_once, runs)
        added = (wall * places - total) / len(sealed)
        _say(
            what=what,
            count=len(sealed),
            failed=len(failed),
            runs=runs,
            at_once=places,
            wall_s=wall,
            stages_s=total,
            stages_by_name_s={name: round(sum(times), 3) for name, times in stages.items()},
            wall_over_ideal=wall * places / total,
            added_s=added,
            added_aim_s=ADDED_AIM_S + ADDED_AIM_SHARE * total / len(sealed),
        )

    def idle(self, seconds: float) -> None:
        """Leave the installation alone, and say what it costs."""
        log = self._server.access_log
        requests, used, began = _lines(log), self._processor_seconds(), time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - began
        used = self._processor_seconds() - used
        _say(
            what="idle",
            seconds=passed,
            worker_and_scheduler_core_share=used / passed,
            store_requests_a_minute=(_lines(log) - requests) / passed * 60,
        )

    def _create_study(self, codes: Sequence[str]) -> None:
        study = study_file.StudyFile(
            id=STUDY,
            title="Orchestration",
            languages=("en", "ms"),
            policy="research-default",
            review=study_file.ReviewMode.AUTOMATIC,
            participants=tuple(dict.fromkeys(codes)),
        )
        with self._acting():
            studies.create(self._operator, study, "")

    def _seal(self, path: Path, code: str, session: int) -> recording_pb2.RecordingRef:
        with self._acting():
            ref, _existed = source_files.seal(
                self._operator, source_files.examine(path), STUDY, code, session
            )
        return ref

    def _acting(self) -> contextlib.AbstractContextManager[context.CallContext]:
        return context.acting(person=PERSON, role=identities.OPERATOR, purpose="research")

    def _stage_seconds(self, since: float) -> dict[str, list[float]]:
        """Return the seconds between intent and outcome of each stage since a time (Unix)."""
        found: dict[str, list[float]] = {}
        for event in STAGES:
            begun: dict[int, float] = {}
            for entry in self._entries(event, since):
                moment = entry.time.ToNanoseconds() / 1e9
                if entry.event.phase == entry_pb2.PHASE_INTENT:
                    begun[entry.index] = moment
                elif entry.event.intent_index in begun:
                    took = moment - begun[entry.event.intent_index]
                    found.setdefault(event.value, []).append(took)
        return found

    def _entries(self, event: Event, since: float) -> Iterator[entry_pb2.Entry]:
        stub = audit_service_pb2_grpc.AuditQueryServiceStub(
            self._compliance.channel(identities.AUDIT)
        )
        wanted = entry_pb2.EntryFilter(name=event.value)
        wanted.since.FromNanoseconds(int(since * 1e9))

        def fetch(token: str) -> entry_pb2.ListEntriesResponse:
            return stub.ListEntries(
                entry_pb2.ListEntriesRequest(page_size=1000, page_token=token, filter=wanted)
            )

        for page in pages(fetch):
            yield from page.entries

    def _processor_seconds(self) -> float:
        """Return what worker, scheduler and their children used so far."""
        used = 0.0
        processes = self._supervisor._processes  # noqa: SLF001 - to measure them
        for name in (WORKER, SCHEDULER):
            own = psutil.Process(processes[name].pid)
            for process in (own, *own.children(recursive=True)):
                times = process.cpu_times()
                used += times.user + times.system
        return used


def _settings(server: s3.S3Server) -> str:
    """Return the settings of an installation whose zones have a bucket each."""
    zones = "".join(
        f'[{zone}]\ns3_bucket = "{server.zone_bucket()}"\n'
        for zone in (identities.CLINICAL, identities.RESEARCH)
    )
    return (
        f'storage = "s3"\ns3_endpoint = "{server.endpoint}"\n'
        f's3_credentials = "{server.credentials()}"\n{zones}'
    )


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _say(**facts: object) -> None:
    rounded = {
        key: round(value, 3) if isinstance(value, float) else value for key, value in facts.items()
    }
    sys.stdout.write(json.dumps(rounded) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
