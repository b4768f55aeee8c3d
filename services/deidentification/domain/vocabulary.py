# SPDX-License-Identifier: Apache-2.0
"""Words around people's names (titles, kin terms, relation marks) and stop words, from `words/`."""

from __future__ import annotations

from services.deidentification.word_files import read_words

_PEOPLE = read_words("people")
_STOP_WORDS = read_words("stop_words")

TITLES = _PEOPLE.labels("titles")
ADDRESS = _PEOPLE.words("forms of address")
SHY_ADDRESS = _PEOPLE.words("forms of address that are other words too")
BEHIND_NAME = _PEOPLE.words("forms of address behind a name")
SECOND = _PEOPLE.words("second words of titles")
KIN = _PEOPLE.labels("kin terms")
GENDER = _PEOPLE.labels("gender")
POSSESSIVE_BEFORE = _PEOPLE.words("possessives before")
POSSESSIVE_AFTER = _PEOPLE.words("possessives after")
ROLES = _PEOPLE.labels("roles")
OWNED = _PEOPLE.words("kin terms after possessives")
POSSESSED = _PEOPLE.words("possessives and articles")
CREDENTIALS = _PEOPLE.words("degrees")
RELATION = _PEOPLE.words("relation marks")
PARTICLES = _PEOPLE.words("particles")
STOP = _STOP_WORDS.words("stop words")
FILLERS = _STOP_WORDS.words("fillers")
