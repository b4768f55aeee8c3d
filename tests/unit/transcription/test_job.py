# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pytest

from services.common.errors import Cancelled
from services.transcription.domain.audio import FRAME, SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.enrolled_voices import EnrolledVoice, Likeness
from services.transcription.domain.hotwords import StudyContext
from services.transcription.domain.job import JobResult, Progress, TranscriptionRunner
from services.transcription.domain.ports import (
    AsrResult,
    AsrSegment,
    AudioReader,
    LabelledSpan,
    ManifestFields,
    RecordingContent,
    RecordingIdentity,
)
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.runs import EngineDescription, EngineIdentity, run_digest
from services.transcription.domain.speakers import SpeakerOptions
from services.transcription.domain.spoken import Language
from services.transcription.domain.transcriber import TranscriptionOptions
from services.transcription.domain.transcript import Segment
from services.transcription.domain.turns import Turn
from services.transcription.domain.windows import WindowOptions
from services.transcription.errors import NoSpeechModel

IDENTITY = EngineIdentity("test/1", "test", "ab" * 32)


ENGLISH = StudyContext(("en",))


class Died(Exception):
    """Stands for the death of the process."""


@dataclass
class MemoryStore:
    """A store of runs in memory that can die before a given write."""

    windows: dict[str, list[list[Segment]]] = field(default_factory=dict)
    manifests: dict[str, ManifestFields] = field(default_factory=dict)
    writes_left: int = 1000
    selected: list[str] = field(default_factory=list)

    def open(self, key: str) -> OpenRun:
        """Open a run."""
        return OpenRun(self, key)


@dataclass
class OpenRun:
    store: MemoryStore
    key: str

    def finished(self) -> int | None:
        """Segments of a finished run."""
        found = self.store.manifests.get(self.key)
        return None if found is None else sum(map(len, self.store.windows[self.key]))

    def select(self) -> None:
        """Make it the newest."""
        self.store.selected.append(self.key)

    def stored(self) -> int:
        """Windows that are there."""
        return len(self.store.windows.get(self.key, []))

    def read(self, index: int) -> Sequence[Segment]:
        """Give back a window."""
        return self.store.windows[self.key][index]

    def write(self, index: int, segments: Sequence[Segment]) -> None:
        """Store the next window."""
        self._spend()
        stored = self.store.windows.setdefault(self.key, [])
        assert index == len(stored)
        stored.append(list(segments))

    def commit(self, fields: ManifestFields) -> None:
        """Store the manifest, once."""
        self._spend()
        assert self.key not in self.store.manifests
        self.store.manifests[self.key] = fields

    def _spend(self) -> None:
        self.store.writes_left -= 1
        if self.store.writes_left < 0:
            raise Died


class Loudness:
    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """Loud is speech."""
        return (np.abs(frames.reshape(-1, FRAME)).max(axis=1) > 0.02).astype(np.float32)


