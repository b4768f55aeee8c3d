# SPDX-License-Identifier: Apache-2.0
"""Converts segments, readings and bleeped sound between the domain and the contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from services.common.errors import Corrupted, InvalidInput
from services.corrections.model import Replacement
from services.storage_client.transcripts import decode
from services.transcription.domain.bleep_job import BleepedAudio, BleepOrder, NoAudio
from services.transcription.domain.bleeping import ApprovedSegment
from services.transcription.domain.clips import Clip, Times, Words
from services.transcription.domain.reading import KnownName, Reading, ReadingOptions
from services.transcription.domain.transcript import Doubt, Evidence, Role, Segment, Word
from sotto.storage.v1 import recording_roster_pb2
from sotto.transcript.v1 import reading_pb2
from sotto.transcript.v1 import transcript_pb2 as pb
from sotto.transcription.v1 import bleeping_pb2, clip_pb2

_NO_TIME = -1


def to_message(segment: Segment) -> pb.Segment:
    """Return a segment as it is stored."""
    message = pb.Segment(
        index=segment.index,
        speaker=segment.speaker,
        role=segment.role.value,
        start_ms=_NO_TIME if segment.start_ms is None else segment.start_ms,
        end_ms=_NO_TIME if segment.end_ms is None else segment.end_ms,
        text=segment.text,
        language=segment.language,
        words=[
            pb.Word(
                text=word.text,
                start_ms=word.start_ms,
                end_ms=word.end_ms,
                probability=word.probability,
                doubtful=word.doubtful,
            )
            for word in segment.words
        ],
    )
    if segment.evidence is not None:
        message.evidence.CopyFrom(_evidence(segment.evidence))
    return message


def from_message(message: pb.Segment) -> Segment:
    """Return a stored segment; `repetition` and `language_prob`, which are not stored, are 0."""
    return Segment(
        index=message.index,
        speaker=message.speaker,
        role=Role(message.role),
        text=message.text,
        start_ms=None if message.start_ms == _NO_TIME else message.start_ms,
        end_ms=None if message.end_ms == _NO_TIME else message.end_ms,
        words=tuple(
            Word(word.text, word.start_ms, word.end_ms, word.probability, word.doubtful)
            for word in message.words
        ),
        language=message.language,
        evidence=_measured(message.evidence) if message.HasField("evidence") else None,
    )


def _evidence(evidence: Evidence) -> pb.Evidence:
    return pb.Evidence(
        avg_logprob=evidence.avg_logprob,
        no_speech_probability=evidence.no_speech_prob,
        compression_ratio=evidence.compression_ratio,
        characters_per_second=evidence.chars_per_second,
        speech_share=evidence.speech_share,
        doubts=[doubt.value for doubt in evidence.doubts],
    )


def _measured(message: pb.Evidence) -> Evidence:
    return Evidence(
        avg_logprob=message.avg_logprob,
        no_speech_prob=message.no_speech_probability,
        compression_ratio=message.compression_ratio,
        speech_share=message.speech_share,
        repetition=0.0,
        chars_per_second=message.characters_per_second,
        language_prob=0.0,
        doubts=tuple(Doubt(doubt) for doubt in message.doubts),
    )


def options_from_message(message: reading_pb2.ReadingOptions) -> ReadingOptions:
    """Return how a transcript is to be read."""
    return ReadingOptions(message.encoding, message.append_notes, dict(message.roles))


def reading_to_message(reading: Reading) -> reading_pb2.Reading:
    """Return what was found in a transcript, without the names."""
    return reading_pb2.Reading(
        form=reading.form,
        encoding=reading.encoding,
        encoding_guessed=reading.encoding_guessed,
        turns=reading.turns,
        timed_turns=reading.timed_turns,
        words=reading.words,
        speakers=[
            reading_pb2.SpeakerShare(
                label=one.label, role=one.role, turns=one.turns, share=one.share
            )
            for one in reading.speakers
        ],
        speaker_count=reading.speaker_count,
        languages=reading.languages,
        left_out=reading.left_out,
        words_left_out=reading.words_left_out,
        warnings=[
            reading_pb2.ReadingWarning(kind=one.kind, count=one.count, place=one.place)
            for one in reading.warnings
        ],
        codes=reading.codes,
    )


def name_to_message(name: KnownName) -> recording_roster_pb2.RecordingName:
    """Return a name that came with a recording, for its roster."""
    return recording_roster_pb2.RecordingName(name=name.name, source=name.source, role=name.role)


_NO_AUDIO = {
    NoAudio.MADE_ELSEWHERE: bleeping_pb2.NO_AUDIO_REASON_MADE_ELSEWHERE,
    NoAudio.DELETED: bleeping_pb2.NO_AUDIO_REASON_DELETED,
    NoAudio.INVENTED: bleeping_pb2.NO_AUDIO_REASON_INVENTED,
}


def bleep_order(message: bleeping_pb2.BleepRequest) -> BleepOrder:
    """Return what sound is asked for."""
    return BleepOrder(
        message.source_run_key,
        _approved(message.encoded_segments),
        message.sound == bleeping_pb2.BLEEP_SOUND_TONE,
        message.disguise,
    )


def _approved(encoded: Iterable[bytes]) -> tuple[ApprovedSegment, ...]:
    return tuple(
        ApprovedSegment(
            one.text,
            tuple(Replacement(part.start, part.end, part.entity_type) for part in one.replacements),
        )
        for one in decode(encoded)
    )


def clip_place(message: clip_pb2.GetClipRequest) -> Times | Words:
    """Return of which place a clip is asked for; raises InvalidInput for what is no segment."""
    if message.WhichOneof("place") == "times":
        return Times(message.times.start_ms, message.times.end_ms)
    words = message.words
    try:
        shown = _approved([words.encoded_segment]) if words.encoded_segment else (None,)
    except Corrupted:
        raise InvalidInput("the de-identified segment of the request cannot be decoded") from None
    return Words(words.segment, words.start, words.end, shown[0])


def clip_message(made: Clip | NoAudio) -> clip_pb2.GetClipResponse:
    """Return a clip, or why there is none."""
    if isinstance(made, NoAudio):
        return clip_pb2.GetClipResponse(missing=_NO_AUDIO[made])
    return clip_pb2.GetClipResponse(
        wav=made.wav,
        start_ms=made.times.start_ms,
        end_ms=made.times.end_ms,
        cut=made.cut,
        left_ms=made.left_ms,
    )


def audio_message(made: BleepedAudio | NoAudio) -> bleeping_pb2.BleepedAudio:
    """Return the facts of bleeped sound, or why there is none."""
    if isinstance(made, NoAudio):
        return bleeping_pb2.BleepedAudio(missing=_NO_AUDIO[made])
    return bleeping_pb2.BleepedAudio(
        content_sha256=hashlib.sha256(made.data).digest(),
        size=len(made.data),
        duration_ms=made.duration_ms,
        redacted_stretches=made.redacted_stretches,
        redacted_ms=made.redacted_ms,
        muted_ms=made.muted_ms,
        heard_again=made.heard_again,
        checked_with=made.checked_with,
    )
