# SPDX-License-Identifier: Apache-2.0
"""Base of all recognisers: Presidio's interface over words with offsets."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, ClassVar

from presidio_analyzer import EntityRecognizer, RecognizerResult

from services.deidentification import word_files
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import BEHIND_NAME, CREDENTIALS

# Changes with the behaviour of the recognisers; run keys contain it.
VERSION = "6"
# Digest of the word lists and gazetteers that belong to VERSION.
WORDS_OF_VERSION = "af25ae43bd57e924f378a0d2156bd1598f41135101f9aca61dcf43add13ca105"

PhraseTable = dict[str, list[tuple[str, ...]]]


@cache
def recognisers_version() -> str:
    """Return VERSION, with a digest of the word lists where they are not those that belong to it,
    so that an edited list makes new run keys.
    """
    found = word_files.digest()
    return VERSION if found == WORDS_OF_VERSION else f"{VERSION}-{found[:8]}"


@lru_cache(maxsize=2)
def document(text: str) -> Document:
    """Return the words of a text; all recognisers of one pass ask for the same text."""
    return Document.of(text)


class SottoRecognizer(EntityRecognizer):
    """A recogniser over words; a subclass names its entity types and yields spans."""

    ENTITIES: ClassVar[tuple[str, ...]] = ()
    name: str

    def __init__(self, **options: Any) -> None:
        options.setdefault("supported_entities", list(self.ENTITIES))
        options.setdefault("name", type(self).__name__)
        options.setdefault("version", VERSION)
        super().__init__(**options)

    def load(self) -> None:
        """Do nothing: word lists are read at first use."""

    @abstractmethod
    def find(self, doc: Document) -> Iterable[Span]:
        """Yield spans of a document; they may overlap."""

    def analyze(
        self,
        text: str,
        entities: list[str] | None = None,
        nlp_artifacts: Any = None,  # noqa: ARG002 - Presidio's signature
    ) -> list[RecognizerResult]:
        """Return the wanted entities of one text; Presidio calls it."""
        wanted = set(entities) if entities else set(self.supported_entities)
        return [
            RecognizerResult(
                entity_type=s.entity_type,
                start=s.start,
                end=s.end,
                score=s.score,
                recognition_metadata={
                    RecognizerResult.RECOGNIZER_NAME_KEY: s.source,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                },
            )
            for s in self.find(document(text))
            if s.entity_type in wanted and s.end > s.start
        ]

    def span(self, doc: Document, first: int, last: int, entity: str, score: float) -> Span:
        """Return the span from token `first` to token `last`, both included."""
        return Span(doc.tokens[first].start, doc.tokens[last].end, entity, score, self.name)


def credentials(doc: Document, last: int) -> int:
    """Return the last token of what follows a name directly and belongs to it: a form of address
    (`Devi akka`, `Mani sir`), degrees (`Kohler MD`).
    """
    if (
        last + 1 < len(doc.tokens)
        and doc.tokens[last + 1].norm in BEHIND_NAME
        and doc.adjacent(last + 1)
        and doc.tokens[last].norm not in BEHIND_NAME
    ):
        last += 1
    while (
        last + 1 < len(doc.tokens)
        and doc.tokens[last + 1].norm in CREDENTIALS
        and doc.tokens[last + 1].line == doc.tokens[last].line
        and doc.tokens[last + 1].gap.strip() in ("", ",")
    ):
        last += 1
    return last


def phrases(doc: Document, table: PhraseTable) -> Iterator[tuple[int, int]]:
    """Yield the first and last token of each phrase of a table; of several at one token, the
    longest.
    """
    norms = [t.norm for t in doc.tokens]
    for index, word in enumerate(norms):
        for words in table.get(word, ()):
            size = len(words)
            if size == 1 or tuple(norms[index : index + size]) == words:
                yield index, index + size - 1
                break


def is_place_of_words(doc: Document, index: int, book: Lexicon) -> bool:
    """Return whether a known place of two words or more starts at a token: `Lahad Datu`."""
    return any(
        kind == "LOCATION"
        and len(words) > 1
        and words == tuple(t.norm for t in doc.tokens[index : index + len(words)])
        for words, kind, _ in book.phrases.get(doc.tokens[index].norm, ())
    )


def table(texts: Iterable[str]) -> PhraseTable:
    """Return a table of phrases by their first word, longest first."""
    result: PhraseTable = {}
    for text in texts:
        words = tuple(text.split())
        result.setdefault(words[0], []).append(words)
    for options in result.values():
        options.sort(key=len, reverse=True)
    return result
