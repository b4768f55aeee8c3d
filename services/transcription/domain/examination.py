# SPDX-License-Identifier: Apache-2.0
"""Looks at a file before it is a recording: what a transcript says of itself, how long sound is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from services.transcription.domain.audio import SAMPLE_RATE
from services.transcription.domain.ports import AudioReader
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.turns import Turn

Parse = Callable[[Iterable[bytes], str, ReadingOptions], Iterator[Turn | Reading]]
OpenAudio = Callable[[Iterable[bytes]], AbstractContextManager[AudioReader]]


@dataclass(frozen=True, slots=True)
class FoundAudio:
    """What decoding a recording tells; `doubts` counts places where sound was lost, by kind."""

    duration_ms: int
    channels: int
    doubts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file as the store sends it; `chunks` raises unless every byte was verified."""

    file_name: str
    is_transcript: bool
    chunks: Iterable[bytes]


class Examiner:
    """Examines files; what reads them is confined, and keeps nothing."""

    def __init__(self, open_audio: OpenAudio, parse: Parse) -> None:
        self._open_audio = open_audio
        self._parse = parse

    def examine(
        self, file: UploadedFile, options: ReadingOptions, check_cancelled: Callable[[], None]
    ) -> Reading | FoundAudio:
        """Return what is found in a file; raises what the readers raise for an unusable one."""
        if file.is_transcript:
            turns = self._parse(file.chunks, file.file_name, options)
            return next(one for one in turns if isinstance(one, Reading))
        with self._open_audio(file.chunks) as reader:
            samples = channels = 0
            for block in reader.blocks():
                check_cancelled()
                channels, samples = block.shape[0], samples + block.shape[1]
            lost = {"bad_packets": reader.bad_packets, "cut_short": int(reader.cut_short)}
        return FoundAudio(
            samples * 1000 // SAMPLE_RATE,
            channels,
            {kind: count for kind, count in lost.items() if count},
        )
