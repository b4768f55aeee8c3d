# SPDX-License-Identifier: Apache-2.0
"""Makes the bleeped sound of a recording and hears it again, before anybody else can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol, TypeVar

from services.transcription.domain.audio import SampleRange, Samples, milliseconds
from services.transcription.domain.bleeping import (
    ApprovedSegment,
    MutedParts,
    bleeped,
    heard_again,
    muted_parts,
    segments_around,
)
from services.transcription.domain.job import TranscriptionRunner
from services.transcription.domain.ports import AudioReader, LoadedEngine, SourceRecording
from services.transcription.domain.transcriber import (
    TranscriptionOptions,
    make_plan,
    transcribe,
)
from services.transcription.domain.transcript import Segment
from services.transcription.errors import AudioNotSafe, OtherTranscript

_Item = TypeVar("_Item")

_TRIES = 3
"""How often the sound is made and heard; each time more is muted where something was heard."""


class NoAudio(Enum):
    """Why there is no sound of a recording."""

    MADE_ELSEWHERE = "made_elsewhere"
    DELETED = "deleted"
    INVENTED = "invented"


@dataclass(frozen=True, slots=True)
class IdentifiedTranscript:
    """A finished run of transcription, as it is stored; `layout` is that of the channels."""

    segments: tuple[Segment, ...]
    duration_ms: int
    layout: str
    invented: bool


class BleepableRecording(SourceRecording, Protocol):
    """A recording of the store with its identified transcripts."""

    @property
    def content_deleted(self) -> bool:
        """Whether its content was deleted by the study's rule of retention."""
        ...

    def transcript(self, run_key: str) -> IdentifiedTranscript:
        """Read a finished run; raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class BleepOrder:
    """What is asked for: the approved transcript, the run that it was made from, and the sound.

    `disguise`: with deeper voices, which anonymises nobody.
    """

    run_key: str
    approved: tuple[ApprovedSegment, ...]
    with_tone: bool
    disguise: bool = False


@dataclass(frozen=True, slots=True)
class BleepedAudio:
    """A FLAC file; times in milliseconds. `heard_again` counts the places where a redacted word was
    heard at first. `checked_with` names the model that heard it.
    """

    data: bytes
    duration_ms: int
    redacted_stretches: int
    redacted_ms: int
    muted_ms: int
    heard_again: int
    checked_with: str


@dataclass(frozen=True)
class BleepRunner:
    """Makes bleeped sound with what transcription has."""

    transcription: TranscriptionRunner
    encode: Callable[[Iterable[Samples]], bytes]
    disguised: Callable[[Iterable[Samples]], Iterable[Samples]]

    def run(
        self,
        recording: BleepableRecording,
        order: BleepOrder,
        check_cancelled: Callable[[], None],
    ) -> BleepedAudio | NoAudio:
        """Return the bleeped sound of a recording, or why there is none.

        Raises OtherTranscript where the approved transcript is not of this recording as it is
        decoded now, and AudioNotSafe where a redacted word can be heard whatever is muted.
        """
        if recording.identity.is_transcript:
            return NoAudio.MADE_ELSEWHERE
        transcript = recording.transcript(order.run_key)
        if transcript.invented:
            return NoAudio.INVENTED
        if recording.content_deleted:
            return NoAudio.DELETED
        if len(transcript.segments) != len(order.approved):
            raise OtherTranscript(recording.identity.recording_id)
        described = self.transcription.describe()
        engine = self.transcription.engine().for_study(recording.study.languages)
        options = self.transcription.options.for_pieces(described.piece_seconds)
        with recording.open() as content, self._opened(content.chunks, check_cancelled) as reader:
            parts = self._parts(reader, recording, transcript, order, options)
            seen = 0
            for _ in range(_TRIES):
                sound = bleeped(reader.blocks(), parts, with_tone=order.with_tone)
                data = self.encode(_checked(sound, check_cancelled))
                again = self._heard(data, parts, engine, options, check_cancelled)
                if not again:
                    # Heard before: a model understands deeper voices less well.
                    if order.disguise:
                        data = self.encode(
                            _checked(self._disguised(reader, parts, order), check_cancelled)
                        )
                    return _made(data, parts, seen, described.identity.model)
                seen += len(again)
                parts = parts.and_silent(segments_around(transcript.segments, again))
        raise AudioNotSafe(recording.identity.recording_id)

    def _disguised(
        self, reader: AudioReader, parts: MutedParts, order: BleepOrder
    ) -> Iterator[Samples]:
        """Yield the sound with deeper voices, muted before, so that nothing of what is muted comes
        along, and after, where sound of the neighbours leaked in.
        """
        muted = bleeped(reader.blocks(), parts, with_tone=False)
        return bleeped(self.disguised(muted), parts, with_tone=order.with_tone)

    def _parts(
        self,
        reader: AudioReader,
        recording: BleepableRecording,
        transcript: IdentifiedTranscript,
        order: BleepOrder,
        options: TranscriptionOptions,
    ) -> MutedParts:
        # Who speaks is in the transcript; here it is enough to know where.
        listening = replace(options, speakers=replace(options.speakers, diarizer=""))
        runner = self.transcription
        plan = make_plan(reader, runner.detector, runner.diarizer, listening)
        as_before = (milliseconds(plan.total), plan.layout.value)
        if as_before != (transcript.duration_ms, transcript.layout):
            raise OtherTranscript(recording.identity.recording_id)
        return muted_parts(transcript.segments, order.approved, plan)

    def _heard(
        self,
        data: bytes,
        parts: MutedParts,
        engine: LoadedEngine,
        options: TranscriptionOptions,
        check_cancelled: Callable[[], None],
    ) -> Sequence[SampleRange]:
        """Transcribe the sound as any recording, and return where redacted words stand in it."""
        runner = self.transcription
        listening = replace(options, speakers=replace(options.speakers, diarizer=""))
        found: list[Segment] = []
        with runner.open_audio([data]) as reader:
            plan = make_plan(
                reader, runner.detector, runner.diarizer, listening, lambda _: check_cancelled()
            )
            for _, segments in transcribe(plan, reader, engine, listening):
                check_cancelled()
                found += segments
        return heard_again(parts, found)

    def _opened(
        self, chunks: Iterable[bytes], check_cancelled: Callable[[], None]
    ) -> AbstractContextManager[AudioReader]:
        return self.transcription.open_audio(_checked(chunks, check_cancelled))


def _checked(items: Iterable[_Item], check_cancelled: Callable[[], None]) -> Iterator[_Item]:
    for item in items:
        check_cancelled()
        yield item


def _made(data: bytes, parts: MutedParts, again: int, model: str) -> BleepedAudio:
    return BleepedAudio(
        data,
        milliseconds(parts.total),
        len(parts.redacted),
        milliseconds(sum(map(len, parts.redacted))),
        milliseconds(parts.muted),
        again,
        model,
    )
