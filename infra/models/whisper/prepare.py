# SPDX-License-Identifier: Apache-2.0
"""Renders what training needs into a work folder, once, and loads it from there after."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np

from .dataset import Corpus, load_tracks
from .render import VOICES, Clip, Placed, speak_all, write_sample
from .script import Interview, Sentence, practice, vocabulary_of

PRACTICE = 1100  # sentences
SPEEDS = (0.95, 1.03, 1.1)  # of the script sentences in their own voice; 1.03 is the samples' own


def _save(clips: list[Clip], path: Path) -> None:
    facts = [
        {"words": c.sentence.words, "language": c.sentence.language, "voice": c.voice,
         "phones": c.phones, "times": c.words, "samples": len(c.audio)}
        for c in clips
    ]  # fmt: skip
    np.save(path.with_suffix(".npy"), np.concatenate([c.audio for c in clips]).astype(np.float16))
    path.write_text(json.dumps(facts), "utf-8")


def _load(path: Path) -> list[Clip]:
    audio, clips, at = np.load(path.with_suffix(".npy")).astype(np.float32), [], 0
    for fact in json.loads(path.read_text("utf-8")):
        sentence = Sentence(tuple((w, s) for w, s in fact["words"]), fact["language"])
        clips.append(
            Clip(
                sentence,
                fact["voice"],
                audio[at : at + fact["samples"]],
                tuple((p, a, b) for p, a, b in fact["phones"]),
                tuple((a, b) for a, b in fact["times"]),
            )
        )
        at += fact["samples"]
    return clips


def _place(clips: list[Clip], path: Path) -> dict[str, list[Placed]]:
    facts = json.loads(path.read_text("utf-8"))
    return {k: [Placed(clips[i], start, role) for i, start, role in v] for k, v in facts.items()}


def prepare(interviews: list[Interview], work: Path, samples: Path, seed: int) -> Corpus:
    """Render the samples and the training clips, unless `work` has them; seeded, repeatable."""
    work.mkdir(parents=True, exist_ok=True)
    scripts = tuple(tuple(i.sentences) for i in interviews)
    index = work / "clips.json"
    if not index.exists():
        rng, words = random.Random(seed), vocabulary_of(interviews)
        own = {(voice, s) for script in scripts for voice, s in script}
        jobs = [(s, v, speed) for v, s in sorted(own, key=str) for speed in SPEEDS]
        jobs += [
            (s, o, rng.uniform(0.95, 1.1))
            for v, s in sorted(own, key=str)
            for o in VOICES
            if o != v
        ]
        jobs += [
            (practice(rng, words), rng.choice(list(VOICES)), rng.uniform(0.92, 1.12))
            for _ in range(PRACTICE)
        ]
        clips = speak_all(jobs, workers=2)
        layout: dict[str, list[tuple[int, float, str]]] = {}
        for interview in interviews:
            placed = write_sample(interview, samples)
            layout[interview.id] = []
            for item in placed:
                layout[interview.id].append((len(clips), item.start, item.role))
                clips.append(item.clip)
        (work / "layout.json").write_text(json.dumps(layout), "utf-8")
        _save(clips, index)
    clips = _load(index)
    by_key: dict[tuple[str, str], list[Clip]] = {}
    for clip in clips:
        by_key.setdefault((clip.voice, clip.sentence.text), []).append(clip)
    in_script = {s.text for script in scripts for _, s in script}
    names = sorted({p for clip in clips for p, _, _ in clip.phones} - {"pau"})
    return Corpus(
        scripts,
        by_key,
        [key for key in by_key if key[1] not in in_script],
        load_tracks(samples, _place(clips, work / "layout.json")),
        {"pau": 0, **{name: i + 1 for i, name in enumerate(names)}},
    )
