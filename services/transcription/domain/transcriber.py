# SPDX-License-Identifier: Apache-2.0
"""From a recording to segments: analyse, plan, then transcribe one window after another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from services.transcription.domain.analysis import (
    AudioAnalysis,
    Layout,
    analyse,
    layout_of,
    regions_by_channel,
    regions_of_mix,
)
from services.transcription.domain.audio import SampleRange, Samples, samples
from services.transcription.domain.coverage import CoverageOptions, inaudible, parted, uncovered
from services.transcription.domain.enrolled_voices import Compare, VoiceMatch
from services.transcription.domain.evidence import EvidenceOptions, measure_evidence
from services.transcription.domain.ports import (
    AsrResult,
    AsrSegment,
    AudioReader,
    Diarizer,
    LabelledSpan,
    SpeechEngine,
    VoiceDetector,
)
from services.transcription.domain.quiet_speech import blocks_with_quiet_speech
from services.transcription.domain.regions import RegionOptions, split_at_quiet
from services.transcription.domain.speakers import (
    Speaker,
    SpeakerAssignment,
    SpeakerOptions,
    by_number,
)
from services.transcription.domain.speaking_words import by_speaker
from services.transcription.domain.spoken import Language, UsualLanguages, by_language
from services.transcription.domain.transcript import Doubt, Role, Segment, Word
from services.transcription.domain.windows import Piece, Window, WindowOptions, plan_windows
from services.transcription.domain.word_doubts import WordCalibration

_WHISPER_SECONDS = 30.0
"""Length of the input that Whisper was trained on."""

_LONGEST_SENTENCE = 10.0
"""Seconds of speech that are taken to be in one language; in longer ones it may change."""


@dataclass(frozen=True, slots=True)
class TranscriptionOptions:
    """Everything besides model and audio that decides what is written."""

    regions: RegionOptions = field(default_factory=RegionOptions)
    windows: WindowOptions = field(default_factory=WindowOptions)
    evidence: EvidenceOptions = field(default_factory=EvidenceOptions)
    speakers: SpeakerOptions = field(default_factory=SpeakerOptions)
    coverage: CoverageOptions = field(default_factory=CoverageOptions)
    word_doubts: WordCalibration = field(default_factory=WordCalibration)

    def for_pieces(self, seconds: float) -> TranscriptionOptions:
        """Return the same for a model that takes so much at once.

        A Whisper model goes through a longer piece by itself, sentence by sentence, at less cost
        than through pieces that are cut for it.
        """
        longest = self.windows.longest if seconds >= _WHISPER_SECONDS else seconds
        return replace(self, windows=replace(self.windows, piece=longest))

    def for_model(
        self, word_doubts: WordCalibration, phantoms: tuple[str, ...] = ()
    ) -> TranscriptionOptions:
        """Return the same with what the word probabilities of a model are worth, and what it writes
        where nobody speaks.
        """
        evidence = replace(self.evidence, phantoms=phantoms)
        return replace(self, word_doubts=word_doubts, evidence=evidence)

    def for_speakers(self, expected: int, roles: Mapping[str, str]) -> TranscriptionOptions:
        """Return the same for so many speakers, 0 where nobody knows, of roles by label."""
        named = tuple(sorted((label, Role(role)) for label, role in roles.items()))
        return replace(self, speakers=replace(self.speakers, expected=expected, named=named))


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be transcribed: windows in order, and who speaks in them; `total` in samples.

    `has_sound`: whether there is anything but silence, speech or not. `quiet_speech`: in how many
    half minutes somebody may speak where no speech was detected. `voices` is what enrolled voices
    tell of the speakers, None where they were not asked.
    """

    total: int
    layout: Layout
    windows: tuple[Window, ...]
    speakers: SpeakerAssignment
    has_sound: bool = True
    quiet_speech: int = 0
    voices: VoiceMatch | None = None


def make_plan(
    reader: AudioReader,
    detector: Callable[[], VoiceDetector],
    diarizer: Callable[[], Diarizer],
    options: TranscriptionOptions,
    on_progress: Callable[[int], None] = lambda _samples: None,
    compare: Compare | None = None,
) -> Plan:
    """Read the recording and plan its windows; the same recording gives the same plan.

    `compare` compares enrolled voices, where there are some.
    """
    found = analyse(reader, detector, on_progress)
    regions = regions_by_channel(found, options.regions)
    layout = _layout(found, regions, options.speakers)
    if layout is Layout.MONO:
        regions = [regions_of_mix(found, options.regions)]
        labelled = _diarized(reader, found, diarizer, options, on_progress) if regions[0] else ()
        speakers = SpeakerAssignment.of_voices(labelled, options.speakers)
    else:
        speakers = SpeakerAssignment.of_channels(regions, options.speakers)
    voices = None
    if compare is not None and any(regions) and not speakers.are_said:
        voices = _compared(reader, regions, layout, speakers, compare)
        if voices.interviewers:
            speakers = replace(speakers, roles=voices.roles(speakers.count))
    windows = plan_windows(regions, found.loudest, found.total, options.windows)
    detected = [region for spoken in regions for region in spoken]
    quiet = blocks_with_quiet_speech(found.voiced, found.levels, detected)
    return Plan(found.total, layout, tuple(windows), speakers, found.has_sound, quiet, voices)


