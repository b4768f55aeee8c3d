# SPDX-License-Identifier: Apache-2.0
"""Base rates and words: open figures about Malaysia, compiled for this project.

Each file in `data` states its sources and licences in its first lines. A figure that is not openly
at hand is left out: what it would tell is unknown, and nothing is made up for it.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
#: What the figures are of, for reports and certificates.
BASIS = "Malaysia 2023 by state, ethnic group, sex and age (OpenDOSM); census 2020 (DOSM)"

_TOKEN = re.compile(r"\[[^\[\]\n]{1,60}\]|[^\W_]+(?:['\u2019-][^\W_]+)*|[.?!;:\n]")
_ENDS = frozenset(".?!;:\n")
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a label in brackets, in lower case and without apostrophes, with its place.

    `clause` counts the ends of clauses before it.
    """

    norm: str
    start: int
    end: int
    clause: int

    @property
    def is_label(self) -> bool:
        """Whether it is a label, such as `[p07s brother]`."""
        return self.norm.startswith("[")


def tokens(text: str) -> list[Token]:
    """Return the words and labels of a text in order; offsets are code points."""
    found: list[Token] = []
    clause = 0
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in _ENDS:
            clause += 1
            continue
        norm = word.casefold().replace("'", "").replace("\u2019", "")
        found.append(Token(norm, match.start(), match.end(), clause))
    return found


class Phrases:
    """Phrases and what they stand for. Of several that begin at a word the longest counts."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._by_word: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for phrase, value in phrases:
            words = tuple(token.norm for token in tokens(phrase))
            if words:
                self._by_word[words[0]].append((words, value))
        for entries in self._by_word.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def find(self, words: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
        """Yield index of the first word, index behind the last one, and value."""
        at = 0
        while at < len(words):
            for phrase, value in self._by_word.get(words[at].norm, ()):
                end = at + len(phrase)
                if tuple(word.norm for word in words[at:end]) == phrase:
                    yield at, end, value
                    at = end - 1
                    break
            at += 1

    def value(self, text: str) -> str:
        """Return the value of the first phrase in a text; empty for none."""
        return next((value for _, _, value in self.find(tokens(text))), "")


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


@cache
def sections() -> Mapping[str, Mapping[str, str]]:
    """Return, by title of a section of `attributes.txt`, the value of each phrase."""
    found: dict[str, dict[str, str]] = {}
    body: dict[str, str] = {}
    for line in (DATA / "attributes.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            body = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            value, _, phrases = line.partition(": ")
            body.update((phrase.strip(), value) for phrase in phrases.split(","))
    return found


@cache
def phrases(section: str) -> Phrases:
    """Return the phrases of a section of `attributes.txt`."""
    return Phrases(sections()[section].items())


@cache
def words(section: str) -> frozenset[str]:
    """Return the single words of a section of `attributes.txt`, as tokens are written."""
    return frozenset(phrase.replace("'", "") for phrase in sections()[section])


@cache
def listed(name: str) -> Phrases:
    """Return the names in `conditions.csv` or `occupations.csv`, and what they are called there."""
    key = "condition" if name == "conditions" else "occupation"
    return Phrases(
        (alias, row[key]) for row in _rows(f"{name}.csv") for alias in row["names"].split(";")
    )


@cache
def condition_shares() -> Mapping[str, float]:
    """Return the share of all people that has an illness, where an open figure is at hand."""
    found = _rows("conditions.csv")
    return {r["condition"]: float(r["per_100000"]) / 1e5 for r in found if r["per_100000"]}


@cache
def occupation_shares() -> Mapping[str, float]:
    """Return the share of all people that has an occupation, where an open figure is at hand."""
    found = _rows("occupations.csv")
    whole = population()
    return {r["occupation"]: float(r["people"]) / whole for r in found if r["people"]}


@cache
def _joint() -> Sequence[tuple[str, str, str, str, float]]:
    return [
        (row["state"], row["ethnicity"], row["sex"], band, float(count) * _THOUSAND)
        for row in _rows("population_malaysia.csv")
        for band, count in row.items()
        if band not in ("state", "ethnicity", "sex")
    ]


@cache
def population(state: str = "", ethnicity: str = "", sex: str = "", age: str = "") -> float:
    """Return how many people there are; an empty attribute may be anything."""
    return sum(
        count
        for s, e, x, a, count in _joint()
        if state in ("", s) and ethnicity in ("", e) and sex in ("", x) and age in ("", a)
    )


@cache
def bands() -> tuple[str, ...]:
    """Return the age bands of the population table."""
    return tuple(dict.fromkeys(row[3] for row in _joint()))


@cache
def share(column: str, of: str, state: str = "") -> float:
    """Return the share of a religion (`of` "people") or marital status (`of` "of_age")."""
    rows = [row for row in _rows("religion_marriage_malaysia.csv") if state in ("", row["state"])]
    return sum(float(row[column]) for row in rows) / sum(float(row[of]) for row in rows)


@cache
def districts() -> Mapping[str, tuple[str, float]]:
    """Return the state of each district, by its name in lower case, and its share of the state."""
    rows = _rows("districts_malaysia.csv")
    whole: dict[str, float] = defaultdict(float)
    for row in rows:
        whole[row["state"]] += float(row["people"])
    return {
        row["district"].casefold(): (row["state"], float(row["people"]) / whole[row["state"]])
        for row in rows
        if float(row["people"])
    }
