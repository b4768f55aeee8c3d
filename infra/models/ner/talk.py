# SPDX-License-Identifier: Apache-2.0
"""Written-out talk of many registers in `talk/*.txt`, with slots for who and what is named.

One turn a line, a blank line between dialogues, `#` before a comment. A slot is a letter as in
`talk_generator`, and a digit where it is the same person again: `{F1}` full name, `{N1}` as called,
`{C1}` called by a word, `{H1}` with a title, `{K1}` with a kin term, `{Q1}` spelt.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "talk"
SLOT = re.compile(r"\{([A-Z])(\d?)\}")


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
