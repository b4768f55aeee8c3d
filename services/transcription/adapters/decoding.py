# SPDX-License-Identifier: Apache-2.0
"""Decoding of any audio or video that ffmpeg reads into blocks of 16 kHz samples.

A recording is never whole in memory. It is untrusted: containers that point to other files
(playlists, concat scripts) are not on the list of formats, ffmpeg may open nothing but the stream
that it is given, and channels, sample rate and duration have limits that hold for what is decoded,
whatever a header claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from av.error import FFmpegError

from services.registry.media_forms import HEAD_BYTES, UNREADABLE, media_form
from services.transcription.adapters import wav_header
from services.transcription.domain.audio import SAMPLE_RATE, Samples
from services.transcription.errors import BadRecording, TruncatedRecording

_FORMATS = (
    "wav,w64,aiff,au,caf,flac,ogg,mp3,aac,ac3,eac3,amr,wv,ape,dsf,"
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpeg,mpegts"
)
"""The formats that ffmpeg may read; none of them points to other files."""

_COUNTED = ("mov", "matroska", "flac", "asf", "aiff", "caf")
"""Containers whose declared duration is counted, not estimated from the bit rate."""

_MISSING_SECONDS, _MISSING_SHARE = 1.0, 0.01
"""A recording is truncated where more than both is missing; less is rounding in the header."""

_BAD_PACKETS, _GOOD_PACKETS = 3, 20
"""Packets that may fail to decode, and one more for so many good ones. The first packets may need
one that was cut away; more failures are damage."""

_SHORTEST_GAP = SAMPLE_RATE // 5
"""Samples of the shortest gap between frames that is filled: shorter ones are rounding and the
delay of the resampler, not a pause."""


@dataclass(frozen=True, slots=True)
class AudioLimits:
    """What a recording may be at most; seconds, channels, hertz."""

    max_seconds: float = 12 * 3600.0
    max_channels: int = 8
    min_rate: int = 4_000
    max_rate: int = 384_000
    accept_truncated: bool = False


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a recording is: container and codec names of ffmpeg, channels, rate in hertz."""

    container: str
    codec: str
    channels: int
    sample_rate: int


class RecordingReader:
    """A recording behind a seekable binary stream; implements `AudioReader`.

    `open_stream` is called for each pass and its stream closed afterwards. Mono and stereo stay as
    they are; more channels are mixed down to mono, since the channels of a surround mix are not
    speakers. `bad_packets` are those that could not be decoded between others, `cut_short` says
    that it ended early where that is accepted. Raises `BadRecording` for what is not usable audio
    and `TruncatedRecording` where the file ends before its own header says.
    """

    def __init__(self, open_stream: Callable[[], BinaryIO], limits: AudioLimits) -> None:
        self._open_stream = open_stream
        self._limits = limits
        self.bad_packets, self.cut_short = 0, False
        self._pictures_end = 0.0

    def probe(self) -> AudioInfo:
        """Read the headers alone; raises `BadRecording`."""
        with self._open_stream() as stream, open_container(stream) as container:
            return inspected(container, self._limits)

    def blocks(self) -> Iterator[Samples]:
        """Decode from the start; shape (1 or 2, n), values in [-1, 1]."""
        with self._open_stream() as stream:
            missing = wav_header.missing_bytes(stream)
            self.cut_short = bool(missing)
            if missing and not self._limits.accept_truncated:
                there = stream.seek(0, 2)
                raise TruncatedRecording(
                    f"The recording is {missing} bytes shorter than its header says: "
                    f"{100 * there // (there + missing)} % of it is there; "
                    "copy it again from the recorder."
                )
            with open_container(stream) as container:
                yield from self._decode(container)

    def _decode(self, container: av.container.InputContainer) -> Iterator[Samples]:
        info = inspected(container, self._limits)
        audio = audio_stream(container)
        audio.codec_context.thread_count = 1
        layout = "stereo" if info.channels == 2 else "mono"
        declared = _declared_seconds(container)
        clock = Clock()
        decoded = 0
        for frame in self._frames(container, audio):
            for block in clock.blocks(frame, layout):
                decoded += block.shape[1]
                if decoded > self._limits.max_seconds * SAMPLE_RATE:
                    raise _too_long(self._limits)
                yield block
        for block in clock.flush():
            decoded += block.shape[1]
            yield block
        if decoded == 0:
            raise BadRecording(
                "The recording has an audio track without a single sample, so nothing was recorded;"
                " look for another file of this interview."
            )
        if declared is None:
            return
        # Sound may end before the pictures do, and the container's duration is that of both.
        reached = max(decoded / SAMPLE_RATE, self._pictures_end)
        if reached < declared - max(_MISSING_SECONDS, declared * _MISSING_SHARE):
            self.cut_short = True
            if not self._limits.accept_truncated:
                raise TruncatedRecording(
                    f"The recording ends after {int(reached)} s but its header promises "
                    f"{int(declared)} s; copy it again from the recorder."
                )

    def _frames(
        self, container: av.container.InputContainer, audio: av.AudioStream
    ) -> Iterator[av.AudioFrame]:
        good = failed = self.bad_packets = 0
        self._pictures_end = 0.0
        pictures = container.streams.video if _counts_pictures(container) else ()
        packets = container.demux(audio, *pictures)
        reached = 0.0
        while True:
            try:
                packet = next(packets, None)
            except FFmpegError as error:
                raise TruncatedRecording(
                    f"The recording breaks off inside its container, after {int(reached)} s; "
                    "copy it again from the recorder."
                ) from error
            if packet is None:
                return
            if packet.stream.index != audio.index:
                if packet.pts is not None:
                    end = packet.pts + (packet.duration or 0)
                    self._pictures_end = max(self._pictures_end, float(end * packet.time_base))
                continue
            try:
                frames = packet.decode()
            except FFmpegError as error:
                failed += 1
                self.bad_packets += good > 0
                if failed > _BAD_PACKETS + good // _GOOD_PACKETS:
                    raise BadRecording(
                        "The recording is damaged or encrypted: its audio cannot be decoded."
                    ) from error
                continue
            good += 1
            if packet.pts is not None and packet.time_base is not None:
                reached = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            # The pictures were left out above.
            yield from (frame for frame in frames if isinstance(frame, av.AudioFrame))


