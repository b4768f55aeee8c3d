# SPDX-License-Identifier: Apache-2.0
"""The engine with rules alone: quick, and the same on every machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.deidentification.adapters.presidio import PresidioDetector
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.policy import load
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.engine_factory import make_engine
from services.deidentification.recognisers.base import SottoRecognizer

Found = Callable[[type[SottoRecognizer], str], list[tuple[str, str]]]


@pytest.fixture(scope="session")
def detector() -> PresidioDetector:
    """Presidio with our recognisers, without a tagger."""
    return PresidioDetector()


@pytest.fixture(scope="session")
def engine(detector: PresidioDetector) -> Engine:
    """Rules under the policy that ships for research."""
    return make_engine(load("research-default"), detector)


@pytest.fixture(scope="session")
def talk() -> Callable[..., Transcript]:
    """Makes a transcript: odd turns are the interviewer's."""

    def make(*texts: str, participant: str = "P07") -> Transcript:
        roles = ("interviewer", "participant")
        return Transcript(
            tuple(Turn(text, "", roles[n % 2]) for n, text in enumerate(texts)), participant
        )

    return make


@pytest.fixture(scope="session")
def found() -> Found:
    """What one recogniser finds: type and text, of scores that count."""

    def find(kind: type[SottoRecognizer], text: str) -> list[tuple[str, str]]:
        spans = kind().find(Document.of(text))
        kept = {(s.start, -s.end, s.entity_type) for s in spans if s.score >= 0.5}
        return [(entity, text[start:-end]) for start, end, entity in sorted(kept)]

    return find
