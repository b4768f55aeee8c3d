# SPDX-License-Identifier: Apache-2.0
"""Importer of plain text: turns begin with `Name:`, with or without a time stamp."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator

from services.transcription.adapters.importing.labels import take_label, take_stamp
from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.transcript import Role
from services.transcription.domain.turns import Turn, role_of

_FEW_LABELS = 3
"""With so few different labels in a text, all of them are taken for speakers."""

_MOST_LABELS = 10_000
"""Labels that are counted at most, so that no text fills the memory."""


def parse(text: str) -> Iterator[Turn]:
    """Yield turns. A text without any label gives one turn for each paragraph."""
    speakers = _speakers(text)
    speaker, start, words = "", None, list[str]()
    for line in io.StringIO(text):
        stamp, rest = take_stamp(line)
        name, said = take_label(rest)
        if name is not None and name.casefold() not in speakers:
            name, said = None, rest
        if name is not None and stamp is None:
            stamp, said = take_stamp(said)
        new_paragraph = not line.strip() and not speakers
        if name is not None or new_paragraph or (stamp is not None and words):
            if words:
                yield Turn(speaker, " ".join(words), start)
            words, start = [], stamp
            speaker = speaker if name is None else name
        elif stamp is not None:
            start = stamp
        if said := squeeze(said):
            words.append(said)
    if words:
        yield Turn(speaker, " ".join(words), start)


def _speakers(text: str) -> frozenset[str]:
    """Return the labels of a text that are speakers and not just words before a colon.

    A label is taken out of the text, so it must be a role, occur again, or be one of very few.
    """
    seen: Counter[str] = Counter()
    for line in io.StringIO(text):
        name, _ = take_label(take_stamp(line)[1])
        if name is not None and (name.casefold() in seen or len(seen) < _MOST_LABELS):
            seen[name.casefold()] += 1
    if len(seen) <= _FEW_LABELS:
        return frozenset(seen)
    return frozenset(
        name for name, count in seen.items() if count > 1 or role_of(name) is not Role.UNKNOWN
    )
