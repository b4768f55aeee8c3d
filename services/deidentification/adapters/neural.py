# SPDX-License-Identifier: Apache-2.0
"""The bundled neural tagger: names, places, bodies, dates, ages and codes in talk.

Runs a small quantised encoder on onnxruntime over windows that join consecutive turns, so that a
question helps to read its answer. It does not depend on letter case. How it was made and how far
it can be trusted: `docs/ner-model-card.md`.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.common.errors import Corrupted

MODEL = Path(__file__).resolve().parents[1] / "model"
_MARGIN = 16  # pieces at a window's edge that take their verdict from the neighbouring window
_FLOOR = 0.02
# A run breaks where a word is this much less likely than the run's best: what is doubtful goes
# out as its own span, with its own score.
_DROP = 0.3
# Two of these side by side are two (a list of people); other kinds are one (a date with its year).
_COUNTED = frozenset({"PERSON", "ORGANIZATION"})
_JOINERS = frozenset("-'’/.&@_")

Probabilities = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class NeuralSpan:
    """Part of a turn in code points, with the calibrated probability that the label is right.

    `words` are its words (start, end, the word's own probability), of which `score` is the best.
    """

    start: int
    end: int
    label: str
    score: float
    words: tuple[tuple[int, int, float], ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class _Words:
    """The words of all turns, as arrays: one entry a word."""

    turn: Numbers
    start: Numbers  # code points of the turn
    end: Numbers
    first: Numbers  # number of its first piece, separators not counted

    @property
    def columns(self) -> tuple[Numbers, Numbers, Numbers, Numbers]:
        """All four, in order."""
        return self.turn, self.start, self.end, self.first


class NeuralTagger:
    """Tags turns; made once, used from any number of threads.

    Raises ``Corrupted`` where the model folder is incomplete or does not match its manifest.
    """

    def __init__(self, folder: Path = MODEL, *, threads: int = 1, floor: float = _FLOOR) -> None:
        self._floor = floor
        self.manifest = _manifest(folder)
        labels: list[str] = self.manifest["labels"]
        self.labels = tuple(dict.fromkeys(x[2:] for x in labels if x != "O"))
        self._begin = np.array([labels.index(f"B-{x}") for x in self.labels])
        self._inside = np.array([labels.index(f"I-{x}") for x in self.labels])
        self._calibration = [self.manifest["calibration"].get(x, (1.0, 0.0)) for x in self.labels]
        self._width = int(self.manifest["max_pieces"])
        self._tokenizer, self._session = _load(folder)
        self._cls = self._tokenizer.token_to_id("[CLS]")
        self._sep = self._tokenizer.token_to_id("[SEP]")
        # A window a thread: quicker than threads inside a run, and a window's result does not
        # depend on its neighbours in a batch, since activations are quantised over a whole run.
        self._pool = ThreadPoolExecutor(threads, "tagger") if threads > 1 else None

    @property
    def version(self) -> str:
        """Name, version and the first digits of the model's hash, for certificates."""
        return _version(self.manifest)

    def tag(self, turns: Sequence[str]) -> list[list[NeuralSpan]]:
        """Return the spans of every turn, by start; spans of different labels may overlap."""
        found: list[list[NeuralSpan]] = [[] for _ in turns]
        encodings = self._tokenizer.encode_batch(list(turns), add_special_tokens=False)
        sizes = np.array([len(e) for e in encodings], np.int64)
        total = int(sizes.sum())
        if not total:
            return found
        # Turns that hold anything are parted by separators; `place` is where each piece went.
        before = np.concatenate(([0], np.cumsum(sizes > 0)[:-1]))
        place = np.arange(total) + np.repeat(before, sizes)
        pieces = np.full(int(place[-1]) + 2, self._sep, np.int64)
        pieces[place] = np.fromiter(chain.from_iterable(e.ids for e in encodings), np.int64, total)
        words = _words(turns, encodings, sizes)
        begin, either = (part[place] for part in self._run(pieces))
        counts = np.diff(words.first, append=total).astype(np.float32)
        # What the tokenizer drops from a text (marks alone) is no word.
        real = words.start < words.end
        mean = np.asarray(np.add.reduceat(either, words.first) / counts[:, None], np.float32)
        level, begins = self._calibrated(mean[real]), begin[words.first[real]]
        words = _Words(*(column[real] for column in words.columns))
        for column, label in enumerate(self.labels):
            starts = begins[:, column] if label in _COUNTED else np.zeros(len(level), np.float32)
            for i, j, score in _spans(turns, words, level[:, column], starts, self._floor):
                turn = int(words.turn[i])
                own = tuple(
                    (int(words.start[k]), int(words.end[k]), round(float(level[k, column]), 4))
                    for k in range(i, j + 1)
                )
                found[turn].append(NeuralSpan(own[0][0], own[-1][1], label, round(score, 4), own))
        for spans in found:
            spans.sort(key=lambda s: (s.start, s.end, s.label))
        return found

    def _run(self, pieces: Numbers) -> tuple[Probabilities, Probabilities]:
        """Return P(begins) and P(begins or continues) of each piece and label: two arrays (pieces,
        labels).
        """
        inner = self._width - 2
        step = inner - 2 * _MARGIN
        total = len(pieces)
        begin = np.empty((total, len(self.labels)), np.float32)
        either = np.empty_like(begin)

        def window(start: int) -> None:
            end = min(start + inner, total)
            ids = np.empty((1, end - start + 2), np.int64)
            ids[0, 0], ids[0, -1] = self._cls, self._sep
            ids[0, 1:-1] = pieces[start:end]
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            logits = self._session.run(None, feed)[0][0]
            # Neighbouring windows overlap; each speaks for its middle.
            left = start + (_MARGIN if start else 0)
            right = total if end == total else end - _MARGIN
            own = logits[left - start + 1 : right - start + 1]
            odds = np.exp(own - own.max(-1, keepdims=True))
            odds /= odds.sum(-1, keepdims=True)
            begin[left:right] = odds[:, self._begin]
            either[left:right] = begin[left:right] + odds[:, self._inside]

        starts = range(0, max(1, total - 2 * _MARGIN), step)
        if self._pool is None:
            for start in starts:
                window(start)
        else:
            for _ in self._pool.map(window, starts):
                pass
        return begin, either

    def _calibrated(self, raw: Probabilities) -> Probabilities:
        """Return (words, labels) as the probabilities that held-out transcripts showed."""
        slope, offset = np.array(self._calibration, np.float32).T
        clipped = np.clip(raw, 1e-6, 1 - 1e-6)
        logit = np.log(clipped / (1 - clipped))
        return np.asarray(1 / (1 + np.exp(-(slope * logit + offset))), np.float32)


def tagger_version(folder: Path = MODEL) -> str:
    """Return the version of the tagger in a folder, without loading it; raises Corrupted as the
    tagger does.
    """
    return _version(_manifest(folder))


def _version(manifest: Mapping[str, Any]) -> str:
    digest = manifest["sha256"]["ner.int8.onnx"][:12]
    return f"{manifest['name']}/{manifest['version']}+{digest}"


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
        for name, wanted in manifest["sha256"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
                raise Corrupted(f"The entity model's {name} differs from its manifest; reinstall.")
    except (OSError, ValueError, KeyError) as error:
        raise Corrupted("The entity model is incomplete; reinstall Sotto.") from error
    return manifest


def _load(folder: Path) -> tuple[Any, Any]:
    """Load tokenizer and session. They are imported late, since commands that need no engine must
    start fast.
    """
    import onnxruntime as ort
    from tokenizers import Tokenizer

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # keeps the service small after a long transcript
    options.log_severity_level = 3
    session = ort.InferenceSession(
        str(folder / "ner.int8.onnx"), options, providers=["CPUExecutionProvider"]
    )
    return Tokenizer.from_file(str(folder / "tokenizer.json")), session


def _words(turns: Sequence[str], encodings: Sequence[Any], sizes: Numbers) -> _Words:
    """Return words from pieces; marks that the tokenizer drops stay with their letter."""
    total = int(sizes.sum())
    turn = np.repeat(np.arange(len(sizes)), sizes)
    number = np.fromiter(chain.from_iterable(e.word_ids for e in encodings), np.int64, total)
    offsets = np.array(list(chain.from_iterable(e.offsets for e in encodings)), np.int64)
    new = np.ones(total, np.bool_)
    new[1:] = (turn[1:] != turn[:-1]) | (number[1:] != number[:-1])
    first = np.flatnonzero(new)
    words = _Words(
        turn[first], offsets[first, 0], offsets[np.append(first[1:], total) - 1, 1], first
    )
    marked = np.array([not text.isascii() for text in turns], np.bool_)
    for index in np.flatnonzero(marked[words.turn]):
        text, end = turns[words.turn[index]], int(words.end[index])
        while end < len(text) and unicodedata.category(text[end]) in ("Mn", "Mc", "Me", "Cf"):
            end += 1
        words.end[index] = end
    return words


def _spans(
    turns: Sequence[str], words: _Words, level: Probabilities, begins: Probabilities, floor: float
) -> Iterator[tuple[int, int, float]]:
    """Yield first word, last word and score of the spans of one label."""
    keep = level >= floor
    same = words.turn[1:] == words.turn[:-1]
    glued = same & (words.end[:-1] == words.start[1:])
    # A hyphen or a slash inside an entity belongs to it.
    inside = np.flatnonzero(glued[:-1] & glued[1:] & ~keep[1:-1] & keep[:-2] & keep[2:]) + 1
    for i in inside:
        if turns[words.turn[i]][words.start[i] : words.end[i]] in _JOINERS:
            keep[i] = True
            level[i] = min(level[i - 1], level[i + 1])
    kept = np.flatnonzero(keep)
    if not len(kept):
        return
    shown = level[kept]
    # A run starts behind what is not kept, in another turn, or where another entity begins.
    opens = np.ones(len(kept), np.bool_)
    before = kept[1:] - 1
    another = ~glued[before] & (begins[kept[1:]] > 0.5 * shown[1:]) & (shown[1:] > 0.5)
    opens[1:] = (kept[1:] - kept[:-1] > 1) | ~same[before] | another
    # Where it falls far below its best word, it is split.
    run = np.cumsum(opens) - 1
    high = shown >= (_DROP * np.maximum.reduceat(shown, np.flatnonzero(opens)))[run]
    opens[1:] |= high[1:] != high[:-1]
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(kept)) - 1
    best = np.maximum.reduceat(shown, first)
    yield from zip(kept[first].tolist(), kept[last].tolist(), best.tolist(), strict=True)
