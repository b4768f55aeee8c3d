# SPDX-License-Identifier: Apache-2.0
"""Facts of an installation as texts with places, which the console translates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """Whether somebody has to do something about a fact."""

    PLAIN = "plain"
    GOOD = "good"
    DOUBT = "doubt"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of a part: its name, a text, and what to do, with their values.

    What is unknown is a fact as well, which says why.
    """

    name: str
    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    tone: Tone = Tone.PLAIN
    advice: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the fact in English, and what to do."""
        for text in filter(None, (self.text, self.advice)):
            yield text.format(**self.values) if self.values else text


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an installation, or why it does not answer; `key` names it in addresses."""

    key: str
    name: str
    facts: Sequence[Fact] = ()
    fault: str = ""


def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """Return how long ago a moment was, in the largest unit that fits."""
    seconds = max((now - moment).total_seconds(), 0.0)
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def minute(moment: dt.datetime) -> str:
    """Return a moment to the minute, in UTC."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M}"
