# SPDX-License-Identifier: Apache-2.0
"""Runs the engines of the leaderboard and writes docs/leaderboard.md.

    python -m benchmarks.leaderboard                  the splits for reporting
    python -m benchmarks.leaderboard --gold FOLDER    GUM's spoken part too (gum_dev_spoken.jsonl)
    python -m benchmarks.leaderboard --news FILE      Malaysian English news too
    python -m benchmarks.leaderboard --files FOLDER   copies of what the package index does not hold
    python -m benchmarks.leaderboard --page           write the page from the results there are

What was measured already, with the same interviews, packages and adapter, is not measured again;
our own engine is. Results and page are written after each engine, so that a run which was stopped
goes on where it was.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.deid_sets import GoldSet, further, splits
from benchmarks.leaderboard import page
from benchmarks.leaderboard.environments import (
    ADAPTERS,
    LOCKS,
    PYDEID_COMMIT,
    Cache,
    Unavailable,
    run,
    without_network,
)
from benchmarks.leaderboard.rivals import OURS, RIVALS, Rival
from benchmarks.leaderboard.scoring import Recorded, Score
from services.deidentification.domain.engine import Engine, EngineResult
from services.deidentification.domain.policy import Policy, load
from services.deidentification.domain.transcript import Transcript
from services.deidentification.engine_factory import LazyDetector, make_engine
from services.deidentification.evaluation_report import measure_styles
from services.deidentification.gold import GoldTranscript, flat

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
PAGE = HERE.parents[1] / "docs" / "leaderboard.md"
CACHE = HERE.parents[1] / ".cache" / "leaderboard"
#: Sets of interviews are measured without case and punctuation as well.
INTERVIEWS = ("hand_test", "test")
POLICY = "research-default"
Row = dict[str, Any]


def digest(*parts: object) -> str:
    """Return a hash of what a result depends on."""
    return hashlib.sha256(json.dumps([repr(part) for part in parts]).encode()).hexdigest()


def lock_versions(rival: Rival) -> str:
    """Return the versions that tell of a rival, from its lock."""
    pins = dict(
        line.split("==")
        for line in (LOCKS / f"{rival.lock}.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    )
    told = [f"{name} {pins[name]}" for name in rival.packages]
    if rival.lock == "pydeid":
        told.insert(0, f"commit {PYDEID_COMMIT[:7]}")
    return ", ".join(told)


def scores(engine: Any, gold: GoldSet) -> dict[str, Row]:
    """Return the scores of each row of a set."""
    rows = measure_styles(engine, gold.documents, lower=False, with_flat=gold.name in INTERVIEWS)
    return {name: dataclasses.asdict(Score.of(figures)) for name, figures in rows.items()}


def measure_rival(rival: Rival, gold: GoldSet, cache: Cache, policy: Policy) -> Row:
    """Return what a rival reaches on a set; raises Unavailable."""
    python, options = cache.environment(rival.lock), rival.options(cache)
    found: dict[tuple[str, ...], Any] = {}
    seconds, texts, failed = [], 0, 0
    ways: list[Callable[[GoldTranscript], GoldTranscript]] = [lambda document: document]
    if gold.name in INTERVIEWS:
        ways.append(flat)
    for way in ways:
        interviews = [way(document).texts for document in gold.documents]
        with tempfile.TemporaryDirectory() as scratch:
            answer = run(python, rival.adapter, interviews, options, Path(scratch))
        found.update(zip(interviews, answer["spans"], strict=True))
        seconds.append(answer["seconds"])
        texts, failed = texts + answer["texts"], failed + answer["failed"]
    if failed == texts:
        raise Unavailable("it failed on every text")
    return {
        "version": lock_versions(rival),
        "seconds": round(seconds[0], 2),
        "texts": texts,
        "failed": failed,
        "network": not without_network(),
        "scores": scores(Recorded(policy, found), gold),
    }


class Timed:
    """Our engine, which keeps the seconds of each call."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.policy, self.seconds = engine, engine.policy, list[float]()

    def deidentify(self, transcript: Transcript, **kwargs: Any) -> EngineResult:
        """Return the engine's answer."""
        clock = time.perf_counter()
        result = self._engine.deidentify(transcript, **kwargs)
        self.seconds.append(time.perf_counter() - clock)
        return result


def measure_ours(engine: Engine, gold: GoldSet) -> Row:
    """Return what our engine reaches on a set."""
    timed = Timed(engine)
    made = scores(timed, gold)
    versions = dict(engine.versions)
    return {
        "version": f"engine {versions['engine']}, {versions['detector'].split('+', 1)[1]}",
        "seconds": round(sum(timed.seconds[: len(gold.documents)]), 2),
        "texts": len(timed.seconds),
        "failed": 0,
        "network": True,
        "scores": made,
    }


def refresh(sets: list[GoldSet], cache: Cache, only: str) -> None:
    """Measure what is not measured yet, and write results.json after each engine."""
    results: dict[str, Any] = {"sets": {}, "rows": {}}
    if RESULTS.exists():
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
    engine = make_engine(load(POLICY), LazyDetector(threads=2))
    engine.deidentify(sets[0].documents[0].transcript)  # loads the models
    for gold in sets:
        sha256 = digest(gold)
        results["sets"][gold.name] = {
            "interviews": len(gold.documents),
            "words": sum(len(text.split()) for one in gold.documents for text in one.texts),
            "sha256": sha256,
        }
        rows = results["rows"].setdefault(gold.name, {})
        for key in [key for key, row in rows.items() if row["set"] != sha256]:
            del rows[key]
        for rival in (None, *RIVALS):
            key = rival.key if rival else OURS
            state = digest(*_state(rival)) if rival else ""
            if only not in key:
                continue
            if rival and rows.get(key, {}).get("state") == state:
                print(f"{gold.name}, {key}: measured on {rows[key]['date']}", flush=True)
                continue
            print(f"{gold.name}, {key} ...", flush=True)
            told = {
                "date": datetime.now(UTC).date().isoformat(),
                "set": sha256,
                "state": state,
                "cores": os.cpu_count(),
            }
            try:
                rows[key] = told | (
                    measure_rival(rival, gold, cache, engine.policy)
                    if rival
                    else measure_ours(engine, gold)
                )
            except Unavailable as error:
                print(f"  not run: {error}", flush=True)
                rows[key] = told | {"state": "", "not_run": str(error)}
            RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", "utf-8")
            PAGE.write_text(page.write(results), encoding="utf-8")


def _state(rival: Rival) -> tuple[object, ...]:
    files = (ADAPTERS / f"{rival.adapter}.py", ADAPTERS / "common.py", LOCKS / f"{rival.lock}.txt")
    return rival.configuration, *(path.read_text(encoding="utf-8") for path in files)


def main() -> None:
    """Read the command line, measure, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path)
    parser.add_argument("--news", type=Path)
    parser.add_argument("--files", type=Path)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--only", default="", help="part of the key of an engine")
    parser.add_argument("--page", action="store_true")
    given = parser.parse_args()
    if not given.page:
        public = (
            gold
            for gold in further(given.gold, given.news)
            if gold.name in ("gum_dev_spoken", "news")
        )
        refresh([*splits(INTERVIEWS), *public], Cache(given.cache, given.files), given.only)
    else:
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
        PAGE.write_text(page.write(results), encoding="utf-8")
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
