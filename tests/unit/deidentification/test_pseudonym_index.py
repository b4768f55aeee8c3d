# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.deidentification.domain.policy import load
from services.deidentification.domain.pseudonym_index import PseudonymIndex, Words, alike
from services.deidentification.domain.pseudonyms import Mention, PseudonymAssigner
from services.deidentification.domain.roster import read
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.vault import Table, Vault, VaultEntry
from services.deidentification.gazetteers.loading import load_lexicon

NAMES = st.sampled_from(
    ["azman", "azmann", "azmin", "devi", "davi", "tan", "wei", "ming", "faizal", "faisal", "nur",
     "aisyah", "aisha", "li", "permai", "hospital", "ward"]
)  # fmt: skip
FORMS = st.lists(NAMES, min_size=1, max_size=3).map(tuple)
STEPS = st.lists(st.tuples(FORMS, st.sampled_from(["PERSON", "FACILITY"])), max_size=25)


def walk_person(entries: list[VaultEntry], own: Words, full: Words) -> int | None:
    """Who is meant, by a walk over everybody."""
    for index, entry in enumerate(entries):
        if not entry.kind.startswith("PERSON") or not entry.given:
            continue
        if all(any(alike(word, known) for known in entry.given) for word in own):
            return index
        if any(
            form and all(any(alike(w, word) for word in full) for w in form) for form in entry.forms
        ):
            return index
    return None


def walk_thing(entries: list[VaultEntry], words: Words, kind: str) -> int | None:
    """What is meant, by a walk over everything."""
    for index, entry in enumerate(entries):
        core = {w for form in entry.forms for w in form}
        longest = max(len(form) for form in entry.forms)
        if entry.kind == kind and set(words) <= core and len(words) < longest:
            return index
    return None


class TestLookUps:
    """Indexes find what a walk finds."""

    @settings(max_examples=300)
    @given(steps=STEPS)
    def test_same_as_a_walk(self, steps: list[tuple[Words, str]]) -> None:
        """After any history the same entry answers, and a table that was stored and read answers
        like the one that was worked on.
        """
        scope = PseudonymIndex(Table())
        for number, (form, kind) in enumerate(steps):
            entries = list(scope.table().entries)
            for one in (scope, PseudonymIndex(scope.table())):
                assert one.person(form[:1], form) == walk_person(entries, form[:1], form)
                assert one.place_or_body(form, "FACILITY") == walk_thing(entries, form, "FACILITY")
                exact = [
                    i for i, e in enumerate(entries)
                    if form in e.forms and (e.kind == "PERSON") is (kind == "PERSON")
                ]  # fmt: skip
                assert one.exact(form, person=kind == "PERSON") == (exact[0] if exact else None)
            index = (
                scope.person(form[:1], form)
                if kind == "PERSON"
                else scope.place_or_body(form, "FACILITY")
            )
            if index is None:
                own = form[:1] if kind == "PERSON" else ()
                scope.add(VaultEntry(f"{kind} {number}", kind, (form,), own), kind, number)
            else:
                scope.grow(index, form, form[:1] if kind == "PERSON" else ())


class TestRoster:
    """What the study says of people where the talk does not."""

    DOCUMENT = (
        b'{"people":[{"name":"Azman bin Kassim","also":["Man"],"role":"brother",'
        b'"participant":"P07"},{"name":"Devi a/p Raman","role":"nurse"}]}'
    )

    def label(self, participant: str, name: str) -> str:
        """The label of a name that the talk says nothing of."""
        roster: tuple[RosterEntry, ...] = read(self.DOCUMENT, participant)
        assigner = PseudonymAssigner(
            Vault(), load("research-default"), participant, load_lexicon(), roster
        )
        return assigner.label(Mention(name, "PERSON", (), (), by_participant=True))

    def test_role_and_kinship(self) -> None:
        """Relatives are so to their own participant; staff to everybody."""
        assert self.label("P07", "Azman") == "P07's brother"
        assert self.label("P07", "Azman bin Kassim") == "P07's brother"
        assert self.label("P08", "Azman") == "Person 1"
        assert self.label("P08", "Devi") == "Nurse 1"
        assert self.label("P07", "Faizal") == "Person 1"
