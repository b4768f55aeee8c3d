# SPDX-License-Identifier: Apache-2.0
"""Which mention is whom, and what they are called in the release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import DamerauLevenshtein

from services.deidentification.domain import phonetic
from services.deidentification.domain.closure import Known, name_words
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vault import Entry, Table, Vault
from services.deidentification.domain.vocabulary import (
    KIN,
    POSSESSIVE_AFTER,
    POSSESSIVE_BEFORE,
    RELATION,
    ROLES,
    TITLES,
)

STAFF = frozenset("Doctor Nurse Counsellor Psychologist Pharmacist Teacher Judge".split()) | {
    "Peer worker", "Social worker", "Religious leader", "Employer",
}  # fmt: skip
_FACILITY_LABELS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (label, frozenset(words.split()))
    for label, words in (
        ("Ward", "ward wad bed katil bilik"),
        (
            "Hospital",
            (
                "hospital hkl hbuk ppum ukmmc ummc hukm husm htaa htar hsa hsi hsnz medical "
                "perubatan gleneagles kpj"
            ),
        ),
        ("Clinic", "klinik clinic kesihatan mentari health"),
        (
            "School",
            (
                "sekolah school sk smk sjk sjkc sjkt smjk sma maktab convent tadika tabika "
                "kindergarten academy tahfiz madrasah"
            ),
        ),
        (
            "University",
            (
                "universiti university kolej college politeknik institut institute uitm ukm upm "
                "usm utm unimas ums uum utar iium"
            ),
        ),
        ("Mosque", "masjid surau mosque"),
        ("Temple", "kuil tokong temple vihara gurdwara"),
        ("Church", "gereja church cathedral chapel"),
        ("Pharmacy", "farmasi pharmacy"),
        ("Home", "rumah home hospice asrama"),
        (
            "Society",
            (
                "persatuan pertubuhan association society foundation yayasan befrienders ngo club "
                "kelab mmha miasa"
            ),
        ),
        (
            "Company",
            "sdn bhd syarikat kilang enterprise trading ltd inc bank company holdings berhad",
        ),
    )
)
_BETWEEN = frozenset(
    "saya aku ku named called bernama nama dia name is ialah encik puan cik mr mrs".split()
)
_DEFAULT_LABEL = {
    "LOCATION": "Place",
    "ADDRESS": "Address",
    "FACILITY": "Facility",
    "ORGANIZATION": "Organisation",
}
PARTICIPANT = "participant"


@dataclass(frozen=True, slots=True)
class Mention:
    """One finding in its turn, with what stands around it."""

    text: str
    entity_type: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    by_participant: bool
    own: bool = False


class Register:
    """Turns mentions into labels, one transcript at a time, on a copy of the vault."""

    def __init__(
        self, vault: Vault, policy: Policy, participant: str, roster: Sequence[Known] = ()
    ) -> None:
        self.vault = vault
        self._policy = policy
        self._code = participant
        for known in roster:
            if known.kind == "PERSON" and known.role == PARTICIPANT:
                self._ensure_self(tuple(name_words(known.name)))

    @property
    def owner(self) -> str:
        """What the participant is called."""
        return self._code or "Participant"

    def label(self, mention: Mention) -> str:
        """The label of a mention; the vault learns it."""
        if mention.entity_type == "PERSON":
            return self._person(mention)
        return self._thing(mention)

    def _thing(self, mention: Mention) -> str:
        words = tuple(t.norm for t in Document.of(mention.text).tokens) or (
            mention.text.casefold(),
        )
        wide = "places" in self._policy.study_wide
        kind = _DEFAULT_LABEL.get(
            mention.entity_type, mention.entity_type.replace("_", " ").capitalize()
        )
        for label, heads in _FACILITY_LABELS:
            if mention.entity_type in ("FACILITY", "ORGANIZATION") and heads & set(words):
                kind = label
                break
        table = self.vault.study if wide else self.vault.participant
        short = frozenset(words)
        for entry in table.entries:
            if not entry.kind.startswith("PERSON") and words in entry.forms:
                return entry.label
        for index, entry in enumerate(table.entries):
            if entry.kind.startswith("PERSON"):
                continue
            core = {w for form in entry.forms for w in form}
            if (
                entry.kind == mention.entity_type
                and short <= core
                and len(words) < max(len(f) for f in entry.forms)
            ):
                self._put(wide, table.swap(index, replace(entry, forms=(*entry.forms, words))))
                return entry.label
        number = table.taken(kind) + 1
        label = f"{kind} {number}"
        self._put(wide, table.add(Entry(label, mention.entity_type, (words,)), kind, number))
        return label

    def _put(self, wide: bool, table: Table) -> None:
        self.vault = (
            replace(self.vault, study=table) if wide else replace(self.vault, participant=table)
        )

    def _ensure_self(self, words: tuple[str, ...]) -> str:
        table = self.vault.participant
        for index, entry in enumerate(table.entries):
            if entry.kind == "PERSON:self":
                if words and words not in entry.forms:
                    given = tuple(dict.fromkeys((*entry.given, *words)))
                    self._put(
                        False,
                        table.swap(index, replace(entry, forms=(*entry.forms, words), given=given)),
                    )
                return entry.label
        entry = Entry(self.owner, "PERSON:self", (words,) if words else (), words)
        self._put(False, table.add(entry, "self", 1))
        return entry.label

    def _person(self, mention: Mention) -> str:
        given, full, title = _parts(mention.text)
        if not full:
            full = given = tuple(t.norm for t in Document.of(mention.text).tokens) or (
                mention.text,
            )
        if mention.own:
            return self._ensure_self(full)
        role = self._role(mention, title)
        # Exact forms first, in both tables: a second pass over the same transcript must end at the
        # same labels.
        for table in (self.vault.participant, self.vault.study):
            for entry in table.entries:
                if entry.kind.startswith("PERSON") and full in entry.forms:
                    return entry.label
        for wide in (False, True):
            table = self.vault.study if wide else self.vault.participant
            index = _match(table, given, full)
            if index is not None:
                entry = table.entries[index]
                merged = tuple(dict.fromkeys((*entry.given, *given)))
                self._put(
                    wide,
                    table.swap(index, replace(entry, forms=(*entry.forms, full), given=merged)),
                )
                return entry.label
        kin = "" if role in STAFF else self._kin(mention)
        wide = role in STAFF and "staff" in self._policy.study_wide
        table = self.vault.study if wide else self.vault.participant
        kind = f"{self.owner}'s {kin}" if kin else role or "Person"
        number = table.taken(kind) + 1
        label = (kind if number == 1 else f"{kind} {number}") if kin else f"{kind} {number}"
        self._put(wide, table.add(Entry(label, "PERSON", (full,), given), kind, number))
        return label

    def _role(self, mention: Mention, title: str) -> str:
        if title and title != "Person":
            return title
        for word in (*reversed(mention.before[-2:]), *mention.after[:4]):
            if word in ROLES and not (mention.before and mention.before[-1] in POSSESSIVE_BEFORE):
                return ROLES[word]
        return ""

    def _kin(self, mention: Mention) -> str:
        """Kinship that the participant gives: `my brother Azman`, `abang saya Azman`, `Azman, my
        brother`.
        """
        if not mention.by_participant:
            return ""
        first = tuple(t.norm for t in Document.of(mention.text).tokens)
        before = mention.before
        if first and first[0] in KIN and before and before[-1] in POSSESSIVE_BEFORE:
            return KIN[first[0]]
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


def _parts(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Own name, all of the name, and the role that a title gives."""
    tokens = [t.norm for t in Document.of(text).tokens]
    title = next((TITLES[w] for w in tokens if w in TITLES and TITLES[w] != "Person"), "")
    own: list[str] = []
    for word in tokens:
        if word in RELATION and own:
            break
        own.append(word)
    full = tuple(name_words(text))
    given = tuple(w for w in name_words(" ".join(own)) if w in full) or full
    if len(tokens) >= 3 and all(len(w) == 1 for w in tokens):
        full = given = ("".join(tokens),)
    return given, full, title


def _match(table: Table, given: tuple[str, ...], full: tuple[str, ...]) -> int | None:
    """The entry that a name belongs to: own names contained in one another, or sounding alike."""
    for index, entry in enumerate(table.entries):
        if not entry.kind.startswith("PERSON") or not entry.given:
            continue
        if all(any(_alike(word, known) for known in entry.given) for word in given):
            return index
        if any(
            form and all(any(_alike(w, word) for word in full) for w in form)
            for form in entry.forms
        ):
            return index
    return None


def _alike(left: str, right: str) -> bool:
    if left == right:
        return True
    if min(len(left), len(right)) < 4:
        return False
    allowed = 2 if min(len(left), len(right)) >= 7 else 1
    return (
        phonetic.key(left) == phonetic.key(right)
        and DamerauLevenshtein.distance(left, right) <= allowed
    )
