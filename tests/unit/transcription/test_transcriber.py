# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from services.transcription.adapters.convert import from_message, to_message
from services.transcription.domain.analysis import Layout
from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.ports import AsrResult, AsrSegment, AsrWord, LabelledSpan
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.spoken import Language, UsualLanguages
from services.transcription.domain.transcriber import (
    TranscriptionOptions,
    make_plan,
    transcribe,
)
from services.transcription.domain.transcript import Role, Segment
from services.transcription.domain.windows import WindowOptions
from services.transcription.domain.word_doubts import WordCalibration
from sotto.transcript.v1 import transcript_pb2

SECOND = SAMPLE_RATE


class Loudness:
    """A voice detector that takes loud for speech."""

    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """Loud is speech."""
        loud = np.abs(frames.reshape(-1, FRAME)).max(axis=1) > 0.02
        return loud.astype(np.float32)


class Take:
    """Audio in memory, read in blocks of an odd size."""

    bad_packets, cut_short = 0, False

    def __init__(self, audio: Samples, block: int = 7001) -> None:
        self.audio, self.block = audio, block

    def blocks(self) -> Iterator[Samples]:
        """Blocks of an odd size."""
        for at in range(0, self.audio.shape[1], self.block):
            yield self.audio[:, at : at + self.block]


class Echo:
    """An engine that says how loud a piece is and how long."""

    at_once = 1

    def language(self, _audio: Samples, _usual: Mapping[str, float]) -> Language:
        """All is English."""
        return Language("en", 1.0, sure=True)

    def transcribe(self, audio: Samples, _language: Language, **_split: bool) -> AsrResult:
        """Say length and loudness."""
        said = f"{len(audio) / SECOND:.1f} {np.abs(audio).max():.2f}"
        return AsrResult(
            "en", 1.0, (AsrSegment(said, 0.0, len(audio) / SECOND, (), -0.1, 0.0, 1.0),)
        )


class Hurried(Echo):
    """The same for four threads, the later of which are done first."""

    def __init__(self) -> None:
        self.asked, self.at_once = 0, 4

    def transcribe(self, audio: Samples, language: Language, **split: bool) -> AsrResult:
        """Take the longer the earlier it is asked."""
        self.asked += 1
        time.sleep(0.004 * (3 - self.asked % 4))
        return super().transcribe(audio, language, **split)


def hum(hertz: float, seconds: float) -> Samples:
    """A loud tone."""
    time = np.arange(int(seconds * SECOND)) / SECOND
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


class Bilingual(Echo):
    """An engine that takes low tones for English and high ones for Malay."""

    def __init__(self) -> None:
        self.usual: list[Mapping[str, float]] = []

    def language(self, audio: Samples, usual: Mapping[str, float]) -> Language:
        """By the tone."""
        self.usual.append(dict(usual))
        spectrum = np.abs(np.fft.rfft(audio))
        is_low = spectrum[: int(660 * len(audio) / SECOND)].max() > spectrum.max() / 2
        return Language("en" if is_low else "ms", 0.9)

    def transcribe(self, audio: Samples, language: Language, **_split: bool) -> AsrResult:
        """As the other engine, in the language that it is told."""
        return replace(super().transcribe(audio, language), language=language.code)


class Forgetful:
    """An engine that says four words of a piece, two at its start and two so long behind the
    first, and something else when it is asked again.
    """

    def __init__(self, *, again: str, wait: float, logprob: float = -0.1) -> None:
        self.again, self.wait, self.logprob = again, wait, logprob
        self.asked = 0
        self.probabilities = (0.9,) * 4

    at_once = 1

    def language(self, _audio: Samples, _usual: Mapping[str, float]) -> Language:
        """All is English."""
        return Language("en", 1.0, sure=True)

    def transcribe(self, audio: Samples, _language: Language, **_split: bool) -> AsrResult:
        """Leave out what comes between the words."""
        self.asked += 1
        seconds = len(audio) / SECOND
        texts = [" first", " words", " last", " words"]
        times = [(0.3, 1.0), (1.0, 2.0), (2.0 + self.wait, seconds - 0.5), (seconds - 0.5, seconds)]
        logprob = -0.1
        if self.asked > 1:
            texts, logprob = [f" {word}" for word in self.again.split()], self.logprob
            times = [(seconds * i / 2, seconds * (i + 1) / 2) for i in range(len(texts))]
        words = tuple(
            AsrWord(text, *at, probability)
            for text, at, probability in zip(texts, times, self.probabilities, strict=False)
        )
        if not words:
            return AsrResult("en", 1.0, ())
        said = "".join(texts)
        return AsrResult("en", 1.0, (AsrSegment(said, 0.0, seconds, words, logprob, 0.0, 1.0),))


