# SPDX-License-Identifier: Apache-2.0
"""Checks the interviews that were marked by hand, and writes them as JSONL.

    python -m benchmarks.deid_by_hand                       check, and write hand_*.jsonl
    python -m benchmarks.deid_by_hand --data FOLDER         hold the names against training data
    python -m benchmarks.deid_by_hand --mentions            list names that stand without a mark too
    python -m benchmarks.deid_by_hand --agree FIRST SECOND  agreement of two who marked the same

The same interviews give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.deid_by_hand.agreement import agreement
from benchmarks.deid_by_hand.distance import report
from benchmarks.deid_by_hand.marks import Interview, read_folder, unmarked_mentions
from services.deidentification.domain.entities import DIRECT

HERE = Path(__file__).parent
OUT = HERE.parent / "deid_data"
SPLITS = ("dev", "train", "test")


def lines(split: str) -> list[str]:
    """Return the JSON lines of a split; none where it has no interviews."""
    return [interview.as_json() for interview in read_folder(HERE / split)]


def counts(name: str, interviews: Sequence[Interview]) -> str:
    """Return one line that says how much a split holds."""
    words = sum(len(text.split()) for one in interviews for _, text in one.turns)
    marks = [mark.kind in DIRECT for one in interviews for mark in one.marks]
    styles = [one.style for one in interviews]
    of_styles = ", ".join(f"{styles.count(style)} {style}" for style in dict.fromkeys(styles))
    return (
        f"{name}: {len(interviews)} interviews ({of_styles}), {words} words, "
        f"{sum(marks)} direct and {len(marks) - sum(marks)} quasi-identifiers"
    )


def agree(first: Path, second: Path) -> None:
    """Print how far two folders of the same interviews agree."""
    rows, interviews = agreement(read_folder(first), read_folder(second))
    print(f"{interviews} interviews in both")
    print(f"{'F1':24}{'exact':>8}{'overlap':>9}{'first':>8}{'second':>8}")
    for kind, row in rows.items():
        print(f"{kind:24}{row.exact:>8.3f}{row.overlap:>9.3f}{row.first:>8}{row.second:>8}")


def main() -> None:
    """Read the command line, and do what it asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with gazetteers and ner-train")
    parser.add_argument("--mentions", action="store_true")
    parser.add_argument("--agree", type=Path, nargs=2, metavar=("FIRST", "SECOND"))
    given = parser.parse_args()
    try:
        if given.agree:
            agree(*given.agree)
            return
        splits = {split: read_folder(HERE / split) for split in SPLITS}
    except ValueError as error:
        sys.exit(str(error))
    held = {f"hand_{split}": interviews for split, interviews in splits.items() if interviews}
    for name, interviews in held.items():
        text = "".join(interview.as_json() for interview in interviews)
        (OUT / f"{name}.jsonl").write_text(text, encoding="utf-8")
        print(counts(name, interviews))
        for interview in interviews if given.mentions else ():
            for turn, words in unmarked_mentions(interview):
                print(f"  {interview.name}, turn {turn + 1}: {words!r} stands here without a mark")
    print(*report(held, given.data), sep="\n")


if __name__ == "__main__":
    main()
