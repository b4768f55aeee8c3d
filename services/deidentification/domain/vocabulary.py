# SPDX-License-Identifier: Apache-2.0
"""Words with a grammar of their own around names: titles, kin terms, relation marks, stop words."""

from __future__ import annotations

from services.deidentification.word_files import read_words

_PEOPLE = read_words("people")
_STOP_WORDS = read_words("stop_words")

# Title or form of address -> what a pseudonym calls the person.
TITLES = _PEOPLE.labels("titles")
# Kin terms by which Malaysians address anybody; they join the name and say nothing of kinship
# unless "my" stands before.
ADDRESS = _PEOPLE.words("forms of address")
# Second words of compound kin terms and titles (Pak Long, Mak Cik, Tan Sri).
SECOND = _PEOPLE.words("second words of titles")
KIN = _PEOPLE.labels("kin terms")
# Titles and kin terms that tell men from women.
GENDER = _PEOPLE.labels("gender")
POSSESSIVE_BEFORE = _PEOPLE.words("possessives before")
POSSESSIVE_AFTER = _PEOPLE.words("possessives after")
ROLES = _PEOPLE.labels("roles")
# Kin terms that name a relation after these words, and join a name elsewhere.
OWNED = _PEOPLE.words("kin terms after possessives")
POSSESSED = _PEOPLE.words("possessives and articles")
CREDENTIALS = _PEOPLE.words("degrees")
RELATION = _PEOPLE.words("relation marks")
PARTICLES = _PEOPLE.words("particles")
STOP = _STOP_WORDS.words("stop words")
FILLERS = _STOP_WORDS.words("fillers")
