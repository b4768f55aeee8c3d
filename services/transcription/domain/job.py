# SPDX-License-Identifier: Apache-2.0
"""One recording's way from the store to its transcript, such that it can stop and go on anywhere.

Windows are written in order under the key of the run, the manifest last. A job that was killed
finds its windows again, numbers on from them and writes the rest; the result is the same to the
byte, because the plan and every window depend on the inputs in the run key alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Protocol

from services.transcription.domain.audio import milliseconds
from services.transcription.domain.hotwords import DEMO_CHARACTERS, Briefing, hotwords
from services.transcription.domain.ports import AudioReader, SpeechEngine, VoiceDetector
from services.transcription.domain.runs import EngineIdentity, hearing_choices, run_key
from services.transcription.domain.transcriber import TranscriptionOptions, make_plan, transcribe
from services.transcription.domain.transcript import Segment
from services.transcription.domain.turns import Turn, in_windows, to_segments


@dataclass(frozen=True, slots=True)
class Source:
    """A recording as the store hands it out; `chunks` raises unless every byte was verified."""

    recording_id: str
    is_transcript: bool
    file_name: str
    content_sha256: bytes
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the manifest says besides hashes and counts that the store's side knows itself."""

    duration_ms: int
    provenance: dict[str, str]
    counts: dict[str, int]


class Run(Protocol):
    """One run in the store. Windows are read or written in order, each exactly once."""

    def finished(self) -> int | None:
        """Segments of the run where it was finished before, else None."""
        ...

    def stored(self) -> int:
        """How many windows from the first on are there already."""
        ...

    def read(self, index: int) -> Sequence[Segment]:
        """Give back a stored window."""
        ...

    def write(self, index: int, segments: Sequence[Segment]) -> None:
        """Store a window."""
        ...

    def commit(self, facts: Facts) -> None:
        """Write the manifest."""
        ...


class Engine(SpeechEngine, Protocol):
    """A speech engine that says what it is; `speaking` gives the same with other languages, and
    with names to expect.
    """

    @property
    def identity(self) -> EngineIdentity:
        """Engine and model."""
        ...

    @property
    def choices(self) -> dict[str, object]:
        """Settings of the engine that decide what it hears."""
        ...

    def speaking(self, languages: Sequence[str], hotwords: str = "") -> Engine:
        """The same model for these languages and names; both are among its choices."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; `total_ms` is 0 while unknown."""

    done_ms: int
    total_ms: int
    segments: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a job; `invented` warns that a demo model heard what it does not know."""

    run_key: str
    segments: int
    existed: bool
    invented: bool = False


@dataclass(frozen=True)
class Workshop:
    """The tools of all jobs of a process."""

    engine: Callable[[], Engine]
    detector: Callable[[], VoiceDetector]
    open_audio: Callable[[Iterable[bytes]], AbstractContextManager[AudioReader]]
    parse: Callable[[Iterable[bytes], str], Iterator[Turn]]
    parser: str
    options: TranscriptionOptions = field(default_factory=TranscriptionOptions)
    hotwords_characters: int = 0

    def work(
        self,
        source: Source,
        briefing: Briefing,
        open_run: Callable[[str], Run],
        still_wanted: Callable[[], None],
    ) -> Iterator[Progress | Result]:
        """Make the transcript of a source; the last item is the result.

        `open_run` opens a run by its key; `still_wanted` raises when the caller has gone.
        """
        source = replace(source, chunks=_while_wanted(source.chunks, still_wanted))
        if source.is_transcript:
            yield from self._read(source, open_run, still_wanted)
        else:
            yield from self._hear(source, briefing, open_run, still_wanted)

    def _read(
        self,
        source: Source,
        open_run: Callable[[str], Run],
        still_wanted: Callable[[], None],
    ) -> Iterator[Progress | Result]:
        key = run_key(source.recording_id, source.content_sha256, self.parser, {})
        run = open_run(key)
        if (before := run.finished()) is not None:
            yield Result(key, before, existed=True)
            return
        tally = _Tally()
        stored = run.stored()
        windows = in_windows(to_segments(self.parse(source.chunks, source.file_name)))
        for index, segments in enumerate(windows):
            still_wanted()
            if index < stored:
                run.read(index)
            else:
                run.write(index, segments)
            tally.add(segments)
            yield Progress(tally.end_ms, 0, tally.segments)
        run.commit(Facts(tally.end_ms, {"parser": self.parser}, tally.counts()))
        yield Result(key, tally.segments, existed=False)

    def _hear(
        self,
        source: Source,
        briefing: Briefing,
        open_run: Callable[[str], Run],
        still_wanted: Callable[[], None],
    ) -> Iterator[Progress | Result]:
        loaded, languages = self.engine(), briefing.languages
        identity = loaded.identity
        most = self.hotwords_characters
        names = hotwords(briefing, min(most, DEMO_CHARACTERS) if identity.demo else most)
        engine = loaded.speaking(languages, names)
        options = self.options.for_pieces(engine.piece_seconds)
        choices = hearing_choices(identity, options, languages, engine.choices)
        key = run_key(source.recording_id, source.content_sha256, identity.engine, choices)
        invented = identity.may_invent(source.content_sha256)
        run = open_run(key)
        if (before := run.finished()) is not None:
            yield Result(key, before, existed=True, invented=invented)
            return
        yield Progress(0, 0, 0)
        with self.open_audio(source.chunks) as reader:
            plan = make_plan(reader, self.detector, options, lambda _: still_wanted())
            total = milliseconds(plan.total)
            tally = _Tally()
            stored = min(run.stored(), len(plan.windows))
            known = ((window, run.read(window.index)) for window in plan.windows[:stored])
            fresh = transcribe(plan, reader, engine, options, done=range(stored))
            for window, found in chain(known, fresh):
                still_wanted()
                segments = [s.numbered(tally.segments + i) for i, s in enumerate(found)]
                if window.index >= stored:
                    run.write(window.index, segments)
                tally.add(segments)
                yield Progress(window.span.end_ms, total, tally.segments)
        provenance = {
            "engine": identity.engine,
            "model": identity.model,
            "model_sha256": identity.model_sha256,
            "model_kind": "demo" if identity.demo else "full",
            "languages": ",".join(languages),
            "roster_hotwords": "yes" if names else "no",
            "layout": plan.layout.value,
        }
        if invented:
            provenance["warning"] = "demo model on an unknown recording"
        run.commit(Facts(total, provenance, tally.counts()))
        yield Result(key, tally.segments, existed=False, invented=invented)


def _while_wanted(chunks: Iterable[bytes], still_wanted: Callable[[], None]) -> Iterator[bytes]:
    for chunk in chunks:
        still_wanted()
        yield chunk


class _Tally:
    """Counts for the manifest; no content."""

    def __init__(self) -> None:
        self.segments = self.end_ms = 0
        self._counts: Counter[str] = Counter(words=0, doubtful=0)
        self._speakers: set[str] = set()

    def add(self, segments: Sequence[Segment]) -> None:
        self.segments += len(segments)
        for segment in segments:
            self.end_ms = max(self.end_ms, segment.end_ms or segment.start_ms or 0)
            self._speakers.add(segment.speaker)
            self._counts["words"] += len(segment.words) or len(segment.text.split())
            if segment.evidence is not None and segment.evidence.doubtful:
                self._counts["doubtful"] += 1
                self._counts.update(f"doubts.{doubt.value}" for doubt in segment.evidence.doubts)

    def counts(self) -> dict[str, int]:
        return {**self._counts, "speakers": len(self._speakers)}
