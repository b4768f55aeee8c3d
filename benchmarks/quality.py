# SPDX-License-Identifier: Apache-2.0
"""Measures a round of quality as its reader meets it: passages of transcripts of an hour.

    python benchmarks/quality.py
    python benchmarks/quality.py --words 9000 --transcripts 3

Audit, research storage and release run as processes of their own, with certificates, encryption and
the log. Prints a JSON line: seconds to draw the round, and to show a passage and to take what was
found in it, the median and the slowest over the whole round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from services.registry.identities import RELEASE, REVIEWER
from services.release_client.quality import Quality
from sotto.study.v1 import study_pb2
from tests.support.release_service import ReleaseDeployment

_STUDY = "hour"
_MEMBERS = dict.fromkeys(("dr.lim", "dr.tan"), "reviewer")
_TURN = 13  # words
_GATE = study_pb2.QualityGate(
    bound=0.01,
    alpha=0.05,
    second_reader=0.1,
    planted=10,
    detection=0.8,
    agreement=0.7,
    other_signer=True,
)


def spoken(words: int) -> tuple[tuple[str, str, str, int, int], ...]:
    """Return segments with about so many words, a name replaced in each."""
    text = "On day {} [Person 1] and the others met and talked for an hour"
    return tuple(
        (f"S{1 + at % 2}", "participant", text.format(at), 5000 * at, 5000 * at + 4800)
        for at in range(words // _TURN)
    )


def figures(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the slowest."""
    return {"median": round(statistics.median(seconds), 4), "slowest": round(max(seconds), 4)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=9000, help="of each transcript")
    parser.add_argument("--transcripts", type=int, default=1)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        ReleaseDeployment(Path(folder)).start() as started,
    ):
        started.create_study(_STUDY, members=_MEMBERS, quality=_GATE)
        started.approve(
            *(
                started.add_transcript(_STUDY, "P07", at, spoken=spoken(asked.words))[0]
                for at in range(asked.transcripts)
            )
        )
        with started.peers(REVIEWER, "dr.lim") as peers:
            quality = Quality(peers.channel(RELEASE))
            began = time.perf_counter()
            made = quality.open(_STUDY)
            opening = time.perf_counter() - began
            shown, taken = [], []
            while True:
                began = time.perf_counter()
                found = quality.passages(_STUDY, 1, 1)
                if not found:
                    break
                shown.append(time.perf_counter() - began)
                began = time.perf_counter()
                quality.record(_STUDY, 1, [found[0].number], {})
                taken.append(time.perf_counter() - began)
    sys.stdout.write(
        json.dumps(
            {
                "segments": made.segments,
                "passages": len(shown),
                "open_s": round(opening, 3),
                "show_s": figures(shown),
                "take_s": figures(taken),
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
