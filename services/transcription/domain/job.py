# SPDX-License-Identifier: Apache-2.0
"""One transcription run: from a recording in the store to its transcript, resumable anywhere.

Windows are written in order under the key of the run, the manifest last. A run that was killed
finds its windows again, numbers on from them and writes the rest; the result is the same to the
byte, because the plan and every window depend on the inputs in the run key alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from itertools import chain

import numpy as np

from services.transcription.domain.audio import SampleRange, Samples, milliseconds
from services.transcription.domain.enrolled_voices import (
    COMPARED_BY,
    Compare,
    EnrolledVoice,
    Likeness,
)
from services.transcription.domain.hotwords import DEMO_MODEL_CHARACTERS, hotwords
from services.transcription.domain.ports import (
    AudioReader,
    Diarizer,
    LoadedEngine,
    Run,
    SourceRecording,
    VoiceDetector,
)
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.runs import (
    RUN_VERSION,
    EngineDescription,
    run_digest,
    settings_digest,
    transcription_choices,
)
from services.transcription.domain.spoken import UsualLanguages
from services.transcription.domain.tally import Tally
from services.transcription.domain.transcriber import (
    TranscriptionOptions,
    make_plan,
    transcribe,
)
from services.transcription.domain.turns import Turn, in_windows, to_segments


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """The run that a recording gets now: its key, and what its manifest says of what makes it.

    The layout of the channels, which the manifest has too, is known after listening alone.
    `invented`: by a demo model that does not know the recording. `voices` are compared with those
    in it.
    """

    key: str
    provenance: Mapping[str, str]
    options: TranscriptionOptions
    hotwords: str = ""
    invented: bool = False
    voices: tuple[EnrolledVoice, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; `total_ms` is 0 while unknown."""

    done_ms: int
    total_ms: int
    segments: int


@dataclass(frozen=True, slots=True)
class JobResult:
    """The end of a run."""

    run_key: str
    segments: int
    existed: bool


