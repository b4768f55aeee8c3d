# SPDX-License-Identifier: Apache-2.0
"""The entity types that the engine knows, HIPAA Safe Harbor's eighteen kinds among them.

A new type needs one row here and an entry in each policy that ships. Everything else that depends
on the type is read from its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

Level = Literal["band", "state", "year", "relative", "shift"]
Operator = Literal["mask", "tag", "pseudonym", "generalise", "keep"]

#: What leaves nothing of a value.
NAMELESS: frozenset[Operator] = frozenset({"mask", "tag", "pseudonym"})
EVERY_OPERATOR: frozenset[Operator] = NAMELESS | {"generalise", "keep"}
# The floor under policies has the values of those that ship.
#: The most score that a finding of a direct identifier may need before it is acted on.
MOST_DIRECT_THRESHOLD = 0.5
#: The most residual risk below which a rule may approve without a person.
MOST_AUTOMATIC_RISK = 0.05
#: The score below which a replacement is doubtful, where a policy does not say.
DOUBTFUL_BELOW = 0.6
#: The least probability of a word below which it may count in that risk.
LEAST_WORD_PROBABILITY = 0.5


class Propagation(Enum):
    """How closure searches a transcript for a finding's other mentions."""

    NONE = "not searched for"
    NAME = "each word of the name, misspellings too"
    PHRASE = "the words in a row, with and without the word for the kind of place"
    DIGITS = "the digits or a part of them, written or said"


@dataclass(frozen=True, slots=True)
class TagThresholds:
    """The probabilities from which a tag of the neural tagger counts. Below them it only
    strengthens what other recognisers found.

    `plain` holds where every word of the span is an everyday word that no list has as a name,
    `ambiguous` where every word is ordinary and a name as well; None where neither makes a
    difference.
    """

    least: float = 0.5
    plain: float | None = None
    ambiguous: float | None = None


@dataclass(frozen=True, slots=True)
class EntityType:
    """One kind of identifier.

    `direct`: it names a person by itself; the others are quasi-identifiers, which do in
    combination.
    `strict`: its form leaves little doubt, so that it wins over what only overlaps it.
    `label`: what its pseudonyms are called ("Place 1"), where that is not its name.
    `levels`: what a policy may generalise it to, the first by default.
    `floor`: what a policy may do with it by itself; anything else needs a countersignature. Of a
    direct identifier nothing is left, but for a level that names nobody.
    `closure`: how its other mentions are searched for.
    `aliases`: names that other engines and gold sets have for it.
    `tagger_label`: what the bundled tagger calls it, where that is neither its name nor an alias.
    `tags`: from which probability the tagger's tags count; None where the tagger is not asked.
    """

    name: str
    description: str
    direct: bool
    strict: bool = False
    label: str = ""
    levels: tuple[Level, ...] = ()
    floor: frozenset[Operator] = NAMELESS
    closure: Propagation = Propagation.NONE
    aliases: tuple[str, ...] = ()
    tagger_label: str = ""
    tags: TagThresholds | None = None

    @property
    def pseudonym(self) -> str:
        """What its pseudonyms are called."""
        return self.label or self.name.replace("_", " ").capitalize()


