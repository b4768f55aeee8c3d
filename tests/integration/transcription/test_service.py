# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import grpc
import pytest

from services.common.errors import (
    InvalidInput,
    NotFound,
    NotReady,
    PermissionDenied,
    SottoError,
    Unavailable,
)
from services.registry.events import Event
from services.storage_client.recording_rosters import get_recording_roster
from services.transcription.adapters.models import ModelRegistry
from services.transcription.errors import ModelUnusable
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import (
    bleeping_pb2,
    bleeping_service_pb2_grpc,
    transcription_pb2,
)
from tests.support import transcription_service
from tests.support.sounds import SAMPLES, film, tone, wav
from tests.support.speech_model import DEMO_FOLDER
from tests.support.storage_calls import delete_content
from tests.support.transcription_service import (
    TranscriptionDeployment,
    everything_under,
)

TALK = b"I: How are you?\nNurse Aminah: [00:00:05] Encik Faizal was better.\nI: Good.\n"


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[TranscriptionDeployment]:
    """The service beside its store."""
    running = transcription_service.start(tmp_path / "home")
    yield running
    running.stop()


class TestImport:
    def test_a_transcript_made_elsewhere(self, deployment: TranscriptionDeployment) -> None:
        """It is read into segments with labels, roles and times, and finished by a manifest."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        last = deployment.transcribe(ref)[-1].result
        manifest, segments = deployment.transcript(ref)
        assert (last.run_key, last.segments, last.existed) == (manifest.run_key, 3, False)
        assert [(s.speaker, s.role, s.start_ms, s.text) for s in segments] == [
            ("S1", "interviewer", -1, "How are you?"),
            ("S2", "", 5000, "Encik Faizal was better."),
            ("S1", "interviewer", -1, "Good."),
        ]
        assert (manifest.word_count, manifest.speaker_count) == (8, 2)
        assert manifest.doubtful_segment_count == 0

    def test_names_that_came_with_it(self, deployment: TranscriptionDeployment) -> None:
        """Labels and the file's name are kept for de-identification, and in no manifest."""
        ref = deployment.upload(TALK, media=False, name="faizal talk.txt")
        last = deployment.transcribe(ref)[-1].result
        channel = cast(grpc.Channel, deployment.storage.channel("deidentification"))
        names = get_recording_roster(channel, ref, last.run_key)
        assert {("Nurse Aminah", "label"), ("faizal talk", "file_name")} <= {
            (one.name, one.source) for one in names
        }
        manifest, segments = deployment.transcript(ref)
        assert "Aminah" not in str(manifest) + str(segments)

    def test_once_is_enough(self, deployment: TranscriptionDeployment) -> None:
        """A second call finds the run and writes nothing."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        first = deployment.transcribe(ref)[-1].result
        second = deployment.transcribe(ref)
        assert len(second) == 1
        assert second[0].result.existed
        assert second[0].result.run_key == first.run_key

    def test_broken_utf8(self, deployment: TranscriptionDeployment) -> None:
        """A transcript that is no text is refused with the place, and nothing is stored."""
        ref = deployment.upload(codecs.BOM_UTF8 + b"I: hi\nP: \xff\n", media=False, name="a.txt")
        with pytest.raises(InvalidInput, match="byte 12"):
            deployment.transcribe(ref)
        assert "transcript:window:sealed" not in deployment.storage.log.names()

    # Slow: thousands of segments pass through encryption twice, to the store and back.
    def test_fifty_megabytes_of_text(self, deployment: TranscriptionDeployment) -> None:
        """A very long transcript is read to its end, in windows that fit in messages."""
        line = b"P: " + b"we talked about the garden and the rain " * 100 + b"\n"
        content = line * (50 * 1024 * 1024 // len(line))
        ref = deployment.upload(content, media=False, name="long.txt")
        result = deployment.transcribe(ref)[-1].result
        manifest, segments = deployment.transcript(ref)
        assert result.segments == len(segments) == content.count(b"\n")
        assert manifest.window_count > 50

    def test_nothing_in_clear(self, deployment: TranscriptionDeployment, tmp_path: Path) -> None:
        """Neither the words nor the file's name are found in any file of the home."""
        deployment.transcribe(deployment.upload(TALK, media=False, name="Faizal-ward-7.txt"))
        everything = everything_under(tmp_path)
        for secret in (b"Faizal", b"Aminah", b"ward-7"):
            assert secret not in everything

    def test_the_log_has_intent_and_outcome_without_content(
        self, deployment: TranscriptionDeployment
    ) -> None:
        """Each call is in the audit log, with ids and counts alone."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        deployment.transcribe(ref)
        events = [e for e in deployment.log.events if e.name == Event.RECORDING_TRANSCRIBED.value]
        assert [e.object for e in events] == [ref.recording_id] * 2
        assert events[1].attributes["segments"] == "3"
        assert "Faizal" not in str(deployment.log.events)

    def test_no_record_no_action(self, deployment: TranscriptionDeployment) -> None:
        """Where the audit log is unavailable, nothing is read."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        deployment.log.down = True
        reads = len(deployment.storage.log.events)
        with pytest.raises(Unavailable):
            deployment.transcribe(ref)
        assert len(deployment.storage.log.events) == reads


