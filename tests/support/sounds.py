# SPDX-License-Identifier: Apache-2.0
"""Recordings made for tests, in many containers, from the shipped samples or from nothing."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]

SAMPLES = Path(__file__).parents[1] / "data" / "demo_model"


def sample(name: str, rate: int = 16_000) -> Audio:
    """A shipped sample as shape (channels, samples)."""
    with av.open(str(SAMPLES / f"{name}.ogg")) as container:
        layout = container.streams.audio[0].layout.name
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate)
        frames = [out for f in container.decode(audio=0) for out in resampler.resample(f)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1)


def of_speaker(name: str, speaker: str, rate: int = 16_000) -> bytes:
    """What one of the speakers of a shipped sample says, one turn after the other, as WAV."""
    sound = sample(name, rate)[:1]
    turns = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))["turns"]
    said = [
        sound[:, round(turn["start"] * rate) : round(turn["end"] * rate)]
        for turn in turns
        if turn["speaker"] == speaker
    ]
    return wav(np.concatenate(said, axis=1), rate)


def tone(seconds: float, channels: int = 1, rate: int = 16_000) -> Audio:
    """A soft tone; one octave higher on each further channel."""
    time = np.arange(int(seconds * rate)) / rate
    rows = [0.3 * np.sin(2 * np.pi * 220 * 2**row * time) for row in range(channels)]
    return np.asarray(rows, np.float32)


def wav(audio: Audio, rate: int = 16_000) -> bytes:
    """16-bit PCM WAV."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(audio.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((audio.T * 32767).astype("<i2").tobytes())
    return target.getvalue()


def encoded(audio: Audio, container: str, codec: str, rate: int = 16_000) -> bytes:
    """Audio in any container and codec that this build of ffmpeg writes."""
    target = io.BytesIO()
    layout = "stereo" if audio.shape[0] == 2 else "mono"
    with av.open(target, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(
            format=stream.format.name,
            layout=layout,
            rate=rate,
            frame_size=stream.frame_size or 1024,
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio), "fltp", layout)
        frame.sample_rate = rate
        for out in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(out))
        output.mux(stream.encode(None))
    return target.getvalue()


def film(seconds: float = 1.0) -> bytes:
    """A video without sound."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(int(seconds * 10)):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
            output.mux(stream.encode(picture))
        output.mux(stream.encode(None))
    return target.getvalue()


def film_with_sound(seconds: float, pictures: float | None = None) -> bytes:
    """A Matroska film, of which the container alone says how long it is; `pictures` seconds of it
    have a picture.
    """
    target = io.BytesIO()
    with av.open(target, "w", format="matroska") as output:
        stream = output.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        sound = output.add_stream("pcm_s16le", rate=16_000)
        samples = (tone(seconds)[0] * 32_767).astype(np.int16)
        for number in range(int(max(seconds, pictures or seconds) * 10)):
            if number < (pictures or seconds) * 10:
                picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
                output.mux(stream.encode(picture))
            part = samples[number * 1600 : (number + 1) * 1600]
            if len(part):
                frame = av.AudioFrame.from_ndarray(part[None, :], "s16", "mono")
                frame.sample_rate = 16_000
                output.mux(sound.encode(frame))
        for one in (stream, sound):
            output.mux(one.encode(None))
    return target.getvalue()
