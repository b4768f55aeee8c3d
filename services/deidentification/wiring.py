# SPDX-License-Identifier: Apache-2.0
"""From settings to a detector; models are loaded when they are first needed."""

from __future__ import annotations

import threading
from pathlib import Path

from services.deidentification.domain.ports import Detector, Tagger

MODEL = Path(__file__).parent / "model"


def make_detector(
    *, neural: bool = True, threads: int = 2, nlp_configuration: Path | None = None
) -> Detector:
    """Presidio with our recognisers, and the bundled tagger where it is wanted and there."""
    from services.deidentification.adapters.presidio import PresidioDetector

    tagger: Tagger | None = None
    if neural and (MODEL / "manifest.json").is_file():
        from services.deidentification.adapters.neural import NeuralTagger

        tagger = NeuralTagger(MODEL, threads=threads)
    return PresidioDetector(tagger, nlp_configuration=nlp_configuration)


class DetectorRoom:
    """The one detector of a process."""

    def __init__(self, *, neural: bool, threads: int, nlp_configuration: Path | None) -> None:
        self._options = (neural, threads, nlp_configuration)
        self._lock = threading.Lock()
        self._detector: Detector | None = None

    def get(self) -> Detector:
        """Load it once."""
        with self._lock:
            if self._detector is None:
                neural, threads, configuration = self._options
                self._detector = make_detector(
                    neural=neural, threads=threads, nlp_configuration=configuration
                )
            return self._detector
