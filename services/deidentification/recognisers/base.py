# SPDX-License-Identifier: Apache-2.0
"""What all recognisers share: Presidio's interface outside, words with offsets inside."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

from presidio_analyzer import EntityRecognizer, RecognizerResult

from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import CREDENTIALS

VERSION = "2"


@lru_cache(maxsize=2)
def document(text: str) -> Document:
    """Words of a text; every recogniser of one pass asks for the same."""
    return Document.of(text)


class SottoRecognizer(EntityRecognizer):
    """A recogniser over words; a subclass names its entities and yields spans."""

    ENTITIES: ClassVar[tuple[str, ...]] = ()
    name: str

    def __init__(self, **options: Any) -> None:
        options.setdefault("supported_entities", list(self.ENTITIES))
        options.setdefault("name", type(self).__name__)
        options.setdefault("version", VERSION)
        super().__init__(**options)

    def load(self) -> None:
        """Nothing to load: word lists are read at first use."""

    @abstractmethod
    def find(self, doc: Document) -> Iterable[Span]:
        """Spans in a document; they may overlap."""

    def analyze(
        self,
        text: str,
        entities: list[str] | None = None,
        nlp_artifacts: Any = None,  # noqa: ARG002 - Presidio's signature
    ) -> list[RecognizerResult]:
        """Presidio's entry: the wanted entities of one text."""
        wanted = set(entities) if entities else set(self.supported_entities)
        return [
            RecognizerResult(
                entity_type=s.entity_type,
                start=s.start,
                end=s.end,
                score=s.score,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                },
            )
            for s in self.find(document(text))
            if s.entity_type in wanted and s.end > s.start
        ]

    def span(self, doc: Document, first: int, last: int, entity: str, score: float) -> Span:
        """The span from token `first` to token `last`, both included."""
        return Span(doc.tokens[first].start, doc.tokens[last].end, entity, score, self.name)


def credentials(doc: Document, last: int) -> int:
    """Last token of the degrees that follow a name directly: `Kohler MD`."""
    while (
        last + 1 < len(doc.tokens)
        and doc.tokens[last + 1].norm in CREDENTIALS
        and doc.tokens[last + 1].line == doc.tokens[last].line
        and doc.tokens[last + 1].gap.strip() in ("", ",")
    ):
        last += 1
    return last


def phrases(doc: Document, table: dict[str, list[tuple[str, ...]]]) -> Iterator[tuple[int, int]]:
    """Where one of the table's word sequences (by first word, longest first) stands: first and
    last token.
    """
    norms = [t.norm for t in doc.tokens]
    for index, word in enumerate(norms):
        for words in table.get(word, ()):
            size = len(words)
            if size == 1 or tuple(norms[index : index + size]) == words:
                yield index, index + size - 1
                break


def table(*texts: str) -> dict[str, list[tuple[str, ...]]]:
    """A phrase table from texts with `|` between phrases."""
    result: dict[str, list[tuple[str, ...]]] = {}
    for text in texts:
        for phrase in text.split("|"):
            words = tuple(phrase.split())
            if words:
                result.setdefault(words[0], []).append(words)
    for options in result.values():
        options.sort(key=len, reverse=True)
    return result