# The order is the priority where two findings of equal length and score overlap.
_TABLE = (
    EntityType(
        "PERSON",
        "names of people, with their titles; names spelt letter by letter",
        direct=True,
        closure=Propagation.NAME,
        aliases=("PER",),
        tags=TagThresholds(0.08, plain=0.16),
    ),
    EntityType(
        "MY_IC",
        "Malaysian identity card numbers",
        direct=True,
        strict=True,
        closure=Propagation.DIGITS,
    ),
    EntityType(
        "PASSPORT",
        "passport numbers",
        direct=True,
        strict=True,
        closure=Propagation.DIGITS,
    ),
    EntityType(
        "MEDICAL_RECORD_NUMBER",
        "hospital registration, record and chart numbers",
        direct=True,
        strict=True,
        closure=Propagation.DIGITS,
    ),
    EntityType(
        "PHONE_NUMBER",
        "telephone and fax numbers",
        direct=True,
        strict=True,
        closure=Propagation.DIGITS,
    ),
    EntityType(
        "EMAIL_ADDRESS",
        "e-mail addresses",
        direct=True,
        strict=True,
        tags=TagThresholds(0.6),
    ),
    EntityType(
        "USERNAME",
        "account names and handles",
        direct=True,
        tags=TagThresholds(0.6),
    ),
    EntityType(
        "URL",
        "web addresses",
        direct=True,
        strict=True,
        tags=TagThresholds(0.6),
    ),
    EntityType("IP_ADDRESS", "internet addresses", direct=True, strict=True),
    EntityType(
        "BANK_ACCOUNT",
        "bank account numbers, IBAN",
        direct=True,
        strict=True,
        closure=Propagation.DIGITS,
    ),
    EntityType("CREDIT_CARD", "payment card numbers", direct=True, strict=True),
    EntityType("VEHICLE_PLATE", "licence plates", direct=True, strict=True),
    EntityType(
        "ID_NUMBER",
        "any other number that names: staff, student, licence, insurance, device, certificate",
        direct=True,
        closure=Propagation.DIGITS,
        tagger_label="CODE",
        tags=TagThresholds(0.6),
    ),
    EntityType(
        "ADDRESS",
        "street addresses, postcodes",
        direct=True,
        # Its only level is the state, which Safe Harbor lets stand.
        floor=NAMELESS | {"generalise"},
        levels=("state",),
        closure=Propagation.PHRASE,
        tags=TagThresholds(),
    ),
    EntityType(
        "FACILITY",
        "hospitals, clinics, wards, houses of worship",
        direct=False,
        floor=EVERY_OPERATOR,
        closure=Propagation.PHRASE,
        aliases=("FAC",),
        tags=TagThresholds(0.4, plain=0.7),
    ),
    EntityType(
        "ORGANIZATION",
        "schools, employers, societies",
        direct=False,
        floor=EVERY_OPERATOR,
        label="Organisation",
        closure=Propagation.PHRASE,
        aliases=("ORG",),
        tags=TagThresholds(0.2, plain=0.8),
    ),
    EntityType(
        "LOCATION",
        "places smaller than a country, and countries",
        direct=False,
        floor=EVERY_OPERATOR,
        label="Place",
        levels=("state",),
        closure=Propagation.PHRASE,
        aliases=("LOC", "GPE"),
        tags=TagThresholds(0.15, plain=0.8, ambiguous=0.5),
    ),
    EntityType(
        "DATE_TIME",
        "dates that can be placed in time",
        direct=False,
        floor=EVERY_OPERATOR,
        levels=("year", "relative", "shift"),
        aliases=("DATE",),
        tags=TagThresholds(0.5),
    ),
    EntityType(
        "AGE", "ages", direct=False, floor=EVERY_OPERATOR, levels=("band",), tags=TagThresholds(0.4)
    ),
    EntityType(
        "NRP",
        "nationality, ethnicity, religion",
        direct=False,
        floor=EVERY_OPERATOR,
        tags=TagThresholds(),
    ),
    EntityType(
        "OCCUPATION",
        "occupations that single a person out",
        direct=False,
        floor=EVERY_OPERATOR,
        tags=TagThresholds(),
    ),
)
ENTITY_TYPES = {row.name: row for row in _TABLE}
PRIORITY = {name: -rank for rank, name in enumerate(ENTITY_TYPES)}
DIRECT = frozenset(row.name for row in _TABLE if row.direct)
QUASI = frozenset(ENTITY_TYPES) - DIRECT
# What other engines and gold sets call a type -> the type.
ALIASES = {alias: row.name for row in _TABLE for alias in row.aliases}


def entity_type(name: str) -> str:
    """Return the type that a name or alias stands for; the name itself where we know no such
    type.
    """
    return ALIASES.get(name, name)
