# SPDX-License-Identifier: Apache-2.0
"""What the adapters share. They run in the environment of the engine that they call, so that
nothing of ours is imported here.

    python ADAPTER.py INTERVIEWS.json ANSWER.json OPTIONS

INTERVIEWS.json holds the turns of each interview, ANSWER.json the spans found in each:
[turn, start, end, type] in code points, the likeliest of those that overlap first. OPTIONS is JSON;
`unit` says whether the engine is given an interview as one text, or turn by turn.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

Span = tuple[int, int, str]  # start, end, type
#: Spans of each of some texts; None for a text in which the engine failed.
Detector = Callable[[list[str]], list[list[Span] | None]]


def one_by_one(find: Callable[[str], list[Span]]) -> Detector:
    """Return a detector that calls `find` for each text, and goes on where it fails."""

    def detect(texts: list[str]) -> list[list[Span] | None]:
        found: list[list[Span] | None] = []
        for number, text in enumerate(texts):
            if number % 200 == 0:
                print(f"    text {number} of {len(texts)}", file=sys.stderr, flush=True)
            try:
                found.append(find(text))
            except Exception as error:  # noqa: BLE001 - whatever an engine raises; it is counted
                print(f"    text {number}: {type(error).__name__}", file=sys.stderr, flush=True)
                found.append(None)
        return found

    return detect


def units(interview: list[str], unit: str) -> list[str]:
    """Return the texts that an engine is given of one interview."""
    return ["\n".join(interview)] if unit == "whole" else interview


def by_turn(interview: list[str], unit: str, spans: list[list[Span]]) -> list[list[object]]:
    """Return the spans of an interview's texts as [turn, start, end, type], none over two turns."""
    if unit != "whole":
        return [[turn, *span] for turn, found in enumerate(spans) for span in found]
    placed: list[list[object]] = []
    for start, end, kind in spans[0]:
        first = 0
        for turn, text in enumerate(interview):
            low, high = max(start - first, 0), min(end - first, len(text))
            if low < high:
                placed.append([turn, low, high, kind])
            first += len(text) + 1
    return placed


def main(make: Callable[[dict[str, str]], Detector]) -> None:
    """Read the interviews, have the engine that `make` loads find identifiers, and write them."""
    interviews = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    options = json.loads(sys.argv[3])
    unit = options.get("unit", "turn")
    clock = time.perf_counter()
    detect = make(options)
    loaded = time.perf_counter()
    texts = [text for interview in interviews for text in units(interview, unit)]
    found = detect(texts)
    done = time.perf_counter()
    spans = iter([one or [] for one in found])
    answer = {
        "load_seconds": loaded - clock,
        "seconds": done - loaded,
        "texts": len(texts),
        "failed": sum(one is None for one in found),
        "spans": [
            by_turn(interview, unit, [next(spans) for _ in units(interview, unit)])
            for interview in interviews
        ],
    }
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")
