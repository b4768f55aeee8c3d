# SPDX-License-Identifier: Apache-2.0
"""Pseudonyms: which mention is which person or place, and the label that replaces it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.body_names import kind_of
from services.deidentification.domain.closure import name_words
from services.deidentification.domain.entities import ENTITY_TYPES
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.pseudonym_index import PseudonymIndex
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vault import Table, Vault, VaultEntry
from services.deidentification.domain.vocabulary import (
    GENDER,
    KIN,
    POSSESSIVE_AFTER,
    POSSESSIVE_BEFORE,
    RELATION,
    ROLES,
    SECOND,
    STOP,
    TITLES,
)
from services.deidentification.word_files import read_words
from services.registry.label_scopes import STAFF

_PEOPLE = read_words("people")
_PSEUDONYMS = read_words("pseudonyms")

_OF_KIN = _PSEUDONYMS.words("words between a kin term and its owner")
_NAMING = _PSEUDONYMS.words("words between a role and a name")
_BETWEEN = _PEOPLE.words("between a kin term and a name")
_WHICH = _PEOPLE.words("between a possessive and a kin term")
PARTICIPANT = "participant"
_MOST_INITIALS = 6  # letters of an acronym
_CONJUNCTIONS = frozenset("and or with plus dan atau dengan serta".split())
_PLACE = "PLACE"  # the kind of all places of the roster, whatever their entity type


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding in its turn, with the words before and after it; `own` where participants name
    themselves, `doubted` where it may have been misheard: `sure` are its words that were not.
    """

    text: str
    entity_type: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    by_participant: bool
    own: bool = False
    doubted: bool = False
    sure: frozenset[str] = frozenset()


