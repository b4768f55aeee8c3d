# SPDX-License-Identifier: Apache-2.0
"""Interviews of several synthetic voices, with the true time of every turn, in several conditions.

Voices are programs of the machine:
`flite:slt` and so on, `espeak:en-gb+f3`, `festival:kal_diphone`,
`piper:MODEL.onnx`. The same seed, voices and texts give the same interview.
"""

from __future__ import annotations

import hashlib
import subprocess
import wave
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.common import telemetry

RATE = 16_000
Audio = npt.NDArray[np.float32]

QUESTIONS = (
    "Thank you for coming in today. How have you been since we last spoke?",
    "Could you tell me a little about how the group started for you?",
    "And what was that like?",
    "What does recovery mean to you, in your own words?",
    "Was there a moment when you noticed that something had changed?",
    "How did the people around you react to that?",
    "Can you give me an example?",
    "What helped you to keep going in that time?",
    "Is there anything that you would have wanted to be different?",
    "How do you feel about it now, looking back?",
    "What would you say to somebody who comes for the first time?",
    "Is there anything that we have not talked about and that matters to you?",
)
ANSWERS = (
    "I have been all right, mostly. Some days are better than others, and I try not to count them.",
    (
        "I did not want to go at first. My sister drove me there and waited outside in the car, and"
        " afterwards she bought me noodles because I had stayed until the end."
    ),
    "It was strange. Everybody knew what to do and I did not even know where to put my coat.",
    (
        "For a long time I thought that it means to be as I was before, but it does not mean that."
        " It means that I can plan a week and that the plan still holds on Friday."
    ),
    "Yes. I was washing the rice and I noticed that I was singing. I had not done that for years.",
    (
        "They were careful with me, as if I was made of glass. My father stopped asking questions,"
        " and that was worse than the questions."
    ),
    (
        "Well, there was one evening when I could not sleep and I called one of them, and she said"
        " nothing at all for ten minutes, she only stayed on the line."
    ),
    (
        "The small things. Feeding the cats, walking to the market before it gets hot, and"
        " writing down three things in the evening."
    ),
    "I would have liked it if somebody had explained the tablets to me earlier, not in a hurry.",
    "I am not ashamed of it any more. That took the longest time of all.",
    "Sit near the door if you like. Nobody will mind when you leave, and nobody will ask you why.",
    "No, I think that is everything. Perhaps only that I would do it again.",
)
ADDITIONS = (
    "I would like to add something to that, if I may.",
    "For me it was the other way round, I talked too much and listened to nobody.",
    "I remember that evening, it was raining and the lights went out.",
    "We should say that it was not easy for the family either.",
    "That is what I tell the new ones as well, take your time.",
    "I agree with nearly all of it, only the tablets were no trouble for me.",
)
BACK_CHANNELS = ("Mm-hm.", "Yeah.", "Right.", "I see.")


_PIPER = ("--noise-scale", "0", "--noise-w-scale", "0")
"""Piper draws at random by default, and would never say the same twice."""


@dataclass(frozen=True)
class Turn:
    """Who speaks when; seconds. A back-channel lies inside another person's turn."""

    speaker: int
    start: float
    end: float
    text: str
    back_channel: bool = False


@dataclass(frozen=True)
class Interview:
    """What was said, and the sound of each speaker alone: shape (speakers, samples)."""

    turns: tuple[Turn, ...]
    tracks: Audio

    @property
    def mono(self) -> Audio:
        """All speakers in one channel, shape (samples,)."""
        mixed: Audio = self.tracks.sum(axis=0)
        return mixed

    def stereo(self, bleed_db: float, room: Callable[[Audio], Audio] | None = None) -> Audio:
        """Two channels, each with the other speaker `bleed_db` louder (so, below 0), later by 3 ms.

        `room` is what the air on the way does.
        """
        later = np.pad(self.tracks, ((0, 0), (48, 0)))[:, : self.tracks.shape[1]]
        other = np.stack([room(row) for row in later]) if room else later
        mixed: Audio = self.tracks + other[::-1] * np.float32(10 ** (bleed_db / 20))
        return mixed


