# SPDX-License-Identifier: Apache-2.0
"""Operators: what replaces an identifier that gets no pseudonym."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from services.deidentification.domain import ages, dates
from services.deidentification.domain.policy import EntityRule
from services.deidentification.domain.tokens import Document

MASK = "[redacted]"


def tag(entity_type: str) -> str:
    """Return the name of the type in brackets."""
    return f"[{entity_type}]"


def age_band(text: str) -> str:
    """Return `[aged 30-39]`; `[aged 90+]`, as Safe Harbor asks; the bare tag where the age is not
    read with certainty.
    """
    read = ages.band(text)
    if read is None:
        return tag("AGE")
    first, last = read
    return "[aged 90+]" if last == ages.OLDEST else f"[aged {first}-{last}]"


def state(text: str, states: Mapping[str, str]) -> str:
    """Return the Malaysian state of a place, or the tag where it is not known; a country becomes
    its tag.
    """
    words = [t.norm for t in Document.of(text).tokens]
    for size in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - size, -1, -1):
            found = states.get(" ".join(words[start : start + size]))
            if found:
                return f"[{found}]"
    return tag("LOCATION")


def moment(text: str, rule: EntityRule, offset: int, reference: date | None) -> tuple[str, bool]:
    """Return a date generalised as the rule says, never more precise than what was said, and False
    where it had to become something else: its year, the bare tag or a mask.
    """
    parsed = dates.parse(text)
    otherwise = rule.otherwise
    if rule.to == "shift" and offset:
        if moved := dates.shifted(parsed, offset):
            return f"[{moved}]", True
        # A true year between moved ones would show in which direction they moved.
        otherwise = "mask" if otherwise == "mask" else "tag"
    elif rule.to == "relative" and (told := dates.relative(parsed, reference)):
        return f"[{told}]", True
    if otherwise == "mask":
        return MASK, False
    year = parsed.year if otherwise != "tag" else 0
    asked = rule.to in (None, "year")
    return (f"[{year}]", asked) if year else (tag("DATE_TIME"), False)


def unread(entity_type: str, rule: EntityRule) -> str:
    """Return what stands for a value that cannot be made coarser, since it was not read whole."""
    return MASK if rule.otherwise == "mask" else tag(entity_type)


def generalise(
    entity_type: str,
    text: str,
    rule: EntityRule,
    offset: int,
    reference: date | None,
    states: Mapping[str, str],
) -> tuple[str, bool]:
    """Return the coarser value of an age, a place or a date, and whether it is what the rule asks
    for.
    """
    if entity_type == "DATE_TIME":
        return moment(text, rule, offset, reference)
    told = age_band(text) if entity_type == "AGE" else state(text, states)
    known = told not in (tag("AGE"), tag("LOCATION"))
    return (told if known else tag(entity_type)), known
