# SPDX-License-Identifier: Apache-2.0
"""Detection by Presidio's AnalyzerEngine: our recognisers in its registry, one pass over the joined
transcript, and any of its NLP engines.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presidio_analyzer import (
    AnalyzerEngine,
    ContextAwareEnhancer,
    EntityRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from services.deidentification.adapters.neural_recogniser import NeuralRecognizer
from services.deidentification.domain import views
from services.deidentification.domain.entities import ENTITY_TYPES, entity_type
from services.deidentification.domain.ports import Detection, Tagger
from services.deidentification.domain.transcript import Finding, Joined, Span
from services.deidentification.recognisers.ages import AgeRecognizer, DecadeRecognizer
from services.deidentification.recognisers.attributes import AttributeRecognizer
from services.deidentification.recognisers.base import SottoRecognizer, recognisers_version
from services.deidentification.recognisers.codes import CodeRecognizer
from services.deidentification.recognisers.dates import DateRecognizer
from services.deidentification.recognisers.facilities import FacilityRecognizer
from services.deidentification.recognisers.internet import InternetRecognizer
from services.deidentification.recognisers.names import NameRecognizer
from services.deidentification.recognisers.numbers import NumberRecognizer
from services.deidentification.recognisers.places import PlaceRecognizer
from services.deidentification.recognisers.spelled_names import SpelledNameRecognizer
from services.deidentification.recognisers.title_names import TitleNameRecognizer

if TYPE_CHECKING:
    from services.deidentification.adapters.engines import Configuration

# Numbers, codes, addresses, dates and ages, which may go on in the next turn.
VALUES: tuple[type[SottoRecognizer], ...] = (
    NumberRecognizer,
    CodeRecognizer,
    InternetRecognizer,
    DateRecognizer,
    AgeRecognizer,
    DecadeRecognizer,
)
NAMES: tuple[type[SottoRecognizer], ...] = (
    NameRecognizer,
    SpelledNameRecognizer,
    PlaceRecognizer,
    FacilityRecognizer,
    AttributeRecognizer,
    TitleNameRecognizer,
)
RECOGNISERS = (*NAMES, *VALUES)
LANGUAGE = "en"  # one pass for all languages: the talk switches inside a sentence
BLOCK = 20_000  # code points; Presidio removes duplicates in quadratic time, so blocks bound it
OVERLAP = 6  # turns that neighbouring blocks share, so that nothing is cut at a seam


class LightNlpEngine(NlpEngine):
    """An NLP engine without a model: our recognisers read words themselves."""

    engine_name = "sotto-light"
    is_available = True

    def load(self) -> None:
        """Do nothing: it has no model."""

    def is_loaded(self) -> bool:
        """Return True."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:  # noqa: ARG002 - Presidio's signature
        """Return artifacts without entities and lemmas."""
        nothing: Any = []
        return NlpArtifacts([], nothing, [], [], self, language)

    def process_batch(
        self,
        texts: Iterable[str],
        language: str,
        batch_size: int = 1,  # noqa: ARG002 - Presidio's signature
        n_process: int = 1,  # noqa: ARG002 - Presidio's signature
        **_: Any,
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Yield the artifacts of texts, one after the other."""
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002 - Presidio's signature
        """Return False; our recognisers do not ask."""
        return False

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002 - Presidio's signature
        """Return False; our recognisers do not ask."""
        return False

    def get_supported_entities(self) -> list[str]:
        """Return nothing: it finds no entities."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the one language under which everything runs."""
        return [LANGUAGE]


class ReadAlready(ContextAwareEnhancer):
    """No enhancement: our recognisers read their context themselves and name no words for it, so
    that Presidio's own would copy every result and change none.
    """

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=0.0,
            min_score_with_context_similarity=0.0,
            context_prefix_count=0,
            context_suffix_count=0,
        )

    def enhance_using_context(
        self,
        text: str,  # noqa: ARG002 - Presidio's signature
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002 - Presidio's signature
        recognizers: list[EntityRecognizer],  # noqa: ARG002 - Presidio's signature
        context: list[str] | None = None,  # noqa: ARG002 - Presidio's signature
    ) -> list[RecognizerResult]:
        """Return the results as they are."""
        return raw_results


def detector_version(tagger: str = "", *, nlp_configuration: Path | None = None) -> str:
    """Return the version that a `PresidioDetector` of these parts has, without loading any model.

    `tagger` is the tagger's own version. Raises EngineUnusable.
    """
    return _version(tagger, _others(nlp_configuration))


def _version(tagger: str, others: Configuration | None) -> str:
    parts = (
        f"presidio-{metadata.version('presidio-analyzer')}",
        f"recognisers-{recognisers_version()}",
        tagger,
        others.version if others is not None else "",
    )
    return "+".join(filter(None, parts))


def _others(path: Path | None) -> Configuration | None:
    if path is None:
        return None
    from services.deidentification.adapters import engines

    return engines.read(path)


def quiet() -> None:
    """Set Presidio's loggers to WARNING: at DEBUG they would write words of the text."""
    for name in ("presidio-analyzer", "presidio-anonymizer", "decision_process"):
        logging.getLogger(name).setLevel(logging.WARNING)


