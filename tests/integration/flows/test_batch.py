# SPDX-License-Identifier: Apache-2.0
"""Batches against real services: what is examined, judged, sealed, and what a second try does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common.client import Peers
from services.common.errors import InvalidInput, Unavailable
from services.intake import source_files
from services.intake.batch import Batch, BatchOptions
from services.intake.checks import StudyContents
from services.intake.outcomes import IntakeState, Interview, Outcome
from services.intake.reading_options import reading_options
from services.registry import identities
from services.storage_client.catalog import CatalogClient
from services.storage_client.recordings import read_header
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    removal_pb2,
    removal_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from tests.support.one_process import OneProcess, make_home
from tests.support.speaking import SpeakingPeers

TALK = "I: Good morning.\nP: Good morning, I slept well.\nI: And the voices?\nP: Less now.\n"
WAV = b"RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00"
CODES = [f"P{number:02}" for number in range(1, 10)]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneProcess]:
    """All services of an installation."""
    home = tmp_path_factory.mktemp("batch") / "home"
    make_home(home)
    with OneProcess(home) as running:
        yield running


@pytest.fixture
def peers(servers: OneProcess) -> Iterator[Peers]:
    """Call the services as an operator does."""
    opened = SpeakingPeers(servers.home / "pki", identities.OPERATOR, servers.addresses)
    yield opened
    opened.close()


@pytest.fixture
def study(peers: Peers, request: pytest.FixtureRequest) -> str:
    """A study of its own for each test."""
    name = "b-" + "".join(c if c.isalnum() else "-" for c in request.node.name.lower())[-30:].strip(
        "-"
    )
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(peers.channel(identities.CLINICAL))
    described = study_pb2.Study(
        id=name,
        title="Batches",
        languages=["en"],
        policy="research-default",
        review=study_pb2.REVIEW_MODE_REQUIRED,
        participants=CODES,
    )
    stub.PutStudy(catalog_pb2.PutStudyRequest(study=described))
    return name


class Bringing:
    """Brings files into a study, each time as a new command does."""

    def __init__(self, peers: Peers, study: str) -> None:
        self.peers = peers
        self.study = study
        self.told: list[Outcome] = []

    def __call__(
        self, *interviews: Interview, strict: bool = False, dry_run: bool = False
    ) -> list[Outcome]:
        """Bring interviews in."""
        contents = StudyContents(
            self.peers, source_files.check_participants(self.peers, self.study, CODES[:1])
        )
        batch = Batch(self.peers, contents, BatchOptions(strict, dry_run))
        self.told = []
        return batch.run(interviews, self.told.append)

    def there(self) -> list[catalog_pb2.RecordingState]:
        """Return what the store lists."""
        catalog = CatalogClient(self.peers.channel(identities.CLINICAL))
        return list(catalog.recordings(self.study))

    def fail(self, ref: recording_pb2.RecordingRef) -> None:
        """Have a recording fail, as a stage notes it."""
        stub = catalog_service_pb2_grpc.FailureServiceStub(self.peers.channel(identities.CLINICAL))
        failure = recording_pb2.StageFailure(
            stage="transcription", reason="INVALID_ARGUMENT", message="it cannot be read"
        )
        stub.PutFailure(catalog_pb2.PutFailureRequest(ref=ref, failure=failure))


@pytest.fixture
def bring(peers: Peers, study: str) -> Bringing:
    """What brings files into the study of the test."""
    return Bringing(peers, study)


def _file(folder: Path, name: str, content: str | bytes = TALK) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _kinds(outcome: Outcome) -> list[str]:
    return [one.kind for one in outcome.warnings]


class TestExamine:
    def test_each_file_is_what_its_content_is(self, bring: Bringing, tmp_path: Path) -> None:
        """Recordings and transcripts are told by content; all else is refused and not sealed."""
        sealed = [
            Interview(_file(tmp_path, "a"), "P01"),
            Interview(_file(tmp_path, "talk.mp3", TALK + "P: Two.\n"), "P02"),
            Interview(_file(tmp_path, "sound.txt", WAV), "P03"),
            Interview(_file(tmp_path, "odd.ds2", b"\x00\x13\x37" * 30), "P04"),
        ]
        refused = [
            Interview(_file(tmp_path, "consent.pdf", b"%PDF-1.7\n\x00\x01"), "P05"),
            Interview(_file(tmp_path, "consent.mp3", b"%PDF-1.7\n\x00\x01"), "P05"),
            Interview(_file(tmp_path, "photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"), "P05"),
            Interview(_file(tmp_path, "empty.txt", b""), "P05"),
            Interview(tmp_path / "none.txt", "P05"),
        ]

        outcomes = bring(*sealed, *refused)

        assert [one.state for one in outcomes[:4]] == [IntakeState.SEALED] * 4
        assert [one.kind for one in outcomes[:4]] == [
            "transcript", "transcript", "media", "media",
        ]  # fmt: skip
        assert [one.form for one in outcomes[:4]] == ["txt", "txt", "wav", ""]
        assert _kinds(outcomes[3]) == ["unknown_start"]
        reading = outcomes[0].reading
        assert reading is not None
        assert (reading.turns, [one.role for one in reading.speakers]) == (
            4, ["interviewer", "participant"],
        )  # fmt: skip
        errors = [one.error for one in outcomes[4:]]
        assert all(isinstance(error, InvalidInput) for error in errors)
        assert all("nothing was sealed" in error.message for error in errors if error)
        assert "a PDF" in (errors[0].message if errors[0] else "")
        assert len(bring.there()) == 4
        assert [one.number for one in bring.told] == list(range(1, 10))

    def test_looking_seals_nothing(self, bring: Bringing, tmp_path: Path) -> None:
        """A dry run reports what a run would, and leaves nothing behind."""
        path = _file(tmp_path, "a.txt")
        alone = Batch(bring.peers, None, BatchOptions(dry_run=True)).run([Interview(path)])

        found = bring(Interview(path, "P01"), dry_run=True)

        assert [one.state for one in (*alone, *found)] == [IntakeState.CHECKED] * 2
        assert all(one.reading and one.reading.turns == 4 for one in (*alone, *found))
        assert not bring.there()

    def test_options_of_reading_are_sealed(
        self, bring: Bringing, servers: OneProcess, tmp_path: Path
    ) -> None:
        """How a transcript is to be read is used for the report, and kept with it."""
        options = reading_options(
            "windows-1252", notes=True, speakers=["S2=interviewer", "S9=participant"]
        )
        path = _file(
            tmp_path, "a.txt", "A: Déjà vu?\nB: Yes.\nA: And now?\nB: No.\n".encode("cp1252")
        )

        [outcome] = bring(Interview(path, "P01", reading=options))

        assert outcome.reading is not None
        assert outcome.reading.speakers[1].role == "interviewer"
        assert _kinds(outcome) == ["no_such_speaker"]
        assert outcome.warnings[0].detail == "S9"
        reader = SpeakingPeers(servers.home / "pki", identities.TRANSCRIPTION, servers.addresses)
        assert outcome.ref is not None
        header = read_header(reader.channel(identities.CLINICAL), outcome.ref).header
        reader.close()
        assert header.reading == options


class TestJudge:
    def test_same_content(self, bring: Bringing, tmp_path: Path) -> None:
        """The same file of two participants is told, whether in one batch or in two."""
        path, copy = _file(tmp_path, "a.txt"), _file(tmp_path, "b.txt")
        first = bring(Interview(path, "P01"), Interview(copy, "P02"))
        [later] = bring(Interview(path, "P03"))

        assert [_kinds(one) for one in first] == [[], ["same_content_twice"]]
        assert _kinds(later) == ["same_content"]
        assert later.warnings[0].detail == "P01 session 1, P02 session 1"

    def test_session_is_taken(self, bring: Bringing, tmp_path: Path) -> None:
        """Another recording as the same session is told, by the id that stands there."""
        [first] = bring(Interview(_file(tmp_path, "a.txt"), "P01"))
        others = bring(
            Interview(_file(tmp_path, "b.txt", TALK + "P: b.\n"), "P01"),
            Interview(_file(tmp_path, "c.txt", TALK + "P: c.\n"), "P02"),
            Interview(_file(tmp_path, "d.txt", TALK + "P: d.\n"), "P02"),
        )

        assert first.ref is not None
        assert [_kinds(one) for one in others] == [["session_taken"], [], ["session_taken"]]
        assert first.ref.recording_id in others[0].warnings[0].detail
        assert "file 2 of these" in others[2].warnings[0].detail

    def test_strict_refuses_and_says_why(self, bring: Bringing, tmp_path: Path) -> None:
        """With --strict nothing of a file with a warning is sealed; the others are."""
        good = Interview(_file(tmp_path, "a.txt"), "P01")
        odd = Interview(_file(tmp_path, "odd.ds2", b"\x00\x13\x37"), "P02")

        sealed, refused = bring(good, odd, strict=True)

        assert sealed.state is IntakeState.SEALED
        assert refused.error is not None
        assert refused.error.reason == "strict"
        assert "without --strict" in refused.error.message
        assert [one.ref for one in bring.there()] == [sealed.ref]
        # What is there already is no mistake of this call.
        bring(odd)
        [again] = bring(odd, strict=True)
        assert again.state is IntakeState.EXISTED

    def test_content_of_a_withdrawn_participant(
        self, bring: Bringing, servers: OneProcess, tmp_path: Path
    ) -> None:
        """What was sealed of somebody who withdrew is known again, though nothing of it is left."""
        path = _file(tmp_path, "a.txt", TALK + "P: withdrawn.\n")
        bring(Interview(path, "P01"))
        with servers.calling(identities.COMPLIANCE, "puan.aishah") as channel:
            stub = admin_service_pb2_grpc.ErasureServiceStub(channel(identities.CLINICAL))
            stub.EraseParticipant(
                admin_pb2.EraseParticipantRequest(study_id=bring.study, participant="P01")
            )

        [again] = bring(Interview(path, "P02"))

        assert _kinds(again) == ["content_withdrawn"]
        assert "P01" in again.warnings[0].detail


class TestAgain:
    def test_same_batch_changes_nothing(self, bring: Bringing, tmp_path: Path) -> None:
        """A second run finds all of it, reads nothing, and goes on with what is new."""
        some = [
            Interview(_file(tmp_path, f"{n}.txt", f"{TALK}P: talk {n}.\n"), "P01", n)
            for n in range(1, 6)
        ]
        first = bring(*some[:3])
        second = bring(*some)

        assert [one.state for one in second] == [IntakeState.EXISTED] * 3 + [IntakeState.SEALED] * 2
        assert [one.ref for one in second[:3]] == [one.ref for one in first]
        assert not any(one.warnings for one in second)

    def test_repaired_file_replaces_its_failed_recording(
        self, bring: Bringing, tmp_path: Path
    ) -> None:
        """A transcript that failed goes when one that was read comes as the same session."""
        [broken] = bring(Interview(_file(tmp_path, "a.txt"), "P01"))
        assert broken.ref is not None
        bring.fail(broken.ref)
        repaired = Interview(_file(tmp_path, "a.txt", TALK + "P: whole.\n"), "P01")

        [seen] = bring(repaired, dry_run=True)
        [done] = bring(repaired, strict=True)

        assert seen.replaced == done.replaced == broken.ref
        assert (done.state, done.warnings) == (IntakeState.SEALED, [])
        assert [one.ref for one in bring.there()] == [done.ref]
        # The broken one is known as such, and its removal was no mistake.
        stub = removal_service_pb2_grpc.RemovalServiceStub(bring.peers.channel(identities.CLINICAL))
        [removal] = stub.ListRemovals(
            removal_pb2.ListRemovalsRequest(study_id=bring.study)
        ).removals
        assert removal.reason == recording_pb2.REMOVAL_REASON_REPLACED

    def test_failed_recording_is_kept(self, bring: Bringing, tmp_path: Path) -> None:
        """What was spoken may be in no other file: a recording that failed is never replaced."""
        [failed] = bring(Interview(_file(tmp_path, "a.wav", WAV), "P01"))
        assert failed.ref is not None
        bring.fail(failed.ref)

        [other] = bring(Interview(_file(tmp_path, "b.txt"), "P01"))

        assert (other.replaced, _kinds(other)) == (None, ["session_taken"])
        assert len(bring.there()) == 2


class TestEnd:
    def test_interrupted(self, bring: Bringing, tmp_path: Path) -> None:
        """Ctrl-C leaves what was sealed, tells it, and the next call goes on."""
        some = [
            Interview(_file(tmp_path, f"{n}.txt", f"{TALK}P: talk {n}.\n"), "P01", n)
            for n in range(1, 9)
        ]
        contents = StudyContents(
            bring.peers, source_files.check_participants(bring.peers, bring.study, ["P01"])
        )
        batch = Batch(bring.peers, contents, BatchOptions())

        def interrupt(outcome: Outcome) -> None:
            if outcome.number == 3:
                raise KeyboardInterrupt

        outcomes = batch.run(some, interrupt)

        assert batch.interrupted
        sealed = [one for one in outcomes if one.state is IntakeState.SEALED]
        assert {one.ref.recording_id for one in sealed if one.ref} == {
            one.ref.recording_id for one in bring.there()
        }
        assert 3 <= len(sealed) <= len(some)
        assert all(one.state in (IntakeState.SEALED, IntakeState.EXISTED) for one in bring(*some))
        assert [one.name for one in threading.enumerate() if one.name.startswith("ingest")] == []

    def test_service_that_is_away_ends_it(
        self, bring: Bringing, servers: OneProcess, tmp_path: Path
    ) -> None:
        """What would be wrong with every file is told once, and the rest is not tried."""
        addresses = {**servers.addresses, identities.TRANSCRIPTION: "127.0.0.1:1"}
        away = SpeakingPeers(servers.home / "pki", identities.OPERATOR, addresses)
        contents = StudyContents(
            bring.peers, source_files.check_participants(bring.peers, bring.study, ["P01"])
        )
        some = [
            Interview(_file(tmp_path, f"{n}.txt", f"{TALK}P: talk {n}.\n"), "P01", n)
            for n in range(1, 70)
        ]

        outcomes = Batch(away, contents, BatchOptions()).run(some)

        away.close()
        wrong = [one for one in outcomes if one.error]
        assert 1 <= len(wrong) <= 3
        assert all(isinstance(one.error, Unavailable) for one in wrong)
        assert all(one.state is IntakeState.NOT_TRIED for one in outcomes if one not in wrong)
        assert not bring.there()
