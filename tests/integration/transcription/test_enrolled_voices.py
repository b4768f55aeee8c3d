# SPDX-License-Identifier: Apache-2.0
"""An interviewer is enrolled by a clip, and known in a recording, by the real service and store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.common.client import Peers
from services.common.errors import InvalidInput, NotFound, PermissionDenied
from services.registry.events import Event
from services.registry.identities import CLINICAL, OPERATOR, TRANSCRIPTION
from services.storage_client import chunks
from services.storage_client.voices import get_voice
from services.studies import voices
from tests.support import transcription_service
from tests.support.console import Desk, OwnCertificate
from tests.support.sounds import SAMPLES, of_speaker, tone, wav
from tests.support.speaking import SpeakingPeers
from tests.support.transcription_service import TranscriptionDeployment, everything_under

STUDY = "peer-2026"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TranscriptionDeployment]:
    """The service beside its store."""
    running = transcription_service.start(tmp_path_factory.mktemp("voices") / "home")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def operator(deployment: TranscriptionDeployment) -> Iterator[Peers]:
    """What the operator's command calls."""
    addresses = {
        TRANSCRIPTION: f"127.0.0.1:{deployment.port}",
        CLINICAL: f"127.0.0.1:{deployment.storage.port}",
    }
    peers = SpeakingPeers(deployment.storage.home / "pki", "operator", addresses)
    yield peers
    peers.close()


def test_an_interviewer_is_known_by_voice(
    deployment: TranscriptionDeployment, operator: Peers
) -> None:
    """The clip decides who is who and makes another run; nothing of it is in clear at rest; erased,
    the run is that of before.
    """
    ref = deployment.upload((SAMPLES / "interview-a.ogg").read_bytes())
    before = deployment.plan(ref)
    assert before.provenance["voices"] == "none"

    # The same voice, in another part, with other words, through a telephone.
    clip = of_speaker("interview-b", "participant")
    done = voices.enrol(operator, STUDY, "siti", chunks.of_bytes(clip))
    assert (done.existed, done.replaced) == (False, False)
    assert voices.enrol(operator, STUDY, "siti", chunks.of_bytes(clip)).existed
    assert [one.person for one in voices.listed(operator, STUDY)] == ["siti"]
    assert clip[4000:4100] not in everything_under(deployment.storage.home)

    assert deployment.plan(ref).run_key != before.run_key
    deployment.transcribe(ref)
    manifest, segments = deployment.transcript(ref)
    assert manifest.provenance["roles"] == "by_voice"
    assert manifest.provenance["voices"] == "1 enrolled"
    assert "interviewer_unknown" not in manifest.doubts
    turns = json.loads((SAMPLES / "interview-a.json").read_text("utf-8"))["turns"]
    for turn in turns:
        middle = (turn["start"] + turn["end"]) * 500
        roles = {s.role for s in segments if s.start_ms <= middle <= s.end_ms}
        assert roles <= {turn["speaker"]}

    voices.erase(operator, STUDY, "siti")
    with pytest.raises(NotFound, match="no voice of siti"):
        voices.erase(operator, STUDY, "siti")
    assert deployment.plan(ref).run_key == before.run_key
    written = [
        (one.name, dict(one.attributes).get("account")) for one in deployment.storage.log.events
    ]
    for event in (Event.VOICE_ENROLLED, Event.VOICE_READ, Event.VOICE_ERASED):
        assert (event.value, "siti") in written


def test_at_the_console(operator: Peers, tmp_path: Path) -> None:
    """A clip passes through to be checked; what is refused is told in words; erasing is confirmed.

    Nothing of a clip stays at the console, and no address names anybody.
    """
    page = f"/studies/{STUDY}/voices"
    clip = of_speaker("interview-b", "participant")
    with Desk(tmp_path, channel=operator.channel, assertions=OwnCertificate()) as desk:
        siti = desk.signed_in("siti", OPERATOR)

        def enrol(content: bytes, **headers: str) -> httpx.Response:
            told = {"study": STUDY, "person": "tan%40ward", "agreed": "yes", **headers}
            named = {f"sotto-{name}": value for name, value in told.items()}
            return siti.post("/voices/clip", content=content, headers=named)

        assert "Nobody is enrolled" in siti.get(page).text
        for answer, words in (
            (enrol(clip, agreed=""), "tick that they agreed"),
            (enrol(clip, person="P07"), "voice is never enrolled"),
            (enrol(clip, person="Tan Ah Kow"), "account name"),
            (enrol(clip[: 16_000 * 2 * 4]), "shorter than its header says"),
            (enrol(wav(tone(12.0))), "speech"),
        ):
            assert (answer.status_code, words in answer.text) == (400, True), answer.text
        assert not voices.listed(operator, STUDY)
        assert enrol(clip).json()["replaced"] is False
        assert "tan@ward" in siti.get(page).text
        assert siti.post(f"{page}/erase", data={"person": "tan@ward"}).status_code == 400
        gone = siti.post(f"{page}/erase", data={"person": "tan@ward", "sure": "yes"})
        assert gone.headers["location"] == page
        assert not voices.listed(operator, STUDY)
    assert clip[4000:4100] not in everything_under(tmp_path)


def test_a_stranger_is_nobody(deployment: TranscriptionDeployment, operator: Peers) -> None:
    """Where an enrolled interviewer is not in a recording, nobody is taken for them, and the
    manifest has a doubt.
    """
    clip = of_speaker("interview-b", "interviewer")
    voices.enrol(operator, STUDY, "tan", chunks.of_bytes(clip))
    ref = deployment.upload((SAMPLES / "interview-a.ogg").read_bytes())
    deployment.transcribe(ref)
    manifest, _ = deployment.transcript(ref)
    assert manifest.provenance["roles"] == "not given"
    assert manifest.doubts["interviewer_unknown"] == 1
    voices.erase(operator, STUDY, "tan")


def test_what_is_refused(operator: Peers) -> None:
    """Two voices, a participant, no study, no name, no sound: nothing is kept. Whoever enrols
    cannot hear.
    """
    both = (SAMPLES / "interview-a.ogg").read_bytes()
    for study, person, data, error, says in (
        (STUDY, "siti", both, InvalidInput, "more than one voice"),
        (STUDY, "P07", both, InvalidInput, "never enrolled"),
        ("nobodys-2026", "siti", both, NotFound, "nobodys-2026"),
        (STUDY, "a b", both, InvalidInput, "account name"),
        (STUDY, "siti", b"no sound at all", InvalidInput, "audio"),
    ):
        with pytest.raises(error, match=says):
            voices.enrol(operator, study, person, chunks.of_bytes(data))
    assert voices.listed(operator, STUDY) == []
    with pytest.raises(PermissionDenied):
        get_voice(operator.channel(CLINICAL), STUDY, "siti", bytes(32))
