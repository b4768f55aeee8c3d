# SPDX-License-Identifier: Apache-2.0
"""Written-out talk of many registers in `talk/*.txt`, with slots for who and what is named.

One turn a line, a blank line between dialogues, `#` before a comment. A slot is a letter as in
`talk_generator`, and a digit where it is the same person again: `{F1}` full name, `{N1}` as called,
`{C1}` called by a word, `{H1}` with a title, `{K1}` with a kin term, `{Q1}` spelt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "talk"
SLOT = re.compile(r"\{([A-Z])(\d?)\}")

# What the tagger calls a type of gold; an occupation or a people is none of its classes.
_CLASSES = {
    "PERSON": "PER", "LOCATION": "LOC", "ADDRESS": "LOC", "ORGANIZATION": "ORG", "FACILITY": "ORG",
    "DATE_TIME": "DATE", "AGE": "AGE", "NRP": None, "OCCUPATION": None,
}  # fmt: skip
# The tagger marks the number of an age alone; rules add its unit.
_UNIT = re.compile(r"[- ]*(?:years?|yrs?|tahun|taun|thn)(?:[- ]olds?)?$", re.IGNORECASE)


def dialogues(folder: Path = FOLDER) -> list[list[str]]:
    """Return the dialogues of all files, each a list of turns."""
    found: list[list[str]] = []
    for path in sorted(folder.glob("*.txt")):
        turns: list[str] = []
        for line in (*path.read_text(encoding="utf-8").splitlines(), ""):
            if line.startswith("#"):
                continue
            if line.strip():
                turns.append(line.strip())
            elif turns:
                found.append(turns)
                turns = []
    return found


def marked(path: Path) -> Iterator[list[list[tuple[str, str | None]]]]:
    """Yield the turns of interviews with gold spans, each a list of labelled pieces."""
    for line in path.open(encoding="utf-8"):
        row = json.loads(line)
        turns = []
        for number, turn in enumerate(row["turns"]):
            text, at = turn["text"], 0
            pieces: list[tuple[str, str | None]] = []
            for span in sorted(
                (s for s in row["spans"] if s["turn"] == number), key=lambda s: int(s["start"])
            ):
                label = _CLASSES.get(span["entity_type"], "CODE")
                end = span["end"]
                if label == "AGE":
                    end = span["start"] + len(_UNIT.sub("", text[span["start"] : end]))
                pieces += ((text[at : span["start"]], None), (text[span["start"] : end], label))
                at = end
            turns.append([*pieces, (text[at:], None)])
        yield turns