class TestBadRecordings:
    @pytest.mark.parametrize(
        ("content", "advice"),
        [
            (b"\n", "not a recording"),
            (b"I: this is text\n" * 40, "not a recording"),
            (wav(tone(5.0))[:-50_000], "50000 bytes shorter"),
            (film(), "no audio track"),
        ],
    )
    def test_are_refused_with_advice(
        self, deployment: TranscriptionDeployment, content: bytes, advice: str
    ) -> None:
        """What is no recording is refused as bad input, and no working copy stays."""
        with pytest.raises(InvalidInput, match=advice):
            deployment.transcribe(deployment.upload(content, name="x.wav"))
        assert list((deployment.storage.home / "tmp").iterdir()) == []


class TestTranscription:
    def test_a_stereo_sample(self, deployment: TranscriptionDeployment) -> None:
        """A shipped sample gives segments of both speakers, in order, with words and evidence."""
        ref = deployment.upload((SAMPLES / "interview-c.ogg").read_bytes(), name="c.ogg")
        answers = deployment.transcribe(ref)
        manifest, segments = deployment.transcript(ref)
        assert answers[-1].result.segments == len(segments) > 10
        assert {s.speaker for s in segments} == {"S1", "S2"}
        assert [s.index for s in segments] == list(range(len(segments)))
        assert [s.start_ms for s in segments] == sorted(s.start_ms for s in segments)
        assert all(s.words and s.HasField("evidence") for s in segments)
        assert manifest.provenance["model_kind"] == "demo"
        assert manifest.provenance["layout"] == "separate"
        done = [a.progress.done for a in answers if a.HasField("progress")]
        assert done == sorted(done)
        assert done[-1] == 1000

    # Slow: an interview of 107 s is transcribed three times, once for each run key.
    def test_names_of_the_roster_prime_the_model(self, deployment: TranscriptionDeployment) -> None:
        """Where the study asks for it, its roster makes another run, about as good; the
        names are in no manifest and no log.
        """
        ref = deployment.upload((SAMPLES / "interview-c.ogg").read_bytes(), name="c.ogg")
        planned = deployment.plan(ref)
        plain = deployment.transcribe(ref)[-1].result
        assert planned.run_key == plain.run_key
        deployment.roster({"people": [{"name": "Kartini binti Zulkifli", "participant": "P07"}]})
        assert deployment.transcribe(ref)[-1].result.run_key == plain.run_key
        deployment.study(roster_hotwords=True)
        planned = deployment.plan(ref)
        primed = deployment.transcribe(ref)[-1].result
        assert planned.run_key == primed.run_key
        assert not primed.existed
        assert primed.run_key != plain.run_key
        assert abs(primed.segments - plain.segments) <= plain.segments // 4
        manifest, _ = deployment.transcript(ref)
        assert manifest.run_key == primed.run_key
        assert manifest.provenance["roster_hotwords"] == "yes"
        assert manifest.provenance == {**planned.provenance, "layout": "separate"}
        assert "Kartini" not in str(manifest) + str(
            deployment.log.events + deployment.storage.log.events
        )
        deployment.roster({"people": [{"name": "Ros"}]})
        assert deployment.transcribe(ref)[-1].result.run_key not in (plain.run_key, primed.run_key)

    def test_silence(self, deployment: TranscriptionDeployment) -> None:
        """A silent recording is finished, with nothing said."""
        result = deployment.transcribe(deployment.upload(wav(tone(5.0) * 0), name="s.wav"))[
            -1
        ].result
        assert result.segments == 0

    def test_the_engine_says_what_it_is(self, deployment: TranscriptionDeployment) -> None:
        """The demo model is described as one, and so is that it may invent words."""
        answer = deployment.stub().DescribeEngine(transcription_pb2.DescribeEngineRequest())
        assert answer.demo
        assert answer.invents
        assert len(answer.model_sha256) == 64
        assert "faster-whisper/" in answer.engine
        assert answer.sandbox.startswith("seccomp")

    def test_the_next_one_knows_its_place(self, deployment: TranscriptionDeployment) -> None:
        """A recording that has to wait is told how many are before it, and gets its turn."""
        long = deployment.upload((SAMPLES / "interview-a.ogg").read_bytes(), name="a.ogg")
        other = deployment.upload(TALK, media=False, name="talk.txt")
        first = deployment.stub().Transcribe(transcription_pb2.TranscribeRequest(ref=long))
        next(first)

        second = deployment.stub().Transcribe(transcription_pb2.TranscribeRequest(ref=other))

        assert next(second).progress.before == 1
        first.cancel()
        assert list(second)[-1].result.segments == 3

    def test_cancelling_stops_the_work(self, deployment: TranscriptionDeployment) -> None:
        """After a cancelled call the next one gets its turn and ends the run."""
        ref = deployment.upload((SAMPLES / "interview-a.ogg").read_bytes(), name="a.ogg")
        call = deployment.stub().Transcribe(transcription_pb2.TranscribeRequest(ref=ref))
        next(call)
        call.cancel()
        with pytest.raises((SottoError, grpc.RpcError)):
            list(call)
        assert deployment.transcribe(ref)[-1].result.segments > 10


