# SPDX-License-Identifier: Apache-2.0
"""A pseudonym table with indexes, so that a look-up does not scan every entry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import phonetic
from services.deidentification.domain.body_names import BodyName
from services.deidentification.domain.phonetic import Likeness
from services.deidentification.domain.vault import Table, VaultEntry

Words = tuple[str, ...]
_BODIES = ("FACILITY", "ORGANIZATION")


def alike(left: str, right: str) -> bool:
    """Return whether two words of names may be one, misspelt or misheard."""
    if left == right:
        return True
    if min(len(left), len(right)) < 4:
        return False
    allowed = 2 if min(len(left), len(right)) >= 7 else 1
    return (
        phonetic.key(left) == phonetic.key(right)
        and DamerauLevenshtein.distance(left, right) <= allowed
    )


class PseudonymIndex:
    """The entries of one scope (a participant, or the study). Of several entries that fit, the
    first in the order of the table is taken, so that a rerun gives the same labels.
    """

    def __init__(self, table: Table) -> None:
        self._entries: list[VaultEntry] = []
        self._counters = dict(table.counters)
        self._kinds: dict[str, int] = {}
        self._labels: dict[str, int] = {}
        self._exact: dict[tuple[bool, Words], int] = {}
        self._given: dict[str, set[int]] = defaultdict(set)
        self._forms: dict[str, set[int]] = defaultdict(set)
        self._words: dict[str, set[int]] = defaultdict(set)
        self._bodies: dict[str, set[int]] = defaultdict(set)  # by the keys of their forms
        self._short: dict[str, set[int]] = defaultdict(set)  # by the keys of their short forms
        for entry in table.entries:
            self._entries.append(entry)
            self._index(len(self._entries) - 1, entry.forms, entry.given)

    def table(self) -> Table:
        """Return the table as it is now."""
        return Table(tuple(self._entries), tuple(sorted(self._counters.items())))

    def __getitem__(self, index: int) -> VaultEntry:
        """Return an entry by its position."""
        return self._entries[index]

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self._entries)

    def labelled(self, label: str) -> int | None:
        """Return the entry with a label, or None."""
        return self._labels.get(label)

    def number(self, kind: str) -> int:
        """Return the next free number of a kind of label."""
        return self._counters.get(kind, 0) + 1

    def add(self, entry: VaultEntry, kind: str, number: int) -> str:
        """Add an entry and return its label."""
        self._entries.append(entry)
        self._counters[kind] = number
        self._index(len(self._entries) - 1, entry.forms, entry.given)
        return entry.label

    def grow(self, index: int, form: Words, given: Words = (), gender: str = "") -> str:
        """Add a form, given names or a gender to an entry, and return its label."""
        entry = self._entries[index]
        forms = tuple(dict.fromkeys((*entry.forms, form)))
        merged = tuple(dict.fromkeys((*entry.given, *given)))
        self._entries[index] = replace(
            entry, forms=forms, given=merged, gender=entry.gender or gender
        )
        self._index(index, (form,), given)
        return entry.label

    def first(self, kind: str) -> int | None:
        """Return the first entry of a kind, or None."""
        return self._kinds.get(kind)

    def exact(self, form: Words, *, person: bool) -> int | None:
        """Return the entry that has exactly this form, or None."""
        return self._exact.get((person, form))

    def another(self, index: int, gender: str) -> bool:
        """Return whether an entry is of another gender: Uncle Wong is not Madam Wong."""
        return bool(gender) and self._entries[index].gender not in ("", gender)

    def person(self, given: Words, full: Words, gender: str = "") -> int | None:
        """Return the person that a name belongs to: all its given names are known there, or all
        words of a known form are in it.
        """
        found = {index for word in full for index in self._sounding(self._forms, word)}
        # All given names must be known there, so the entries of the rarest of them are enough.
        found |= min((self._sounding(self._given, word) for word in given), key=len, default=set())
        for index in sorted(found):
            entry = self._entries[index]
            if self.another(index, gender):
                continue
            if all(any(alike(word, known) for known in entry.given) for word in given):
                return index
            for form in entry.forms:
                if form and all(any(alike(w, word) for word in full) for w in form):
                    return index
        return None

    def resembling(
        self, given: Words, among: Iterable[int], kind: str, gender: str
    ) -> Iterator[tuple[tuple[Likeness, bool], int]]:
        """Yield those of some people that a name which was heard badly sounds like, with how much,
        and whether they are of that kind. `kind` says who it is where the talk does: Doctor, P01's
        brother.
        """
        for index in among:
            entry = self._entries[index]
            if not entry.kind.startswith("PERSON") or self.another(index, gender):
                continue
            same = bool(kind) and entry.label.startswith(kind)
            if kind and not same and not entry.label.startswith("Person"):
                continue
            alike = max(
                (phonetic.likeness(word, known) for word in given for known in entry.given),
                default=Likeness.NONE,
            )
            if alike:
                yield (alike, same), index

    def place_or_body(self, words: Words, kind: str) -> int | None:
        """Return the place or organisation of this kind that a shorter form stands for, or None."""
        short = set(words)
        found = min((self._words.get(word, set()) for word in short), key=len, default=set())
        for index in sorted(found):
            entry = self._entries[index]
            if (
                entry.kind == kind
                and short <= {word for form in entry.forms for word in form}
                and len(words) < max(len(form) for form in entry.forms)
            ):
                return index
        return None

    def body(self, words: Words, kind: str = "") -> int | None:
        """Return the place or body of which this is another form, or None. `kind` is its entity
        type; places and bodies are not taken for each other.
        """
        name = BodyName.of(words)
        found = self._bodies.get(name.key, set()) | self._short.get(name.key, set())
        for key in name.longer:
            found |= self._bodies.get(key, set())
        for key in name.short:
            found |= {at for at in self._bodies.get(key, ()) if self._is_short(at)}
        for index in sorted(found):
            entry = self._entries[index]
            if kind and (entry.kind in _BODIES) is not (kind in _BODIES):
                continue
            levels = {BodyName.of(form).level for form in entry.forms} - {""}
            if not name.level or not levels or name.level in levels:
                return index
        return None

    def _is_short(self, index: int) -> bool:
        """Return whether an entry is known by one word alone, such as an acronym."""
        return all(BodyName.of(form).is_short for form in self._entries[index].forms)

    def _index(self, index: int, forms: Iterable[Words], given: Words) -> None:
        kind = self._entries[index].kind
        self._labels.setdefault(self._entries[index].label, index)
        self._kinds.setdefault(kind, index)
        person = kind.startswith("PERSON")
        for form in forms:
            known = self._exact.setdefault((person, form), index)
            self._exact[person, form] = min(known, index)
            if person and form:
                # The longest word of a form is the one that the fewest others share.
                self._put(self._forms, max(form, key=len), index)
            elif not person:
                for word in form:
                    self._words[word].add(index)
                name = BodyName.of(form)
                self._bodies[name.key].add(index)
                for key in name.short:
                    self._short[key].add(index)
        if person:
            for word in given:
                self._put(self._given, word, index)

    @staticmethod
    def _put(names: dict[str, set[int]], word: str, index: int) -> None:
        names[word].add(index)
        if len(word) >= 4:
            names[_sound(word)].add(index)

    @staticmethod
    def _sounding(names: dict[str, set[int]], word: str) -> set[int]:
        same = names.get(word, set())
        return same | names.get(_sound(word), set()) if len(word) >= 4 else same


def _sound(word: str) -> str:
    return "~" + phonetic.key(word)
