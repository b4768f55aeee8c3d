# SPDX-License-Identifier: Apache-2.0
"""Clips through a real service and a real store: who gets them, how much, and what the log has."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.common.errors import InvalidInput, NotFound, PermissionDenied, Unavailable
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import recording_pb2
from sotto.transcription.v1 import bleeping_pb2, clip_pb2, clip_service_pb2_grpc
from tests.support import transcription_service
from tests.support.members import member
from tests.support.sounds import SAMPLES, sample, wav
from tests.support.transcription_service import TranscriptionDeployment

TALK = b"I: How are you?\nP: Better.\n"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TranscriptionDeployment]:
    """The service beside its store; its model knows the samples."""
    home: Path = tmp_path_factory.mktemp("clips") / "home"
    running = transcription_service.start(home)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def interview(deployment: TranscriptionDeployment) -> recording_pb2.RecordingRef:
    """A sample that was transcribed."""
    ref = deployment.upload((SAMPLES / "interview-a.ogg").read_bytes(), name="a.ogg")
    deployment.transcribe(ref)
    return ref


def ask(
    deployment: TranscriptionDeployment,
    ref: recording_pb2.RecordingRef,
    client: str = "reviewer",
    run_key: str = "",
    **place: Any,
) -> clip_pb2.GetClipResponse:
    """Ask for a clip, by default of its first seconds."""
    request = clip_pb2.GetClipRequest(
        ref=ref,
        source_run_key=run_key or deployment.transcript(ref)[0].run_key,
        **(place or {"times": clip_pb2.ClipTimes(start_ms=0, end_ms=2000)}),
    )
    with deployment.as_client(client) as channel:
        answer: clip_pb2.GetClipResponse = clip_service_pb2_grpc.ClipServiceStub(channel).GetClip(
            request
        )
    return answer


def sound_of(answer: clip_pb2.GetClipResponse) -> Any:
    """Return the samples of a clip."""
    with wave.open(io.BytesIO(answer.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16_000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


class TestClip:
    def test_of_a_word(
        self, deployment: TranscriptionDeployment, interview: recording_pb2.RecordingRef
    ) -> None:
        """It is the sound where the word is said, a second and a half more on both sides."""
        _, segments = deployment.transcript(interview)
        segment = next(one for one in segments if len(one.words) > 3 and one.start_ms > 5000)
        word = segment.words[2]
        start = segment.text.index(word.text.strip())
        words = clip_pb2.ClipWords(
            segment=segment.index, start=start, end=start + len(word.text.strip())
        )
        answer = ask(deployment, interview, words=words)
        assert (answer.start_ms, answer.end_ms) == (word.start_ms - 1500, word.end_ms + 1500)
        heard = sound_of(answer)
        there = sample("interview-a").mean(axis=0)[answer.start_ms * 16 : answer.end_ms * 16]
        assert abs(len(heard) - len(there)) <= 1
        assert np.corrcoef(heard[: len(there)], there[: len(heard)])[0, 1] > 0.99

    def test_is_in_the_log_of_both(
        self, deployment: TranscriptionDeployment, interview: recording_pb2.RecordingRef
    ) -> None:
        """Who heard how much of which recording, by the person; neither words nor times."""
        before = len(deployment.log.events), len(deployment.storage.log.events)
        ask(deployment, interview)
        entries = deployment.log.events[before[0] :], deployment.storage.log.events[before[1] :]
        for events, event in zip(
            entries, (Event.CLIP_CUT, Event.RECORDING_PARTS_READ), strict=True
        ):
            mine = [one for one in events if one.name == event.value]
            assert [one.phase for one in mine] == [
                entry_pb2.PHASE_INTENT,
                entry_pb2.PHASE_OUTCOME,
            ]
            assert {(one.person, one.role, one.object) for one in mine} == {
                ("dr.lim", "reviewer", interview.recording_id)
            }
            assert mine[1].outcome == entry_pb2.OUTCOME_SUCCESS
        assert "4" in {one.attributes.get("seconds") for one in entries[0]}

    def test_no_record_no_clip(
        self, deployment: TranscriptionDeployment, interview: recording_pb2.RecordingRef
    ) -> None:
        """Where the audit log is unavailable, nothing is heard."""
        run_key = deployment.transcript(interview)[0].run_key
        deployment.log.down = True
        try:
            with pytest.raises(Unavailable):
                ask(deployment, interview, run_key=run_key)
        finally:
            deployment.log.down = False

    def test_of_what_was_not_recorded(self, deployment: TranscriptionDeployment) -> None:
        """A transcript made elsewhere has no sound, and says so."""
        ref = deployment.upload(TALK, media=False, name="talk.txt")
        deployment.transcribe(ref)
        answer = ask(deployment, ref, words=clip_pb2.ClipWords(segment=1))
        assert answer.missing == bleeping_pb2.NO_AUDIO_REASON_MADE_ELSEWHERE
        assert not answer.wav

    def test_of_what_is_not_there(
        self, deployment: TranscriptionDeployment, interview: recording_pb2.RecordingRef
    ) -> None:
        """Another run, a segment that it does not have, a time behind its end."""
        with pytest.raises(NotFound):
            ask(deployment, interview, run_key="0" * 32)
        with pytest.raises(NotFound, match="no segment 999"):
            ask(deployment, interview, words=clip_pb2.ClipWords(segment=999))
        with pytest.raises(InvalidInput, match="behind the end"):
            ask(
                deployment,
                interview,
                times=clip_pb2.ClipTimes(start_ms=86_400_000, end_ms=86_400_001),
            )


class TestWho:
    @pytest.mark.parametrize("client", ["operator", "researcher", "compliance", "flows", "release"])
    def test_reviewers_alone(
        self,
        deployment: TranscriptionDeployment,
        interview: recording_pb2.RecordingRef,
        client: str,
    ) -> None:
        """No other certificate gets a clip."""
        with pytest.raises(PermissionDenied):
            ask(deployment, interview, client)

    def test_of_the_study_alone(
        self, deployment: TranscriptionDeployment, interview: recording_pb2.RecordingRef
    ) -> None:
        """A reviewer of another study gets none, from the call on after which the study says so."""
        deployment.study(members=[member("dr.tan")])
        try:
            with pytest.raises(PermissionDenied, match="no reviewer"):
                ask(deployment, interview)
        finally:
            deployment.study()


class TestHowMuch:
    def test_a_share_of_each_recording(self, tmp_path: Path) -> None:
        """Beyond it only what was heard before, also through another process."""
        running = transcription_service.start(tmp_path / "home", clip_share=0.0)
        try:
            ref = running.upload(wav(sample("interview-a")), name="a.wav")
            running.transcribe(ref)
            with pytest.raises(PermissionDenied, match="as much of recording"):
                ask(running, ref)
            refused = [one for one in running.log.events if one.name == Event.CLIP_CUT.value][-1]
            assert (refused.outcome, refused.reason) == (
                entry_pb2.OUTCOME_DENIED,
                "heard_enough",
            )
        finally:
            running.stop()

    def test_what_is_left_is_said(
        self, deployment: TranscriptionDeployment, interview: recording_pb2.RecordingRef
    ) -> None:
        """Hearing the same again costs nothing."""
        first = ask(deployment, interview)
        again = ask(deployment, interview)
        further = ask(
            deployment, interview, times=clip_pb2.ClipTimes(start_ms=20_000, end_ms=21_000)
        )
        assert first.left_ms == again.left_ms
        assert further.left_ms < again.left_ms
