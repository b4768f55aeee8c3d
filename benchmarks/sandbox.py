# SPDX-License-Identifier: Apache-2.0
"""Reads a small transcript many times in the sandbox: forked from a template, and started anew.

    python benchmarks/sandbox.py [--runs 200] [--rounds 3]

Both are measured in turns, on this machine. Prints one JSON object: milliseconds a run, the median
of the rounds, and their ratio.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.common.sandbox import templates
from services.transcription.adapters.sandboxed_transcript import read_confined

_TEXT = b"I: How are you?\nP: Well, thank you.\n" * 50


def main() -> None:
    """Run all rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    forked, anew = [], []
    for _ in range(given.rounds):
        forked.append(_read(given.runs, anew=False))
        anew.append(_read(max(1, given.runs // 10), anew=True))
    one, other = statistics.median(forked), statistics.median(anew)
    found = {"forked_ms": round(one, 2), "anew_ms": round(other, 2), "ratio": round(other / one, 1)}
    sys.stdout.write(json.dumps(found) + "\n")


def _read(runs: int, *, anew: bool) -> float:
    """Return the milliseconds of a run."""
    began = time.monotonic()
    for _ in range(runs):
        if anew:
            templates.close_all()
        for _ in read_confined(io.BytesIO(_TEXT), "a.txt"):
            pass
    return (time.monotonic() - began) * 1000 / runs


if __name__ == "__main__":
    main()
