# SPDX-License-Identifier: Apache-2.0
"""The gold sets that the de-identification benchmarks measure on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.models.ner.corpora import HELD_BACK
from services.deidentification.gold import GoldTranscript, read_all

HERE = Path(__file__).parent / "deid_data"
#: Splits that ship, and what was tuned on them.
SPLITS = {
    "dev": "generated; rules and thresholds are tuned on it",
    "test": "generated; its text was not read",
    "hand_dev": "by hand; rules and thresholds are tuned on it",
    "hand_test": "by hand; for reporting only",
}
_NEWS = "men_malaysian_english_train"


@dataclass(frozen=True)
class GoldSet:
    """A gold set."""

    name: str
    documents: tuple[GoldTranscript, ...]


def _rows(path: Path) -> list[tuple[int, dict[str, object]]]:
    with path.open(encoding="utf-8") as lines:
        return [(n, json.loads(line)) for n, line in enumerate(lines, 1) if line.strip()]


def splits(names: Iterable[str] = SPLITS) -> Iterator[GoldSet]:
    """Yield the splits that ship; one that is not there yet is left out."""
    for name in names:
        path = HERE / f"{name}.jsonl"
        if path.exists():
            yield GoldSet(name, tuple(read_all(_rows(path))))


def further(folder: Path | None, news: Path | None) -> Iterator[GoldSet]:
    """Yield the sets of a folder of gold, and that part of the Malaysian English news which the
    training of the tagger leaves out.
    """
    for path in sorted(folder.glob("*.jsonl")) if folder else ():
        yield GoldSet(path.stem, tuple(read_all(_rows(path))))
    if news:
        rows = _rows(news)
        kept = rows[int(len(rows) * (1 - HELD_BACK[_NEWS])) :]
        yield GoldSet("news", tuple(read_all(kept)))