class PresidioDetector:
    """Detects with Presidio's AnalyzerEngine over blocks of whole turns.

    `nlp_configuration` names other engines, see `engines`; their entities join ours.
    """

    def __init__(
        self,
        tagger: Tagger | None = None,
        *,
        nlp_configuration: Path | None = None,
        extra: Sequence[EntityRecognizer] = (),
    ) -> None:
        quiet()
        registry = RecognizerRegistry(supported_languages=[LANGUAGE])
        registry.recognizers = []
        for kind in RECOGNISERS:
            # Beside a tagger, what the rules take for names is weighed with what the tagger does.
            if tagger is None or kind is not NameRecognizer:
                registry.add_recognizer(kind())
        for recogniser in extra:
            registry.add_recognizer(recogniser)
        self._neural = NeuralRecognizer(tagger) if tagger is not None else None
        if self._neural is not None:
            registry.add_recognizer(self._neural)
        engine: NlpEngine = LightNlpEngine()
        configuration = _others(nlp_configuration)
        if configuration is not None:
            others = configuration.load()
            for recogniser in others.recognisers:
                registry.add_recognizer(recogniser)
            if others.nlp is not None:
                engine = others.nlp
                registry.add_nlp_recognizer(engine)
        self._names, self._values = _rules(NAMES), _rules(VALUES)
        self._version = _version(
            "" if tagger is None else str(getattr(tagger, "version", "tagger")), configuration
        )
        self._analyzer = AnalyzerEngine(
            registry=registry,
            nlp_engine=engine,
            # What others bring may name context words.
            context_aware_enhancer=None if nlp_configuration or extra else ReadAlready(),
            supported_languages=[LANGUAGE],
            log_decision_process=False,
            default_score_threshold=0.0,
        )

    @property
    def version(self) -> str:
        """Presidio, recognisers, tagger, NLP configuration."""
        return self._version

    @property
    def analyzer(self) -> AnalyzerEngine:
        """Presidio's own engine, for direct use."""
        return self._analyzer

    def detect(self, texts: Sequence[str]) -> Detection:
        """Return what is found in all turns. Blocks overlap by some turns, and each block gives the
        findings of its own turns only.
        """
        parts = [
            (first, last, low, joined, views.folded(joined.text))
            for first, last in blocks(texts)
            for low in (max(first - OVERLAP, 0),)
            for joined in (Joined.of(texts[low : min(last + OVERLAP, len(texts))]),)
        ]
        parts = [part for part in parts if part[4].text.strip()]
        found, tags = list[Finding](), list[Finding]()
        with self._prefetch([view.text for *_, view in parts]):
            for first, last, low, joined, view in parts:
                spans = list(view.back(_spans(self._analyzer, view.text)))
                spans += _behind_notes(view, self._names, self._values)
                raw = [] if self._neural is None else list(view.back(self._neural.tags(view.text)))
                for into, some in ((found, spans), (tags, raw)):
                    into += [
                        replace(f, turn=f.turn + low)
                        for f in joined.findings(some)
                        if first <= f.turn + low < last
                    ]
        return Detection(found, tags)

    def _prefetch(self, texts: Sequence[str]) -> AbstractContextManager[None]:
        return nullcontext() if self._neural is None else self._neural.prefetch(texts)


def _behind_notes(
    view: views.View, names: AnalyzerEngine, values: AnalyzerEngine
) -> Iterator[Span]:
    """Yield, by rules once more, what is said on both sides of a transcriber's note, and values
    that go on in the next turn.
    """
    spoken = views.spoken(view)
    if spoken is not view:
        yield from spoken.back(_spans(names, spoken.text))
    joined = views.run_on(spoken)
    if joined is not view:
        yield from joined.back(_spans(values, joined.text))


def _rules(kinds: Sequence[type[SottoRecognizer]]) -> AnalyzerEngine:
    """Return an engine of our recognisers alone."""
    registry = RecognizerRegistry(supported_languages=[LANGUAGE])
    registry.recognizers = [kind() for kind in kinds]
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=LightNlpEngine(),
        context_aware_enhancer=ReadAlready(),
        supported_languages=[LANGUAGE],
        log_decision_process=False,
        default_score_threshold=0.0,
    )


def _spans(analyzer: AnalyzerEngine, text: str) -> Iterator[Span]:
    for r in analyzer.analyze(text=text, language=LANGUAGE):
        kind = entity_type(r.entity_type)
        if kind in ENTITY_TYPES:
            yield Span(r.start, r.end, kind, float(r.score), _source(r))


def _source(result: Any) -> str:
    metadata = result.recognition_metadata or {}
    return str(metadata.get("recognizer_name", ""))


def blocks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield ranges of turns of about BLOCK code points each."""
    first, size = 0, 0
    for index, text in enumerate(texts):
        if index > first and size + len(text) > BLOCK:
            yield first, index
            first, size = index, 0
        size += len(text) + 1
    if texts:
        yield first, len(texts)
