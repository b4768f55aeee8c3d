# SPDX-License-Identifier: Apache-2.0
"""Interviews with gold spans, drawn from templates; one seed gives one file, byte for byte."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

from benchmarks.deid_open import templates_dev, templates_test
from benchmarks.deid_open.persona import Persona

SPLITS = {"dev": (24, 20240611), "test": (36, 20240917)}
TURNS = 30
# Shares of the languages that an interview draws its exchanges from.
PROFILES: tuple[dict[str, float], ...] = (
    {"en": 0.75, "neg": 0.25},
    {"en": 0.45, "ms": 0.3, "neg": 0.25},
    {"ms": 0.7, "en": 0.05, "neg": 0.25},
    {"en": 0.45, "zh": 0.3, "neg": 0.25},
    {"en": 0.45, "ta": 0.3, "neg": 0.25},
    {"en": 0.3, "ms": 0.45, "neg": 0.25},
)
_TEMPLATES = {"dev": templates_dev, "test": templates_test}
_SLOT = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
_FILLERS = ("uh", "um", "er", "ah", "hmm", "you know", "macam", "apa nama")
_ASR_SWAPS = (
    ("ee", "i"),
    ("ai", "ay"),
    ("sh", "sy"),
    ("dh", "d"),
    ("th", "t"),
    ("z", "j"),
    ("q", "k"),
)
_ASR_SWAPS += (("f", "p"), ("i", "e"), ("u", "o"))
Piece = tuple[str, str | None, str]


def lines(split: str) -> Iterator[str]:
    """Return the JSON lines of a split."""
    count, seed = SPLITS[split]
    for i in range(count):
        rng = random.Random(seed + i)
        yield (
            json.dumps(_interview(f"{split}-{i + 1:02d}", split, i, rng), ensure_ascii=False) + "\n"
        )


def _interview(name: str, split: str, number: int, rng: random.Random) -> dict[str, object]:
    persona = Persona(split, rng)
    style = ("plain", "asr", "plain", "unpunctuated", "plain", "asr", "mixed")[number % 7]
    turns: list[dict[str, str]] = []
    spans: list[dict[str, object]] = []
    for speaker, template in _script(split, number, rng):
        text, found = _render(_style(_pieces(template, persona, rng), style, rng))
        for start, end, kind, weight in found:
            spans.append(
                {
                    "turn": len(turns),
                    "start": start,
                    "end": end,
                    "entity_type": kind,
                    "identifier": weight,
                }
            )
        turns.append({"speaker": speaker, "text": text})
    return {"id": name, "turns": turns, "spans": spans}


def _script(split: str, number: int, rng: random.Random) -> list[tuple[str, str]]:
    bank = _TEMPLATES[split].EXCHANGES
    profile = PROFILES[number % len(PROFILES)]
    lead = "ms" if profile.get("ms", 0) > 0.4 else "en"
    decks = {lang: rng.sample(bank[lang], len(bank[lang])) for lang in profile}
    script = list(rng.choice(bank["open_" + lead]))
    end = rng.choice(bank["close_" + lead])
    while len(script) + len(end) < TURNS:
        lang = rng.choices(list(profile), list(profile.values()))[0]
        if not decks[lang]:
            decks[lang] = rng.sample(bank[lang], len(bank[lang]))
        exchange = decks[lang].pop()
        room = TURNS - len(end) - len(script)
        script += exchange[:room]
    return script + list(end)


def _pieces(template: str, persona: Persona, rng: random.Random) -> list[Piece]:
    out: list[Piece] = []
    at = 0
    for m in _SLOT.finditer(template):
        if m.start() > at:
            out.append((template[at : m.start()], None, ""))
        text, kind, weight = persona.slots[m[1]]
        if m[2] == "lower":
            text = text.lower()
        elif m[2] == "asr":
            text = _misheard(text, rng)
        out.append((text, kind, weight))
        at = m.end()
    if at < len(template):
        out.append((template[at:], None, ""))
    return out


def _misheard(name: str, rng: random.Random) -> str:
    """Return a name as a recogniser may write it: one sound spelt otherwise, after the first
    letter.
    """
    options = [(a, b) for a, b in _ASR_SWAPS if a in name[1:].lower()]
    if not options or len(name) < 5:
        return name.lower()
    a, b = rng.choice(options)
    return name[0] + name[1:].lower().replace(a, b, 1)


def _style(pieces: list[Piece], style: str, rng: random.Random) -> list[Piece]:
    if style == "mixed":
        style = rng.choice(["plain", "asr", "unpunctuated"])
    out: list[Piece] = []
    for text, kind, weight in pieces:
        new = text
        if kind is None and rng.random() < 0.12:
            new = re.sub(r", ", f", {rng.choice(_FILLERS)}, ", new, count=1)
        if style in ("asr", "unpunctuated"):
            new = re.sub(r"[,.?!;:\"]+(?=\s|$)", "", new)
        if style == "asr":
            new = new.lower()
        out.append((new, kind, weight))
    return out


def _render(pieces: list[Piece]) -> tuple[str, list[tuple[int, int, str, str]]]:
    text, spans = "", []
    for piece, kind, weight in pieces:
        if kind is not None:
            spans.append((len(text), len(text) + len(piece), kind, weight))
        text += piece
    return text, spans
