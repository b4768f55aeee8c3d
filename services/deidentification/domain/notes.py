# SPDX-License-Identifier: Apache-2.0
"""A transcriber's notes, which name nobody: `[batuk]`, `(sighs)`, `*senyap*`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Finding
from services.deidentification.domain.vocabulary import KIN, TITLES
from services.deidentification.word_files import read_words

_MOST_WORDS = 3
_WORDS = read_words("pseudonyms").words("words of notes")
# Lower case alone: `[Siti]` is whoever speaks, `[Hospital Permai]` is said.
_NOTE = regex.compile(r"[\[(<{*]\s?(?P<words>[\p{Ll}' -]{2,40})\s?[\])>}*]")
# What a note was taken for; numbers, dates and ages in brackets are what was said.
_TYPES = frozenset(("PERSON", "ORGANIZATION", "FACILITY", "LOCATION", "OCCUPATION", "USERNAME"))


def spare(findings: Iterable[Finding], texts: Sequence[str], lexicon: Lexicon) -> list[Finding]:
    """Return findings without those in a note of up to three words that are no names."""
    places: dict[int, list[tuple[int, int]]] = {}
    kept: list[Finding] = []
    for finding in findings:
        if finding.entity_type in _TYPES:
            if finding.turn not in places:
                places[finding.turn] = _notes(texts[finding.turn], lexicon)
            if any(s <= finding.start and finding.end <= e for s, e in places[finding.turn]):
                continue
        kept.append(finding)
    return kept


def _notes(text: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    return [m.span() for m in _NOTE.finditer(text) if _is_note(m["words"], lexicon)]


def _is_note(said: str, lexicon: Lexicon) -> bool:
    words = [token.norm for token in Document.of(said).tokens]
    return 0 < len(words) <= _MOST_WORDS and all(
        word in _WORDS or (lexicon.known(word) and not _may_name(word, lexicon)) for word in words
    )


def _may_name(word: str, lexicon: Lexicon) -> bool:
    return bool(lexicon.of(word) & lx.NAME) or word in TITLES or word in KIN
