# SPDX-License-Identifier: Apache-2.0
"""From a study's sealed roster to the words that a speech model is told to expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.transcription.errors import BadRoster

DEMO_CHARACTERS = 100  # longer ones drown what a small model hears


@dataclass(frozen=True, slots=True)
class Briefing:
    """What a study says of the talk: its languages, the most frequent first, and its roster in
    UTF-8 JSON where names of it shall prime the model; empty where they shall not.
    """

    languages: tuple[str, ...]
    participant: str = ""
    roster: bytes = b""


def hotwords(briefing: Briefing, characters: int) -> str:
    """Names joined by commas, whole ones, in at most so many characters; raises `BadRoster`.

    The participant's own people come first, then those of nobody in particular, then places; people
    of other participants are nobody who is expected here.
    """
    if not briefing.roster or characters <= 0:
        return ""
    chosen: dict[str, None] = {}
    left = characters
    for name in _names(briefing):
        if name and name not in chosen and len(name) <= left:
            chosen[name] = None
            left -= len(name) + 2
    return ", ".join(chosen)


def _names(briefing: Briefing) -> Iterator[str]:
    try:
        raw: dict[str, Any] = json.loads(briefing.roster)
        people: list[dict[str, Any]] = list(raw.get("people", ()))
        places: list[dict[str, Any]] = list(raw.get("places", ()))
        own = [p for p in people if p.get("participant", "") == briefing.participant]
        others = [p for p in people if not p.get("participant", "")]
        names = [
            " ".join(str(name).split())
            for entry in (*own, *others, *places)
            for name in (entry["name"], *entry.get("also", ()))
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadRoster(
            "The roster cannot be read; write it anew with `sotto study create`."
        ) from error
    yield from names