class TestPlan:
    def test_of_a_transcript_made_elsewhere(self, deployment: TranscriptionDeployment) -> None:
        """The key is that of the run made next, before and after it is made; nothing is read."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        planned = deployment.plan(ref)
        assert Event.RECORDING_READ.value not in deployment.storage.log.names()
        assert deployment.log.events == []
        made = deployment.transcribe(ref)[-1].result
        assert made.run_key == planned.run_key == deployment.plan(ref).run_key
        manifest, _ = deployment.transcript(ref)
        assert manifest.provenance == planned.provenance
        assert not planned.content_deleted

    def test_languages_and_model_of_a_recording(self, deployment: TranscriptionDeployment) -> None:
        """What the study and the settings say is in the answer, and another study's is another."""
        ref = deployment.upload(wav(tone(1.0)), name="x.wav")
        before = deployment.plan(ref)
        assert before.provenance["model_kind"] == "demo"
        assert before.invented
        deployment.study(languages=["ms"])
        after = deployment.plan(ref)
        assert after.provenance["languages"] == "ms"
        assert after.run_key != before.run_key
        assert deployment.transcribe(ref)[-1].result.run_key == after.run_key

    def test_of_a_recording_whose_content_was_deleted(
        self, deployment: TranscriptionDeployment
    ) -> None:
        """It says that nothing can be made any more, and a run that was made is still found."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        made = deployment.transcribe(ref)[-1].result
        delete_content(deployment.storage, ref)
        planned = deployment.plan(ref)
        assert (planned.content_deleted, planned.run_key) == (True, made.run_key)
        assert deployment.transcribe(ref)[-1].result.existed

    def test_of_no_recording(self, deployment: TranscriptionDeployment) -> None:
        """A recording that is not there is named."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        ref.recording_id = "rec-" + "a" * 26
        with pytest.raises(NotFound, match=ref.recording_id):
            deployment.plan(ref)

    def test_without_its_model(self, tmp_path: Path) -> None:
        """A model that is not there is named, with the way to get it."""
        running = transcription_service.start(tmp_path / "home", speech_model="small")
        try:
            with pytest.raises(SottoError, match="models pull small"):
                running.plan(running.upload(wav(tone(1.0)), name="x.wav"))
        finally:
            running.stop()