def interview(
    voices: Sequence[str], folder: Path, seed: int = 7, back_channels: bool = False
) -> Interview:
    """Speak an interview: the first voice asks, the others answer in turn."""
    draw = np.random.default_rng(seed)
    turns: list[Turn] = []
    pieces: list[tuple[int, int, Audio]] = []
    at = 0.8

    def say(speaker: int, text: str, start: float, back: bool = False) -> float:
        sound = speak(voices[speaker], text, folder)
        pieces.append((speaker, round(start * RATE), sound))
        end = start + len(sound) / RATE
        turns.append(Turn(speaker, start, end, text, back))
        return end

    for number, (question, answer) in enumerate(zip(QUESTIONS, ANSWERS, strict=True)):
        at = say(0, question, at) + draw.uniform(0.25, 1.0)
        begun, at = at, say(1, answer, at)
        if back_channels and at - begun > 5:
            say(0, BACK_CHANNELS[number % len(BACK_CHANNELS)], begun + 0.6 * (at - begun), True)
        at += draw.uniform(0.25, 1.0)
        for other in range(2, len(voices)):
            if (number + other) % 2 == 0:
                addition = ADDITIONS[number // 2 % len(ADDITIONS)]
                at = say(other, addition, at) + draw.uniform(0.25, 1.0)
    return _laid_out(turns, pieces, len(voices), at, draw)


def spoken(lines: Iterable[tuple[int, str, str]], folder: Path, seed: int = 7) -> Interview:
    """Speak lines one after the other, each a speaker's number, a voice and what it says."""
    draw = np.random.default_rng(seed)
    turns: list[Turn] = []
    pieces: list[tuple[int, int, Audio]] = []
    at = 0.8
    for speaker, voice, text in lines:
        sound = speak(voice, text, folder)
        pieces.append((speaker, round(at * RATE), sound))
        turns.append(Turn(speaker, at, at + len(sound) / RATE, text))
        at = turns[-1].end + draw.uniform(0.25, 1.0)
    return _laid_out(turns, pieces, 1 + max(turn.speaker for turn in turns), at, draw)


def _laid_out(
    turns: Sequence[Turn],
    pieces: Iterable[tuple[int, int, Audio]],
    speakers: int,
    end: float,
    draw: np.random.Generator,
) -> Interview:
    """Put each piece (speaker, first sample, sound) on its speaker's track, with faint noise."""
    tracks = np.zeros((speakers, round((end + 1) * RATE)), np.float32)
    for speaker, start, sound in pieces:
        tracks[speaker, start : start + len(sound)] += sound
    noise = draw.normal(0, 10 ** (-65 / 20), tracks.shape)
    return Interview(tuple(sorted(turns, key=lambda t: t.start)), (tracks + noise).astype("f4"))


def speak(voice: str, text: str, folder: Path) -> Audio:
    """Return a text in a voice, mono at 16 kHz, trimmed and at -23 dBFS; kept in `folder`."""
    name = hashlib.sha256(f"{voice} {text}".encode()).hexdigest()[:20]
    file = folder / f"{name}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(file, _levelled(_trimmed(_spoken(voice, text, folder / f"{name}.wav"))))
    sound: Audio = np.load(file)
    return sound


def _spoken(voice: str, text: str, target: Path) -> Audio:
    telemetry.switch_off()
    from faster_whisper.audio import decode_audio

    program, _, name = voice.partition(":")
    commands = {
        "flite": ["flite", "-voice", name, "-t", text, "-o", str(target)],
        "espeak": ["espeak-ng", "-v", name, "-w", str(target), text],
        "festival": ["text2wave", "-eval", f"(voice_{name})", "-o", str(target)],
        "piper": ["piper", "--model", name, *_PIPER, "--output-file", str(target)],
    }
    # `subprocess.run` takes no standard input from a text that is a command's argument already.
    written = text if program in ("festival", "piper") else ""
    subprocess.run(commands[program], input=written, text=True, check=True, capture_output=True)
    found: Audio = decode_audio(str(target), sampling_rate=RATE)
    target.unlink()
    return found


def _trimmed(audio: Audio) -> Audio:
    """Cut silence off both ends, 40 dB below the loudest 10 ms."""
    power = np.square(audio[: len(audio) // 160 * 160].reshape(-1, 160)).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 1e-4)
    return audio[loud[0] * 160 : (loud[-1] + 1) * 160]


def _levelled(audio: Audio) -> Audio:
    levelled: Audio = audio * np.float32(10 ** (-23 / 20) / np.sqrt(np.square(audio).mean()))
    return levelled


def clean(audio: Audio) -> Audio:
    """Return the sound as it is."""
    return audio


def telephone(audio: Audio) -> Audio:
    """Return the band of a telephone in 8-bit mu-law (the curve of ITU-T G.711).

    300 to 3400 Hz at half power, with slopes as a channel's filters have them (ITU-T G.712).
    """
    hertz = np.maximum(np.fft.rfftfreq(len(audio), 1 / RATE), 1.0)
    band = 1 / (1 + (300 / hertz) ** 8) / (1 + (hertz / 3400) ** 16)
    narrow = np.clip(np.fft.irfft(np.fft.rfft(audio) * band, len(audio)) * 3, -1, 1)
    steps = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    heard: Audio = (np.sign(steps) * (256 ** np.abs(steps) - 1) / 255 / 3).astype(np.float32)
    return heard


def room(audio: Audio, seed: int = 1, decay: float = 0.4, noise_db: float = -50.0) -> Audio:
    """Return the sound in a room: echoes that fall by 60 dB in `decay` seconds, and noise."""
    draw = np.random.default_rng(seed)
    time = np.arange(int(decay * RATE)) / RATE
    echoes = draw.normal(0, 1, len(time)) * 10 ** (-3 * time / decay)
    echoes *= 0.7 / np.sqrt(np.square(echoes).sum())
    echoes[0] = 1.0
    size = len(audio) + len(echoes)
    heard = np.fft.irfft(np.fft.rfft(audio, size) * np.fft.rfft(echoes, size), size)[: len(audio)]
    sound: Audio = (heard + draw.normal(0, 10 ** (noise_db / 20), len(audio))).astype(np.float32)
    return sound


CONDITIONS: dict[str, Callable[[Audio], Audio]] = {
    "clean": clean,
    "telephone": telephone,
    "room": room,
}


def write_wav(path: Path, audio: Audio) -> None:
    """Write 16-bit PCM; shape (samples,) or (channels, samples)."""
    rows = np.atleast_2d(audio)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(rows))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(rows.T, -1, 1) * 32767).astype("<i2").tobytes())
