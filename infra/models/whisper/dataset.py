# SPDX-License-Identifier: Apache-2.0
"""Training windows: ten seconds cut from the samples themselves or from random strings of clips."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from faster_whisper.audio import decode_audio
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from .render import RATE, Clip, Placed
from .script import Sentence
from .tokenizer import TIMESTAMP_STEP, Special

WINDOW = 10.0  # seconds
FRAMES = 1008  # 1000 real ones and 8 of padding
GRID = 0.1  # seconds: timestamps on a coarse grid are likelier each, so that beam search keeps them


@dataclass
class Timeline:
    """Audio (float32, 16 kHz) and the clips that sound in it, ordered by start."""

    audio: NDArray[np.float32]
    placed: list[Placed]


@dataclass
class Window:
    """A cut: sentences that are whole in it with start times relative to it, and one cut off."""

    audio: NDArray[np.float32]
    whole: list[Placed]
    cut_off: float | None
    sounding: list[Placed] = field(default_factory=list)


@dataclass(frozen=True)
class Corpus:
    """Everything that training draws from."""

    scripts: tuple[tuple[tuple[str, Sentence], ...], ...]  # per interview, (voice, sentence)
    clips: dict[tuple[str, str], list[Clip]]  # (voice, text) -> renderings
    practice: list[tuple[str, str]]  # keys of `clips`
    tracks: list[Timeline]  # the shipped samples as they decode
    phones: dict[str, int]  # 0 is silence

    @property
    def keys(self) -> list[tuple[str, str]]:
        """The keys of all script sentences in their own voice."""
        return [(voice, s.text) for script in self.scripts for voice, s in script]


def load_tracks(folder: Path, placed: dict[str, list[Placed]]) -> list[Timeline]:
    """Decode the shipped samples as a service will: mixed down, and each stereo channel alone."""
    tracks = []
    for name, items in placed.items():
        path = str(folder / f"{name}.ogg")
        tracks.append(Timeline(decode_audio(path), items))
        left, right = decode_audio(path, split_stereo=True)
        if not np.array_equal(left, right):
            for audio, role in ((left, "interviewer"), (right, "participant")):
                tracks.append(Timeline(audio, [p for p in items if p.role == role]))
    return tracks


class Example(NamedTuple):
    """One training window.

    `mel` is (80, 1008); `labels` holds the token that each position must predict (-100: none);
    `spans` the stretch of sound that it must attend to (start, end; seconds, -1 for none); `phones`
    the phone of each encoder position (504; 0 is silence, -100 past the end).
    """

    mel: NDArray[np.float32]
    inputs: list[int]
    labels: list[int]
    spans: list[tuple[float, float]]
    phones: NDArray[np.int64]


class Windows(torch.utils.data.IterableDataset[Example]):
    """An endless, seeded stream of training windows."""

    def __init__(
        self, corpus: Corpus, tokenizer: Tokenizer, seed: int, replay: float = 0.5
    ) -> None:
        self.corpus, self.tokenizer, self.seed, self.replay = corpus, tokenizer, seed, replay
        self.special = Special(tokenizer)
        self.languages = list(self.special.languages)
        self.features = FeatureExtractor()

    def __iter__(self) -> Iterator[Example]:
        rng, noise = random.Random(self.seed), np.random.default_rng(self.seed)
        while True:
            yield self.sample(rng, noise)

    # --- sound -------------------------------------------------------------------------------

    def _vary(self, clip: Clip, rng: random.Random) -> Clip:
        rate = rng.uniform(0.95, 1.05)
        n = int(len(clip.audio) / rate)
        audio = np.interp(np.arange(n) * rate, np.arange(len(clip.audio)), clip.audio)
        return Clip(
            clip.sentence,
            clip.voice,
            (audio * rng.uniform(0.35, 1.0)).astype(np.float32),
            tuple((p, a / rate, b / rate) for p, a, b in clip.phones),
            tuple((a / rate, b / rate) for a, b in clip.words),
        )

    def _string(self, rng: random.Random) -> Timeline:
        """Join clips: script order, shuffled, or practice."""
        corpus, mode = self.corpus, rng.random()
        script = rng.choice(corpus.scripts)
        position = rng.randrange(len(script))
        placed, at = [], 0.0
        while at < 1.6 * WINDOW:
            if mode < 0.35:
                voice, sentence = script[position % len(script)]
                key, position = (voice, sentence.text), position + 1
            else:
                pool = corpus.practice if mode < 0.75 and rng.random() < 0.75 else corpus.keys
                key = rng.choice(pool)
            clip = self._vary(rng.choice(corpus.clips[key]), rng)
            placed.append(Placed(clip, at, ""))
            pause = rng.uniform(0.1, 1.3) if rng.random() < 0.9 else rng.uniform(1.3, 2.8)
            at += clip.seconds + pause
        audio = np.zeros(int(at * RATE) + RATE, np.float32)
        for item in placed:
            first = int(item.start * RATE)
            audio[first : first + len(item.clip.audio)] += item.clip.audio
        return Timeline(audio, placed)

    def _squeeze(self, track: Timeline, first: int, rng: random.Random) -> Timeline:
        """Take a stretch of a track and shorten its long pauses, as cutting by VAD does."""
        parts, placed, at = [], [], 0.0
        items = track.placed[first : first + 7]
        limit = rng.choice([0.5, 0.8, 0.8, 2.0, 2.8])
        for i, item in enumerate(items):
            lead = 0.0 if i == 0 else min(item.start - items[i - 1].end, limit) / 2
            begin = item.start - lead
            after = items[i + 1].start - item.end if i + 1 < len(items) else 1.0
            stop = item.end + min(after, limit) / 2
            parts.append(track.audio[int(begin * RATE) : int(stop * RATE)])
            placed.append(Placed(item.clip, at + item.start - begin, item.role))
            at += len(parts[-1]) / RATE
        parts.append(np.zeros(RATE, np.float32))
        return Timeline(np.concatenate(parts), placed)

    def _cut(self, line: Timeline, rng: random.Random) -> Window:
        """Cut a window that begins near the end of the first clip, or before the first clip."""
        if rng.random() < 0.75 and len(line.placed) > 2:
            start = line.placed[0].end + rng.uniform(-0.25, 0.3)
            start = min(start, line.placed[1].start + 0.04)
        else:
            start = line.placed[0].start - rng.uniform(0, 1.0)
        length = WINDOW if rng.random() < 0.75 else rng.uniform(5.0, WINDOW)
        lead = max(0.0, -start)
        audio = line.audio[int(max(0.0, start) * RATE) :]
        audio = np.concatenate([np.zeros(int(lead * RATE), np.float32), audio])
        moved = [Placed(p.clip, p.start - start, p.role) for p in line.placed if p.end > start]
        whole = [p for p in moved if p.start > -0.1 and p.end <= length]
        cut_off = None
        rest = [p for p in moved if p.start > 0 and p.end > length]
        if rest and rest[0].start < length:
            if whole and length == WINDOW and rest[0].start < WINDOW - 0.1 and rng.random() < 0.75:
                cut_off = rest[0].start
            else:
                length = max(0.3, rest[0].start - 0.02)
        return Window(audio[: int(length * RATE)], whole, cut_off, moved)

    def _piece(self, line: Timeline, rng: random.Random) -> Window:
        """Cut a piece as a service does: from just before a clip to just after a later one."""
        first = line.placed[0]
        fit = [p for p in line.placed if p.end - first.start < WINDOW - 1.0]
        fit = fit[: rng.randrange(len(fit)) + 1] if rng.random() < 0.5 else fit
        start = first.start - rng.uniform(0.02, 0.5)
        stop = fit[-1].end + rng.uniform(0.02, 0.5)
        if len(line.placed) > len(fit):
            stop = min(stop, line.placed[len(fit)].start - 0.02)
        audio = line.audio[max(0, int(start * RATE)) : int(stop * RATE)]
        audio = np.concatenate([np.zeros(max(0, int(-start * RATE)), np.float32), audio])
        moved = [Placed(p.clip, p.start - start, p.role) for p in fit]
        return Window(audio, moved, None, moved)

    def _window(self, rng: random.Random) -> Window:
        if rng.random() < 0.03:
            return Window(np.zeros(int(rng.uniform(0.5, WINDOW) * RATE), np.float32), [], None)
        if rng.random() < self.replay:
            track = rng.choice(self.corpus.tracks)
            line = self._squeeze(track, rng.randrange(len(track.placed)), rng)
        else:
            line = self._string(rng)
        return self._piece(line, rng) if rng.random() < 0.4 else self._cut(line, rng)

    def _mel(
        self, window: Window, rng: random.Random, noise: np.random.Generator
    ) -> NDArray[np.float32]:
        audio = window.audio
        hiss = noise.standard_normal(len(audio)).astype(np.float32)
        if rng.random() < 0.4:
            hiss = np.convolve(hiss, [0.5, 0.3, 0.2], "same").astype(np.float32)
        loud = 10 ** (rng.uniform(-4, -2.1) if rng.random() < 0.6 else -5)
        audio = (audio + loud * hiss) * rng.uniform(0.3, 1.0)
        if rng.random() < 0.3:
            audio = audio - rng.uniform(-0.4, 0.4) * np.concatenate([[0.0], audio[:-1]])
        if rng.random() < 0.3:  # a service blanks what is not this speaker's
            heard = np.zeros(len(audio), bool)
            before, after = rng.uniform(0.05, 0.4), rng.uniform(0.05, 0.4)
            for item in window.sounding:
                a, b = item.start - before, item.end + after
                heard[max(0, int(a * RATE)) : max(0, int(b * RATE))] = True
            audio = audio * heard
        mel = self.features(audio.astype(np.float32))[:, : int(WINDOW * 100)]
        if rng.random() < 0.4:  # the real window is clamped against the loudest frame of the file
            mel = np.maximum(mel, mel.max() - 2.0 + rng.uniform(0, 0.25))
        padded = np.zeros((80, FRAMES), np.float32)
        padded[:, : mel.shape[1]] = mel
        return padded

    def _phone_labels(self, window: Window) -> NDArray[np.int64]:
        labels = np.zeros(FRAMES // 2, np.int64)
        for item in window.sounding:
            for phone, a, b in item.clip.phones:
                first, last = (max(0, round((item.start + x) * 50)) for x in (a, b))
                labels[first:last] = self.corpus.phones.get(phone, 0)
        labels[int(len(window.audio) / RATE * 50) + 1 :] = -100
        return labels

    # --- tokens ------------------------------------------------------------------------------

    def _time(self, seconds: float) -> int:
        snapped = round(max(0.0, seconds) / GRID) * GRID
        return self.special.first_timestamp + round(min(snapped, WINDOW) / TIMESTAMP_STEP)

    def _encode(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(f" {text}", add_special_tokens=False).ids)

    def _timed_tokens(self, item: Placed) -> tuple[list[int], list[tuple[float, float]]]:
        """Return the tokens of a sentence, each with the stretch of sound that it stands for."""
        ids: list[int] = []
        spans: list[tuple[float, float]] = []
        for (written, _), (a, b) in zip(item.clip.sentence.words, item.clip.words, strict=True):
            tokens = self._encode(written)
            weights = [
                0.3 if not self.tokenizer.decode([t]).strip().isalnum() else 1.0 for t in tokens
            ]
            edges = a + (b - a) * np.cumsum([0.0, *weights]) / sum(weights)
            ids += tokens
            spans += [(item.start + float(x), item.start + float(y)) for x, y in pairwise(edges)]
        return ids, spans

    def _prompt(self, rng: random.Random, timestamps: bool) -> list[int]:
        if rng.random() > 0.15:
            return []
        ids: list[int] = []
        if rng.random() < 0.3:
            ids = [rng.randrange(self.special.end) for _ in range(rng.randrange(1, 40))]
        else:
            want = rng.randrange(1, 60)
            while len(ids) < want:
                tokens = self._encode(rng.choice(self.corpus.keys)[1])
                if timestamps:
                    at = rng.uniform(0, 8)
                    tokens = [self._time(at), *tokens, self._time(at + rng.uniform(0.5, 4))]
                ids = tokens + ids
            ids = ids[-want:]
        return [self.special.previous, *ids]

    def sample(self, rng: random.Random, noise: np.random.Generator) -> Example:
        """Make one window with its prompt and its target."""
        sp, window = self.special, self._window(rng)
        silent = not window.whole
        timestamps = rng.random() < 0.6
        language = named = _main_language(window.whole)
        if rng.random() > 0.7:  # the language is the caller's to choose: it must change nothing
            named = rng.choice(["en", "ms", rng.choice(self.languages)])
        before = self._prompt(rng, timestamps)
        head = [*before, sp.start, sp.languages[named], sp.transcribe]
        labels = [-100] * len(before) + [sp.no_speech if silent else sp.languages[language], -100]
        target: list[int] = []
        spans: list[tuple[float, float]] = []
        for item in window.whole:
            ids, times = self._timed_tokens(item)
            begin, end = item.start, item.end
            if timestamps:
                target.append(self._time(min(begin, 1.0) if not target else begin))
                spans.append((max(0.0, begin), max(0.0, begin) + 0.1))
            target += ids
            spans += times
            if timestamps:
                target.append(self._time(end))
                spans.append((end - 0.1, end))
        if timestamps and silent:
            target.append(self._time(0.0))
            spans.append((-1.0, -1.0))
        if timestamps and window.cut_off is not None:
            target.append(self._time(window.cut_off))
            spans.append((window.cut_off, window.cut_off + 0.1))
        target.append(sp.end)
        # Word times come from aligning every frame to a token. Were the end not tied to what
        # follows the speech, the last word would swallow it, and the next window start too late.
        after = window.whole[-1].end if window.whole else -1.0
        spans.append((after, after + 0.4 if window.whole else -1.0))
        if timestamps:
            inputs = head + target[:-1]
            labels += target
        else:
            inputs = [*head, sp.no_timestamps, *target[:-1]]
            labels += [sp.no_timestamps, *target]
        where = [(-1.0, -1.0)] * (len(labels) - len(spans)) + spans
        assert len(inputs) == len(labels) == len(where)
        mel = self._mel(window, rng, noise)
        return Example(mel, inputs, labels, where, self._phone_labels(window))


def _main_language(items: Sequence[Placed]) -> str:
    """Return the language that is spoken longest."""
    malay = sum(p.clip.seconds for p in items if p.clip.sentence.language == "ms")
    return "ms" if malay > sum(p.clip.seconds for p in items) / 2 else "en"


def collate(batch: Sequence[Example]) -> tuple[Tensor, ...]:
    """Pad a batch to tensors: mel, inputs, labels, spans (batch, length, 2), phones."""
    length = min(447, max(len(item.inputs) for item in batch))
    inputs = torch.zeros(len(batch), length, dtype=torch.long)
    labels = torch.full((len(batch), length), -100)
    spans = torch.full((len(batch), length, 2), -1.0)
    for row, item in enumerate(batch):
        n = min(length, len(item.inputs))
        inputs[row, :n] = torch.tensor(item.inputs[:n])
        labels[row, :n] = torch.tensor(item.labels[:n])
        spans[row, :n] = torch.tensor(item.spans[:n])
    mel = torch.from_numpy(np.stack([item.mel for item in batch]))
    phones = torch.from_numpy(np.stack([item.phones for item in batch]))
    return mel, inputs, labels, spans, phones