def _compared(
    reader: AudioReader,
    regions: Sequence[Sequence[SampleRange]],
    layout: Layout,
    speakers: SpeakerAssignment,
    compare: Compare,
) -> VoiceMatch:
    """Read the recording once more, as far as is needed to know the voices of its speakers."""
    if speakers.count < 2:
        # Of one voice, or several that were not told apart, nobody is the interviewer.
        return VoiceMatch()
    spoken = regions if layout is Layout.SEPARATE else by_number(speakers.spans, speakers.count)

    def rows() -> Generator[Samples]:
        for block in reader.blocks():
            if layout is Layout.SEPARATE:
                yield block
            else:
                mixed = np.mean(block, axis=0)
                yield np.broadcast_to(mixed, (speakers.count, len(mixed)))

    with closing(rows()) as blocks:
        return VoiceMatch.of(compare(blocks, spoken))


def _diarized(
    reader: AudioReader,
    found: AudioAnalysis,
    diarizer: Callable[[], Diarizer],
    options: TranscriptionOptions,
    on_progress: Callable[[int], None],
) -> Sequence[LabelledSpan]:
    """Read the recording a second time, now that it is known where somebody speaks."""
    if not options.speakers.diarizer or options.speakers.expected == 1:
        return ()
    at = 0

    def mix() -> Generator[Samples]:
        nonlocal at
        for block in reader.blocks():
            yield np.mean(block, axis=0)
            at += block.shape[1]
            on_progress(at)

    regions = regions_of_mix(found, options.regions.between_speakers())
    with closing(mix()) as blocks:
        return diarizer().diarize(blocks, regions, options.speakers.expected)


def transcribe(
    plan: Plan,
    reader: AudioReader,
    engine: SpeechEngine,
    options: TranscriptionOptions,
    *,
    done: Sequence[int] = (),
    usual: UsualLanguages | None = None,
) -> Iterator[tuple[Window, list[Segment]]]:
    """Yield each window with its segments, numbered from 0 inside the window.

    Windows named in `done` are skipped, and `usual` holds their words. Audio is decoded once, in
    order; no more than one window of it is in memory.
    """
    skip = frozenset(done)
    waiting = [window for window in plan.windows if window.index not in skip]
    if not waiting:
        return
    usual = usual or UsualLanguages()
    feed = _Feed(reader, mix=plan.layout is Layout.MONO)
    with ThreadPoolExecutor(engine.at_once, thread_name_prefix="pieces") as pool:
        for window in waiting:
            audio = feed.read(window.span)
            ear = _Ear(engine, options, plan, window.span, audio, usual.shares())
            segments = list(chain.from_iterable(pool.map(ear.hear, window.pieces)))
            if plan.speakers.spans:
                segments = [part for one in segments for part in by_speaker(one, plan.speakers)]
            segments.sort(key=lambda s: (s.start_ms or 0, s.end_ms or 0, s.speaker))
            usual.add(segments)
            yield window, [segment.numbered(i) for i, segment in enumerate(segments)]


def _layout(
    found: AudioAnalysis, regions: list[list[SampleRange]], options: SpeakerOptions
) -> Layout:
    if found.channels == 2 and options.channels in ("mix", "separate"):
        return Layout.MONO if options.channels == "mix" else Layout.SEPARATE
    return layout_of(found, regions)


class _Feed:
    """Cuts spans that never step back out of a stream of blocks."""

    def __init__(self, reader: AudioReader, *, mix: bool) -> None:
        self._blocks = reader.blocks()
        self._mix = mix
        self._held: list[Samples] = []
        self._start = self._end = 0

    def read(self, span: SampleRange) -> Samples:
        while self._end < span.end:
            block = next(self._blocks, None)
            if block is None:
                break
            if self._mix and block.shape[0] > 1:
                block = np.mean(block, axis=0, keepdims=True)
            self._held.append(block)
            self._end += block.shape[1]
            self._drop(span.start)
        self._drop(span.start)
        held = np.concatenate(self._held, axis=1)
        return held[:, span.start - self._start : span.end - self._start]

    def _drop(self, before: int) -> None:
        while self._held and self._start + self._held[0].shape[1] <= before:
            self._start += self._held.pop(0).shape[1]


