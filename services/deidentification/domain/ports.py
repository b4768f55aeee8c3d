# SPDX-License-Identifier: Apache-2.0
"""Ports: what the engine needs from adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.deidentification.domain.transcript import Finding


class Tag(Protocol):
    """A span that a tagger found; offsets are code points of its turn."""

    @property
    def start(self) -> int:
        """First code point."""

    @property
    def end(self) -> int:
        """One past the last code point."""

    @property
    def label(self) -> str:
        """Entity type."""

    @property
    def score(self) -> float:
        """Probability, 0 to 1: the best of its words."""

    @property
    def words(self) -> Sequence[tuple[int, int, float]]:
        """Start, end and own probability of each word; empty where a tagger does not say."""


class Tagger(Protocol):
    """A neural tagger over whole transcripts."""

    def tag(self, turns: Sequence[str]) -> Sequence[Sequence[Tag]]:
        """Return the spans of each turn."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What a detector says of turns: findings of all scores, overlapping, in any order; and a
    tagger's spans as they were before anything judged them, with its probability as their score.
    """

    findings: list[Finding]
    tags: list[Finding]


class Detector(Protocol):
    """Finds identifiers in turns."""

    @property
    def version(self) -> str:
        """Names engine, recognisers and models, for manifests."""

    def detect(self, texts: Sequence[str]) -> Detection:
        """Return what is found in turns."""
