# SPDX-License-Identifier: Apache-2.0
"""The bundled neural tagger: names, places, bodies, dates, ages and codes in talk.

Runs a small quantised encoder on onnxruntime over windows that join consecutive turns, so that a
question helps to read its answer. It does not depend on letter case. How it was made and how far
it can be trusted: ``docs/ner-model-card.md``.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.plumbing.errors import Corrupted

MODEL = Path(__file__).resolve().parents[1] / "model"
_MARGIN = 16  # pieces at a window's edge that take their verdict from the neighbouring window
_BATCH = 8
_FLOOR = 0.05
# A run breaks where a word is this much less likely than the run's best: what is doubtful goes
# out as its own span, with its own score.
_DROP = 0.3
# Two of these side by side are two (a list of people); other kinds are one (a date with its year).
_COUNTED = frozenset({"PERSON", "ORGANIZATION"})
_JOINERS = frozenset("-'’/.&@_")

Probabilities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class NeuralSpan:
    """Part of a turn in code points, with the calibrated probability that the label is right."""

    start: int
    end: int
    label: str
    score: float


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    first: int  # piece numbers, end excluded
    last: int


class NeuralTagger:
    """Tags turns; made once, used from any number of threads.

    Raises ``Corrupted`` where the model folder is incomplete or does not match its manifest.
    """

    def __init__(self, folder: Path = MODEL, *, threads: int = 1, floor: float = _FLOOR) -> None:
        self._floor = floor
        self.manifest = _manifest(folder)
        labels: list[str] = self.manifest["labels"]
        self.labels = tuple(dict.fromkeys(x[2:] for x in labels if x != "O"))
        self.thresholds: Mapping[str, float] = self.manifest["thresholds"]
        self._begin = np.array([labels.index(f"B-{x}") for x in self.labels])
        self._inside = np.array([labels.index(f"I-{x}") for x in self.labels])
        self._calibration = [self.manifest["calibration"].get(x, (1.0, 0.0)) for x in self.labels]
        self._width = int(self.manifest["max_pieces"])
        self._tokenizer, self._session = _load(folder, threads)
        self._cls = self._tokenizer.token_to_id("[CLS]")
        self._sep = self._tokenizer.token_to_id("[SEP]")

    @property
    def version(self) -> str:
        """Name, version and the first digits of the model's hash, for certificates."""
        digest = self.manifest["sha256"]["ner.int8.onnx"][:12]
        return f"{self.manifest['name']}/{self.manifest['version']}+{digest}"

    def tag(self, turns: Sequence[str]) -> list[list[NeuralSpan]]:
        """Spans of every turn, by start; spans of different labels may overlap."""
        pieces: list[int] = []
        words: list[list[_Word]] = []
        for turn in turns:
            encoding = self._tokenizer.encode(turn, add_special_tokens=False)
            words.append(_words(turn, encoding.word_ids, encoding.offsets, len(pieces)))
            pieces.extend(encoding.ids)
            if encoding.ids:
                pieces.append(self._sep)
        if not pieces:
            return [[] for _ in turns]
        begin, either = self._run(np.array(pieces, np.int64))
        return [
            self._spans(turn, found, begin, either)
            for turn, found in zip(turns, words, strict=True)
        ]

    def _run(self, pieces: npt.NDArray[np.int64]) -> tuple[Probabilities, Probabilities]:
        """P(begins) and P(begins or goes on) of each piece and label: two (pieces, labels)."""
        inner = self._width - 2
        step = inner - 2 * _MARGIN
        total = len(pieces)
        begin = np.zeros((total, len(self.labels)), np.float32)
        either = np.zeros_like(begin)
        starts = list(range(0, max(1, total - 2 * _MARGIN), step))
        for at in range(0, len(starts), _BATCH):
            group = starts[at : at + _BATCH]
            width = min(inner, total - group[0]) + 2
            ids = np.zeros((len(group), width), np.int64)
            for row, start in enumerate(group):
                window = pieces[start : start + inner]
                ids[row, 0] = self._cls
                ids[row, 1 : len(window) + 1] = window
                ids[row, len(window) + 1] = self._sep
            feed = {"input_ids": ids, "attention_mask": (ids != 0).astype(np.int64)}
            logits = self._session.run(None, feed)[0]
            odds = np.exp(logits - logits.max(-1, keepdims=True))
            odds /= odds.sum(-1, keepdims=True)
            for row, start in enumerate(group):
                end = min(start + inner, total)
                left = start + (_MARGIN if start else 0)
                part = odds[row, left - start + 1 : end - start + 1]
                begin[left:end] = part[:, self._begin]
                either[left:end] = part[:, self._begin] + part[:, self._inside]
        return begin, either

    def _spans(
        self, turn: str, words: list[_Word], begin: Probabilities, either: Probabilities
    ) -> list[NeuralSpan]:
        if not words:
            return []
        begins = np.stack([begin[w.first] for w in words])
        scores = np.stack([either[w.first : w.last].mean(0) for w in words])
        out: list[NeuralSpan] = []
        for column, label in enumerate(self.labels):
            level = self._calibrated(scores[:, column], column)
            starts = begins[:, column] if label in _COUNTED else np.zeros(len(words), np.float32)
            for i, j in _runs(turn, words, level, starts, self._floor):
                score = float(level[i:j].max())
                out.append(NeuralSpan(words[i].start, words[j - 1].end, label, round(score, 4)))
        return sorted(out, key=lambda s: (s.start, s.end, s.label))

    def _calibrated(self, raw: Probabilities, column: int) -> Probabilities:
        slope, offset = self._calibration[column]
        clipped = np.clip(raw, 1e-6, 1 - 1e-6)
        logit = np.log(clipped / (1 - clipped))
        return np.asarray(1 / (1 + np.exp(-(slope * logit + offset))), np.float32)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
        for name, wanted in manifest["sha256"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
                raise Corrupted(f"The entity model's {name} differs from its manifest; reinstall.")
    except (OSError, ValueError, KeyError) as error:
        raise Corrupted("The entity model is incomplete; reinstall Sotto.") from error
    return manifest


def _load(folder: Path, threads: int) -> tuple[Any, Any]:
    """Tokenizer and session; imported late, since commands that need no engine must start fast."""
    import onnxruntime as ort
    from tokenizers import Tokenizer

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # keeps the service small after a long transcript
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    session = ort.InferenceSession(
        str(folder / "ner.int8.onnx"), options, providers=["CPUExecutionProvider"]
    )
    return Tokenizer.from_file(str(folder / "tokenizer.json")), session


def _words(
    turn: str,
    word_ids: Sequence[int | None],
    offsets: Sequence[tuple[int, int]],
    base: int,
) -> list[_Word]:
    """Words of a turn from its pieces; marks that the tokenizer drops stay with their letter."""
    out: list[_Word] = []
    first = 0
    for i in range(1, len(word_ids) + 1):
        if i < len(word_ids) and word_ids[i] == word_ids[first]:
            continue
        start, end = offsets[first][0], offsets[i - 1][1]
        while end < len(turn) and unicodedata.category(turn[end]) in ("Mn", "Mc", "Me", "Cf"):
            end += 1
        if start < end:
            out.append(_Word(start, end, base + first, base + i))
        first = i
    return out


def _runs(
    turn: str, words: list[_Word], level: Probabilities, begins: Probabilities, floor: float
) -> Iterator[tuple[int, int]]:
    """Word ranges of the spans of one label."""
    keep = level >= floor
    for i in range(1, len(words) - 1):  # a hyphen or a slash inside an entity belongs to it
        tight = words[i - 1].end == words[i].start and words[i].end == words[i + 1].start
        if not keep[i] and tight and keep[i - 1] and keep[i + 1]:
            mark = turn[words[i].start : words[i].end]
            if mark in _JOINERS:
                keep[i] = True
                level[i] = min(level[i - 1], level[i + 1])
    i, total = 0, len(words)
    while i < total:
        if not keep[i]:
            i += 1
            continue
        j = i + 1
        while j < total and keep[j]:
            glued = words[j - 1].end == words[j].start
            if not glued and begins[j] > 0.5 * level[j] and level[j] > 0.5:
                break  # a new entity begins
            j += 1
        yield from _peel(i, j, level)
        i = j


def _peel(i: int, j: int, level: Probabilities) -> Iterator[tuple[int, int]]:
    """Splits a run where it falls far below its best word."""
    bar = _DROP * float(level[i:j].max())
    cuts = [i, *(k for k in range(i + 1, j) if (level[k] >= bar) != (level[k - 1] >= bar)), j]
    yield from pairwise(cuts)