@dataclass(frozen=True)
class TranscriptionRunner:
    """Makes transcripts; what all runs of a process share.

    `describe` tells what `engine` loads; a run that is only planned, or finished already, loads
    nothing.
    """

    describe: Callable[[], EngineDescription]
    engine: Callable[[], LoadedEngine]
    detector: Callable[[], VoiceDetector]
    diarizer: Callable[[], Diarizer]
    open_audio: Callable[[Iterable[bytes]], AbstractContextManager[AudioReader]]
    parse: Callable[[Iterable[bytes], str, ReadingOptions], Iterator[Turn | Reading]]
    parser: str
    likeness: Callable[
        [Sequence[Samples], Iterable[Samples], Sequence[Sequence[SampleRange]]], Likeness
    ]
    options: TranscriptionOptions = field(default_factory=TranscriptionOptions)
    hotwords_characters: int = 0

    def run(
        self,
        recording: SourceRecording,
        check_cancelled: Callable[[], None],
    ) -> Iterator[Progress | JobResult]:
        """Make the transcript of a recording; the last item is the result.

        A recording whose run is finished is not read. `check_cancelled` raises when the call has
        ended. Raises NoSpeechModel as `plan` does.
        """
        planned = self.plan(recording)
        run = recording.run(planned.key)
        if (before := run.finished()) is not None:
            run.select()
            yield JobResult(planned.key, before, existed=True)
            return
        with recording.open() as content:
            chunks = _until_cancelled(content.chunks, check_cancelled)
            if recording.identity.is_transcript:
                options = recording.identity.reading
                turns = self.parse(chunks, content.file_name, options)
                yield from self._import(planned, turns, options, run, check_cancelled)
            else:
                yield from self._transcribe(planned, chunks, recording, run, check_cancelled)

    def plan(self, source: SourceRecording) -> PlannedRun:
        """Return the run that `run` makes or finds, without reading the recording.

        Raises NoSpeechModel where a demo model would have to invent what was said.
        """
        recording, study = source.identity, source.study
        made_by = {"transcription.run": RUN_VERSION}
        if recording.is_transcript:
            digest = run_digest(
                recording.recording_id,
                recording.content_sha256,
                self.parser,
                {"reading": asdict(recording.reading)},
            )
            made_by["parser"] = self.parser
            return PlannedRun(source.run_key(digest), made_by, self.options)
        engine = self.describe()
        invented = engine.invents_words_of(recording.content_sha256)
        identity, languages = engine.identity, study.languages
        most = self.hotwords_characters
        names = hotwords(study, min(most, DEMO_MODEL_CHARACTERS) if identity.demo else most)
        made_with = self.options.for_pieces(engine.piece_seconds).for_model(
            engine.word_doubts, engine.phantoms
        )
        options = made_with.for_speakers(study.speakers, recording.reading.roles)
        choices = transcription_choices(
            identity, options, languages, {**engine.settings, "hotwords": names}
        )
        if invented:
            # The same words, once a model stands behind them, are another transcript.
            choices["invented"] = True
        voices = study.voices if _asks_voices(options, recording.reading) else ()
        if voices:
            choices["voices"] = [COMPARED_BY, *sorted(one.clip_sha256 for one in voices)]
        provenance = {
            **made_by,
            "engine": identity.engine,
            "model": identity.model,
            "model_sha256": identity.model_sha256,
            "model_kind": "demo" if identity.demo else "full",
            "languages": ",".join(languages),
            "roster_hotwords": "yes" if names else "no",
            "diarizer": options.speakers.diarizer or "none",
            "speakers": str(study.speakers) if study.speakers else "not said",
            "voices": f"{len(voices)} enrolled" if voices else "none",
            "roles": "given" if recording.reading.roles or options.speakers.roles else "not given",
            "settings": settings_digest(made_with, engine.settings),
            "word_doubts": made_with.word_doubts.name,
        }
        digest = run_digest(
            recording.recording_id, recording.content_sha256, identity.engine, choices
        )
        return PlannedRun(
            source.run_key(digest),
            provenance,
            options,
            names,
            invented,
            voices,
        )

    def _comparing(
        self, recording: SourceRecording, voices: Sequence[EnrolledVoice]
    ) -> Compare | None:
        """Return what compares the voices with a recording's; None where there are none."""
        if not voices:
            return None
        clips = [self._sound(recording.voice(one)) for one in voices]
        return lambda blocks, spoken: self.likeness(clips, blocks, spoken)

    def _sound(self, clip: bytes) -> Samples:
        with self.open_audio([clip]) as reader:
            return np.concatenate([np.mean(block, axis=0) for block in reader.blocks()])

    def _import(
        self,
        planned: PlannedRun,
        parsed: Iterator[Turn | Reading],
        options: ReadingOptions,
        run: Run,
        check_cancelled: Callable[[], None],
    ) -> Iterator[Progress | JobResult]:
        tally = Tally()
        stored = run.stored()
        turns = _Turns(parsed)
        for index, segments in enumerate(in_windows(to_segments(turns, options.roles))):
            check_cancelled()
            if index < stored:
                run.read(index)
            else:
                run.write(index, segments)
            tally.add(segments)
            yield Progress(tally.end_ms, 0, tally.segments)
        fields = tally.manifest_fields(tally.end_ms, planned.provenance)
        run.commit(replace(fields, reading=turns.reading))
        yield JobResult(planned.key, tally.segments, existed=False)

    def _transcribe(
        self,
        planned: PlannedRun,
        chunks: Iterable[bytes],
        recording: SourceRecording,
        run: Run,
        check_cancelled: Callable[[], None],
    ) -> Iterator[Progress | JobResult]:
        engine = self.engine().for_study(recording.study.languages, planned.hotwords)
        compare = self._comparing(recording, planned.voices)
        options = planned.options
        yield Progress(0, 0, 0)
        with self.open_audio(chunks) as reader:
            plan = make_plan(
                reader, self.detector, self.diarizer, options, lambda _: check_cancelled(), compare
            )
            total = milliseconds(plan.total)
            tally = Tally()
            stored = min(run.stored(), len(plan.windows))
            usual = UsualLanguages()
            known = ((window, run.read(window.index)) for window in plan.windows[:stored])
            fresh = transcribe(plan, reader, engine, options, done=range(stored), usual=usual)
            for window, found in chain(known, fresh):
                check_cancelled()
                segments = [s.numbered(tally.segments + i) for i, s in enumerate(found)]
                if window.index >= stored:
                    run.write(window.index, segments)
                else:
                    usual.add(segments)
                tally.add(segments)
                yield Progress(window.span.end_ms, total, tally.segments)
            tally.note(plan, reader)
        provenance = {**planned.provenance, "layout": plan.layout.value}
        if plan.voices is not None and plan.voices.interviewers:
            provenance["roles"] = "by_voice"
        fields = tally.manifest_fields(total, provenance)
        run.commit(replace(fields, invented=planned.invented))
        yield JobResult(planned.key, tally.segments, existed=False)


def _asks_voices(options: TranscriptionOptions, reading: ReadingOptions) -> bool:
    """Return whether enrolled voices may decide roles: nobody gave them, and voices are known."""
    return bool(options.speakers.diarizer) and not reading.roles


def _until_cancelled(
    chunks: Iterable[bytes], check_cancelled: Callable[[], None]
) -> Iterator[bytes]:
    for chunk in chunks:
        check_cancelled()
        yield chunk


class _Turns:
    """The turns of what is read; `reading` is what was found, once they are at their end."""

    def __init__(self, parsed: Iterator[Turn | Reading]) -> None:
        self._parsed = parsed
        self.reading: Reading | None = None

    def __iter__(self) -> Iterator[Turn]:
        for one in self._parsed:
            if isinstance(one, Reading):
                self.reading = one
            else:
                yield one
