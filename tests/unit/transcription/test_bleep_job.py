# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace

import av
import numpy as np
import numpy.typing as npt
import pytest

from services.corrections.model import Replacement
from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.flac import encode_flac
from services.transcription.adapters.voice_disguise import deepened
from services.transcription.domain.audio import FRAME, SAMPLE_RATE, Samples
from services.transcription.domain.bleep_job import (
    BleepedAudio,
    BleepOrder,
    BleepRunner,
    IdentifiedTranscript,
    NoAudio,
)
from services.transcription.domain.bleeping import ApprovedSegment
from services.transcription.domain.hotwords import StudyContext
from services.transcription.domain.job import TranscriptionRunner
from services.transcription.domain.ports import (
    AsrResult,
    AsrSegment,
    AsrWord,
    AudioReader,
    RecordingContent,
    RecordingIdentity,
)
from services.transcription.domain.runs import EngineDescription, EngineIdentity
from services.transcription.domain.spoken import Language
from services.transcription.domain.transcriber import make_plan, transcribe
from services.transcription.domain.transcript import Segment
from services.transcription.errors import AudioNotSafe, OtherTranscript

WORDS = {400: "I", 550: "met", 700: "Faizal", 1300: "there", 1600: "today"}
"""What tones of these frequencies say in the language of these tests; a bleep says nothing."""

MARK = "[Person 1]"


class Loudness:
    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """Loud is speech."""
        return (np.abs(frames.reshape(-1, FRAME)).max(axis=1) > 0.02).astype(np.float32)


@dataclass
class Ear:
    """Hears words in tones, a second's tenth at a time; `late` seconds later than they are said."""

    late: float = 0.0

    def for_study(self, _languages: Sequence[str], _hotwords: str = "") -> Ear:
        """All talk alike."""
        return self

    at_once = 1

    def language(self, _audio: Samples, _usual: Mapping[str, float]) -> Language:
        """There is one."""
        return Language("en", 1.0, sure=True)

    def transcribe(self, audio: Samples, _language: Language, **_split: bool) -> AsrResult:
        """Return the words in the order of their times."""
        step, found = SAMPLE_RATE // 10, []
        for at in range(0, len(audio) - step + 1, step):
            spectrum = np.abs(np.fft.rfft(audio[at : at + step]))
            loudest = int(spectrum.argmax()) * 10
            word = WORDS.get(loudest) if spectrum.max() > 10 else None
            start = at / SAMPLE_RATE + self.late
            if word and found and found[-1].text == f" {word}" and start - found[-1].end < 0.01:
                found[-1] = replace(found[-1], end=start + 0.1)
            elif word:
                found.append(AsrWord(f" {word}", start, start + 0.1, 0.9))
        if not found:
            return AsrResult("en", 1.0, ())
        text = "".join(word.text for word in found)
        heard = AsrSegment(text, found[0].start, found[-1].end, tuple(found), -0.1, 0.0, 1.0)
        return AsrResult("en", 1.0, (heard,))


