# SPDX-License-Identifier: Apache-2.0
"""Where a replacement begins, so that the words before it do not say again what it says.

`my brother` goes into `[P07's brother]`, `at the age of` and `in her` into `[aged 40-49]`.
"""

from __future__ import annotations

import regex

from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import KIN, POSSESSIVE_AFTER, POSSESSIVE_BEFORE
from services.deidentification.word_files import read_words

_WORDS = read_words("people")
_OWNERS = POSSESSIVE_BEFORE | _WORDS.words("possessives of others")
_OWNED_BY = POSSESSIVE_AFTER | _WORDS.words("possessives of others after")
_BETWEEN = _WORDS.words("between a possessive and a kin term")
_LOOK = 40  # code points before a replacement that are read
_AGE = regex.compile(
    r"(?<!\w)(?:(?:at )?(?:the )?age(?: of)?|aged|in (?:my|his|her|their|your|our)|ber(?:umur|usia)"
    r"|pada (?:umur|usia)) $",
    regex.IGNORECASE,
)
_RELATION = regex.compile(r"\[[^\]]{1,80}'s ([^\]]{1,40}?)(?: \d{1,4})?\]")


def start_of(text: str, start: int, replacement: str) -> int:
    """Return where in a turn a replacement begins of a finding that begins at `start`."""
    lead = text[max(0, start - _LOOK) : start]
    base = start - len(lead)
    if replacement.startswith("[aged "):
        match = _AGE.search(lead)
        return base + match.start() if match else start
    relation = _RELATION.fullmatch(replacement)
    if relation is None or lead[-1:] != " ":
        return start
    return base + _kin(lead, relation.group(1))


def _kin(lead: str, relation: str) -> int:
    """Return where in the words before a name the words begin that say whose relative it is."""
    tokens = Document.of(lead).tokens
    if not tokens or lead[tokens[-1].end :] not in (" ", ", "):
        return len(lead)
    words = [t.norm for t in tokens]
    near = lead[tokens[-1].end :] == " "
    last = len(words) - 1
    if near and words[last] in POSSESSIVE_BEFORE:
        return tokens[last].start
    # abang saya Azman
    owned = last >= 1 and words[last] in _OWNED_BY and words[last - 1] in KIN
    kin = last - 1 if owned else last
    if KIN.get(words[kin]) != relation:
        same = near and kin and words[kin] in KIN and words[kin - 1] in POSSESSIVE_BEFORE
        return tokens[kin - 1].start if same else len(lead)
    if kin and tokens[kin].gap == " ":
        if words[kin - 1] in _OWNERS:
            return tokens[kin - 1].start
        if words[kin - 1] in _BETWEEN and not owned:  # my elder [P07's brother]
            return tokens[kin].start
    return tokens[kin].start if owned else len(lead)
