# SPDX-License-Identifier: Apache-2.0
"""Personal names: titles, relation marks, introductions, answers, and names that the lists know."""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain.tokens import Document, Token
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    FILLERS,
    KIN,
    OWNED,
    PARTICLES,
    POSSESSED,
    RELATION,
    SECOND,
    STOP,
    TITLES,
)
from services.deidentification.gazetteers import lexicon as lx
from services.deidentification.recognisers.base import SottoRecognizer, credentials, phrases
from services.deidentification.recognisers.name_words import (
    CALL,
    FORMAL,
    INTRO,
    LOCAL,
    NO_NAMES,
    PREFIXES,
    QUESTION,
    TITLE_WORDS,
)


class NameRecognizer(SottoRecognizer):
    """People, from context and name lists, in English and Malay, with and without letter case."""

    ENTITIES = ("PERSON",)

    def find(self, doc: Document) -> Iterator[Span]:
        """All of the ways in which a name shows itself."""
        yield from self._titles(doc)
        yield from self._relations(doc)
        yield from self._introductions(doc)
        yield from self._answers(doc)
        yield from self._lists(doc)

    def bits(self, token: Token) -> int:
        """Name flags of a word."""
        return lx.lexicon().of(token.norm)

    def capital(self, doc: Document, index: int) -> bool:
        """Whether the capital letter of a word is evidence."""
        token = doc.tokens[index]
        return doc.cased and token.case == "T" and not token.initial and token.norm not in NO_NAMES

    def likely(self, doc: Document, index: int, *, loose: bool) -> bool:
        """Whether a word that a name may be expected at can be one; `loose` takes ordinary words
        that are names too.
        """
        token = doc.tokens[index]
        word = token.norm
        if token.case == "d" or not any(c.isalpha() for c in word) or word in NO_NAMES:
            return False
        if self.capital(doc, index):
            return word not in STOP or bool(self.bits(token) & lx.NAME)
        if word in STOP or word in TITLES or word in ADDRESS or word in KIN:
            return False
        bits = self.bits(token)
        if bits & lx.NAME:
            if not lx.lexicon().ordinary(word):
                return True
            if doc.cased and token.case == "l":
                return False
            return loose and bool(bits & (LOCAL | lx.GIVEN)) and not bits & lx.FREQUENT
        if doc.cased and token.case == "l":
            return False
        return not lx.lexicon().known(word) and len(word) > 2 and not bits & lx.PLACE_MY

    def extend(self, doc: Document, start: int, limit: int = 4, *, loose: bool = True) -> int:
        """Last token of the name that token `start` begins, by adjacency; relation marks bind."""
        last = start
        taken = 1
        index = start + 1
        while index < len(doc.tokens) and index - start < 16 and doc.adjacent(index):
            token = doc.tokens[index]
            before = doc.tokens[index - 1].norm
            bound = (before in RELATION and index - 1 > start) or before in PREFIXES
            if token.norm in RELATION:
                limit += 3
            elif token.norm in PARTICLES and not bound:
                following = index + 1
                if not (following < len(doc.tokens) and doc.adjacent(following)):
                    break
                if not (self.capital(doc, following) and doc.cased):
                    break
            elif taken < limit and (
                self.likely(doc, index, loose=loose)
                or (bound and token.norm not in STOP)
                or (len(token.norm) == 1 and token.case == "T" and doc.cased and token.norm != "i")
            ):
                taken += 1
                last = index
            else:
                break
            index += 1
        return credentials(doc, last)

    def _before(self, doc: Document, start: int) -> int:
        """First token of the titles and kin terms that stand right before a name."""
        index = start
        while (
            index > 0 and start - index < 3 and doc.tokens[index].line == doc.tokens[index - 1].line
        ):
            word = doc.tokens[index - 1].norm
            gap = doc.tokens[index].gap.strip(" '\u2019")
            if gap not in ("", "."):
                break
            if self._owned(doc, index - 1):
                break
            if (
                word in TITLES
                or word in ADDRESS
                or (word == "tan" and doc.tokens[index].norm in ("sri", "seri"))
                or (
                    word in SECOND
                    and index >= 2
                    and (
                        doc.tokens[index - 2].norm in TITLES
                        or doc.tokens[index - 2].norm in ADDRESS
                        or doc.tokens[index - 2].norm == "tan"
                    )
                )
            ):
                index -= 1
            else:
                break
        return index

    @staticmethod
    def _owned(doc: Document, index: int) -> bool:
        """Whether a kin term says whose relative somebody is, and is no form of address."""
        return (
            doc.tokens[index].norm in OWNED
            and doc.adjacent(index)
            and doc.tokens[index - 1].norm in POSSESSED
        )

    def named(self, doc: Document, start: int, last: int, score: float) -> Span:
        """The span of a name with its titles."""
        return self.span(doc, self._before(doc, start), last, "PERSON", score)

    def _titles(self, doc: Document) -> Iterator[Span]:
        for index, token in enumerate(doc.tokens[:-1]):
            if (
                token.norm not in TITLES
                and token.norm not in ADDRESS
                and not (token.norm == "tan" and doc.tokens[index + 1].norm in ("sri", "seri"))
            ):
                continue
            start = index + 1
            most = min(index + 5, len(doc.tokens) - 1)
            while start < most and doc.tokens[start].norm in TITLE_WORDS:
                if doc.tokens[start].norm in ("long", "su", "sri") and not self._near(
                    doc, start + 1
                ):
                    break
                start += 1
            formal = token.norm in TITLES or self.capital(doc, start)
            if self._near(doc, start) and (
                self.likely(doc, start, loose=True)
                or (token.norm in FORMAL and self._rare(doc.tokens[start].norm))
            ):
                yield self.named(doc, start, self.extend(doc, start), 0.9 if formal else 0.75)

    @staticmethod
    def _rare(word: str) -> bool:
        """Whether a word is so rare in talk that after a title it is rather a name."""
        bits = lx.lexicon().of(word)
        return (
            word.isalpha()
            and len(word) > 2
            and word not in STOP
            and word not in NO_NAMES
            and (
                not bits & (lx.USUAL | lx.FREQUENT)
                or (not bits & lx.ENGLISH and lx.usual_malay(word) < 5.0)
            )
        )

    @staticmethod
    def _near(doc: Document, index: int) -> bool:
        if index >= len(doc.tokens):
            return False
        return (
            doc.tokens[index].gap.strip(" '\u2019") in ("", ".")
            and "\n" not in doc.tokens[index].gap
        )

    def _relations(self, doc: Document) -> Iterator[Span]:
        for index in range(1, len(doc.tokens) - 1):
            token = doc.tokens[index]
            paired = token.norm == "anak" and doc.tokens[index + 1].norm in ("lelaki", "perempuan")
            right = index + 2 if paired else index + 1
            if token.norm not in RELATION and not paired:  # noqa: SIM102 - two questions
                if not (token.norm == "anak" and self._descent(doc, index - 1, right)):
                    continue
            if right >= len(doc.tokens) or not (doc.adjacent(index) and self._near(doc, right)):
                continue
            sides = (index - 1, right)
            sure = "/" in token.norm or token.norm in ("binti", "bte", "binte")
            if not (sure or all(self.likely(doc, side, loose=True) for side in sides)):
                continue
            if any(doc.tokens[side].norm in STOP or doc.tokens[side].case == "d" for side in sides):
                continue
            first = index - 1
            while first > 0 and index - first < 4 and doc.adjacent(first):
                if not self.likely(doc, first - 1, loose=True):
                    break
                first -= 1
            yield self.named(doc, first, self.extend(doc, right), 0.95)

    def _descent(self, doc: Document, left: int, right: int) -> bool:
        """Whether `anak` between two words makes a Bornean name: `Jelani anak Ringkai`."""
        if not self.capital(doc, right):
            return False
        first = doc.tokens[left]
        named = first.case == "T" and first.initial and first.norm not in STOP
        return self.capital(doc, left) or (named and not lx.lexicon().plain(first.norm))

    def _introductions(self, doc: Document) -> Iterator[Span]:
        for loose, introductions in ((True, INTRO), (False, CALL)):
            for _, last in phrases(doc, introductions):
                start = last + 1
                while (
                    start < len(doc.tokens)
                    and start - last < 4
                    and (
                        doc.tokens[start].norm in FILLERS
                        or doc.tokens[start].norm
                        in ("is", "ialah", "adalah", "saya", "tu", "just", "je")
                        or doc.tokens[start].norm in TITLES
                        or doc.tokens[start].norm in ADDRESS
                    )
                ):
                    start += 1
                if start >= len(doc.tokens) or doc.tokens[start].line > doc.tokens[last].line:
                    continue
                if loose and self.loosely(doc, start):
                    yield self.named(doc, start, self.extend(doc, start), 0.85)
                elif not loose and self.strong(doc, start):
                    yield self.named(doc, start, self.extend(doc, start), 0.8)

    def loosely(self, doc: Document, index: int) -> bool:
        """Whether a word right after an introduction can be a name, ordinary or not."""
        token = doc.tokens[index]
        if token.norm in STOP or token.norm in NO_NAMES:
            return self.capital(doc, index) and bool(self.bits(token) & lx.NAME)
        if self.likely(doc, index, loose=True):
            return True
        bits = self.bits(token)
        return bool(bits & (LOCAL | lx.GIVEN)) and not bits & lx.FREQUENT

    def strong(self, doc: Document, index: int) -> bool:
        """Whether a word is a name and nothing else, or a capitalised one."""
        token = doc.tokens[index]
        if self.capital(doc, index) and self.bits(token) & lx.NAME:
            return True
        bits = self.bits(token)
        return (
            bool(bits & (LOCAL | lx.GIVEN))
            and not lx.lexicon().ordinary(token.norm)
            and not (bits & lx.KNOWN and token.case == "l" and not bits & lx.STRONG)
            and token.norm not in NO_NAMES
        )

    def _answers(self, doc: Document) -> Iterator[Span]:
        lines: dict[int, list[int]] = {}
        for index, token in enumerate(doc.tokens):
            lines.setdefault(token.line, []).append(index)
        for _, last in phrases(doc, QUESTION):
            line = doc.tokens[last].line
            after = [i for i in lines[line] if i > last]
            if len(after) > 8:
                continue
            for answer in (line + 1, line + 2):
                words = lines.get(answer, [])
                for index in words[:10]:
                    if self.loosely(doc, index) and doc.tokens[index].norm not in FILLERS | {
                        "my",
                        "name",
                    }:
                        yield self.named(doc, index, self.extend(doc, index), 0.75)
                        break
                if len(words) > 2:
                    break

    def _lists(self, doc: Document) -> Iterator[Span]:
        book = lx.lexicon()
        index = 0
        while index < len(doc.tokens):
            token = doc.tokens[index]
            score = self._alone(doc, index, book)
            if score:
                last = self.extend(doc, index, loose=False)
                yield self.named(doc, index, last, score if last == index else max(score, 0.8))
                index = last + 1
                continue
            if token.norm == "ah" and self._ah(doc, index):
                yield self.named(doc, index, index + 1, 0.75)
                index += 2
                continue
            last = self._chinese(doc, index)
            if last > index:
                yield self.named(doc, index, last, 0.8)
                index = last + 1
                continue
            if token.case != "l" and self.capital(doc, index) and token.norm not in STOP:
                last = self.extend(doc, index)
                words = range(index, last + 1)
                if last > index and any(book.of(doc.tokens[i].norm) & lx.NAME for i in words):
                    yield self.named(doc, index, last, 0.6)
                    index = last + 1
                    continue
            index += 1

    def _alone(self, doc: Document, index: int, book: lx.Lexicon) -> float:  # noqa: C901 - one ladder, read top to bottom
        """Score of one word as a name by itself; 0 where it is none."""
        token = doc.tokens[index]
        word = token.norm
        bits = book.of(word)
        if token.case == "d" or word in NO_NAMES or word in STOP or word in TITLES:
            return 0.0
        if bits & lx.THING:
            return 0.0
        if not bits & lx.NAME and not (bits & lx.ORDINARY and not bits & lx.ENGLISH):
            unknown = self.capital(doc, index) and not book.known(word) and len(word) > 2
            return 0.5 if unknown and not bits & (lx.PLACE | lx.PLACE_MY) else 0.0
        if book.ordinary(word):
            if self.capital(doc, index) and not bits & (lx.ENGLISH | lx.PLACE_MY | lx.FREQUENT):
                return 0.5
            if self.capital(doc, index) and bits & (LOCAL | lx.GIVEN) and not bits & lx.FREQUENT:
                return 0.55
            return 0.0
        lower = doc.cased and token.case == "l"
        upper = token.case == "U" and doc.cased and len(word) < 5
        if bits & (lx.PLACE_MY | lx.PLACE) and not bits & (LOCAL | lx.STRONG):
            return 0.4 if self.capital(doc, index) else 0.0
        if bits & lx.STRONG:
            return 0.9
        if bits & (lx.MALAY | lx.INDIAN | lx.CN_FAMILY | lx.CN_GIVEN):
            return 0.3 if upper or (lower and bits & lx.KNOWN) else 0.6 if lower else 0.85
        if bits & (lx.GIVEN | lx.NICK):
            if bits & lx.KNOWN:
                return 0.6 if self.capital(doc, index) else 0.0 if lower else 0.35
            return 0.3 if upper or lower else 0.75
        if lower or upper:
            return 0.0
        if self.capital(doc, index):
            return 0.6
        return 0.0 if bits & lx.KNOWN else 0.5

    @staticmethod
    def _ah(doc: Document, index: int) -> bool:
        """`Ah Seng`: the prefix of Chinese nicknames, which is a filler elsewhere."""
        if not doc.adjacent(index + 1):
            return False
        bits = lx.lexicon().of(doc.tokens[index + 1].norm)
        local = bits & (lx.CN_GIVEN | lx.CN_FAMILY)
        return bool(local) and (doc.tokens[index + 1].norm not in STOP) and not bits & lx.FREQUENT

    def _chinese(self, doc: Document, index: int) -> int:
        """Last token of a Chinese name in Roman letters that starts here with its family name;
        `index` where none.
        """
        book = lx.lexicon()
        if not book.of(doc.tokens[index].norm) & lx.CN_FAMILY:
            return index
        last = index
        while (
            last - index < 2
            and last + 1 < len(doc.tokens)
            and doc.adjacent(last + 1)
            and book.of(doc.tokens[last + 1].norm) & (lx.CN_GIVEN | lx.CN_FAMILY)
            and doc.tokens[last + 1].norm not in STOP
        ):
            last += 1
        words = [doc.tokens[i] for i in range(index, last + 1)]
        if last == index or words[0].norm in STOP:
            return index
        if doc.cased:
            return last if all(t.case == "T" for t in words) else index
        return (
            last if any(not book.ordinary(t.norm) for t in words) and last - index >= 1 else index
        )
