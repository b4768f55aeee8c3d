# SPDX-License-Identifier: Apache-2.0
"""What is compared: who said what, when and in which language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.common.errors import InvalidInput


class BadComparison(InvalidInput):
    """A reference or a transcript to compare cannot be read, or the two have nothing to compare."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of one speaker; `start` and `end` in seconds, None where the form has none.

    `doubtful`: whether who made it asks a person to listen again.
    """

    text: str = ""
    speaker: str = ""
    language: str = ""
    start: float | None = None
    end: float | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """The utterances of one recording.

    `has_text`, `has_speakers`, `has_doubts`: whether the form states such things at all.
    """

    utterances: tuple[Utterance, ...]
    has_text: bool = True
    has_speakers: bool = True
    has_doubts: bool = False

    @property
    def has_times(self) -> bool:
        """Whether it is known of every utterance when it begins and ends."""
        return all(one.start is not None and one.end is not None for one in self.utterances)


def in_order(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Return utterances by their times; as they stand where one has no time."""
    if any(one.start is None for one in utterances):
        return tuple(utterances)
    return tuple(sorted(utterances, key=lambda one: (one.start or 0.0, one.end or 0.0)))
