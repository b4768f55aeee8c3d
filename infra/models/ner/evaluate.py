# SPDX-License-Identifier: Apache-2.0
"""Measures the tagger alone, and fits its calibration, on documents with gold spans."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.deidentification.adapters.neural import NeuralSpan, NeuralTagger

Gold = tuple[int, int, str]
_KINDS = {
    "PERSON": "PERSON", "PER": "PERSON", "LOC": "LOCATION", "LOCATION": "LOCATION", "ADDRESS": "LOCATION",
    "GPE": "LOCATION", "ORG": "ORGANIZATION", "ORGANIZATION": "ORGANIZATION", "FACILITY": "ORGANIZATION",
    "DATE": "DATE_TIME", "DATE_TIME": "DATE_TIME", "DATETIME": "DATE_TIME", "AGE": "AGE",
    "PHONE_NUMBER": "CODE", "MY_IC": "CODE", "MEDICAL_RECORD_NUMBER": "CODE", "BANK_ACCOUNT": "CODE",
    "PASSPORT": "CODE", "VEHICLE_PLATE": "CODE", "ID_NUMBER": "CODE", "EMAIL_ADDRESS": "CODE", "URL": "CODE",
    "USERNAME": "CODE", "CODE": "CODE",
}  # fmt: skip


# Where recall matters more than readability; a policy may choose others.
THRESHOLDS = {
    "PERSON": 0.1, "LOCATION": 0.2, "ORGANIZATION": 0.25, "DATE_TIME": 0.25, "AGE": 0.35, "CODE": 0.3,
}  # fmt: skip


@dataclass(frozen=True)
class Document:
    """Turns with the gold spans of each; an unknown kind keeps its own name."""

    turns: tuple[str, ...]
    gold: tuple[tuple[Gold, ...], ...]


def _flat(row: dict[str, object]) -> Document:
    text = str(row["text"])
    turns, golds, at = [], [], 0
    for line in text.split("\n"):
        end = at + len(line)
        here = []
        for s in row["spans"]:  # type: ignore[attr-defined]
            if s.get("identifier_type") == "NO_MASK":
                continue
            if s["start"] < end and s["end"] > at:
                kind = str(s["label"])
                here.append(
                    (max(0, s["start"] - at), min(end, s["end"]) - at, _KINDS.get(kind, kind))
                )
        turns.append(line)
        golds.append(tuple(here))
        at = end + 1
    return Document(tuple(turns), tuple(golds))


def _interview(row: dict[str, object]) -> Document:
    turns = [t["text"] for t in row["turns"]]  # type: ignore[attr-defined]
    golds: list[list[Gold]] = [[] for _ in turns]
    for s in row["spans"]:  # type: ignore[attr-defined]
        kind = _KINDS.get(s["entity_type"], s["entity_type"])
        golds[s["turn"]].append((s["start"], s["end"], kind))
    return Document(tuple(turns), tuple(tuple(g) for g in golds))


def read(path: Path, *, lower: bool = False) -> list[Document]:
    """Documents of a file in either format; lower-cased only where that keeps the length."""
    out = []
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        doc = _interview(row) if "turns" in row else _flat(row)
        if lower:
            low = tuple(t.lower() if len(t.lower()) == len(t) else t for t in doc.turns)
            doc = Document(low, doc.gold)
        out.append(doc)
    return out


def _cover(
    spans: Sequence[NeuralSpan], label: str | None, threshold: float, size: int
) -> np.ndarray:
    mask = np.zeros(size, bool)
    for s in spans:
        if (label is None or s.label == label) and s.score >= threshold:
            mask[s.start : s.end] = True
    return mask


def _letters(text: str) -> np.ndarray:
    return np.array([c.isalnum() for c in text], bool)


def score(
    documents: Sequence[Document],
    found: Sequence[list[list[NeuralSpan]]],
    label: str,
    threshold: float,
) -> dict[str, float]:
    """Strict span recall, recall by any label, and character precision of one label.

    A gold span is found when every letter is covered. Gold of other kinds is neutral in precision.
    """
    total = hit = touched = any_hit = good = bad = 0
    for doc, spans in zip(documents, found, strict=True):
        for text, gold, here in zip(doc.turns, doc.gold, spans, strict=True):
            letters = _letters(text)
            mine, whole = (
                _cover(here, label, threshold, len(text)),
                _cover(here, None, threshold, len(text)),
            )
            right, other = np.zeros(len(text), bool), np.zeros(len(text), bool)
            for start, end, kind in gold:
                if kind != label:
                    other[start:end] = True
                    continue
                right[start:end] = True
                part = letters[start:end]
                total += 1
                hit += bool(mine[start:end][part].all())
                any_hit += bool(whole[start:end][part].all())
                touched += bool(mine[start:end].any())
            good += int((mine & right & letters).sum())
            bad += int((mine & ~right & ~other & letters).sum())
    return {
        "spans": total, "recall": hit / max(total, 1), "any": any_hit / max(total, 1),
        "touched": touched / max(total, 1), "precision": good / max(good + bad, 1),
    }  # fmt: skip


def report(model: Path, files: Sequence[Path], label: str, thresholds: Sequence[float]) -> None:
    """Print one line a file and threshold."""
    tagger = NeuralTagger(model, floor=min(thresholds))
    for path in files:
        for lower in (False, True):
            documents = read(path, lower=lower)
            found = [tagger.tag(d.turns) for d in documents]
            for threshold in thresholds:
                got = score(documents, found, label, threshold)
                print(
                    f"{path.stem}{' lower' if lower else '':<6} {label} >= {threshold:<5} spans {got['spans']:.0f} "
                    f"recall {got['recall']:.3f} any-label {got['any']:.3f} touched {got['touched']:.3f} "
                    f"char-precision {got['precision']:.3f}"
                )


def _pairs(
    documents: Sequence[Document], found: Sequence[list[list[NeuralSpan]]], label: str
) -> Iterator[tuple[float, bool]]:
    for doc, turns in zip(documents, found, strict=True):
        for gold, spans in zip(doc.gold, turns, strict=True):
            for s in spans:
                if s.label == label:
                    hits = [g for g in gold if g[0] < s.end and g[1] > s.start]
                    if not hits or any(g[2] == label for g in hits):  # other kinds say nothing
                        yield s.score, bool(hits)


def _platt(scores: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Slope and offset of a logistic fit by Newton's method, with a small pull towards (1, 0)."""
    x = np.log(np.clip(scores, 1e-6, 1 - 1e-6) / (1 - np.clip(scores, 1e-6, 1 - 1e-6)))
    features = np.stack([x, np.ones_like(x)], 1)
    prior, pull = np.array([1.0, 0.0]), 10.0
    beta = prior.copy()
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(features @ beta, -30, 30)))
        gradient = features.T @ (right - p) - pull * (beta - prior)
        hessian = (features * (p * (1 - p))[:, None]).T @ features + pull * np.eye(2)
        beta = beta + np.clip(np.linalg.solve(hessian, gradient), -0.3, 0.3)
        # Spans below the fit's floor are unseen: a flat slope would raise all of them.
        beta = np.clip(beta, [0.85, -1.0], [1.25, 0.7])
    return round(float(beta[0]), 4), round(float(beta[1]), 4)


def calibrate(model: Path, files: Sequence[Path], sets: dict[str, re.Pattern[str]]) -> None:
    """Fit score to frequency per label on `files` and write it into the manifest.

    `sets` says by label which files annotate it.
    """
    path = model / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["calibration"] = {}
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    tagger = NeuralTagger(model, floor=0.01)
    tagged = []
    for file in files:
        documents = read(file)
        tagged.append((file.stem, documents, [tagger.tag(d.turns) for d in documents]))
    for label in tagger.labels:
        pairs = [
            pair
            for stem, documents, found in tagged
            if sets[label].search(stem)
            for pair in _pairs(documents, found, label)
        ]
        scores, right = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs], float)
        fit = _platt(scores, right)
        manifest["calibration"][label] = fit
        print(label, len(pairs), "spans", fit)
    manifest["thresholds"] = THRESHOLDS
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
