# SPDX-License-Identifier: Apache-2.0
"""Changes of a study, what its policy keeps and why a recording is due, with words for codes.

Services tell them as lines for commands, such as `audio: none -> muted`.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.console.web.code_words import ENTITY_TYPES, OPERATORS, PROVENANCE, TABLES, word
from services.console.web.language import say
from services.console.web.report_words import words

#: Fields of a study that change from one value to another, as its page calls them.
FIELDS: Mapping[str, str] = {
    "review": "Review",
    "policy": "Policy of de-identification",
    "keep_recordings_days": "How long recordings are kept",
    "audio": "Sound in releases",
    "disguise_voices": "Make the voices in it deeper; that anonymises nobody",
    "quality": "Gate of quality",
    "languages": "Languages",
    "roster_hotwords": "Let the recogniser expect names of the roster",
    "speakers": "How many people speak in an interview",
    "notation": "How releases mark pauses and overlap",
    "mark_doubtful_words": "Mark words in releases that may be misheard",
    "copies_until": "Day until which copies may be kept",
    "members": "Members",
}
_KINDS: Mapping[str, str] = {"review": "review", "notation": "notation", "audio": "sound"}
_ARROW = " -> "


def change(line: str) -> str:
    """Return a change of a study, in the language of the page."""
    field, _, rest = line.partition(": ")
    if field not in FIELDS or _ARROW not in rest:
        return words(line)
    whose, mark, values = rest.rpartition(": ") if field == "members" else ("", "", rest)
    before, after = (value(one, field) for one in values.split(_ARROW, 1))
    return f"{say(FIELDS[field])}: {whose}{mark}{before} → {after}"


def value(text: str, field: str) -> str:
    """Return what a field of a study says, in the language of the page."""
    kind = _KINDS.get(field, "role" if field == "members" else "")
    if not kind:
        return words(text)
    return ", ".join(
        word(one, kind) if one in TABLES[kind] else say(one) for one in text.split(", ")
    )


def kept(line: str) -> str:
    """Return what a policy keeps beyond what it may by itself, in the language of the page."""
    kind, _, rest = line.partition(": ")
    if kind in ENTITY_TYPES:
        kind = f"{word(kind, 'entity type')} ({kind})"
    elif rest not in OPERATORS:
        return words(line)
    return f"{say(kind)}: {word(rest, 'operator') if rest in OPERATORS else words(rest)}"


def due(line: str) -> tuple[str, str, str]:
    """Return why something would be made again: what differs, and from what to what.

    The values are empty where the reason is a sentence.
    """
    name, _, rest = line.partition(": ")
    if name not in PROVENANCE or _ARROW not in rest:
        return words(line), "", ""
    before, _, after = rest.partition(_ARROW)
    return word(name, "provenance"), before, after