class Clock:
    """Resamples frames and fills gaps in their time stamps, so that times are those of the file."""

    def __init__(self) -> None:
        self._resampler: av.AudioResampler | None = None
        self._shape: tuple[object, ...] = ()
        self._origin: Fraction | None = None
        self._made = 0

    def blocks(self, frame: av.AudioFrame, layout: str) -> Iterator[Samples]:
        """Yield the samples of a frame at 16 kHz, behind the silence of a gap before it."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            yield from self.flush()
            self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE)
            self._shape = shape
        gap = self._gap(frame)
        channels = 2 if layout == "stereo" else 1
        while gap > 0:
            size = min(gap, SAMPLE_RATE)
            gap -= size
            yield self._count(np.zeros((channels, size), np.float32))
        frame.pts = None
        assert self._resampler is not None  # noqa: S101 - made above
        for out in self._resampler.resample(frame):
            yield self._count(_samples(out))

    def flush(self) -> Iterator[Samples]:
        """Yield what is left in the resampler."""
        if self._resampler is not None:
            for out in self._resampler.resample(None):
                yield self._count(_samples(out))
            self._resampler = None

    def _count(self, block: Samples) -> Samples:
        self._made += block.shape[1]
        return block

    def _gap(self, frame: av.AudioFrame) -> int:
        if frame.pts is None or frame.time_base is None:
            return 0
        at = frame.pts * frame.time_base
        if self._origin is None:
            self._origin = at
        gap = int((at - self._origin) * SAMPLE_RATE) - self._made
        return gap if gap > _SHORTEST_GAP else 0


def inspected(container: av.container.InputContainer, limits: AudioLimits) -> AudioInfo:
    """Return what a recording is, by its headers; raises `BadRecording` above the limits."""
    audio = audio_stream(container)
    context = audio.codec_context
    if not 1 <= context.channels <= limits.max_channels:
        raise BadRecording(
            f"The recording has {context.channels} channels; "
            f"1 to {limits.max_channels} are supported."
        )
    if not limits.min_rate <= context.sample_rate <= limits.max_rate:
        raise BadRecording(
            f"The recording has a sample rate of {context.sample_rate} Hz; "
            f"{limits.min_rate} to {limits.max_rate} Hz are supported."
        )
    declared = _declared_seconds(container)
    if declared is not None and declared > limits.max_seconds:
        raise _too_long(limits)
    return AudioInfo(container.format.name, context.name, context.channels, context.sample_rate)


def _too_long(limits: AudioLimits) -> BadRecording:
    hours = limits.max_seconds / 3600
    return BadRecording(
        f"The recording is longer than the limit of {hours:g} hours; "
        "split it or raise the limit in the settings."
    )


def open_container(stream: BinaryIO) -> av.container.InputContainer:
    """Open a recording, whose container may refer to nothing else; raises `BadRecording`."""
    if stream.seek(0, 2) == 0:
        raise BadRecording("The recording is empty (0 bytes).")
    stream.seek(0)
    if advice := UNREADABLE.get(media_form(stream.read(HEAD_BYTES))):
        raise BadRecording(advice)
    stream.seek(0)
    try:
        return av.open(
            stream,
            mode="r",
            metadata_errors="ignore",
            options={"format_whitelist": _FORMATS, "protocol_whitelist": "none"},
        )
    except (FFmpegError, ValueError, OSError) as error:
        raise BadRecording(
            "This is not a recording that can be read: it is damaged, encrypted, "
            "cut off before its index, or not audio or video at all. Play it; if it plays, export "
            "it again as WAV or MP3. A transcript has to be a txt, docx, vtt, srt or json file."
        ) from error


def audio_stream(container: av.container.InputContainer) -> av.AudioStream:
    """Return the best stream of sound; raises `BadRecording` where there is none."""
    stream = container.streams.best("audio")
    if not isinstance(stream, av.AudioStream) or stream.codec_context is None:
        raise BadRecording("The recording has no audio track that can be decoded.")
    return stream


def _declared_seconds(container: av.container.InputContainer) -> float | None:
    if not any(name in _COUNTED for name in container.format.name.split(",")):
        return None
    stream = container.streams.best("audio")
    if stream is not None and stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None:
        return float(container.duration / av.time_base)
    return None


def _counts_pictures(container: av.container.InputContainer) -> bool:
    """Return whether the declared duration is the container's, and so that of its pictures too."""
    audio = audio_stream(container)
    return audio.duration is None and _declared_seconds(container) is not None


def _samples(frame: av.AudioFrame) -> Samples:
    block = np.nan_to_num(frame.to_ndarray(), nan=0.0, posinf=1.0, neginf=-1.0)
    clipped: Samples = np.clip(block, -1.0, 1.0).astype(np.float32, copy=False)
    return clipped
