# SPDX-License-Identifier: Apache-2.0
"""Writes dev.jsonl and test.jsonl into the folder named on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.deid_open.generate import SPLITS, lines


def main() -> None:
    """Write both splits into the folder named by the first argument."""
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "benchmarks/deid_data")
    out.mkdir(parents=True, exist_ok=True)
    for split in SPLITS:
        (out / f"{split}.jsonl").write_text("".join(lines(split)), encoding="utf-8")


if __name__ == "__main__":
    main()
