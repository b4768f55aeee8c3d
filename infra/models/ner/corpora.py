# SPDX-License-Identifier: Apache-2.0
"""Annotated corpora for training: JSON lines of tokens, BIO tags, source and annotated types."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from infra.models.ner import word_lists as lx
from infra.models.ner.names import allowed

# Share of a source's groups in one pass, and how many groups without entities are kept.
SOURCES: dict[str, tuple[float, float]] = {
    "btc_train": (0.7, 0.5),
    "earnings21_train": (0.4, 0.1),
    "gum_spoken_train": (3.0, 0.8),
    "gum_written_train": (1.5, 0.5),
    "id_nergrit_train": (0.6, 0.5),
    "id_nerp_train": (0.3, 0.4),
    "id_yusuf_train": (0.5, 0.5),
    "men_malaysian_english_train": (2.0, 0.7),
    "uner_ewt_train": (1.6, 0.5),
    "wikigold_train": (0.8, 0.5),
    "wnut17_train": (1.0, 0.5),
}
# Share at the end of a source that is kept for measuring.
HELD_BACK = {"men_malaysian_english_train": 0.15}
_TITLES = {t.lower().rstrip(".") for t in (*lx.HONORIFICS, *lx.KIN)} - {"ah", "st", "che"}
Turns = list[tuple[list[str], list[str]]]
Example = tuple[Turns, frozenset[str]]
# A kind of entity and its tokens in; the tokens of another one of that kind out.
Renamer = Callable[[str, list[str]], list[str]]
# Share of groups that are given other names, and within these of the entities of a kind.
SWAPPED, SWAP = 0.5, {"PER": 0.9, "LOC": 0.6, "ORG": 0.4}


def clean(row: dict[str, Any]) -> tuple[list[str], list[str]] | None:
    """Tokens and tags of a row; `None` where it names somebody or something held out."""
    tokens: list[str] = []
    tags: list[str] = []
    for said, raw in zip(row["tokens"], row["tags"], strict=True):
        tag = "O" if raw.endswith("OTHER") else raw
        if tag != "O" and not allowed(said):
            return None
        if said.startswith(("@", "http")):
            continue
        word = said.lstrip("#") or "#"
        owned = re.fullmatch(r"(.+)(['’]s)", word)
        if owned and tag != "O":
            tokens += [owned[1], owned[2]]
            tags += [tag, "O"]
        else:
            tokens.append(word)
            tags.append(tag)
    for i in range(len(tokens) - 1):  # a title before a name goes with the name
        j = i + 1
        if tokens[j] == "." and j + 1 < len(tokens):
            j += 1
        if (
            tags[i] == "O"
            and tags[j] == "B-PER"
            and tokens[i].lower().rstrip(".") in _TITLES
            and tokens[i][0].isupper()
        ):
            tags[i] = "B-PER"
            for k in range(i + 1, j + 1):
                tags[k] = "I-PER"
    return tokens, tags


def renamed(turns: Turns, rng: random.Random, rename: Renamer) -> Turns:
    """Return the same sentences about other people and places: one entity keeps one new name."""
    chosen: dict[tuple[str, str], list[str] | None] = {}
    out: Turns = []
    for tokens, tags in turns:
        new: tuple[list[str], list[str]] = ([], [])
        i = 0
        while i < len(tokens):
            kind, j = tags[i][2:], i + 1
            if not tags[i].startswith("B-") or kind not in SWAP:
                new[0].append(tokens[i])
                new[1].append(tags[i])
                i += 1
                continue
            while j < len(tokens) and tags[j] == f"I-{kind}":
                j += 1
            key = (kind, " ".join(tokens[i:j]).lower())
            if key not in chosen:
                swap = rng.random() < SWAP[kind]
                chosen[key] = rename(kind, tokens[i:j]) if swap else None
            name = chosen[key] or tokens[i:j]
            new[0].extend(name)
            new[1].extend([f"B-{kind}", *[f"I-{kind}"] * (len(name) - 1)])
            i = j
        out.append(new)
    return out


def examples(folder: Path, rng: random.Random, rename: Renamer) -> Iterator[Example]:
    """One pass over all sources: groups of one to four neighbouring sentences."""
    for name, (share, keep) in SOURCES.items():
        path = folder / f"{name}.jsonl"
        rows = [json.loads(line) for line in path.open(encoding="utf-8")]
        rows = rows[: int(len(rows) * (1 - HELD_BACK.get(name, 0.0)))]
        for n in range(math.ceil(share)):
            part = min(1.0, share - n)
            i = 0
            while i < len(rows):
                size = rng.choice([1, 1, 2, 3, 4])
                group = [r for r in rows[i : i + size] if r["source"] == rows[i]["source"]]
                i += len(group)
                if rng.random() > part:
                    continue
                turns = [t for t in map(clean, group) if t is not None and t[0]]
                empty = all(tag == "O" for _, tags in turns for tag in tags)
                if turns and not (empty and rng.random() > keep):
                    if not empty and rng.random() < SWAPPED:
                        turns = renamed(turns, rng, rename)
                    yield turns, frozenset(group[0]["types"])
