# SPDX-License-Identifier: Apache-2.0
"""Reader of the sealed roster of a study: people and places that must always be found."""

from __future__ import annotations

import json
from typing import Any

from services.deidentification.domain.pseudonyms import PARTICIPANT
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.vocabulary import ROLES
from services.deidentification.errors import RosterError

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