def _cut(audio: Samples, piece: Piece, window: SampleRange, plan: Plan) -> Samples:
    start = piece.span.start - window.start
    cut = audio[piece.channel, start : start + len(piece.span)]
    if plan.layout is Layout.MONO:
        return np.ascontiguousarray(cut)
    # Between the regions of this channel's speaker the other one is in it, too.
    own = np.zeros_like(cut)
    for region in piece.speech:
        a, b = region.start - piece.span.start, region.end - piece.span.start
        own[a:b] = cut[a:b]
    return own


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hears pieces of one window; `usual` are the languages of the windows before it."""

    engine: SpeechEngine
    options: TranscriptionOptions
    plan: Plan
    window: SampleRange
    audio: Samples
    usual: Mapping[str, float]

    def hear(self, piece: Piece) -> list[Segment]:
        """Return what is heard in a piece, a language at a time.

        A decoder that is told one language translates or leaves out what is said in another.
        """
        parts = [
            part
            for region in piece.speech
            for part in split_at_quiet(
                region, self._cut(_part(piece, (region,))), _LONGEST_SENTENCE
            )
        ]
        languages = [
            self.engine.language(self._cut(_part(piece, (part,))), self.usual) for part in parts
        ]
        groups = by_language(parts, languages)
        return [
            segment
            for language, regions in groups
            for segment in self._hear_all(_part(piece, regions), language, split=len(groups) > 1)
        ]

    def _hear_all(self, piece: Piece, language: Language, *, split: bool) -> list[Segment]:
        """Return segments such that every stretch of speech has words or is said to have none.

        What has none at first is heard again alone: next to other speech a decoder may leave it
        out.
        """
        gap, coverage = self.options.windows.join_gap, self.options.coverage
        segments = self._heard(piece, language, split=split)
        if split and (not segments or any(map(_is_unsure, segments))):
            # Less padding suits most pieces; here it is worth the whole cost to find out.
            segments = self._heard(piece, language)
        for stretch in uncovered(piece.speech, segments, coverage, gap):
            kept: list[Segment] = []
            if stretch.span != piece.span:
                alone = _part(piece, stretch.parts)
                again = self._heard(alone, self.engine.language(self._cut(alone), self.usual))
                # Of noise a decoder makes words as well; those that it is unsure of are not worth
                # more than a note that nothing was understood.
                kept = [segment for segment in again if not _is_unsure(segment)]
            segments = parted(segments, stretch.span) + kept
            speaker = self.plan.speakers.speaker(piece.channel)
            segments += [
                inaudible(rest, speaker) for rest in uncovered(stretch.parts, kept, coverage, gap)
            ]
        return segments

    def _heard(self, piece: Piece, language: Language, *, split: bool = False) -> list[Segment]:
        result = self.engine.transcribe(self._cut(piece), language, split=split)
        speaker = self.plan.speakers.speaker(piece.channel)
        return list(_segments(result, piece, speaker, self.options))

    def _cut(self, piece: Piece) -> Samples:
        return _cut(self.audio, piece, self.window, self.plan)


def _part(piece: Piece, regions: tuple[SampleRange, ...]) -> Piece:
    return Piece(piece.channel, SampleRange(regions[0].start, regions[-1].end), regions)


def _is_unsure(segment: Segment) -> bool:
    return segment.evidence is None or bool(set(segment.evidence.doubts) - {Doubt.LANGUAGE})


def _segments(
    result: AsrResult, piece: Piece, speaker: Speaker, options: TranscriptionOptions
) -> Iterator[Segment]:
    spans = [_span_of(one.start, one.end, piece) for one in result.segments]
    for here, segment in enumerate(result.segments):
        span = spans[here]
        surroundings = SampleRange(
            spans[here - 1].end if here else piece.span.start,
            spans[here + 1].start if here + 1 < len(spans) else piece.span.end,
        )
        text = segment.text.strip()
        if text:
            yield Segment(
                index=0,
                speaker=speaker.label,
                role=speaker.role,
                text=text,
                start_ms=span.start_ms,
                end_ms=span.end_ms,
                words=_words(segment, piece, options.word_doubts),
                language=result.language,
                evidence=measure_evidence(
                    segment,
                    result.language_prob,
                    span,
                    surroundings,
                    piece.speech,
                    options.evidence,
                ),
            )


def _words(segment: AsrSegment, piece: Piece, calibration: WordCalibration) -> tuple[Word, ...]:
    words, floor = [], piece.span.start_ms
    for word in segment.words:
        span = _span_of(word.start, word.end, piece)
        # Alignment can step back at punctuation; time in a transcript never does.
        floor = max(floor, span.start_ms)
        end = max(floor, span.end_ms)
        probability = round(float(word.probability), 4)
        words.append(Word(word.text, floor, end, probability, calibration.doubts(word.probability)))
    return tuple(words)


def _span_of(start: float, end: float, piece: Piece) -> SampleRange:
    """Return seconds of a piece as a span of the recording, inside the piece."""
    first = min(max(piece.span.start + samples(start), piece.span.start), piece.span.end)
    return SampleRange(first, max(first, min(piece.span.start + samples(end), piece.span.end)))