class TestLeavingEarly:
    def test_a_reader_that_has_the_result_leaves_no_failure(
        self, deployment: TranscriptionDeployment
    ) -> None:
        """The outcome is in the log before the result is sent, so that leaving then is no fault."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        for _ in range(20):
            call = deployment.stub().Transcribe(transcription_pb2.TranscribeRequest(ref=ref))
            next(answer for answer in call if answer.HasField("result"))
            call.cancel()
        outcomes = [e.outcome for e in deployment.log.events if e.phase == entry_pb2.PHASE_OUTCOME]
        assert outcomes == [entry_pb2.OUTCOME_SUCCESS] * 20


class TestMissingModel:
    def test_none_at_all(self, tmp_path: Path) -> None:
        """Recordings are refused with the way to get one; transcripts made elsewhere are taken."""
        running = transcription_service.start(tmp_path / "home", speech_model="")
        try:
            answer = running.stub().DescribeEngine(transcription_pb2.DescribeEngineRequest())
            assert (answer.model, answer.model_sha256, answer.demo) == ("", "", False)
            with pytest.raises(NotReady, match="models pull base"):
                running.transcribe(running.upload(wav(tone(1.0)), name="x.wav"))
            talk = running.upload(TALK, media=False, name="talk.txt")
            assert running.transcribe(talk)[-1].result.segments == 3
        finally:
            running.stop()

    def test_says_what_to_do(self, tmp_path: Path) -> None:
        """A model that is not there is named, with the way to get it."""
        running = transcription_service.start(tmp_path / "home", speech_model="small")
        try:
            with pytest.raises(SottoError, match="models pull small"):
                running.transcribe(running.upload(wav(tone(1.0)), name="x.wav"))
        finally:
            running.stop()


class TestBleeping:
    """Sound for releases; what it holds is tested in tests/unit/transcription."""

    def ask(
        self, deployment: TranscriptionDeployment, ref: recording_pb2.RecordingRef, client: str
    ) -> bleeping_pb2.BleepedAudio:
        """Ask for the sound of a recording as a client, with nothing redacted."""
        manifest, segments = deployment.transcript(ref)
        request = bleeping_pb2.BleepRequest(
            ref=ref,
            source_run_key=manifest.run_key,
            sound=bleeping_pb2.BLEEP_SOUND_TONE,
            encoded_segments=[one.SerializeToString() for one in segments],
        )
        with deployment.as_client(client) as channel:
            stub = bleeping_service_pb2_grpc.BleepingServiceStub(channel)
            return next(one.audio for one in stub.Bleep(request) if one.HasField("audio"))

    def test_of_what_was_not_recorded(self, deployment: TranscriptionDeployment) -> None:
        """There is none of a transcript made elsewhere, nor of invented words, and why is said."""
        for content, media, why in (
            (TALK, False, bleeping_pb2.NO_AUDIO_REASON_MADE_ELSEWHERE),
            (wav(tone(3)), True, bleeping_pb2.NO_AUDIO_REASON_INVENTED),
        ):
            ref = deployment.upload(content, media=media, name="talk.txt")
            deployment.transcribe(ref)
            assert self.ask(deployment, ref, "release").missing == why
            assert Event.AUDIO_BLEEPED in deployment.log.names()

    def test_for_nobody_else(self, deployment: TranscriptionDeployment) -> None:
        """Whoever steers the engine gets no sound."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        deployment.transcribe(ref)
        with pytest.raises(PermissionDenied):
            self.ask(deployment, ref, "flows")


class TestDamagedModel:
    def test_the_service_does_not_start(self, tmp_path: Path) -> None:
        """With one bit of the weights flipped, the start ends with the file and what to do."""
        added = ModelRegistry(tmp_path / "home" / "models").add(DEMO_FOLDER, "mine", lambda _: {})
        weights = bytearray((added.path / "model.bin").read_bytes())
        weights[len(weights) // 2] ^= 1
        (added.path / "model.bin").write_bytes(weights)
        with pytest.raises(ModelUnusable, match=r"mine is damaged: .*model\.bin.*models pull"):
            transcription_service.start(tmp_path / "home", speech_model="mine")


def test_json_turns(deployment: TranscriptionDeployment) -> None:
    """The JSON form of a transcript keeps its times."""
    content = json.dumps(
        {"turns": [{"speaker": "Participant", "start": 1, "end": 2.5, "text": "ya"}]}
    )
    ref = deployment.upload(content.encode(), media=False, name="t.json")
    deployment.transcribe(ref)
    _, (segment,) = deployment.transcript(ref)
    assert (segment.role, segment.start_ms, segment.end_ms) == ("participant", 1000, 2500)
