# SPDX-License-Identifier: Apache-2.0
"""Readers of sealed rosters: of a study, people and places that must always be found, and of a
recording, names that came with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.dates import MONTHS
from services.deidentification.domain.label_names import NO_NAMES, label_parts
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.pseudonyms import PARTICIPANT
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.vocabulary import ROLES
from services.deidentification.errors import RosterError
from services.deidentification.word_files import read_words
from services.registry import role_words

_FILE_WORDS = read_words("people").words("file names without a name")
_UNKNOWN = 4  # letters from which a word of a file name that no list has may be a name
_RARE = 3.5  # Zipf frequency under which a Malay word of a file name may be a name
_KINDS = {"place": "LOCATION", "facility": "FACILITY", "organisation": "ORGANIZATION"}


def read(document: bytes, participant: str) -> tuple[RosterEntry, ...]:
    """Return the names of a roster document for one participant's transcript; raises RosterError.

    A person without role who carries the participant's code is the participant; relatives count as
    such for their own participant alone.
    """
    if not document:
        return ()
    try:
        raw: dict[str, Any] = json.loads(document)
        entries: list[RosterEntry] = []
        for person in raw.get("people", ()):
            own = bool(participant) and person.get("participant", "") == participant
            role = str(person.get("role", ""))
            bound = bool(person.get("participant", ""))
            itself = own and role.casefold() in ("", "participant", "peserta")
            if not own and (bound or role.casefold() not in ROLES):
                role = ""
            entries += [
                RosterEntry(str(name), "PERSON", PARTICIPANT if itself else role)
                for name in (person["name"], *person.get("also", ()))
            ]
        for place in raw.get("places", ()):
            kind = _KINDS[place.get("kind", "place")]
            entries += [
                RosterEntry(str(name), kind) for name in (place["name"], *place.get("also", ()))
            ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RosterError(
            "the roster cannot be read; write it again with `sotto study create`"
        ) from error
    return tuple(entries)


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name that came with a recording, as it was written; `source` is where: label, cover,
    property or file_name. `role`: interviewer, participant, or empty.
    """

    name: str
    source: str
    role: str = ""


def of_recording(
    names: Sequence[KnownName], codes: StudyCodes, lexicon: Lexicon
) -> tuple[RosterEntry, ...]:
    """Return the roster of a recording: its names without roles, numbers and codes of the study,
    and of its file name the words that may be names. One of several participants is not the one
    whose code it is.
    """
    stated = [
        name
        for name in names
        if name.source != "file_name"
        and not role_words.role_of(name.name)
        and not codes.is_code(name.name)
    ]
    own = _are_one([name.name for name in stated if name.role == PARTICIPANT])
    entries = [
        RosterEntry(
            one.name, role=PARTICIPANT if own and one.role == PARTICIPANT else "", chosen=False
        )
        for one in stated
    ]
    words = {
        word
        for name in names
        if name.source == "file_name"
        for word in label_parts(name.name)
        if _may_be_a_name(word, lexicon)
    }
    return (*entries, *(RosterEntry(word, chosen=False) for word in sorted(words)))


def _are_one(names: Sequence[str]) -> bool:
    """Return whether names are spellings of one person's: each shares a word with the first."""
    words = [set(label_parts(name)) for name in names]
    return all(words[0] & others for others in words[1:])


def _may_be_a_name(word: str, lexicon: Lexicon) -> bool:
    """Return whether a word of a file name may be a name, and is not what files are called."""
    if word in _FILE_WORDS or word in NO_NAMES or word in MONTHS or len(word) < 2:
        return False
    bits = lexicon.of(word)
    if bits & lx.NAME:
        return not lexicon.plain(word)
    # Word lists of Malay hold names as well.
    rare = not bits & lx.ENGLISH and lx.malay_frequency(word) < _RARE
    return len(word) >= _UNKNOWN and rare