class PseudonymAssigner:
    """Assigns labels to the mentions of one transcript, on a copy of the vault."""

    def __init__(
        self,
        vault: Vault,
        policy: Policy,
        participant: str,
        lexicon: Lexicon,
        roster: Sequence[RosterEntry] = (),
    ) -> None:
        self._lexicon = lexicon
        self._before = vault
        self._study = PseudonymIndex(vault.study)
        self._own = PseudonymIndex(vault.participant)
        self._policy = policy
        self._code = participant
        self._roster = PseudonymIndex(Table())
        self._met: dict[PseudonymIndex, dict[int, None]] = {self._own: {}, self._study: {}}
        for named in roster:
            if named.kind != "PERSON":
                words = tuple(t.norm for t in Document.of(named.name).tokens)
                self._roster.add(VaultEntry("", _PLACE, (words,)), "roster", 1)
                continue
            words = tuple(name_words(named.name, lexicon))
            if named.role == PARTICIPANT:
                self._ensure_self(words)
            elif words:
                joined = tuple(left + right for left, right in pairwise(words))
                entry = VaultEntry(named.role.casefold(), "PERSON", (words,), (*words, *joined))
                self._roster.add(entry, "roster", 1)

    @property
    def vault(self) -> Vault:
        """The vault with all labels that were assigned."""
        return replace(self._before, study=self._study.table(), participant=self._own.table())

    @property
    def owner(self) -> str:
        """What the participant is called."""
        return self._code or "Participant"

    @property
    def offset(self) -> int:
        """By how many days the participant's dates move."""
        return self._before.offset(self._code)

    def forms(self, label: str) -> tuple[str, ...]:
        """Return the longest form of whoever or whatever has a label; empty where nothing has."""
        for scope in (self._own, self._study):
            for entry in scope.table().entries:
                if entry.label == label and entry.forms:
                    return max(entry.forms, key=len)
        return ()

    def relabel(self, mention: Mention, before: str) -> str:
        """Return the label of a mention whose type was another one, and whose label was `before`.

        It stays where the words say what it is, such as a hospital that was taken for an
        organisation.
        """
        label = self.label(mention)
        if label != before or mention.entity_type == "PERSON":
            return label
        words = _words(mention.text)
        kind = _kind(words, mention.entity_type)
        if before.rpartition(" ")[0] == kind:
            return label
        scope = self._study if "places" in self._policy.study_wide else self._own
        for entry in scope.table().entries:
            if entry.kind == mention.entity_type and words in entry.forms and entry.label != before:
                return entry.label
        number = scope.number(kind)
        entry = VaultEntry(f"{kind} {number}", mention.entity_type, (words,))
        return scope.add(entry, kind, number)

    def label(self, mention: Mention) -> str:
        """Return the label of a mention and keep it in the vault."""
        if mention.entity_type == "PERSON":
            return self._person(mention)
        return self._place_or_body(mention)

    def _place_or_body(self, mention: Mention) -> str:
        words = _words(mention.text)
        kind = _kind(words, mention.entity_type)
        scope = self._study if "places" in self._policy.study_wide else self._own
        index = scope.exact(words, person=False)
        if index is not None:
            return scope[index].label
        # The roster knows which parts of a name belong to one place.
        at = self._roster.exact(words, person=False)
        at = self._roster.body(words) if at is None else at
        at = self._roster.place_or_body(words, _PLACE) if at is None else at
        whole = words if at is None else self._roster[at].forms[0]
        index = scope.exact(whole, person=False)
        if index is None:
            index = scope.body(words, mention.entity_type)
        if index is None:
            index = scope.place_or_body(words, mention.entity_type)
        if index is not None:
            return scope.grow(index, words)
        number = scope.number(kind)
        forms = tuple(dict.fromkeys((words, whole)))
        return scope.add(VaultEntry(f"{kind} {number}", mention.entity_type, forms), kind, number)

    def _ensure_self(self, words: tuple[str, ...]) -> str:
        if self._self is None:
            entry = VaultEntry(self.owner, "PERSON:self", (words,) if words else (), words)
            return self._own.add(entry, "self", 1)
        entry = self._own[self._self]
        if words and words not in entry.forms:
            self._own.grow(self._self, words, words)
        return entry.label

    @property
    def _self(self) -> int | None:
        """The participant's own entry."""
        return self._own.first("PERSON:self")

    def _person(self, mention: Mention) -> str:
        """Return the label of a person, and remember who was met in this transcript."""
        label = self._named(mention)
        for scope, met in self._met.items():
            index = scope.labelled(label)
            if index is not None:
                met[index] = None
        return label

    def _named(self, mention: Mention) -> str:
        given, full, title = _parts(mention.text, self._lexicon)
        if not full:
            full = given = tuple(t.norm for t in Document.of(mention.text).tokens) or (
                mention.text,
            )
        if mention.own:
            return self._ensure_self(full)
        role = self._role(mention, title)
        gender = _gender(mention)
        # Exact forms first, in both tables: a second pass over the same transcript must end at the
        # same labels.
        for scope in (self._own, self._study):
            index = scope.exact(full, person=True)
            if index is not None and not scope.another(index, gender):
                return scope[index].label
        if (body := self._body_named(mention.text, full, title)) is not None:
            return body
        # The roster knows which forms are one person; a family name alone may be anybody's.
        # A name that was heard well says itself who is meant: Grace is not Kavisa.
        badly = tuple(word for word in given if word not in mention.sure)
        at = self._of_roster(given, full, gender, badly if mention.doubted else ())
        whole = full if at is None else self._roster[at].forms[0]
        kin = "" if role in STAFF else self._kin(mention)
        found = self._known(given, full, whole, gender)
        if found is None and mention.doubted:
            kind = f"{self.owner}'s {kin}" if kin else role
            found = self._misheard(self._met.items(), badly, kind, gender)
        if found is not None:
            return found[0].grow(found[1], full, given, gender)
        if not kin and not role and at is not None:
            # The transcript does not say who it is; the roster does.
            who = self._roster[at].label
            kin, role = KIN.get(who, ""), ROLES.get(who, "")
        scope = self._study if role in STAFF and "staff" in self._policy.study_wide else self._own
        kind = f"{self.owner}'s {kin}" if kin else role or "Person"
        number = scope.number(kind)
        label = (kind if number == 1 else f"{kind} {number}") if kin else f"{kind} {number}"
        forms = tuple(dict.fromkeys((full, whole)))
        names = given if at is None else tuple(dict.fromkeys((*given, *whole)))
        return scope.add(VaultEntry(label, "PERSON", forms, names, gender), kind, number)

    def _of_roster(
        self, given: tuple[str, ...], full: tuple[str, ...], gender: str, badly: tuple[str, ...]
    ) -> int | None:
        """Return the person of the roster that a name belongs to, or None; `badly` are its words
        that may be misheard.
        """
        at = None if self._family_name(given) else self._roster.person(given, full)
        if at is None and badly:
            everybody = ((self._roster, range(len(self._roster))),)
            known = self._misheard(everybody, badly, "", gender)
            at = None if known is None else known[1]
        return at

    def _known(
        self, given: tuple[str, ...], full: tuple[str, ...], whole: tuple[str, ...], gender: str
    ) -> tuple[PseudonymIndex, int] | None:
        """Return the table and the entry of a person who has a label, or None; `whole` is the name
        as the roster has it.
        """
        for scope in (self._own, self._study):
            index = scope.exact(whole, person=True)
            if index is None or scope.another(index, gender):
                index = scope.person(given, full, gender)
            if index is not None:
                return scope, index
        return None

    @staticmethod
    def _misheard(
        among: Iterable[tuple[PseudonymIndex, Iterable[int]]],
        given: tuple[str, ...],
        kind: str,
        gender: str,
    ) -> tuple[PseudonymIndex, int] | None:
        """Return the one person of those that a name which was heard badly sounds most like, None
        where two are as like.
        """
        found = [
            (like, scope, index)
            for scope, indices in among
            for like, index in scope.resembling(given, indices, kind, gender)
        ]
        best = max((like for like, _, _ in found), default=None)
        likest = [(scope, index) for like, scope, index in found if like == best]
        return likest[0] if len(likest) == 1 else None

    def _body_named(self, text: str, words: tuple[str, ...], title: str) -> str | None:
        """Return the label of a body whose name alone was taken for a person's: `Permai is far`,
        `UM`.
        """
        initials = len(words) == 1 and text.isupper() and len(text) <= _MOST_INITIALS
        names = any(self._lexicon.of(word) & lx.NAME for word in words)
        if title or (names and not initials):
            return None
        scope = self._study if "places" in self._policy.study_wide else self._own
        index = scope.body(words, "FACILITY")
        return None if index is None else scope[index].label

    def _family_name(self, given: tuple[str, ...]) -> bool:
        return len(given) == 1 and bool(self._lexicon.of(given[0]) & lx.CN_FAMILY)

    def _role(self, mention: Mention, title: str) -> str:
        first = next((t.norm for t in Document.of(mention.text).tokens), "")
        if title and not (first in KIN and _owned(mention.before)):  # `my sister Devi` is no nurse
            return title
        before = mention.before
        if before and (before[-1] in POSSESSIVE_BEFORE or before[-1] in KIN or kin_before(before)):
            return ""  # `my friend Devi and nurse Tan`, `adik saya Nabila, misi tu Salmah`
        left = 2
        for word in reversed(before):
            left -= word not in _NAMING
            if word in _CONJUNCTIONS or left < 0:
                break
            if word in ROLES:
                return ROLES[word]
        for at, word in enumerate(mention.after[:4]):
            if word in _CONJUNCTIONS:
                break
            if word in ROLES and not self._names_another(mention.after[at + 1 : at + 2]):
                return ROLES[word]
        return ""

    def _names_another(self, following: Sequence[str]) -> bool:
        """Return whether a role belongs to the name behind it: `Devi, nurse Tan`."""
        return any(self._lexicon.of(word) & lx.NAME or not self._lexicon.of(word)
                   for word in following if word not in STOP)  # fmt: skip

    def _kin(self, mention: Mention) -> str:
        """Return the kinship that the participant says: `my brother Azman`, `abang saya Azman`,
        `Azman, my brother`.
        """
        if not mention.by_participant:
            return ""
        first = tuple(t.norm for t in Document.of(mention.text).tokens)
        before = mention.before
        if first and first[0] in KIN and _owned(before):
            return KIN[first[0]]
        if told := kin_before(before):
            return told
        at = len(before) - 1
        while at >= 0 and len(before) - at <= 3 and before[at] in _BETWEEN:
            at -= 1
        if at >= 0 and before[at] in KIN:
            named = before[at + 1] if at + 1 < len(before) else ""
            if set(before[max(0, at - 2) : at]) & POSSESSIVE_BEFORE or named in POSSESSIVE_AFTER:
                return KIN[before[at]]
        after = mention.after[:4]
        for at, word in enumerate(after):
            if word in KIN:
                if (at and after[at - 1] in POSSESSIVE_BEFORE) or (
                    at + 1 < len(after) and after[at + 1] in POSSESSIVE_AFTER
                ):
                    return KIN[word]
                break
        return ""


