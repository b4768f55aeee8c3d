# SPDX-License-Identifier: Apache-2.0
"""Nationality, ethnicity, religion, and occupations that single a person out."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from services.deidentification.domain import scores
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.recognisers.base import SottoRecognizer, phrases, table
from services.deidentification.word_files import read_words

_WORDS = read_words("attributes")

NRP = table(_WORDS.phrases("peoples, nations and religions"))
SHY = _WORDS.words("also languages, food and other words")
_LANGUAGE = _WORDS.words("about languages and food")
_PERSON = _WORDS.words("about people")
_JOBS = "|".join(map(regex.escape, _WORDS.phrases("jobs that one person holds")))
_ONLY = regex.compile(
    rf"(?<!\w)(?:the |their |satu-satunya )?(?:only|first|youngest|oldest|"
    rf"sole)(?: [\w-]{{2,15}}){{0,3}}? (?:{_JOBS})s?(?!\w)"
    rf"|(?<!\w)satu-satunya (?:[\w-]{{2,15}} ){{0,2}}[\w-]{{3,15}}(?= (?:di|kat|dekat|dalam) )",
    regex.IGNORECASE,
)
_OFFICE = regex.compile(
    r"(?<!\w)(?:ketua kampung|penghulu|guru besar|pengetua|mufti|kadi|qadi|headmaster|"
    r"headmistress|school principal|"
    r"(?:deputy |vice |assistant )?(?:head|director|principal|president|chairman|chairperson|"
    r"chief|dean|founder|ceo|coo|cfo|"
    r"managing director|vice chancellor|secretary general|minister|mayor|ambassador|"
    r"commissioner|governor)"
    r"(?= of (?:the |our |a )?\w)|adun|yang berhormat|member of parliament|assemblyman|"
    r"tok batin|ketua rumah panjang|"
    r"national (?:[\w-]{3,15} )?(?:player|athlete|footballer|swimmer|coach)|(?:state|"
    r"district) (?:officer|athlete|player|councillor)|"
    r"pegawai daerah|atlet negara|pemain (?:negara|kebangsaan)|high court judge|"
    r"chief (?:justice|minister|executive)|menteri besar|"
    r"astronaut|angkasawan|newsreader|radio deejay|tv host|miss malaysia|olympian)(?!\w)",
    regex.IGNORECASE,
)


_JOB_ENDS = _WORDS.words("last words of jobs")


class AttributeRecognizer(SottoRecognizer):
    """NRP where it is said of people, not of languages or food; occupations with a mark of
    singularity.
    """

    ENTITIES = ("NRP", "OCCUPATION")

    def _jobs(self, doc: Document) -> Iterator[Span]:
        """Yield jobs of two words or more, which say more than `teacher`: `school bus driver`,
        `tukang urut`.
        """
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            if (
                token.norm == "tukang"
                and doc.adjacent(index + 1)
                and tokens[index + 1].norm not in STOP
            ):
                yield self.span(doc, index, index + 1, "OCCUPATION", scores.UNSURE)
            if token.norm not in _JOB_ENDS or not doc.adjacent(index):
                continue
            first = index
            while (
                first
                and index - first < 3
                and doc.adjacent(first)
                and tokens[first - 1].norm not in STOP
            ):
                first -= 1
            words = {t.norm for t in tokens[max(0, first - 4) : first]}
            if first < index and words & {
                "as",
                "sebagai",
                "jadi",
                "dulu",
                "was",
                "a",
                "an",
                "kerja",
            }:
                start = (
                    first + 1
                    if tokens[first].norm in ("dulu", "kerja", "retired", "sebagai", "jadi")
                    else first
                )
                if start < index:
                    yield self.span(doc, start, index, "OCCUPATION", scores.DOUBTFUL)

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield peoples, religions and jobs that the words around them say of a person."""
        tokens = doc.tokens
        for first, last in phrases(doc, NRP):
            word = tokens[first].norm
            before = {
                t.norm for t in tokens[max(0, first - 3) : first] if t.line == tokens[first].line
            }
            if last == first and word in SHY:
                after = tokens[last + 1].norm if last + 1 < len(tokens) else ""
                if (before & _LANGUAGE or after in _LANGUAGE) and not (
                    before & {"i'm", "am", "bangsa", "kaum"}
                ):
                    continue
                if not before & _PERSON and after not in _PERSON:
                    continue
            if (
                doc.cased
                and tokens[first].case == "l"
                and word in ("turkey", "polish", "baba", "rawa", "thai")
            ):
                continue
            yield self.span(doc, first, last, "NRP", scores.FAIR)
        yield from self._jobs(doc)
        for pattern, score in ((_ONLY, scores.FAIR), (_OFFICE, scores.UNSURE)):
            for match in pattern.finditer(doc.text):
                yield Span(*match.span(), "OCCUPATION", score, self.name)
