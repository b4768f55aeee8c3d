# SPDX-License-Identifier: Apache-2.0
"""Cutting a stretch out of a recording, by seeking where its container allows that.

Times are those that decoding from the start gives: zero is the first sound that is decoded. Runs in
the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from av.error import FFmpegError

from services.transcription.adapters.decoding import (
    AudioLimits,
    Clock,
    audio_stream,
    inspected,
    open_container,
)
from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, Samples

_RUN_UP = Fraction(1)
"""Seconds that are decoded before the stretch and dropped: codecs need some packets until they
sound right."""

_LATE = SAMPLE_RATE // 20
"""Samples behind the start of the stretch at which a seek may end: later ones missed it."""


def cut_stretch(file: BinaryIO, limits: AudioLimits, stretch: SampleRange) -> Samples:
    """Return a stretch of a recording as one channel; what is not there is silent.

    It is read from its start where seeking does not lead to the stretch. Raises `BadRecording`.
    """
    for is_sought in (True, False):
        file.seek(0)
        with open_container(file) as container:
            inspected(container, limits)
            audio = audio_stream(container)
            audio.codec_context.thread_count = 1
            found = (
                _sought(container, audio, stretch) if is_sought else _from_start(container, audio)
            )
            if found is not None:
                return _collected(*found, stretch)
    return np.zeros(len(stretch), np.float32)


_Frames = Iterator[av.AudioFrame]


def _sought(
    container: av.container.InputContainer, audio: av.AudioStream, stretch: SampleRange
) -> tuple[_Frames, int] | None:
    """Return the frames from just before the stretch, and the sample that they begin at.

    None where the container does not lead there.
    """
    start = Fraction(stretch.start, SAMPLE_RATE)
    if start <= _RUN_UP:
        return None  # it is at the start
    first = next(_frames(container, audio), None)
    if first is None or audio.time_base is None or (origin := _time(first)) is None:
        return None
    try:
        container.seek(max(0, int((origin + start - _RUN_UP) / audio.time_base)), stream=audio)
    except FFmpegError:
        return None
    frames = _frames(container, audio)
    for frame in frames:
        at = _time(frame)
        if at is None:
            return None
        begins = round((at - origin) * SAMPLE_RATE)
        if begins > max(0, stretch.start) + _LATE:
            return None
        length = frame.samples * SAMPLE_RATE // frame.sample_rate
        if begins + length > stretch.start - SAMPLE_RATE // 10:
            return _behind(frame, frames), begins
    return None


def _from_start(
    container: av.container.InputContainer, audio: av.AudioStream
) -> tuple[_Frames, int]:
    return _frames(container, audio), 0


def _collected(frames: _Frames, at: int, stretch: SampleRange) -> Samples:
    sound = np.zeros(len(stretch), np.float32)
    clock = Clock()
    for block in _blocks(clock, frames):
        part = SampleRange(max(at, stretch.start), min(at + block.shape[1], stretch.end))
        if part.end > part.start:
            sound[part.start - stretch.start : part.end - stretch.start] = block[
                0, part.start - at : part.end - at
            ]
        at += block.shape[1]
        if at >= stretch.end:
            break
    return sound


def _blocks(clock: Clock, frames: _Frames) -> Iterator[Samples]:
    for frame in frames:
        yield from clock.blocks(frame, "mono")
    yield from clock.flush()


def _frames(container: av.container.InputContainer, audio: av.AudioStream) -> _Frames:
    """Yield the frames that can be decoded, from where the container is."""
    packets = container.demux(audio)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                return
            frames = packet.decode()
        except FFmpegError:
            continue
        yield from frames


def _behind(first: av.AudioFrame, others: _Frames) -> _Frames:
    yield first
    yield from others


def _time(frame: av.AudioFrame) -> Fraction | None:
    if frame.pts is None or frame.time_base is None:
        return None
    return frame.pts * frame.time_base