def heard(engine: Forgetful) -> list[Segment]:
    """What an engine makes of a minute's first eight seconds of sound."""
    seconds = 4.0 + engine.wait
    take = Take(noise(seconds, 0.5)[None, :])
    options = TranscriptionOptions().for_model(WordCalibration("one", 0.5))
    found = make_plan(take, Loudness, Voices, options)
    return [s for _, part in transcribe(found, take, engine, options) for s in part]


def noise(seconds: float, level: float, seed: int = 0) -> Samples:
    """Something loud."""
    return np.random.default_rng(seed).uniform(-level, level, int(seconds * SECOND)).astype("f4")


def interview(bleed: float = 0.0) -> Samples:
    """Two microphones, turns of three seconds, one second between; `bleed` of the other side."""
    left, right = np.zeros((2, 0), np.float32)
    for turn in range(10):
        said, quiet = noise(3, 0.5, turn), np.zeros(SECOND, np.float32)
        other = noise(3, 0.5, turn) * bleed
        pair = (said, other) if turn % 2 == 0 else (other, said)
        left = np.concatenate([left, pair[0], quiet])
        right = np.concatenate([right, pair[1], quiet])
    return np.stack([left, right])


def plan(audio: Samples, **speakers: object) -> object:
    """The plan for this audio."""
    options = TranscriptionOptions(speakers=SpeakerOptions(**speakers))  # type: ignore[arg-type]
    return make_plan(Take(audio), Loudness, Voices, options)


class TestLayout:
    @pytest.mark.parametrize("bleed", [0.0, 0.05, 0.2])
    def test_a_speaker_a_channel(self, bleed: float) -> None:
        """Microphones of two people are two speakers, even where each picks up the other softly."""
        found = plan(interview(bleed))
        assert found.layout is Layout.SEPARATE  # type: ignore[attr-defined]
        pieces = [p for w in found.windows for p in w.pieces]  # type: ignore[attr-defined]
        assert [p.channel for p in sorted(pieces, key=lambda p: p.span)] == [0, 1] * 5

    @pytest.mark.parametrize("bleed", [0.8, 1.0])
    def test_one_room_heard_twice(self, bleed: float) -> None:
        """Microphones that pick up everybody alike are mixed, so that nothing is said twice."""
        assert plan(interview(bleed)).layout is Layout.MONO  # type: ignore[attr-defined]

    def test_a_dead_channel(self) -> None:
        """A second channel without sound is no speaker."""
        audio = interview()
        audio[1] = 0
        assert plan(audio).layout is Layout.MONO  # type: ignore[attr-defined]

    def test_the_setting_overrides(self) -> None:
        """Who knows better can say so."""
        assert plan(interview(), channels="mix").layout is Layout.MONO  # type: ignore[attr-defined]
        assert (
            plan(interview(1.0), channels="separate").layout  # type: ignore[attr-defined]
            is Layout.SEPARATE
        )


