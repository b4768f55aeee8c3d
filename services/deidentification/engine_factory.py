# SPDX-License-Identifier: Apache-2.0
"""Makes detectors and engines. Models and word lists are loaded when they are first needed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from services.deidentification.domain.engine import Engine
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.ports import Detection, Detector
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.errors import EngineUnusable

MODEL = Path(__file__).parent / "model"


class LazyDetector:
    """Presidio with our recognisers and, where it is wanted and shipped, the neural tagger.

    Models are loaded when something is to be detected for the first time; the version, which
    plans ask for, is known before. Used from any number of threads.
    """

    def __init__(
        self, *, neural: bool = True, threads: int = 2, nlp_configuration: Path | None = None
    ) -> None:
        self._neural = neural and (MODEL / "manifest.json").is_file()
        self._threads = threads
        self._nlp_configuration = nlp_configuration
        self._lock = threading.Lock()
        self._loaded: Detector | None = None

    @cached_property
    def version(self) -> str:
        """Names engine, recognisers and models; hashes the models once. Raises EngineUnusable."""
        from services.deidentification.adapters.presidio import detector_version

        tagger = ""
        if self._neural:
            from services.deidentification.adapters.neural import tagger_version

            tagger = tagger_version(MODEL)
        return detector_version(tagger, nlp_configuration=self._nlp_configuration)

    def detect(self, texts: Sequence[str]) -> Detection:
        """Return what is found in turns; raises EngineUnusable."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            loaded = self._loaded
        return loaded.detect(texts)

    def _load(self) -> Detector:
        from services.deidentification.adapters.presidio import PresidioDetector

        tagger = None
        if self._neural:
            from services.deidentification.adapters.neural import NeuralTagger

            tagger = NeuralTagger(MODEL, threads=self._threads)
        made = PresidioDetector(tagger, nlp_configuration=self._nlp_configuration)
        if made.version != self.version:
            # Runs would be named after models that did not make them.
            raise EngineUnusable(
                "The models of de-identification changed on the disk while the service ran; "
                "restart it with `sotto down` and `sotto up`."
            )
        return made


def make_engine(policy: Policy, detector: Detector, roster: Sequence[RosterEntry] = ()) -> Engine:
    """Return an engine with the shipped lexicon."""
    from services.deidentification.gazetteers.loading import load_lexicon

    return Engine(policy, detector, load_lexicon(), roster)