def tones(text: str, channels: int = 1) -> bytes:
    """A recording of words, half a second each, with half a second of silence around them."""
    pitch = {word: hertz for hertz, word in WORDS.items()}
    time = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    words = [0.5 * np.sin(2 * np.pi * pitch[word] * time) for word in text.split()]
    silence = np.zeros(SAMPLE_RATE // 2)
    sound = np.concatenate([silence, *words, silence]).astype(np.float32)
    return encode_flac([np.tile(sound, (channels, 1))])


@contextmanager
def opened(chunks: Iterable[bytes]) -> Iterator[AudioReader]:
    """Decode a recording, in this process."""
    data = b"".join(chunks)
    yield RecordingReader(lambda: io.BytesIO(data), AudioLimits())


def runner(ear: Ear, again: Ear | None = None) -> BleepRunner:
    """What makes sound and hears it by one ear, or by another one than the transcript."""
    identity = EngineIdentity("test/1", "tones", "ab" * 32)
    hearing = TranscriptionRunner(
        describe=lambda: EngineDescription(identity, 30.0, {}),
        engine=lambda: again or ear,
        detector=Loudness,
        diarizer=lambda: pytest.fail("nobody asks who speaks"),
        open_audio=opened,
        parse=lambda *_: iter(()),
        parser="none",
        likeness=lambda *_: pytest.fail("nobody asks who it is"),
    )
    return BleepRunner(hearing, encode_flac, deepened)


@dataclass
class Taken:
    """A recording in the store, with its transcript."""

    data: bytes
    segments: tuple[Segment, ...]
    duration_ms: int
    invented: bool = False
    is_transcript: bool = False
    content_deleted: bool = False
    study: StudyContext = field(default_factory=lambda: StudyContext(("en",)))

    @property
    def identity(self) -> RecordingIdentity:
        """Its name."""
        return RecordingIdentity("rec-" + "a" * 26, self.is_transcript, bytes(32))

    def open(self) -> nullcontext[RecordingContent]:
        """All of it at once."""
        return nullcontext(RecordingContent("a.flac", [self.data]))

    def run_key(self, _digest: bytes) -> str:
        """Not asked for here."""
        raise AssertionError

    run = run_key  # type: ignore[assignment]

    def transcript(self, _run_key: str) -> IdentifiedTranscript:
        """The one that there is."""
        return IdentifiedTranscript(self.segments, self.duration_ms, "mono", self.invented)


def take(text: str, ear: Ear, channels: int = 1) -> Taken:
    """A recording of a text, transcribed by an ear."""
    data, made = tones(text, channels), runner(ear)
    options = made.transcription.options
    with opened([data]) as reader:
        plan = make_plan(
            reader,
            Loudness,
            made.transcription.diarizer,
            replace(options, speakers=replace(options.speakers, diarizer="")),
        )
        segments = [one for _, found in transcribe(plan, reader, ear, options) for one in found]
    return Taken(data, tuple(segments), plan.total * 1000 // SAMPLE_RATE)


def order(taken: Taken, name: str, *, tone: bool = True) -> BleepOrder:
    """Ask for the sound with a name redacted wherever it stands."""
    approved = []
    for one in taken.segments:
        at = one.text.find(name)
        marks = () if at < 0 else (Replacement(at, at + len(MARK), "PERSON"),)
        approved.append(ApprovedSegment(one.text.replace(name, MARK, 1), marks))
    return BleepOrder("0" * 32, tuple(approved), tone)


def heard(data: bytes, ear: Ear) -> str:
    """What an ear makes of a sound."""
    with opened([data]) as reader:
        sound = np.concatenate(list(reader.blocks()), axis=1)
    return " ".join(
        word.text.strip()
        for segment in ear.transcribe(sound[0], Language("en", 1.0)).segments
        for word in segment.words
    )


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("tone", [True, False])
def test_the_name_is_gone_and_the_rest_is_there(channels: int, tone: bool) -> None:
    """What comes out is as long as the recording, says all else, and was heard once more."""
    ear = Ear()
    taken = take("I met Faizal there today", ear, channels)
    assert [one.text for one in taken.segments] == ["I met Faizal there today"]
    made = runner(ear).run(taken, order(taken, "Faizal", tone=tone), lambda: None)
    assert isinstance(made, BleepedAudio)
    assert heard(made.data, ear) == "I met there today"
    assert (made.duration_ms, made.redacted_stretches, made.redacted_ms) == (3500, 1, 1000)
    assert made.muted_ms == pytest.approx(1000 + 350 + 350, abs=100)
    assert (made.heard_again, made.checked_with) == (0, "tones")
    with opened([made.data]) as reader:
        sound = np.concatenate(list(reader.blocks()), axis=1)
    assert sound.shape == (channels, 56_000)


def test_the_same_bytes_again() -> None:
    """A second try gives the same file, with no tag of the recording in it."""
    ear = Ear()
    taken = take("I met Faizal there today", ear)
    made = [runner(ear).run(taken, order(taken, "Faizal"), lambda: None) for _ in range(2)]
    assert made[0] == made[1]
    assert isinstance(made[0], BleepedAudio)
    with av.open(io.BytesIO(made[0].data)) as container:
        assert not container.metadata
        assert not container.streams.audio[0].metadata


def test_a_name_that_is_heard_again_takes_its_segment_along() -> None:
    """Where times are half a second late the tone hits the wrong word: hearing finds the name, and
    its whole segment is muted.
    """
    taken = take("I met Faizal there today", Ear(late=0.6))
    made = runner(Ear()).run(taken, order(taken, "Faizal"), lambda: None)
    assert isinstance(made, BleepedAudio)
    assert made.heard_again > 0
    assert "Faizal" not in heard(made.data, Ear())


def test_a_name_that_does_not_go() -> None:
    """An ear that hears it whatever is muted lets nothing out."""
    taken = take("I met Faizal there today there there there", Ear())
    released = order(taken, "Faizal")

    class Haunted(Ear):
        def transcribe(self, _audio: Samples, _language: Language, **_split: bool) -> AsrResult:
            """Hear the name in everything, silence too."""
            word = AsrWord(" Faizal", 0.0, 0.1, 0.9)
            return AsrResult("en", 1.0, (AsrSegment(" Faizal", 0, 0.1, (word,), -0.1, 0.0, 1.0),))

    made = BleepRunner(
        replace(runner(Haunted()).transcription, detector=Always), encode_flac, deepened
    )
    with pytest.raises(AudioNotSafe):
        made.run(taken, released, lambda: None)


@pytest.mark.parametrize("channels", [1, 2])
def test_deeper_voices(channels: int) -> None:
    """They are lower, at the same times, and silent and as long as before: the name stays away."""
    ear = Ear()
    taken = take("I met Faizal there today", ear, channels)
    plain = runner(ear).run(taken, order(taken, "Faizal"), lambda: None)
    asked = replace(order(taken, "Faizal"), disguise=True)
    made = [runner(ear).run(taken, asked, lambda: None) for _ in range(2)]
    assert isinstance(plain, BleepedAudio)
    assert isinstance(made[0], BleepedAudio)
    assert made[0] == made[1]
    assert replace(made[0], data=b"") == replace(plain, data=b"")
    sounds = []
    for one in (plain, made[0]):
        with opened([one.data]) as reader:
            sounds.append(np.concatenate(list(reader.blocks()), axis=1))
    before, after = sounds
    assert after.shape == before.shape
    np.testing.assert_array_equal(after[:, 20_000:35_000], before[:, 20_000:35_000])
    assert not after[:, :5_000].any()
    word = slice(8_800, 15_200)  # "I", of 400 Hz
    pitches = [np.abs(np.fft.rfft(one[0, word])).argmax() * 2.5 for one in sounds]
    assert pitches == pytest.approx([400, 328], abs=5)


def test_a_disguise_does_not_depend_on_blocks() -> None:
    """Nor does its length, which is that of what came in."""
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 30_001)).astype(np.float32)
    made = [
        np.concatenate(
            list(deepened(sound[:, at : at + size] for at in range(0, 30_001, size))), axis=1
        )
        for size in (997, 5000, 30_001)
    ]
    assert made[0].shape == sound.shape
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[0], made[2])
    assert list(deepened([])) == []


class Always:
    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """All is speech."""
        return np.ones(len(frames) // FRAME, np.float32)


class TestRefusals:
    """Where something is missing, nothing is made."""

    def test_no_sound_to_make(self) -> None:
        """Of what was written elsewhere, invented or deleted, and it says which."""
        ear = Ear()
        taken = take("I met Faizal", ear)
        for change, why in (
            ({"is_transcript": True}, NoAudio.MADE_ELSEWHERE),
            ({"invented": True}, NoAudio.INVENTED),
            ({"content_deleted": True}, NoAudio.DELETED),
        ):
            made = runner(ear).run(
                replace(taken, **change),  # type: ignore[arg-type]
                order(taken, "Faizal"),
                lambda: None,
            )
            assert made is why

    def test_another_transcript(self) -> None:
        """Of another number of segments, or of a recording that is decoded otherwise now."""
        ear = Ear()
        taken = take("I met Faizal", ear)
        good = order(taken, "Faizal")
        with pytest.raises(OtherTranscript):
            runner(ear).run(taken, replace(good, approved=good.approved * 2), lambda: None)
        with pytest.raises(OtherTranscript):
            runner(ear).run(replace(taken, duration_ms=2000), good, lambda: None)