class TestRoles:
    @staticmethod
    def roles(first: float, second: float, **speakers: object) -> tuple[Role, Role]:
        """Roles of two speakers who talk so many seconds a turn."""
        audio = np.zeros((2, 0), np.float32)
        for turn in range(8):
            row = turn % 2
            pair = np.zeros((2, int(((first, second)[row] + 1) * SECOND)), np.float32)
            said = noise((first, second)[row], 0.5, turn)
            pair[row, : len(said)] = said
            audio = np.concatenate([audio, pair], axis=1)
        found = plan(audio, **speakers).speakers  # type: ignore[attr-defined]
        return found.speaker(0).role, found.speaker(1).role

    def test_who_talks_most_is_the_participant(self) -> None:
        """In an interview the one who answers has most of the talk."""
        assert self.roles(2, 8) == (Role.INTERVIEWER, Role.PARTICIPANT)
        assert self.roles(8, 2) == (Role.PARTICIPANT, Role.INTERVIEWER)

    def test_equal_talk_says_nothing(self) -> None:
        """Where both talk alike, nobody is given a role."""
        assert self.roles(4, 5) == (Role.UNKNOWN, Role.UNKNOWN)

    def test_settings_win(self) -> None:
        """Known channels are believed, and the guess can be switched off."""
        known = (Role.PARTICIPANT, Role.INTERVIEWER)
        assert self.roles(2, 8, roles=known) == known
        assert self.roles(2, 8, roles_by_talk=False) == (Role.UNKNOWN, Role.UNKNOWN)

    def test_what_was_given_with_the_recording_wins(self) -> None:
        """One of two speakers tells the other; a label that nobody has tells nothing."""
        known = (Role.INTERVIEWER, Role.PARTICIPANT)
        named = (("S2", Role.PARTICIPANT),)
        assert self.roles(8, 2, named=named, roles=known[::-1]) == known
        assert self.roles(8, 2, named=(("S3", Role.INTERVIEWER),)) == known[::-1]


class Voices:
    """A diarizer that gives the regions to so many speakers in turn, or to three."""

    def __init__(self) -> None:
        self.expected: list[int] = []

    def diarize(
        self, mix: Iterable[Samples], regions: Sequence[SampleRange], speakers: int
    ) -> list[LabelledSpan]:
        """One after the other; reads all of the mix."""
        self.expected.append(speakers)
        assert all(block.ndim == 1 for block in mix)
        return [LabelledSpan(span, number % (speakers or 3)) for number, span in enumerate(regions)]


