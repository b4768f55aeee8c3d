# SPDX-License-Identifier: Apache-2.0
"""Makes detectors and engines. Models and word lists are loaded when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.ports import Detector, Tagger
from services.deidentification.domain.roster_matching import RosterEntry

MODEL = Path(__file__).parent / "model"


def make_detector(
    *, neural: bool = True, threads: int = 2, nlp_configuration: Path | None = None
) -> Detector:
    """Return Presidio with our recognisers and, where it is wanted and shipped, the neural
    tagger.
    """
    from services.deidentification.adapters.presidio import PresidioDetector

    tagger: Tagger | None = None
    if neural and (MODEL / "manifest.json").is_file():
        from services.deidentification.adapters.neural import NeuralTagger

        tagger = NeuralTagger(MODEL, threads=threads)
    return PresidioDetector(tagger, nlp_configuration=nlp_configuration)


def make_engine(policy: Policy, detector: Detector, roster: Sequence[RosterEntry] = ()) -> Engine:
    """Return an engine with the shipped lexicon."""
    from services.deidentification.gazetteers.loading import load_lexicon

    return Engine(policy, detector, load_lexicon(), roster)


class DetectorProvider:
    """The one detector of a process, made on first use."""

    def __init__(self, make: Callable[[], Detector]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._detector: Detector | None = None

    def get(self) -> Detector:
        """Return the detector."""
        with self._lock:
            if self._detector is None:
                self._detector = self._make()
            return self._detector
