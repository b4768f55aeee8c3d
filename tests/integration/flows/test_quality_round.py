# SPDX-License-Identifier: Apache-2.0
"""What a round misses is looked for by the real engine, in the whole study, before the next one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from services.common.errors import NotReady
from services.registry import identities
from services.release_client.quality import Quality
from services.release_client.reviewing import Reviewing
from services.storage_client.catalog import recording_ref
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.release.v1 import quality_pb2
from sotto.storage.v1 import recording_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support.release_service import ReleaseDeployment

STUDY = "searched"
MISSED = "zorbatek"
"""What the engine takes for a word of every day; here it is where somebody waits."""
DOUBTFUL = "后来呢。"
READERS = ("dr.lim", "dr.tan")
SIGNER = "dr.ong"
FILE = f"""\
id: {STUDY}
title: A study with a gate
languages: [en, ms]
policy: research-default
review: required
participants: [P01, P02, P03]
quality: {{bound: 0.25, second_reader: 0.2, planted: 2}}
members:
  - {{person: dr.lim, roles: [reviewer]}}
  - {{person: dr.tan, roles: [reviewer]}}
  - {{person: dr.ong, roles: [reviewer]}}
  - {{person: nur, roles: [researcher]}}
"""
#: Places of the missed word by participant, the kin of what a reader finds first.
PLACES = {"P01": (3, 9), "P02": (5,), "P03": ()}


def interview(participant: str) -> str:
    """Write an interview in which the word stands at its places."""
    lines = []
    for turn in range(12):
        said = f"That was in week {turn}, and Faizal bin Osman was there."
        if turn in PLACES[participant]:
            # What nobody here can read is a doubtful place, which is always read.
            said = f"I waited at the {MISSED} shop then. {DOUBTFUL if turn == 3 else ''}".strip()
        who = "Interviewer" if turn % 2 == 0 else participant
        lines.append(f"{who}: {said}")
    return "\n\n".join(lines) + "\n"


class Searched:
    """The study with its three transcripts, as the orchestrator leaves them."""

    def __init__(self, deployment: ReleaseDeployment) -> None:
        self.deployment = deployment
        self.refs: dict[str, recording_pb2.RecordingRef] = {}

    def add(self, participant: str, path: Path) -> None:
        """Bring an interview in, and have it read and de-identified."""
        path.write_text(interview(participant), "utf-8")
        [sealed] = self.deployment.ok(
            *("ingest", str(path), "--study", STUDY, "--participant", participant, "--json"),
            by="hospital-it",
        ).records
        ref = recording_ref(STUDY, participant, sealed["recording_id"])
        channel = self.deployment.channel
        list(
            transcription_service_pb2_grpc.TranscriptionServiceStub(
                channel(identities.FLOWS, identities.TRANSCRIPTION)
            ).Transcribe(transcription_pb2.TranscribeRequest(ref=ref))
        )
        list(
            deidentification_service_pb2_grpc.DeidentificationServiceStub(
                channel(identities.FLOWS, identities.DEIDENTIFICATION)
            ).Deidentify(deidentification_pb2.DeidentifyRequest(ref=ref))
        )
        self.refs[participant] = ref

    def text(self, participant: str) -> str:
        """The transcript with its corrections, as a reviewer reads it."""
        with self.deployment.peers(identities.REVIEWER, "dr.lim") as peers:
            read = Reviewing(peers).read(self.refs[participant])
        return "\n".join(one.corrected.text for one in read.segments)

    def pending(self) -> set[str]:
        """Participants whose transcripts wait for review."""
        with self.deployment.peers(identities.REVIEWER, "dr.lim") as peers:
            items = list(Reviewing(peers).items(STUDY, stored_pb2.REVIEW_STATE_PENDING))
        return {one.ref.participant for one in items}

    @contextlib.contextmanager
    def reading(self, person: str) -> Iterator[Quality]:
        """Take part in rounds as a reviewer."""
        with self.deployment.peers(identities.REVIEWER, person) as peers:
            yield Quality(peers.channel(identities.RELEASE))

    def read_all(self, number: int, person: str) -> quality_pb2.QualityRound:
        """Have a person read what is left for them: they know the word, and what nobody said."""
        with self.reading(person) as quality:
            made = quality.overview(STUDY).rounds[-1]
            while found := quality.passages(STUDY, number, 50):
                misses = {one.number: marks for one in found if (marks := self.seen(one))}
                made = quality.record(STUDY, number, [one.number for one in found], misses)
                if made.state != quality_pb2.ROUND_STATE_READING:
                    break
        return made

    def seen(self, one: quality_pb2.Passage) -> list[tuple[str, str]]:
        """Return what a reader marks in a passage, as type and words."""
        known = "shop then." if "shop then." in one.text else "there."
        planted = one.text.partition(known)[2].replace(DOUBTFUL, "").strip()
        marks = [("FACILITY", MISSED)] if MISSED in one.text.casefold() else []
        return [*marks, *([("PERSON", planted)] if planted else [])]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searched]:
    """Services without an orchestrator; stages are called as it would call them."""
    folder = tmp_path_factory.mktemp("files")
    with ReleaseDeployment(tmp_path_factory.mktemp("home") / "home") as deployment:
        deployment.start(identities.RELEASE, identities.TRANSCRIPTION, identities.DEIDENTIFICATION)
        file = folder / "study.yaml"
        file.write_text(FILE, "utf-8")
        deployment.ok("study", "create", str(file), by="hospital-it")
        made = Searched(deployment)
        for participant in PLACES:
            made.add(participant, folder / f"{participant}.txt")
        deployment.approve(*made.refs.values())
        yield made


class TestMiss:
    """A miss, its kin, review again, a new sample, and a release that says so."""

    def test_leads_to_its_kin_and_to_another_round(
        self, searched: Searched, tmp_path: Path
    ) -> None:
        """Nothing is released before somebody else signs the second round."""
        before = {one: searched.text(one) for one in PLACES}
        assert {one: before[one].casefold().count(MISSED) for one in before} == {
            one: len(places) for one, places in PLACES.items()
        }
        with searched.reading("dr.lim") as quality:
            first = quality.open(STUDY)
        for person in READERS:
            missed = searched.read_all(1, person)
        assert missed.state == quality_pb2.ROUND_STATE_MISSED
        with searched.reading("dr.lim") as quality:
            with pytest.raises(NotReady, match="look for it"):
                quality.open(STUDY)
            found = quality.search(STUDY, 1)
        self._check_replaced(searched, before, found.replaced)

        searched.deployment.approve(*(searched.refs[one] for one in ("P01", "P02")))
        with searched.reading("dr.tan") as quality:
            second = quality.open(STUDY)
        assert second.round == 2
        assert second.seed != first.seed
        assert second.frame_sha256 != first.frame_sha256
        for person in READERS:
            ready = searched.read_all(2, person)
        assert ready.state == quality_pb2.ROUND_STATE_READY, ready
        with pytest.raises(NotReady, match="gate of quality"):
            searched.deployment.build(STUDY)
        with searched.reading(SIGNER) as quality:
            quality.sign(STUDY, 2, ready.generation)
        searched.deployment.build(STUDY)
        self._check_release(searched, tmp_path / "out", second)

    def _check_replaced(self, searched: Searched, before: Mapping[str, str], replaced: int) -> None:
        """Each place is gone; what had none is as it was, and stays approved."""
        assert replaced == sum(map(len, PLACES.values()))
        for one, places in PLACES.items():
            text = searched.text(one)
            assert MISSED not in text.casefold()
            assert (text == before[one]) is (not places)
        assert searched.pending() == {one for one, places in PLACES.items() if places}

    def _check_release(
        self, searched: Searched, folder: Path, second: quality_pb2.QualityRound
    ) -> None:
        """`sotto release verify` draws and counts again and says what is stated; the round that
        missed something is named. A byte that changed is refused.
        """
        searched.deployment.export(STUDY, folder)
        [told] = searched.deployment.ok("release", "verify", str(folder), "--json").records
        [said] = told["quality"]
        assert (said["round"], said["seed"], said["misses"]) == (2, second.seed, 0)
        assert said["bound"] <= 0.25
        assert (said["signed_by"], said["readers"]) == (SIGNER, list(READERS))
        [earlier] = said["earlier"]
        assert (earlier["round"], earlier["state"]) == (1, "missed")
        assert earlier["misses"] >= 1
        words = searched.deployment.ok("release", "verify", str(folder)).out
        assert f"at most {said['most']} of {said['segments']} segments" in words
        assert "read by dr.lim, dr.tan; signed by dr.ong" in words
        assert "round 1 before it missed something" in words
        assert all(
            MISSED not in path.read_text("utf-8").casefold() for path in folder.glob("*.txt")
        )
        for name in ("P01_S1.txt", "certificate.json"):
            path = folder / name
            whole = path.read_bytes()
            path.write_bytes(whole.replace(b"2", b"3", 1))
            assert path.read_bytes() != whole
            refused = searched.deployment.sotto("release", "verify", str(folder))
            assert (refused.code, refused.out) == (4, "")
            path.write_bytes(whole)
