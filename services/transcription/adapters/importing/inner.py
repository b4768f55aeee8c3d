# SPDX-License-Identifier: Apache-2.0
"""Turns that stand behind others in one line, as in `Q: How are you? A: Fine.`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from services.registry import role_words
from services.transcription.adapters.importing.labels import key_of
from services.transcription.domain.reading import Passage, PassageKind

_LABEL = r"([^\W\d][\w-]{0,14})(?::(?=\s)|：)"
_FIRST = re.compile(rf"\s{{0,16}}{_LABEL}")
_INNER = re.compile(rf"(?<=[.?!…。？！\"”'’])\s{{0,8}}(?={_LABEL})")
_LEAST = 2
"""Times that a role must stand inside lines, so that no quotation is taken for a turn."""


def cut(passages: Sequence[Passage]) -> list[Passage]:
    """Return passages in which each turn of a role begins a line of its own.

    Only roles that the source has at the starts of lines or opposite to them, and only behind the
    end of a sentence.
    """
    first, inner = Counter[str](), Counter[str]()
    for passage in passages:
        if not _may_hold(passage):
            continue
        if found := _FIRST.match(passage.text):
            first[key_of(found[1])] += 1
        inner.update(key_of(found[1]) for found in _INNER.finditer(passage.text))
    asked = {role_words.role_of(key) for key in first if first[key] >= _LEAST}
    roles = {key: role_words.role_of(key) for key in inner}
    turns = {
        key
        for key, role in roles.items()
        if role
        and (
            (first[key] and sum(inner[one] for one in roles if roles[one]) >= _LEAST)
            or (
                inner[key] >= _LEAST and asked - {"", role} and first.total() >= 0.9 * len(passages)
            )
        )
    }
    if not turns:
        return list(passages)
    return [_with_lines(one, turns) if _may_hold(one) else one for one in passages]


def _may_hold(passage: Passage) -> bool:
    return passage.speaker is None and passage.kind is not PassageKind.NOTE


def _with_lines(passage: Passage, turns: set[str]) -> Passage:
    text, parts, at = passage.text, list[str](), 0
    for found in _INNER.finditer(text):
        if key_of(found[1]) in turns:
            parts.append(text[at : found.start()])
            at = found.end()
    return replace(passage, text="\n".join([*parts, text[at:]])) if parts else passage
