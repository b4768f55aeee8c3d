# SPDX-License-Identifier: Apache-2.0
"""Hospital IT's way in a real browser, by the keyboard alone, on all services."""

from __future__ import annotations

import contextlib
import os
import random
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route

from services.common.errors import SottoError
from services.registry import identities, processes
from services.registry.identities import OPERATOR
from services.storage_client.catalog import CatalogClient
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.study.v1 import study_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support import sounds
from tests.support.console import PASSWORD, Desk, installed_desk
from tests.support.console_browser import WIDTHS, Chromium, Visitor, serving
from tests.support.deployment import Deployment

TRANSCRIPT = (
    "I: How was the week?\nP02: Faizal came by, and we talked.\nI: And then?\nP02: It was fine.\n"
)
SECOND = study_pb2.Study(
    id="second",
    title="Another study",
    languages=["en"],
    policy="research-default",
    review=study_pb2.REVIEW_MODE_REQUIRED,
    participants=["P05", "P06"],
)
Started = tuple[Deployment, Desk, str]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """All services, and a console on them, served; hospital IT has an account."""
    with (
        Deployment(tmp_path_factory.mktemp("home")).start(*processes.SERVICES) as deployment,
        installed_desk(tmp_path_factory.mktemp("desk"), deployment) as desk,
        serving(desk, tmp_path_factory.mktemp("pki")) as address,
    ):
        # Codes of the authenticator take time; a proof is fresh for services by their own clock.
        desk.ahead = -240.0
        desk.account("siti", OPERATOR)
        for zone in (identities.RESEARCH, identities.CLINICAL):
            catalog_service_pb2_grpc.CatalogWriterServiceStub(
                deployment.channel(OPERATOR, zone)
            ).PutStudy(catalog_pb2.PutStudyRequest(study=SECOND))
        yield deployment, desk, address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A browser."""
    with Chromium() as browser:
        yield browser


@pytest.fixture
def siti(started: Started, chromium: Chromium) -> Iterator[Visitor]:
    """Hospital IT, who signs in by the keyboard."""
    _, desk, address = started
    with chromium.visiting(address) as visitor:
        visitor.go("/sign-in")
        visitor.write(account="siti", password=PASSWORD, code=desk.code())
        visitor.enter("Sign in")
        yield visitor
        assert not any("Faizal" in one or "P02" in one for one in visitor.asked)
        assert "Faizal" not in visitor.kept()


def describe(visitor: Visitor) -> None:
    """Describe a study by the form."""
    visitor.go("/studies/new")
    visitor.write(id="trial", title="A study", participants="P01", members="tan: reviewer")
    visitor.enter("Show what changes")
    assert "It would stand like this" in visitor.text, visitor.text
    visitor.enter("Make the study")


def upload(visitor: Visitor, path: Path, participant: str) -> None:
    """Upload a file by the form, whose file a browser asks for in a window of its own."""
    visitor.go("/upload")
    visitor.choose("#who", participant)
    visitor.tab_on("#file")
    visitor.page.locator("#file").set_input_files(path)
    visitor.tab_on("button", "Upload")
    visitor.page.keyboard.press("Enter")


def sealed(visitor: Visitor) -> str:
    """Seal what the report shows, and return the recording."""
    visitor.page.wait_for_url("**/upload/report")
    visitor.enter("Seal it as a recording")
    visitor.page.wait_for_url("**/recordings/rec-*")
    return visitor.path.rpartition("/")[2]


def ref_of(deployment: Deployment, recording: str) -> recording_pb2.RecordingRef:
    """Return the names of a recording."""
    catalog = CatalogClient(deployment.channel(identities.FLOWS, identities.CLINICAL))
    return next(one.ref for one in catalog.recordings() if one.ref.recording_id == recording)


def work(deployment: Deployment, recording: str) -> None:
    """Do what the worker does with a recording; a stage that gives up leaves its reason."""
    ref = ref_of(deployment, recording)
    engines = (
        transcription_service_pb2_grpc.TranscriptionServiceStub(
            deployment.channel(identities.FLOWS, identities.TRANSCRIPTION)
        ).Transcribe(transcription_pb2.TranscribeRequest(ref=ref)),
        deidentification_service_pb2_grpc.DeidentificationServiceStub(
            deployment.channel(identities.FLOWS, identities.DEIDENTIFICATION)
        ).Deidentify(deidentification_pb2.DeidentifyRequest(ref=ref)),
    )
    try:
        for updates in engines:
            for _ in updates:
                pass
    except SottoError as error:
        failure = recording_pb2.StageFailure(
            stage="transcription", reason=error.status, message=error.message
        )
        catalog_service_pb2_grpc.FailureServiceStub(
            deployment.channel(identities.FLOWS, identities.CLINICAL)
        ).PutFailure(catalog_pb2.PutFailureRequest(ref=ref, failure=failure, mark=1 << 60))


def look(visitor: Visitor, name: str, width: int) -> None:
    """Check a page, and keep a picture of it where somebody asked for pictures."""
    visitor.check()
    visitor.check_keys_and_pointer()
    if folder := os.environ.get("SOTTO_TEST_PICTURES"):
        visitor.picture(Path(folder) / f"{name}-{width}.png")


class Line:
    """The line to the server: it breaks at one part, and holds another until it is let go."""

    def __init__(self, visitor: Visitor, breaks: str, holds: str) -> None:
        self.sent: list[str] = []
        self._left = {breaks: "break", holds: "hold"}
        visitor.page.route("**/upload/parts/**", self._send)

    def _send(self, route: Route) -> None:
        number = route.request.url.rpartition("/")[2]
        does = self._left.pop(number, "")
        if does == "break":
            route.abort()
        elif not does:
            self.sent.append(number)
            route.continue_()


class TestHospitalIt:
    def test_the_way_of_a_transcript(self, started: Started, siti: Visitor, tmp_path: Path) -> None:
        """From an empty list to what is de-identified; what is odd is told before it is sealed."""
        transcript = tmp_path / "Faizal.txt"
        transcript.write_text(TRANSCRIPT, "utf-8")
        describe(siti)
        siti.go("/studies/trial")
        siti.write(participants="P01\nP02")
        siti.enter("Show what changes")
        assert "Participants added: P02" in siti.text
        siti.enter("Change the study")
        assert siti.page.locator("#participants").input_value() == "P01\nP02"
        upload(siti, transcript, "P01")
        siti.page.wait_for_url("**/upload/report")
        assert "the code of another participant" in siti.text
        look(siti, "report", WIDTHS[0])
        siti.enter("Drop this upload")
        upload(siti, transcript, "P02")
        siti.page.wait_for_url("**/upload/report")
        assert "Nothing is odd about it" in siti.text
        assert "read as txt" in siti.text
        recording = sealed(siti)
        assert "P02, interview 1" in siti.text
        look(siti, "recording", WIDTHS[0])
        siti.go("/recordings?show=progress")
        assert "P02" in siti.page.locator("main").inner_text()
        work(started[0], recording)
        siti.page.get_by_text("deidentified").first.wait_for()

    def test_a_line_that_breaks(self, started: Started, siti: Visitor, tmp_path: Path) -> None:
        """A part is sent again; after a reload what is sealed is not; other bytes are refused.

        What fails then is tried again and moved, by the pages.
        """
        noise = tmp_path / "Faizal.wav"
        with contextlib.closing(wave.open(str(noise), "wb")) as file:
            file.setparams((1, 2, 16000, 0, "NONE", ""))
            file.writeframes(random.Random(7).randbytes(3 * 1024 * 1024 * 2 + 70_000))
        line = Line(siti, breaks="1", holds="2")
        upload(siti, noise, "P05")
        siti.page.get_by_text("Part 1 of 3 is sealed").wait_for()
        siti.page.get_by_text("The line broke; it is tried again").wait_for()
        siti.page.get_by_text("Part 2 of 3 is sealed").wait_for()
        siti.page.reload()
        assert "2 of 3 parts" in siti.text
        siti.page.route(
            "**/upload/parts/*/2", lambda route: route.continue_(post_data=b"other"), times=1
        )
        upload(siti, noise, "P05")
        siti.page.get_by_text("It stopped.").wait_for()
        siti.go("/upload")
        assert "2 of 3 parts" in siti.text
        upload(siti, noise, "P05")
        recording = sealed(siti)
        assert line.sent == ["0", "1", "2"]
        work(started[0], recording)
        siti.go(f"/recordings/{recording}")
        assert "It failed" in siti.text
        siti.enter("Try it again")
        assert "It failed" not in siti.text
        siti.choose("#participant", "P06")
        siti.write(session="2")
        siti.enter("Move it")
        siti.page.wait_for_url("**/recordings/rec-*")
        assert "P06, interview 2" in siti.text

    def test_a_voice(self, siti: Visitor, tmp_path: Path) -> None:
        """A clip is checked while one waits, and what is wrong with it is told beside the form."""
        clip = tmp_path / "Faizal.wav"
        clip.write_bytes(sounds.wav(sounds.tone(12.0)))
        siti.go("/studies/second")
        siti.follow("Voices of interviewers")
        siti.write(person="tan")
        siti.page.locator("#clip").set_input_files(clip)
        siti.tab_on("#agreed")
        siti.page.keyboard.press("Space")
        siti.tab_on("button", "Check and enrol it")
        siti.page.keyboard.press("Enter")
        siti.page.get_by_text("Nothing was enrolled. ").wait_for()
        assert "speech" in siti.page.locator("#enrol-told").inner_text()
        look(siti, "voice-refused", WIDTHS[0])
        clip.write_bytes(sounds.of_speaker("interview-b", "participant"))
        siti.page.locator("#clip").set_input_files(clip)
        siti.tab_on("button", "Check and enrol it")
        siti.page.keyboard.press("Enter")
        siti.page.get_by_text("I am sure that the clip of tan goes").wait_for()
        look(siti, "voice-enrolled", WIDTHS[0])
        siti.tab_on("[name=sure]")
        siti.page.keyboard.press("Space")
        siti.enter("Delete it")
        assert "Nobody is enrolled" in siti.text

    def test_a_mistake_is_undone(self, started: Started, siti: Visitor, tmp_path: Path) -> None:
        """What nothing came of yet is removed, with fresh proof of who one is."""
        transcript = tmp_path / "Faizal.txt"
        transcript.write_text(TRANSCRIPT.replace("P02", "P06"), "utf-8")
        upload(siti, transcript, "P06")
        recording = sealed(siti)
        siti.go(f"/step-up?to={siti.path}")
        siti.write(password=PASSWORD, code=started[1].code())
        siti.enter("Go on")
        siti.choose("#why", "It is there twice")
        siti.enter("Remove it")
        assert siti.path == "/recordings"
        assert recording not in siti.page.content()

    @pytest.mark.parametrize("width", WIDTHS)
    def test_every_page_can_be_used(self, started: Started, chromium: Chromium, width: int) -> None:
        """At both widths, by axe, and nothing is wider than the window."""
        _, desk, address = started
        with chromium.visiting(address, width=width, dark=width == WIDTHS[1]) as visitor:
            visitor.sign_in(desk, "siti")
            for name, path in (
                ("recordings", "/recordings"), ("upload", "/upload"), ("studies", "/studies"),
                ("study", "/studies/second"), ("system", "/system"),
                ("names", "/studies/second/names"), ("study-file", "/studies/file"),
                ("over-time", "/recordings-over-time"), ("voices", "/studies/second/voices"),
            ):  # fmt: skip
                visitor.go(path)
                look(visitor, name, width)
            visitor.go("/studies/second")
            visitor.fill(participants="nobody", keep_recordings_days="a week")
            visitor.press("Show what changes")
            assert "Nothing is changed" in visitor.text
            look(visitor, "faults", width)
