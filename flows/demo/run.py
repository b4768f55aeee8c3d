# SPDX-License-Identifier: Apache-2.0
"""Takes the sample interviews from recording to release, twice, and checks the results."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flows import exporting
from flows.cli.waiting import wait_for
from flows.demo import checks, egress, review, samples
from flows.submit import submit
from services.common import certificate_authority, context, identity, logging, supervisor
from services.common.client import Peers
from services.common.errors import Internal
from services.common.installation import Installation
from services.intake import source_files
from services.recordings_client import catalog
from services.registry import identities
from services.registry.export_formats import ExportFormat
from services.registry.purposes import Purpose
from services.storage_client.transcripts import read_transcript
from services.studies import studies, study_file
from sotto.release.v1 import release_pb2, release_service_pb2_grpc

STUDY = "demo"
# Who describes the study.
_OWNER = "study-owner"


@dataclass(frozen=True, slots=True)
class SampleMeasure:
    """What became of a sample: words that were heard wrong, and identifiers that can be read.

    `words` is 0 where nothing was said; `readable` counts identifiers of the script, of `planted`.
    """

    errors: int
    words: int
    readable: int
    planted: int

    @property
    def word_error_rate(self) -> str:
        """What people read of it."""
        return f"{100 * self.errors / self.words:.1f} %" if self.words else "-"

    @property
    def leaks(self) -> str:
        """What people read of it."""
        return f"{self.readable} of {self.planted}"


@dataclass(frozen=True, slots=True)
class DemoReport:
    """The recordings, the release and the checks of a demonstration."""

    recordings: list[catalog.RecordingSummary]
    reviews: dict[str, review.DemoReview]
    measures: dict[str, SampleMeasure]
    release_id: str
    exports: Path
    checks: list[checks.Check]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed is not False for check in self.checks)


def run(
    installation: Installation,
    work: Path,
    person: str,
    say: Callable[[str], None],
    network: egress.Proof,
) -> DemoReport:
    """Run the demonstration in an installation; files for people go to the folder `work`.

    `network` watches the network since before.
    Raises what a stage raises; a check that fails is reported, not raised.
    """
    began = time.monotonic()
    logging.configure("demo", fmt="console", level="error")
    found = samples.load()
    owner = supervisor.Supervisor(installation)
    try:
        say("Starting the services ...")
        owner.start(on_ready=lambda name: say(f"  {name} is ready"))
        with context.acting(
            person=person, role=identities.OPERATOR, request_id=context.new_request_id()
        ):
            report = _drive(installation, work, owner.addresses, found, say)
    finally:
        owner.close()
    planted = sorted({one for sample in found for one in sample.planted})
    results = [
        *report.checks,
        # After the services have stopped, so that nothing is only in memory.
        checks.absent_outside(installation.root, planted),
        _verify_audit_log(installation),
        network.check(),
    ]
    return DemoReport(
        report.recordings,
        report.reviews,
        report.measures,
        report.release_id,
        report.exports,
        results,
        time.monotonic() - began,
    )


def _drive(
    installation: Installation,
    work: Path,
    addresses: dict[str, str],
    found: list[samples.Sample],
    say: Callable[[str], None],
) -> DemoReport:
    operator = Peers(identity.load(installation.pki / identities.OPERATOR), addresses)
    reviewer = Peers(identity.load(installation.pki / identities.REVIEWER), addresses)
    researcher = Peers(identity.load(installation.pki / identities.RESEARCHER), addresses)
    inbox = fill_inbox(work, found)
    study, policy = study_file.read(Path(__file__).parent / "study.yaml")
    whoever_runs_it = study_file.Member(
        person=context.current().person, roles=tuple(study_file.MemberRole)
    )
    study = study.model_copy(update={"members": (whoever_runs_it,)})
    describe(installation, work, addresses, study, policy)
    say("Sealing, transcribing and de-identifying the sample interviews ...")
    states = ingest(operator, installation, inbox, found)
    say("Reading, correcting and approving what the rule left to a person ...")
    missed = [words for sample in found for words in sample.missed]
    reviews = review.review(reviewer, STUDY, missed)
    say("Building and exporting the release ...")
    release_id = build(operator)
    exports = _export(researcher, work / "release")
    stores = (installation.root / "clinical", installation.root / "research")
    before = checks.snapshot(*stores, exports)
    say("Running the same inputs a second time ...")
    ingest(operator, installation, inbox, found)
    build(operator)
    shutil.rmtree(exports)
    _export(researcher, exports)
    measures = {
        states[sample.id].recording_id: _measure(reviewer, states[sample.id], sample, exports)
        for sample in found
    }
    results = [
        checks.word_error_rate((one.errors, one.words) for one in measures.values() if one.words),
        review.check_approvals(reviews),
        review.check_corrections(reviews),
        checks.absent_from_release(
            exports, sorted({one for sample in found for one in sample.planted})
        ),
        _verify_release(installation, exports),
        checks.unchanged(before, checks.snapshot(*stores, exports)),
        checks.listening(),
    ]
    shutil.rmtree(work / "inbox")
    recordings = catalog.recordings(operator, STUDY)
    for peers in (operator, reviewer, researcher):
        peers.close()
    by_recording = {one.recording_id: one for one in reviews}
    return DemoReport(recordings, by_recording, measures, release_id, exports, results, 0.0)


def _measure(
    reviewer: Peers, recording: catalog.RecordingSummary, sample: samples.Sample, exports: Path
) -> SampleMeasure:
    errors, words = (
        checks.word_errors(sample.turns, _transcribed_texts(reviewer, recording))
        if sample.is_audio
        else (0, 0)
    )
    readable = checks.readable(exports, sample.participant, sample.identifiers)
    return SampleMeasure(errors, words, readable, len(sample.identifiers))


def describe(
    installation: Installation,
    work: Path,
    addresses: dict[str, str],
    study: study_file.StudyFile,
    policy: str,
) -> None:
    """Create the study as another person, who gets a certificate for it.

    Whoever chooses that the rule approves corrects and approves nothing in that study, and the
    person who runs the demonstration is its reviewer.
    """
    folder = work / "certificate"
    certificate_authority.issue(installation.pki, identities.OPERATOR, folder, person=_OWNER)
    peers = Peers(identity.load(folder), addresses)
    try:
        with context.acting(person=_OWNER):
            studies.create(peers, study, policy)
    finally:
        peers.close()
        shutil.rmtree(folder)


def fill_inbox(work: Path, found: list[samples.Sample]) -> dict[str, Path]:
    """Copy the samples to an inbox, under file names that say who is speaking, as people do."""
    inbox = work / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    placed = {}
    for sample in found:
        telling = max(sample.planted, key=len).replace("/", " ")
        placed[sample.id] = inbox / f"{telling}{sample.path.suffix}"
        shutil.copyfile(sample.path, placed[sample.id])
    return placed


def ingest(
    peers: Peers, installation: Installation, inbox: dict[str, Path], found: list[samples.Sample]
) -> dict[str, catalog.RecordingSummary]:
    """Seal the samples, have them worked on, and return how far each is; raises Internal."""
    refs = {}
    for sample in found:
        source = source_files.examine(inbox[sample.id])
        refs[sample.id], _existed = source_files.seal(peers, source, STUDY, sample.participant, 1)
    submit(installation, peers, refs.values())
    settled = wait_for(peers, installation, refs.values())
    states = {sample: settled[ref.recording_id] for sample, ref in refs.items()}
    for sample_id, one in states.items():
        if one.state not in {"needs_review", "approved", "released"}:
            raise Internal(f"{sample_id} stopped in {one.stage}: {one.message}")
    return states


def build(peers: Peers) -> str:
    """Build a release of what is approved, and return its id."""
    stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(peers.channel(identities.RELEASE))
    return stub.BuildRelease(
        release_pb2.BuildReleaseRequest(study_id=STUDY), timeout=600.0
    ).release.release_id


def _export(peers: Peers, target: Path) -> Path:
    with context.acting(role=identities.RESEARCHER):
        said = exporting.Said(exporting.terms_of(peers, STUDY).sha256, Purpose.CHECKING)
        for name in ExportFormat:
            exporting.export(peers, STUDY, "", name, target / name, said)
    return target


def _transcribed_texts(reviewer: Peers, one: catalog.RecordingSummary) -> list[str]:
    """Return the texts of the identified segments in the order of time, read as a reviewer may."""
    with context.acting(role=identities.REVIEWER, purpose="research"):
        stored = read_transcript(reviewer.channel(identities.CLINICAL), one.ref)
    return [segment.text for segment in sorted(stored.segments, key=lambda one: one.start_ms)]


def _verify_release(installation: Installation, exports: Path) -> checks.Check:
    good = sum(
        _sotto("release", "verify", str(exports / name), "--home", str(installation.root)) == 0
        for name in ExportFormat
    )
    return checks.Check(
        "release verified", good == len(ExportFormat), f"{good} of {len(ExportFormat)} folders"
    )


def _verify_audit_log(installation: Installation) -> checks.Check:
    folder = installation.root / "audit"
    status = _sotto("audit", "verify", "--log", str(folder))
    return checks.Check("audit log verified", status == 0, f"exit status {status}")


def _sotto(*arguments: str) -> int:
    """Run `sotto` as anybody would, as a command of its own, and return its exit status."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli.main", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ},
        check=False,
    ).returncode