class Ticking(Echo):
    """An engine that says a word in each half second that is loud, and counts its calls."""

    def __init__(self) -> None:
        self.asked = 0

    def transcribe(self, audio: Samples, _language: Language, **_split: bool) -> AsrResult:
        """Say all in one segment."""
        self.asked += 1
        starts = [
            at / SECOND
            for at in range(0, len(audio) - SECOND // 2 + 1, SECOND // 2)
            if np.abs(audio[at : at + SECOND // 2]).max() > 0.1
        ]
        words = tuple(AsrWord(f" w{i}", at, at + 0.5, 0.9) for i, at in enumerate(starts))
        said = "".join(word.text for word in words)
        return AsrResult("en", 1.0, (AsrSegment(said, 0.0, words[-1].end, words, -0.1, 0.0, 1.0),))


class TestDiarization:
    def transcribed(
        self, engine: Ticking, voices: Voices, channels: int = 1, **speakers: object
    ) -> list[Segment]:
        """Ten turns in one channel."""
        options = TranscriptionOptions(speakers=SpeakerOptions(**speakers))  # type: ignore[arg-type]
        audio = Take(np.tile(interview().sum(axis=0, keepdims=True), (channels, 1)))
        found = make_plan(audio, Loudness, lambda: voices, options)
        return [s for _, part in transcribe(found, audio, engine, options) for s in part]

    @pytest.mark.parametrize("channels", [1, 2])
    def test_any_number_of_speakers_from_one_decoding(self, channels: int) -> None:
        """Words go to speakers by time: each turn is a segment, and telling voices apart costs no
        further call of the engine.
        """
        engine, alone = Ticking(), Ticking()
        segments = self.transcribed(engine, Voices(), channels, diarizer="test/1")
        together = self.transcribed(alone, Voices(), channels)
        assert [s.speaker for s in segments] == (["S1", "S2", "S3"] * 4)[:10]
        assert {s.role for s in segments} == {Role.UNKNOWN}
        assert engine.asked == alone.asked < 10
        for number, segment in enumerate(segments):
            assert abs((segment.start_ms or 0) - 4000 * number) <= 600
            assert segment.text == "".join(word.text for word in segment.words).strip()
        said = [word for segment in segments for word in segment.words]
        assert said == [word for segment in together for word in segment.words]

    def test_the_number_of_speakers_reaches_the_diarizer(self) -> None:
        """What the study says of it is told; where one person speaks, nobody is asked."""
        voices = Voices()
        segments = self.transcribed(Ticking(), voices, diarizer="test/1", expected=2)
        assert [s.speaker for s in segments] == ["S1", "S2"] * 5
        assert voices.expected == [2]
        self.transcribed(Ticking(), voices, diarizer="test/1", expected=1)
        assert voices.expected == [2]

    def test_can_be_turned_off(self) -> None:
        """Without it everybody in a mono recording is one speaker."""
        voices = Voices()
        assert {s.speaker for s in self.transcribed(Ticking(), voices)} == {"S1"}
        assert voices.expected == []


class TestTranscribe:
    def test_segments_of_a_stereo_interview(self) -> None:
        """Labels and roles follow the channels, in the order of time."""
        options = TranscriptionOptions(
            speakers=SpeakerOptions(roles=(Role.INTERVIEWER, Role.PARTICIPANT))
        )
        take = Take(interview(0.05))
        windows = list(
            transcribe(make_plan(take, Loudness, Voices, options), take, Echo(), options)
        )
        said = [s for _, segments in windows for s in segments]
        assert [s.speaker for s in said] == ["S1", "S2"] * 5
        assert {(s.speaker, s.role) for s in said} == {
            ("S1", Role.INTERVIEWER), ("S2", Role.PARTICIPANT),
        }  # fmt: skip
        assert [s.start_ms for s in said] == sorted(s.start_ms or 0 for s in said)
        # The other side's bleed between a speaker's turns is not in the audio of that speaker.
        assert all(s.text.endswith("0.50") for s in said)

    @pytest.mark.parametrize("block", [1, 511, 512, 16000, 10**7])
    def test_block_sizes_change_nothing(self, block: int) -> None:
        """However the decoder cuts its blocks, the plan is the same."""
        audio = interview()[:1, : 12 * SECOND] if block == 1 else interview()[:1]
        options = TranscriptionOptions()
        small, whole = Take(audio, block), Take(audio)
        assert make_plan(small, Loudness, Voices, options) == make_plan(
            whole, Loudness, Voices, options
        )

    def test_pieces_that_are_heard_at_once_come_in_their_order(self) -> None:
        """How many threads a recording has changes nothing of what is written."""
        take = Take(np.tile(interview()[:1], (1, 6)))
        found = make_plan(take, Loudness, Voices, TranscriptionOptions())
        assert max(len(window.pieces) for window in found.windows) > 3
        whole = list(transcribe(found, take, Echo(), TranscriptionOptions()))
        assert list(transcribe(found, take, Hurried(), TranscriptionOptions())) == whole

    def test_windows_that_are_done_are_passed_over(self) -> None:
        """What is stored is not transcribed again, and the rest comes out as if all had been."""
        options = TranscriptionOptions(windows=WindowOptions(longest=60.0))
        take = Take(np.tile(interview()[:1], (1, 6)))
        found = make_plan(take, Loudness, Voices, options)
        whole = list(transcribe(found, take, Echo(), options))
        assert len(whole) > 3
        for done in range(len(whole) + 1):
            rest = list(transcribe(found, take, Echo(), options, done=range(done)))
            assert rest == whole[done:]

    def test_what_a_decoder_leaves_out_is_heard_again(self) -> None:
        """Speech without words is heard alone, and what is then understood stands in its place."""
        found = heard(Forgetful(again="and this", wait=4.0))
        assert [s.text for s in found] == ["first words", "and this", "last words"]
        starts = [s.start_ms or 0 for s in found]
        assert starts == sorted(starts)
        assert not any(s.evidence is not None and s.evidence.doubtful for s in found)

    @pytest.mark.parametrize("logprob", [None, -3.0])
    def test_what_stays_unheard_is_said(self, logprob: float | None) -> None:
        """Where hearing again gives nothing, or words that the decoder is unsure of, a segment
        with a doubt says from when to when.
        """
        again = "" if logprob is None else "noise, noise"
        found = heard(Forgetful(again=again, wait=4.0, logprob=logprob or 0.0))
        assert [s.text for s in found] == ["first words", "[inaudible 00:02-00:05]", "last words"]
        assert found[1].is_inaudible
        assert [s.is_inaudible for s in found] == [False, True, False]

    def test_covered_speech_is_heard_once(self) -> None:
        """Pauses inside of what has words cost nothing."""
        engine = Forgetful(again="never", wait=0.6)
        assert [s.text for s in heard(engine)] == ["first words last words"]
        assert engine.asked == 1

    def test_words_that_are_likely_wrong_are_marked(self) -> None:
        """A word of a low probability is doubtful, stored so and read back so."""
        engine = Forgetful(again="never", wait=0.6)
        engine.probabilities = (0.99, 0.2, 0.98, 0.97)
        (segment,) = heard(engine)
        assert [word.doubtful for word in segment.words] == [False, True, False, False]
        stored = to_message(segment).SerializeToString()
        assert from_message(transcript_pb2.Segment.FromString(stored)).words == tuple(
            replace(word, probability=pytest.approx(word.probability)) for word in segment.words
        )

    def test_a_piece_is_in_one_language(self) -> None:
        """Regions that follow each other in one language are heard together, others by
        themselves, each in its own language.
        """
        tones = [(440.0, 3.0), (440.0, 3.0), (880.0, 3.0), (440.0, 6.0)]
        gap = np.zeros(SECOND, np.float32)
        sound = np.concatenate([part for one in tones for part in (hum(*one), gap)])
        engine = Bilingual()
        take, options = Take(sound[None, :]), TranscriptionOptions()
        found = make_plan(take, Loudness, Voices, options)
        said = [s for _, part in transcribe(found, take, engine, options) for s in part]
        assert [s.language for s in said] == ["en", "ms", "en"]
        assert [round((s.end_ms or 0) - (s.start_ms or 0), -3) for s in said] == [7000, 4000, 7000]

    def test_a_region_may_hold_two_languages(self) -> None:
        """Where people change their language without a pause, the region is cut between words."""
        sound = np.concatenate(
            [hum(440.0, 7.0), np.zeros(SECOND // 5, np.float32), hum(880.0, 7.0)]
        )
        take, options = Take(sound[None, :]), TranscriptionOptions()
        found = make_plan(take, Loudness, Voices, options)
        assert len(found.windows[0].pieces[0].speech) == 1
        said = [s for _, part in transcribe(found, take, Bilingual(), options) for s in part]
        assert [s.language for s in said] == ["en", "ms"]
        assert said[0].end_ms == pytest.approx(7100, abs=100)

    def test_a_restart_knows_what_is_usual(self) -> None:
        """The languages of windows that are stored already count as those of this run."""
        take, options = Take(np.tile(interview()[:1], (1, 6))), TranscriptionOptions()
        found = make_plan(take, Loudness, Voices, options)
        first = Bilingual()
        whole = list(transcribe(found, take, first, options))
        usual, again = UsualLanguages(), Bilingual()
        usual.add(whole[0][1])
        assert list(transcribe(found, take, again, options, done=[0], usual=usual)) == whole[1:]
        assert again.usual == first.usual[-len(again.usual) :]
        assert again.usual[0]["en"] > 0

    def test_silence_is_nothing(self) -> None:
        """Silence gives no windows and asks no engine."""
        options = TranscriptionOptions()
        take = Take(np.zeros((1, 30 * SECOND), np.float32))
        found = make_plan(take, Loudness, Voices, options)
        assert found.windows == ()
        assert list(transcribe(found, take, Echo(), options)) == []