class Engine:
    """Says a number for each piece; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def for_study(self, _languages: Sequence[str], _hotwords: str = "") -> Engine:
        """It treats all languages alike."""
        return self

    at_once = 1

    def language(self, _audio: Samples, _usual: Mapping[str, float]) -> Language:
        """All is English."""
        return Language("en", 1.0, sure=True)

    def transcribe(self, audio: Samples, _language: Language, **_split: bool) -> AsrResult:
        """Give a hash of the audio as the text."""
        self.asked += 1
        end = len(audio) / SAMPLE_RATE
        said = hashlib.sha256(audio.tobytes()).hexdigest()[:8]
        return AsrResult("en", 1.0, (AsrSegment(said, 0.0, end, (), -0.1, 0.0, 1.0),))


class Deaf(Engine):
    """Understands nothing."""

    def transcribe(self, _audio: Samples, _language: Language, **_split: bool) -> AsrResult:
        """Give no segment."""
        self.asked += 1
        return AsrResult("en", 1.0, ())


class Turns:
    """A diarizer that gives the regions to two people in turn."""

    def diarize(
        self, _mix: Iterable[Samples], regions: Sequence[SampleRange], _speakers: int
    ) -> list[LabelledSpan]:
        """One after the other."""
        return [LabelledSpan(span, number % 2) for number, span in enumerate(regions)]


class Take:
    bad_packets, cut_short = 0, False

    def __init__(self, audio: Samples) -> None:
        self.audio = audio

    def blocks(self) -> Iterator[Samples]:
        """Blocks of an odd size."""
        yield from (self.audio[:, at : at + 9000] for at in range(0, self.audio.shape[1], 9000))


@contextmanager
def open_audio(chunks: Iterable[bytes]) -> Iterator[AudioReader]:
    """Bytes as samples."""
    yield Take(np.frombuffer(b"".join(chunks), np.float32)[None, :])


def parse(
    chunks: Iterable[bytes], _name: str, _options: ReadingOptions
) -> Iterator[Turn | Reading]:
    """A turn a line."""
    lines = b"".join(chunks).decode().splitlines()
    for line in lines:
        yield Turn("I", line)
    yield Reading(form="txt", turns=len(lines))


def runner(
    engine: Engine,
    identity: EngineIdentity = IDENTITY,
    *,
    invents: bool = False,
    likeness: Callable[..., Likeness] | None = None,
    speakers: SpeakerOptions | None = None,
) -> TranscriptionRunner:
    """A runner with this engine."""
    description = EngineDescription(identity, 30.0, {"beam": 1}, invents)
    return TranscriptionRunner(
        lambda: description,
        lambda: engine,
        Loudness,
        Turns,
        open_audio,
        parse,
        "test-import/1",
        likeness or (lambda *_: pytest.fail("nobody asks who it is")),
        TranscriptionOptions(
            windows=WindowOptions(longest=60.0), speakers=speakers or SpeakerOptions()
        ),
    )


def speech(turns: int = 60) -> bytes:
    """Turns of three seconds and a second between."""
    draw = np.random.default_rng(5)
    parts = []
    for _ in range(turns):
        parts += [draw.uniform(-0.5, 0.5, 3 * SAMPLE_RATE), np.zeros(SAMPLE_RATE)]
    return np.concatenate(parts).astype(np.float32).tobytes()


@dataclass
class Source:
    """A recording in memory; counts how often it was opened."""

    content: bytes
    identity: RecordingIdentity
    store: MemoryStore
    study: StudyContext = ENGLISH
    opened: int = 0

    def voice(self, voice: EnrolledVoice) -> bytes:
        """A clip that says whose it is."""
        return np.full(8, len(voice.person), np.float32).tobytes()

    @contextmanager
    def open(self) -> Iterator[RecordingContent]:
        """Give out its bytes."""
        self.opened += 1
        yield RecordingContent("a.txt", [self.content])

    def run_key(self, digest: bytes) -> str:
        """Make a key under a secret."""
        return hmac.digest(b"secret", digest, "sha256").hex()[:32]

    def run(self, key: str) -> OpenRun:
        """Open a run."""
        return self.store.open(key)


def source(content: bytes, store: MemoryStore | None = None, *, transcript: bool = False) -> Source:
    """A recording in memory."""
    identity = RecordingIdentity("rec-x", transcript, hashlib.sha256(content).digest())
    return Source(content, identity, store or MemoryStore())


def run(
    store: MemoryStore,
    content: bytes,
    engine: Engine | None = None,
    *,
    identity: EngineIdentity = IDENTITY,
    invents: bool = False,
    transcript: bool = False,
) -> list[Progress | JobResult]:
    """Everything that a job says."""
    made = runner(engine or Engine(), identity, invents=invents)
    return list(made.run(source(content, store, transcript=transcript), lambda: None))


class TestRestart:
    @pytest.mark.parametrize("transcript", [False, True])
    def test_death_before_any_write_ends_in_the_same_transcript(self, transcript: bool) -> None:
        """Wherever a job dies, the next one ends with the very same windows and manifest."""
        content = b"line\n" * 1800 if transcript else speech()
        whole = MemoryStore()
        run(whole, content, transcript=transcript)
        (windows,) = whole.windows.values()
        assert len(windows) > 3
        assert [s.index for w in windows for s in w] == list(range(sum(map(len, windows))))
        for writes in range(len(windows) + 1):
            store = MemoryStore(writes_left=writes)
            with pytest.raises(Died):
                run(store, content, transcript=transcript)
            store.writes_left = 1000
            run(store, content, transcript=transcript)
            assert store.windows == whole.windows
            assert store.manifests == whole.manifests

    def test_what_is_stored_is_not_heard_again(self) -> None:
        """A restart asks the engine for the missing windows alone."""
        content, first, second = speech(), Engine(), Engine()
        store = MemoryStore(writes_left=2)
        with pytest.raises(Died):
            run(store, content, first)
        store.writes_left = 1000
        run(store, content, second)
        whole = Engine()
        run(MemoryStore(), content, whole)
        one_window = max(len(w) for ws in store.windows.values() for w in ws)
        assert first.asked + second.asked <= whole.asked + one_window

    def test_a_finished_run_is_left_alone(self) -> None:
        """A second call says that the run was there, without the engine hearing anything.

        It makes the run the newest one: a later one may have been made under other settings.
        """
        content, store, engine = speech(8), MemoryStore(), Engine()
        run(store, content)
        assert store.selected == []
        last = run(store, content, engine)[-1]
        assert isinstance(last, JobResult)
        assert last.existed
        assert engine.asked == 0
        assert store.selected == [last.run_key]

    def test_a_caller_who_has_gone_stops_the_work(self) -> None:
        """Cancelling takes effect at the next window; what was stored stays."""
        store, calls = MemoryStore(), iter(range(10**6))

        def check_cancelled() -> None:
            if next(calls) > 200:
                raise Cancelled("gone")

        with pytest.raises(Cancelled):
            list(runner(Engine()).run(source(speech(200), store), check_cancelled))
        assert not store.manifests


class TestResult:
    def test_a_demo_model_refuses_a_recording_that_it_does_not_know(self) -> None:
        """Nothing is heard or stored, even of a run that was finished before."""
        content = speech(8)
        demo = replace(IDENTITY, demo=True)
        store = MemoryStore()
        run(store, content, identity=demo, invents=True)
        stored = dict(store.manifests)
        for one in (store, MemoryStore()):
            with pytest.raises(NoSpeechModel, match="sotto models pull") as refusal:
                run(one, content, identity=demo)
            assert refusal.value.reason == "no_speech_model"
        assert store.manifests == stored

    def test_words_of_a_demo_model_that_may_invent_are_marked(self) -> None:
        """The manifest says that they are invented, unless the recording is one of its samples; so
        they are never taken for the run of a model that knows it.
        """
        content = speech(8)
        demo = replace(IDENTITY, demo=True)
        knowing = replace(demo, samples=frozenset([hashlib.sha256(content).hexdigest()]))
        keys: dict[bool, set[str]] = {True: set(), False: set()}
        for identity, invents, is_invented in (
            (demo, True, True),
            (knowing, True, False),
            (knowing, False, False),
            (IDENTITY, True, False),
        ):
            store = MemoryStore()
            run(store, content, identity=identity, invents=invents)
            (fields,) = store.manifests.values()
            assert fields.invented is is_invented
            keys[is_invented].update(store.manifests)
        assert not keys[True] & keys[False]

    def test_silence_has_a_finished_empty_transcript(self) -> None:
        """A silent recording is finished with no segments, so that its way goes on."""
        store = MemoryStore()
        result = run(store, bytes(4 * 20 * SAMPLE_RATE))[-1]
        assert isinstance(result, JobResult)
        assert result.segments == 0
        (fields,) = store.manifests.values()
        assert fields.duration_ms == 20_000
        assert fields.doubts == {}

    def test_sound_without_a_word_is_said(self) -> None:
        """Where nothing is understood of a recording with sound, the manifest says so: what stands
        for it counts as no word.
        """
        store = MemoryStore()
        run(store, speech(2), Deaf())
        (fields,) = store.manifests.values()
        assert fields.doubts == {"inaudible": 1, "nothing_heard": 1}
        assert fields.words == 0

    def test_damage_of_the_file_is_said(self) -> None:
        """What the decoder could not read is in the manifest."""
        store = MemoryStore()
        torn = Take(np.frombuffer(speech(2), np.float32)[None, :])
        torn.bad_packets, torn.cut_short = 2, True
        made = replace(runner(Engine()), open_audio=lambda _chunks: nullcontext(torn))
        list(made.run(source(speech(2), store), lambda: None))
        (fields,) = store.manifests.values()
        assert fields.doubts == {"bad_packets": 2, "cut_short": 1}


class TestPlan:
    @pytest.mark.parametrize("transcript", [False, True])
    def test_names_the_run_that_is_made_next(self, transcript: bool) -> None:
        """The key of a plan is the key of the run, and its provenance is in the manifest."""
        content, store = b"a\nb" if transcript else speech(4), MemoryStore()
        planned = runner(Engine()).plan(source(content, transcript=transcript))
        result = run(store, content, transcript=transcript)[-1]
        assert isinstance(result, JobResult)
        assert planned.key == result.run_key
        stated = store.manifests[planned.key].provenance
        assert planned.provenance.items() <= stated.items()
        assert set(stated) - set(planned.provenance) <= {"layout"}

    def test_neither_a_plan_nor_a_finished_run_loads_the_engine(self) -> None:
        """Which run is wanted is known before any model is in memory."""
        content, store = speech(4), MemoryStore()
        run(store, content)

        def load() -> Engine:
            raise AssertionError("loaded")

        cold = replace(runner(Engine()), engine=load)
        planned = cold.plan(source(content))
        recording = source(content, store)
        *_, last = cold.run(recording, lambda: None)
        assert recording.opened == 0
        assert isinstance(last, JobResult)
        assert (last.run_key, last.existed) == (planned.key, True)

    def test_names_of_the_roster_change_the_run(self) -> None:
        """Names that prime the model decide what it writes; for an import they do nothing."""
        roster = b'{"people": [{"name": "Faizal"}]}'
        known, unknown = StudyContext(("en",), "P07", roster), StudyContext(("en",), "P07")
        primed = replace(runner(Engine()), hotwords_characters=200)
        for transcript in (False, True):
            recording = source(b"x", transcript=transcript)
            plans = [primed.plan(replace(recording, study=study)) for study in (known, unknown)]
            assert (plans[0].key == plans[1].key) is transcript
            assert "Faizal" not in str([one.provenance for one in plans])

    def test_what_is_said_of_speakers_changes_the_run(self) -> None:
        """Their number and their roles decide what is written, and the manifest tells of both."""
        recording = source(b"x")
        three = replace(recording, study=replace(ENGLISH, speakers=3))
        reading = ReadingOptions(roles={"S1": "interviewer"})
        named = replace(recording, identity=replace(recording.identity, reading=reading))
        plans = [runner(Engine()).plan(one) for one in (recording, three, named)]
        assert len({one.key for one in plans}) == 3
        assert [one.provenance["speakers"] for one in plans] == ["not said", "3", "not said"]
        assert [one.provenance["roles"] for one in plans] == ["not given", "not given", "given"]

    def test_a_setting_of_the_engine_shows_in_the_provenance(self) -> None:
        """Where only a setting changed, a reader of two manifests sees that."""
        recording = source(b"x")
        wider = EngineDescription(IDENTITY, 30.0, {"beam": 2})
        makers = (runner(Engine()), replace(runner(Engine()), describe=lambda: wider))
        plans = [maker.plan(recording) for maker in makers]
        assert plans[0].key != plans[1].key
        differ = plans[0].provenance.items() ^ plans[1].provenance.items()
        assert {name for name, _ in differ} == {"settings"}


class TestRunDigest:
    def test_everything_that_matters_changes_it(self) -> None:
        """Recording, content, engine and any choice give another run."""
        base = ("rec-a", b"a", "engine/1", {"beam": 1})
        others = [
            ("rec-b", b"a", "engine/1", {"beam": 1}),
            ("rec-a", b"b", "engine/1", {"beam": 1}),
            ("rec-a", b"a", "engine/2", {"beam": 1}),
            ("rec-a", b"a", "engine/1", {"beam": 2}),
        ]
        digests = {run_digest(*inputs) for inputs in [base, *others]}
        assert len(digests) == 5
        assert run_digest(*base) in digests
        assert all(len(digest) == 32 for digest in digests)


SITI, ANA = EnrolledVoice("siti", "11" * 32), EnrolledVoice("ana", "22" * 32)
VOICES = StudyContext(("en",), voices=(SITI,))


class TestEnrolledVoices:
    """`Turns` gives the regions of speech to two speakers in turn."""

    def by(
        self,
        likeness: Callable[..., Likeness] | None,
        study: StudyContext = VOICES,
        **reading: object,
    ) -> tuple[str, ManifestFields, set[tuple[str, str]]]:
        """Run key, manifest, and labels with roles, of a run with such a study."""
        content, store = speech(8), MemoryStore()
        one = source(content, store)
        one.study = study
        one.identity = replace(one.identity, reading=ReadingOptions(**reading))  # type: ignore[arg-type]
        made = runner(Engine(), likeness=likeness, speakers=SpeakerOptions(diarizer="turns"))
        last = list(made.run(one, lambda: None))[-1]
        assert isinstance(last, JobResult)
        (windows,) = store.windows.values()
        said = {(s.speaker, s.role.value) for window in windows for s in window}
        return last.run_key, store.manifests[last.run_key], said

    def test_who_is_like_the_clip_interviews(self) -> None:
        """Of two, the other one takes part; the manifest says by what rule."""
        asked = []

        def likeness(clips: Sequence[Samples], *_: object) -> Likeness:
            asked.append([clip.tolist() for clip in clips])
            return np.array([[0.5, 0.9]], np.float32)

        _, manifest, said = self.by(likeness)
        assert said
        assert said <= {("S1", "participant"), ("S2", "interviewer")}
        assert manifest.provenance["roles"] == "by_voice"
        assert manifest.provenance["voices"] == "1 enrolled"
        assert "interviewer_unknown" not in manifest.doubts
        assert asked == [[[4.0] * 8]]

    @pytest.mark.parametrize("cosines", [(0.7, 0.5), (0.9, 0.88), (-1.0, -1.0)])
    def test_what_is_not_clear_decides_nothing(self, cosines: tuple[float, float]) -> None:
        """Too little alike, or like both: other rules decide, and the manifest has a doubt."""
        _, manifest, said = self.by(lambda *_: np.array([cosines], np.float32))
        assert {role for _, role in said} == {""}
        assert manifest.provenance["roles"] == "not given"
        assert manifest.doubts["interviewer_unknown"] == 1

    def test_roles_that_were_said_are_not_compared(self) -> None:
        """What came with the recording goes before any voice, and no clip is read."""
        _, manifest, said = self.by(None, roles={"S1": "interviewer"})
        assert said
        assert said <= {("S1", "interviewer"), ("S2", "participant")}
        assert manifest.provenance["roles"] == "given"
        assert "interviewer_unknown" not in manifest.doubts

    def test_another_clip_is_another_run(self) -> None:
        """Keys follow from the clips; without voices, and with roles, they are as they were."""

        def key(*voices: EnrolledVoice, **reading: object) -> str:
            return self.by(
                lambda clips, *_: np.full((len(clips), 2), 0.1, np.float32),
                StudyContext(("en",), voices=voices),
                **reading,
            )[0]

        plain = key()
        named = {"roles": {"S1": "interviewer"}}
        other = replace(SITI, clip_sha256="33" * 32)
        assert len({plain, key(SITI), key(other), key(SITI, ANA)}) == 4
        assert key(ANA, SITI) == key(SITI, ANA)
        assert key(replace(SITI, person="tan")) == key(SITI)
        assert key(**named) == key(SITI, **named)
