# SPDX-License-Identifier: Apache-2.0
"""Lines in which identifiers are written as people write them, of which none may be left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.transcript import Transcript, Turn

FOLDER = Path(__file__).parents[2] / "data/field"
LEFT = {
    "q02-notation-in-numbers.jsonl": "012 345 6789 880315 5678 zero three four five eight nine",
    "q03-fullwidth.jsonl": "880315 5678 012 3456789 6789 ８８０３１５ ５６７８ ０１２",
    "q04-digits-as-year.jsonl": "456 2003 1959",
    "q05-spoken-email.jsonl": "gobinath suppiah eighty gmail bungaraya",
    "q09-loanwords.jsonl": "[Person",
}
KEPT = {
    "q02-notation-in-numbers.jsonl": ("my number is", "IC is"),
    "q03-fullwidth.jsonl": ("身份证", "我的电话是", "and phone"),
    "q04-digits-as-year.jsonl": ("she said yes", "she said no"),
    "q05-spoken-email.jsonl": ("my email is", "it is"),
    "q09-loanwords.jsonl": ("a naïve idea", "the café", "déjà vu", "line is 999", "1 Ramadan"),
}


def _released(engine: Engine, line: str) -> str:
    given = json.loads(line)
    turns = given.get("turns") or [given]
    made = [Turn(one["text"], one.get("speaker", ""), one.get("role", "")) for one in turns]
    return "\n".join(engine.deidentify(Transcript(tuple(made), "P07")).texts)


@pytest.mark.parametrize("name", LEFT)
def test_no_part_of_an_identifier_is_left(engine: Engine, name: str) -> None:
    """Notes, forms of characters and ends of turns hide none, and ordinary words stay."""
    lines = (FOLDER / name).read_text("utf-8").split("\n")
    released = "\n".join(_released(engine, line) for line in lines if line.strip())
    assert [part for part in LEFT[name].split() if part in released] == []
    assert [words for words in KEPT[name] if words not in released] == []
