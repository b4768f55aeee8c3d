# SPDX-License-Identifier: Apache-2.0
"""Hotwords: from a study's sealed roster to the names that a speech model is to expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.transcription.domain.enrolled_voices import EnrolledVoice
from services.transcription.errors import BadRoster

DEMO_MODEL_CHARACTERS = 100
"""Most characters for the demo model: with more, so small a model writes names, not speech."""


@dataclass(frozen=True, slots=True)
class StudyContext:
    """What the speech model needs to know of a study.

    `languages` begin with the most frequent. `roster` is the roster in UTF-8 JSON where its names
    are to be given to the model, else empty. `speakers` is how many people speak in the
    interview, 0 where neither intake nor study says. `voices` are those of interviewers.
    """

    languages: tuple[str, ...]
    participant: str = ""
    roster: bytes = b""
    speakers: int = 0
    voices: tuple[EnrolledVoice, ...] = ()


def hotwords(study: StudyContext, characters: int) -> str:
    """Return whole names joined by commas, in at most so many characters; raises `BadRoster`.

    People of the participant come first, then people of no participant, then places. People of
    other participants are left out: they are not expected in this interview.
    """
    if not study.roster or characters <= 0:
        return ""
    chosen: dict[str, None] = {}
    left = characters
    for name in _names(study):
        if name and name not in chosen and len(name) <= left:
            chosen[name] = None
            left -= len(name) + 2
    return ", ".join(chosen)


def _names(study: StudyContext) -> Iterator[str]:
    try:
        raw: dict[str, Any] = json.loads(study.roster)
        people: list[dict[str, Any]] = list(raw.get("people", ()))
        places: list[dict[str, Any]] = list(raw.get("places", ()))
        own = [p for p in people if p.get("participant", "") == study.participant]
        others = [p for p in people if not p.get("participant", "")]
        names = [
            " ".join(str(name).split())
            for entry in (*own, *others, *places)
            for name in (entry["name"], *entry.get("also", ()))
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadRoster(
            "The roster cannot be read; replace it with `sotto study create`."
        ) from error
    yield from names
