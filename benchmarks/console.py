# SPDX-License-Identifier: Apache-2.0
"""Measures the console as a reviewer meets it: a transcript of an hour is opened and cleared.

    python benchmarks/console.py
    python benchmarks/console.py --words 9000 --steps 100

Audit, research storage and release run as processes of their own, with certificates, encryption and
the log; the console runs in this process and is asked as a browser asks it, without the time of
the browser itself. Prints a JSON line: seconds to open the page, and for a decision with its next
place, the median, what 95 of 100 stay below, and the slowest. What services log goes to stderr.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.common import logging
from services.registry.identities import REVIEWER
from tests.support.review_desk import review_desk

_TURN = 13  # words
_DOUBTFUL = 6  # every so manieth turn has a doubtful word


def spoken(words: int) -> tuple[tuple[str, str, str, int, int], ...]:
    """Return turns with about so many words, some of them doubtful, some replaced."""
    return tuple(
        (
            f"S{1 + number % 2}",
            ("interviewer", "participant")[number % 2],
            f"Then [Person {1 + number % 7}] and ?Name{number} went on to talk about the days"
            if number % _DOUBTFUL == 0
            else "And so it was that week by week the group met and we talked",
            5000 * number,
            5000 * number + 4800,
        )
        for number in range(words // _TURN)
    )


def timed(act: Callable[[], object], times: int) -> list[float]:
    """Return the seconds that an act takes, each time."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        found.append(time.perf_counter() - began)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--words", type=int, default=9000)
    parser.add_argument("--steps", type=int, default=60)
    asked = parser.parse_args()
    logging.configure("console", fmt="json", level="warning", stream=sys.stderr)
    turns = spoken(asked.words)
    with (
        tempfile.TemporaryDirectory() as folder,
        review_desk(Path(folder) / "review") as (desk, deployment),
    ):
        deployment.create_study("hour")
        ref, _ = deployment.add_transcript("hour", "P07", spoken=turns, risk=0.4)
        client = desk.signed_in("dr.lim", REVIEWER)
        path = f"/review/{ref.recording_id}"
        opening = timed(lambda: client.get(path).raise_for_status(), 5)
        places = iter(range(0, len(turns), _DOUBTFUL))

        def accept() -> None:
            form = {"action": "accept", "place": f"{next(places)}:2"}
            answer = client.post(f"{path}/step", data=form, headers={"hx-request": "true"})
            answer.raise_for_status()

        steps = timed(accept, asked.steps)
    figures = {
        "words": sum(len(turn[2].split()) for turn in turns),
        "turns": len(turns),
        "open_seconds": round(statistics.median(opening), 3),
        "open_slowest": round(max(opening), 3),
        "decision_seconds": round(statistics.median(steps), 3),
        "decision_p95": round(sorted(steps)[int(len(steps) * 0.95)], 3),
        "decision_slowest": round(max(steps), 3),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