def kin_before(before: Sequence[str]) -> str:
    """Return the kinship that stands right before a name as Malay says it: `kawan baik saya`."""
    if not before or before[-1] not in POSSESSIVE_AFTER:
        return ""
    for word in reversed(before[-4:-1]):
        if word in KIN:
            return KIN[word]
        if word not in _OF_KIN:
            break
    return ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(t.norm for t in Document.of(text).tokens) or (text.casefold(),)


def _kind(words: tuple[str, ...], entity_type: str) -> str:
    """Return what a place or body is called: Hospital, Organisation, Place."""
    if entity_type in ("FACILITY", "ORGANIZATION") and (kind := kind_of(words)):
        return kind
    return ENTITY_TYPES[entity_type].pseudonym


def _owned(before: Sequence[str]) -> bool:
    """Return whether what follows is somebody of the speaker's: `my other`, `our late`."""
    last = next((word for word in reversed(before) if word not in _WHICH), "")
    return last in POSSESSIVE_BEFORE


def _gender(mention: Mention) -> str:
    """Return the gender that the titles and kin terms of a mention, or the word right before it,
    say; empty where they say none.
    """
    words = [t.norm for t in Document.of(mention.text).tokens]
    before = mention.before
    if before and (before[-1] in _BETWEEN or before[-1] in POSSESSIVE_AFTER):
        before = before[:-1]
    told = {GENDER[w] for w in (*before[-1:], *words[:2]) if w in GENDER}
    return told.pop() if len(told) == 1 else ""


def _parts(text: str, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return a name without the father's name, all of it, and the role that its title says."""
    tokens = [t.norm for t in Document.of(text).tokens]
    title = ""
    for word in tokens[:-1]:  # what nothing follows is a name: Hakim, who is no judge
        if word not in TITLES and word not in SECOND:
            break
        if TITLES.get(word, "Person") != "Person":
            title = TITLES[word]
            break
    own: list[str] = []
    for word in tokens:
        if word in RELATION and own:
            break
        own.append(word)
    full = tuple(name_words(text, lexicon))
    given = tuple(w for w in name_words(" ".join(own), lexicon) if w in full) or full
    if len(tokens) >= 3 and all(len(w) == 1 for w in tokens):
        full = given = ("".join(tokens),)
    return given, full, title
