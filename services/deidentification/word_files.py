# SPDX-License-Identifier: Apache-2.0
"""Reader of word lists: text files that a person who knows the languages and no Python can edit.

Lines that start with `#` are comments. The files in `words/` have `[sections]`; those of the
gazetteers also come with one entry a line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
MODEL = FOLDER / "model"
WORDS = FOLDER / "words"


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file without comments and empty lines."""
    with path.open(encoding="utf-8") as handle:
        for line in handle:
            if line[0] not in "#\n":
                yield line.rstrip("\n")


def sections(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the lines of each section of a file."""
    title, body = "", list[str]()
    for line in lines(path):
        if line.startswith("["):
            if title:
                yield title, body
            title, body = line.strip("[]"), []
        else:
            body.append(line)
    if title:
        yield title, body


class WordFile:
    """A file of `words/`. Every method takes the title of a section, and raises KeyError where
    there is no section of that title.
    """

    def __init__(self, path: Path) -> None:
        self._sections = dict(sections(path))

    @property
    def titles(self) -> frozenset[str]:
        """The titles of all sections."""
        return frozenset(self._sections)

    def words(self, title: str) -> frozenset[str]:
        """Return words that are separated by white space."""
        return frozenset(" ".join(self._sections[title]).split())

    def phrases(self, title: str) -> tuple[str, ...]:
        """Return phrases that are separated by commas, in their order."""
        phrases = " ".join(self._sections[title]).split(",")
        return tuple(phrase.strip() for phrase in phrases if phrase.strip())

    def groups(self, title: str) -> tuple[tuple[str, frozenset[str]], ...]:
        """Return the words of each label, from lines `label: words`, in the order of the labels. A
        label may have several lines.
        """
        groups: dict[str, frozenset[str]] = {}
        for line in self._sections[title]:
            label, _, words = line.partition(": ")
            groups[label] = groups.get(label, frozenset()) | frozenset(words.split())
        return tuple(groups.items())

    def labels(self, title: str) -> dict[str, str]:
        """Return the label of each word, from lines `label: words`."""
        return {word: label for label, words in self.groups(title) for word in sorted(words)}

    def numbers(self, title: str) -> dict[str, int]:
        """Return the number of each word, from lines `number: words`."""
        return {word: int(label) for word, label in self.labels(title).items()}


@cache
def read_words(name: str) -> WordFile:
    """Return a file of `words/` by its name without suffix, read once in a process."""
    return WordFile(WORDS / f"{name}.txt")


def digest() -> str:
    """Return the SHA-256 of all word lists, gazetteers and fitted trees, in hexadecimal. Comments
    and line breaks do not change it.
    """
    content = hashlib.sha256()
    for folder in (WORDS, FOLDER / "gazetteers" / "data", MODEL):
        for path in sorted(folder.glob("*.txt")):
            content.update(f"\n{path.name}\n".encode())
            for line in path.read_bytes().splitlines():
                if not line.startswith(b"#"):
                    content.update(b" ".join(line.split()) + b" ")
    return content.hexdigest()
