# SPDX-License-Identifier: Apache-2.0
"""Compile `services/deidentification/gazetteers/data/names_elections.txt`: the single words of the
names of Malaysian election candidates that no other list has as a name in use here.

    python -m infra.models.election_names lookup_candidate.csv

The table is `data/lookup_candidate.csv` of the Malaysian Election Corpus (CC0 1.0; Thevananthan,
Scientific Data, 2025, doi:10.1038/s41597-025-06502-7; read at commit 8a78fd6). No whole name is
kept, and no order of words. It is run once and its output is committed; nothing of it is needed at
run time.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    FILLERS,
    KIN,
    RELATION,
    SHY_ADDRESS,
    STOP,
    TITLES,
)
from services.deidentification.gazetteers.loading import DATA, load_lexicon

FILE = DATA / "names_elections.txt"
HEAD = """\
# Single words of names of election candidates that no other list here has: Malaysian Election Corpus, CC0 1.0.
# Made by infra/models/election_names.py; do not edit by hand. "[section]" starts a section.
"""
_SECTIONS = {
    "Malay": "malay",
    "Bumi Sabah": "borneo",
    "Bumi Sarawak": "borneo",
    "Orang Asli": "borneo",
    "Indian": "indian",
}
# Sorted out by hand: everyday words of Malay, its dialects and chat spelling, and syllables that are
# heard in other talk.
_NO_NAMES = frozenset(
    "agong aji asik bareng fasal galau huri ing jalani jok jumat kenali kiai kon kun lem"
    " len momen muslimin nemo nyak pui sabu tet woh yok yoo".split()
)
_SEVERAL, _SHORT, _LONG = 2, 3, 5


def parts(table: Path) -> dict[str, Counter[str]]:
    """Return how often each word stands in names of each kind."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with table.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            words = re.split(r"[\s@/()\-.,]+", row["name"].lower())
            for at, word in enumerate(words):
                kind = _SECTIONS.get(row["ethnicity"])
                if row["ethnicity"] == "Chinese":
                    kind = "chinese_given" if at else "chinese_surname"
                if kind and word.isascii() and word.isalpha():
                    found[word][kind] += 1
    return found


def is_new(word: str, count: int) -> bool:
    """Return whether a word is a name that the lists lack, and not an everyday word as well.

    A short or rare word counts only where several people bear it.
    """
    bits = load_lexicon().flags.get(word, 0)
    known = bits & (lx.KNOWN | lx.ORDINARY | lx.FREQUENT) and not bits & lx.INFERRED
    if known or bits & (lx.LOCAL | lx.PLACE_MY | lx.ABROAD | lx.THING) or word in _NO_NAMES:
        return False
    if any(word in words for words in (TITLES, ADDRESS, SHY_ADDRESS, KIN, RELATION, FILLERS, STOP)):
        return False
    if len(word) >= _LONG and not load_lexicon().of(word):
        return True
    return count >= (_SEVERAL if len(word) > _SHORT else _SEVERAL + 1) and len(word) >= _SHORT


def main(table: Path) -> None:
    """Write the list."""
    # The list must not be seen while it is made.
    FILE.write_text(HEAD, encoding="utf-8")
    sections: dict[str, list[str]] = defaultdict(list)
    for word, kinds in parts(table).items():
        if is_new(word, kinds.total()):
            kind = kinds.most_common(1)[0][0]
            world = load_lexicon().flags.get(word, 0) & lx.GIVEN
            sections["christian" if world and kind == "borneo" else kind].append(word)
    body = "".join(f"[{kind}]\n{' '.join(sorted(sections[kind]))}\n" for kind in sorted(sections))
    FILE.write_text(HEAD + body, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
