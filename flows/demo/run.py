# SPDX-License-Identifier: Apache-2.0
"""Takes the sample interviews the whole way, twice, and checks what came of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from flows import catalog, exporting, intake, studies, study_file
from flows.cli.waiting import wait_for
from flows.demo import checks, samples
from services.common import context, identity, logging, supervisor
from services.common.client import Peers
from services.common.errors import Internal
from services.common.installation import Installation
from services.registry import identities
from sotto.release.v1 import release_pb2, release_service_pb2_grpc
from sotto.storage.v1 import segment_pb2, segment_service_pb2_grpc

STUDY = "demo"
FORMATS = ("txt", "docx", "vtt", "jsonl")


@dataclass(frozen=True, slots=True)
class Report:
    """What the demonstration did and found."""

    recordings: list[catalog.RecordingStatus]
    release_id: str
    exports: Path
    checks: list[checks.Check]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)


def run(home: Installation, work: Path, person: str, say: supervisor.Say) -> Report:
    """Run the demonstration in ``home``; files for people go to ``work``.

    Raises what a stage raises; a check that does not hold is reported, not raised.
    """
    began = time.monotonic()
    logging.configure("demo", fmt="console", level="error")
    found = samples.load()
    with checks.Sockets() as sockets:
        owner = supervisor.Supervisor(home)
        try:
            say("Starting the services ...")
            owner.start(say=lambda name: say(f"  {name} is ready"))
            with context.acting(
                person=person, role=identities.OPERATOR, request_id=context.new_request_id()
            ):
                report = _drive(home, work, owner.addresses, found, say)
        finally:
            owner.close()
    planted = sorted({one for sample in found for one in sample.planted})
    results = [
        *report.checks,
        # After the services have stopped, so that nothing is only in memory.
        checks.absent_outside(home.root, planted),
        _audit_log(home),
        sockets.check(),
    ]
    return Report(
        report.recordings, report.release_id, report.exports, results, time.monotonic() - began
    )


def _drive(
    home: Installation,
    work: Path,
    addresses: dict[str, str],
    found: list[samples.Sample],
    say: supervisor.Say,
) -> Report:
    operator = Peers(identity.load(home.pki / identities.OPERATOR), addresses)
    reviewer = Peers(identity.load(home.pki / identities.REVIEWER), addresses)
    researcher = Peers(identity.load(home.pki / identities.RESEARCHER), addresses)
    inbox = _inbox(work, found)
    study, policy = study_file.read(Path(__file__).parent / "study.yaml")
    studies.create(operator, study, policy)
    say("Sealing, transcribing and de-identifying the sample interviews ...")
    states = _ingest(operator, home, inbox, found)
    say("Building and exporting the release ...")
    release_id = _build(operator)
    exports = _export(researcher, work / "release")
    stores = (home.root / "clinical", home.root / "research")
    before = checks.snapshot(*stores, exports)
    say("Running the same inputs a second time ...")
    _ingest(operator, home, inbox, found)
    _build(operator)
    shutil.rmtree(exports)
    _export(researcher, exports)
    results = [
        checks.word_error_rate(
            checks.word_errors(sample.turns, _heard(reviewer, states[sample.id]))
            for sample in found
            if sample.is_audio
        ),
        checks.absent_from_release(
            exports, sorted({one for sample in found for one in sample.planted})
        ),
        _release(home, exports),
        checks.unchanged(before, checks.snapshot(*stores, exports)),
    ]
    shutil.rmtree(work / "inbox")
    for peers in (operator, reviewer, researcher):
        peers.close()
    return Report(list(states.values()), release_id, exports, results, 0.0)


def _inbox(work: Path, found: list[samples.Sample]) -> dict[str, Path]:
    """The samples as they come from a recorder, under file names that tell who is speaking."""
    inbox = work / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    placed = {}
    for sample in found:
        telling = max(sample.planted, key=len).replace("/", " ")
        placed[sample.id] = inbox / f"{telling}{sample.path.suffix}"
        shutil.copyfile(sample.path, placed[sample.id])
    return placed


def _ingest(
    peers: Peers, home: Installation, inbox: dict[str, Path], found: list[samples.Sample]
) -> dict[str, catalog.RecordingStatus]:
    ids = {}
    for sample in found:
        source = intake.examine(inbox[sample.id])
        ref, _existed = intake.seal(peers, source, STUDY, sample.participant, 1)
        ids[sample.id] = ref.recording_id
    settled = wait_for(peers, home, STUDY, list(ids.values()))
    for sample in found:
        one = settled[ids[sample.id]]
        if one.state != "deidentified":
            msg = f"{sample.id} stopped in {one.stage}: {one.message}"
            raise Internal(msg)
    return {sample.id: settled[ids[sample.id]] for sample in found}


def _build(peers: Peers) -> str:
    stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(peers.channel(identities.RELEASE))
    return stub.BuildRelease(
        release_pb2.BuildReleaseRequest(study_id=STUDY), timeout=600.0
    ).release.release_id


def _export(peers: Peers, target: Path) -> Path:
    for name in FORMATS:
        exporting.export(peers, STUDY, "", name, target / name)
    return target


def _heard(reviewer: Peers, one: catalog.RecordingStatus) -> list[str]:
    """What the engine heard, in the order of time, read as a reviewer may."""
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(reviewer.channel(identities.CLINICAL))
    request = segment_pb2.GetTranscriptRequest(ref=one.ref)
    with context.acting(role=identities.REVIEWER, purpose="research"):
        segments = [
            segment
            for part in stub.GetTranscript(request)
            if part.HasField("window")
            for segment in part.window.segments
        ]
    return [segment.text for segment in sorted(segments, key=lambda one: one.start_ms)]


def _release(home: Installation, exports: Path) -> checks.Check:
    good = sum(
        _sotto("release", "verify", str(exports / name), "--home", str(home.root)) == 0
        for name in FORMATS
    )
    return checks.Check(
        "release verified", good == len(FORMATS), f"{good} of {len(FORMATS)} folders"
    )


def _audit_log(home: Installation) -> checks.Check:
    folder = home.root / "audit"
    status = _sotto("audit", "verify", "--log", str(folder))
    return checks.Check("audit log verified", status == 0, f"exit status {status}")


def _sotto(*arguments: str) -> int:
    """Run the verifier as anybody would: as a command of its own."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli.main", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ},
        check=False,
    ).returncode
