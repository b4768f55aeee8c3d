# SPDX-License-Identifier: Apache-2.0
"""Personal names: by title, relation mark, introduction, answer to a question, and list."""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain import scores
from services.deidentification.domain.tokens import Document, Token, normal
from services.deidentification.domain.transcript import Span
from services.deidentification.domain.vocabulary import (
    ADDRESS,
    FILLERS,
    KIN,
    POSSESSED,
    RELATION,
    SHY_ADDRESS,
    STOP,
    TITLES,
)
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.recognisers.base import phrases
from services.deidentification.recognisers.name_grammar import NameGrammar
from services.deidentification.recognisers.name_lexicon import (
    ABOUT_NAME,
    BEFORE_MONTH_NAME,
    CALL,
    CALLED,
    CLIPPED,
    FORMAL,
    INTRO,
    LOCAL,
    MALAY_VERB,
    MONTHS_AND_MODALS,
    NO_INTRODUCED,
    NO_NAMES,
    NOT_BEFORE_VERB,
    PHRASES,
    QUESTION,
    SHY_TITLES,
    TITLE_WORDS,
    TYPED_TITLES,
    is_feast,
)
from services.deidentification.word_files import read_words

_MODALS = frozenset(
    "may will can must should would could might is was has does did doesn't didn't won't".split()
)
_ASKED = read_words("names").words("behind a name that is asked about")
_POINTING = frozenset("tu ni itu ini tuh nih pulak pun yo".split())
_REAL = frozenset(
    "betul botul sebenar sebenaq penuh dia dio orang oghe sunguh sunggoh sungguh".split()
)
_REASONS = frozenset(
    "sebab sobab because pasal pasai coz bcoz cos since but tapi tapi2 sbb so".split()
)
_PAST = read_words("names").words("after a person")
# Between a greeting and a name.
_BETWEEN = frozenset({"is", "ialah", "adalah", "saya", "tu", "just", "je"})


class NameRecognizer(NameGrammar):
    """People, from context and name lists, in English and Malay, with and without letter case."""

    def find(self, doc: Document) -> Iterator[Span]:
        """Yield names by all rules."""
        for _, span in self.by_rule(doc):
            yield span

    def by_rule(self, doc: Document) -> Iterator[tuple[str, Span]]:
        """Yield names, each with the rule that finds it."""
        for rule, spans in (
            ("title", self._titles(doc)),
            ("relation", self._relations(doc)),
            ("introduction", self._introductions(doc)),
            ("introduction", self._asked_about(doc)),
            ("article", self._articled(doc)),
            ("homograph", self._homographs(doc)),
            ("answer", self._answers(doc)),
            ("kindred", self._kindred(doc)),
            ("list", self._lists(doc)),
        ):
            for span in spans:
                if normal(doc.text[span.start : span.end]) not in PHRASES:
                    yield rule, span

    def _titles(self, doc: Document) -> Iterator[Span]:
        for index, token in enumerate(doc.tokens[:-1]):
            if (
                token.norm not in TITLES
                and token.norm not in ADDRESS
                and token.norm not in SHY_ADDRESS
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
            if self._near(doc, start) and self._titled(doc, index, start):
                yield self.named(
                    doc, start, self.extend(doc, start), scores.SURE if formal else scores.PROBABLE
                )

    def _titled(self, doc: Document, title: int, index: int) -> bool:
        """Return whether a word behind a title is a name."""
        word = doc.tokens[title].norm
        shy = word in SHY_TITLES or word in SHY_ADDRESS or self._owned(doc, title)
        shy = shy or (word in TYPED_TITLES and _is_typed(doc, title))
        if shy or self._verb(doc, index):
            # `tok` is "not" in Kelantan, `bah` a particle in Sabah, `dr` "from" in chat spelling.
            return self.strong(doc, index)
        if self.likely(doc, index, loose=True):
            return True
        return word in FORMAL and self._rare(doc, index)

    def _verb(self, doc: Document, index: int) -> bool:
        """Return whether a word has the form of a Malay verb, as those behind `Boleh Puan` have."""
        token = doc.tokens[index]
        named = self.bits(token) & lx.NAME or self.capital(doc, index)
        return not named and bool(MALAY_VERB.fullmatch(token.norm))

    def _rare(self, doc: Document, index: int) -> bool:
        """Return whether a word is so rare in talk that after a title it is probably a name."""
        token = doc.tokens[index]
        word, bits = token.norm, self.bits(token)
        if doc.cased and token.case == "l" and not bits & lx.NAME:
            return False
        return (
            word.isalpha()
            and len(word) > 2
            and word not in STOP
            and word not in NO_NAMES
            and (
                not bits & (lx.USUAL | lx.FREQUENT)
                or (not bits & lx.ENGLISH and lx.malay_frequency(word) < lx.MALAY_EVERYDAY)
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
            bornean = token.norm == "anak" and self._descent(doc, index - 1, right)
            if not (token.norm in RELATION or paired or bornean):
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
            yield self.named(doc, first, self.extend(doc, right), scores.CERTAIN)

    def _descent(self, doc: Document, left: int, right: int) -> bool:
        """Return whether `anak` between two words makes a Bornean name: `Jelani anak Ringkai`."""
        if not self.capital(doc, right):
            return False
        first = doc.tokens[left]
        named = first.case == "T" and first.initial and first.norm not in STOP
        return self.capital(doc, left) or (named and not load_lexicon().plain(first.norm))

    def _introductions(self, doc: Document) -> Iterator[Span]:
        for loose, introductions in ((True, INTRO), (False, CALL)):
            for first, last in phrases(doc, introductions):
                start = last + 1
                while (
                    start < len(doc.tokens)
                    and start - last < 5
                    and (
                        doc.tokens[start].norm in FILLERS
                        or doc.tokens[start].norm in (ABOUT_NAME if loose else _BETWEEN)
                        or doc.tokens[start].norm in TITLES
                        or doc.tokens[start].norm in ADDRESS
                    )
                    and not (start > last + 1 and "." in doc.tokens[start].gap)
                ):
                    start += 1
                if start >= len(doc.tokens) or doc.tokens[start].line > doc.tokens[last].line:
                    continue
                if doc.tokens[start].norm in NO_INTRODUCED and not self.capital(doc, start):
                    continue
                if loose and (self.loosely(doc, start) or self._announced(doc, first, last, start)):
                    end = _nickname(doc, self.extend(doc, start))
                    yield self.named(doc, start, end, scores.FIRM)
                elif not loose and self.strong(doc, start):
                    yield self.named(
                        doc, start, _nickname(doc, self.extend(doc, start)), scores.STRONG
                    )

    def _announced(self, doc: Document, first: int, last: int, index: int) -> bool:
        """Return whether an everyday word is a name because an introduction says so: `my name is
        Faithful`, `budak tu nama Ikhlas`; `nama ubat` is none.
        """
        token = doc.tokens[index]
        word = token.norm
        lead = {t.norm for t in doc.tokens[max(first - 2, 0) : first]}
        if first == last and not lead & CALLED:
            return False
        if any(c in token.gap for c in ".?!") or not word.isalpha() or len(word) < 3:
            return False
        if word in NO_NAMES or word in FILLERS or word in KIN:
            return False
        if word in STOP:
            return bool(self.bits(token) & lx.NAME) and _ends(doc, index)
        return not self._verb(doc, index)

    def _asked_about(self, doc: Document) -> Iterator[Span]:
        """Yield a word of which a sentence asks whether it is a name: `Ombak tu nama betul`."""
        tokens = doc.tokens
        for index, token in enumerate(tokens):
            if not token.initial or token.norm in STOP or token.norm in _ASKED:
                continue
            at = index + 1
            while at < min(index + 3, len(tokens)) and tokens[at].norm in _POINTING:
                at += 1
            if at + 1 >= len(tokens) or tokens[at].norm not in _ASKED:
                continue
            real = tokens[at + 1].norm in _REAL and tokens[at + 1].line == token.line
            if (
                real
                and tokens[at].line == token.line
                and len(token.norm) > 2
                and token.norm.isalpha()
                and token.norm not in NO_INTRODUCED | TITLES.keys() | KIN.keys()
            ):
                yield self.named(doc, index, index, scores.PROBABLE)

    def _articled(self, doc: Document) -> Iterator[Span]:
        """Yield what the Malay article of people stands before: `si Suria`."""
        for index in range(1, len(doc.tokens)):
            if doc.tokens[index - 1].norm != "si" or not doc.adjacent(index):
                continue
            token = doc.tokens[index]
            bits = self.bits(token)
            named = bool(bits & lx.NAME) and not bits & lx.FREQUENT and token.norm not in STOP
            if named or self.capital(doc, index) or self.likely(doc, index, loose=True):
                yield self.span(doc, index - 1, self.extend(doc, index), "PERSON", scores.PROBABLE)

    def _homographs(self, doc: Document) -> Iterator[Span]:
        """Yield months and modal verbs where grammar asks for a name: `May may be small`, `with
        May`, `Will said`.
        """
        for index, token in enumerate(doc.tokens):
            if token.norm not in MONTHS_AND_MODALS or token.case == "U":
                continue
            before = doc.tokens[index - 1].norm if index and doc.adjacent(index) else ""
            after = doc.tokens[index + 1].norm if doc.adjacent(index + 1) else ""
            if after.isdecimal() or before.isdecimal() or before in NOT_BEFORE_VERB:
                continue
            small = doc.cased and token.case == "l"
            if not small and (after in _MODALS or after in _PAST):
                yield self.named(doc, index, index, scores.PROBABLE)
            elif (not small and before in BEFORE_MONTH_NAME and not after) or (
                doc.cased and token.capital and not token.initial and before in BEFORE_MONTH_NAME
            ):
                yield self.named(doc, index, index, scores.LIKELY)

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
                        yield self.named(doc, index, self.extend(doc, index), scores.PROBABLE)
                        break
                if len(words) > 2:
                    break

    def _kindred(self, doc: Document) -> Iterator[Span]:
        """Yield capitalised words beside a kin term: `Will, my nephew`, `my nephew Will`."""
        tokens = doc.tokens
        for index in range(1, len(tokens) - 1):
            if tokens[index].norm not in KIN or tokens[index - 1].norm not in POSSESSED:
                continue
            sides = [(index + 1, index + 1)]
            if index >= 2:
                sides.append((index - 2, index - 1))
            for name, comma in sides:
                gap = tokens[comma].gap.strip()
                apposed = gap == "," or (gap == "" and name > index)
                token = tokens[name]
                if (
                    apposed
                    and doc.cased
                    and token.case == "T"
                    and "\n" not in tokens[comma].gap
                    and self.bits(token) & lx.GIVEN
                    and token.norm not in NO_NAMES
                    and (name > index or load_lexicon().ordinary(token.norm))
                ):
                    yield self.named(doc, name, self.extend(doc, name), scores.LIKELY)

    def _lists(self, doc: Document) -> Iterator[Span]:
        book = load_lexicon()
        index = 0
        while index < len(doc.tokens):
            token = doc.tokens[index]
            score = self._alone(doc, index, book)
            if score:
                last = self.extend(doc, index, loose=False)
                yield self.named(
                    doc, index, last, score if last == index else max(score, scores.STRONG)
                )
                index = last + 1
                continue
            if token.norm == "ah" and self._ah(doc, index):
                yield self.named(doc, index, index + 1, scores.PROBABLE)
                index += 2
                continue
            last = self._chinese(doc, index)
            if last > index:
                yield self.named(doc, index, last, scores.STRONG)
                index = last + 1
                continue
            if token.case != "l" and self.capital(doc, index) and token.norm not in STOP:
                last = self.extend(doc, index)
                words = range(index, last + 1)
                if last > index and any(book.of(doc.tokens[i].norm) & lx.NAME for i in words):
                    yield self.named(doc, index, last, scores.FAIR)
                    index = last + 1
                    continue
            index += 1

    def _alone(self, doc: Document, index: int, book: lx.Lexicon) -> float:
        """Return the score of one word as a name by itself."""
        token = doc.tokens[index]
        word = token.norm
        bits = book.of(word)
        if (
            token.case == "d"
            or word in NO_NAMES
            or is_feast(doc, index)
            or word in STOP
            or word in TITLES
        ):
            return scores.NOTHING
        if bits & lx.THING:
            return scores.NOTHING
        capital = self.capital(doc, index)
        if not bits & lx.NAME and not (bits & lx.ORDINARY and not bits & lx.ENGLISH):
            unknown = capital and not book.known(word) and len(word) > 2
            place = bits & (lx.PLACE | lx.PLACE_MY)
            return scores.DOUBTFUL if unknown and not place else scores.NOTHING
        if book.ordinary(word):
            return self._ordinary(bits, capital=capital)
        return self._listed(doc, token, bits, capital=capital)

    @staticmethod
    def _ordinary(bits: int, *, capital: bool) -> float:
        """Return the score of a name that is an ordinary word too; without a capital it is the
        word.
        """
        if not capital or bits & lx.FREQUENT:
            return scores.NOTHING
        if not bits & (lx.ENGLISH | lx.PLACE_MY):
            return scores.DOUBTFUL
        return scores.UNSURE if bits & (LOCAL | lx.GIVEN) else scores.NOTHING

    @staticmethod
    def _listed(doc: Document, token: Token, bits: int, *, capital: bool) -> float:
        """Return the score of a name by the list that has it; lower case and short capitals (HIV)
        weaken it.
        """
        lower = doc.cased and token.case == "l"
        weak = lower or (token.case == "U" and doc.cased and len(token.norm) < 5)
        if bits & (lx.PLACE_MY | lx.PLACE) and not bits & (LOCAL | lx.STRONG):
            return scores.WEAK if capital else scores.NOTHING
        if bits & lx.STRONG:
            return scores.SURE
        if bits & (lx.MALAY | lx.INDIAN | lx.CN_FAMILY | lx.CN_GIVEN):
            if weak:
                return scores.FAIR if lower and not bits & lx.KNOWN else scores.HINT
            return scores.FIRM
        if bits & (lx.GIVEN | lx.NICK) and bits & lx.KNOWN:
            return scores.FAIR if capital else scores.NOTHING if lower else scores.SLIGHT
        if bits & (lx.GIVEN | lx.NICK):
            return scores.HINT if weak else scores.PROBABLE
        if weak:
            return scores.NOTHING
        if capital:
            return scores.FAIR
        return scores.NOTHING if bits & lx.KNOWN else scores.DOUBTFUL

    @staticmethod
    def _ah(doc: Document, index: int) -> bool:
        """Return whether `ah` is the prefix of a Chinese nickname (`Ah Seng`) and no filler."""
        if not doc.adjacent(index + 1):
            return False
        bits = load_lexicon().of(doc.tokens[index + 1].norm)
        if doc.cased and not doc.tokens[index].initial and doc.tokens[index].case == "T":
            return doc.tokens[index + 1].case == "T"  # a filler has no capital: `Ah Boy`
        local = bits & (lx.CN_GIVEN | lx.CN_FAMILY)
        return bool(local) and (doc.tokens[index + 1].norm not in STOP) and not bits & lx.FREQUENT

    def _chinese(self, doc: Document, index: int) -> int:
        """Return the last token of a Chinese name in Roman letters that starts here with its family
        name; `index` where there is none.
        """
        book = load_lexicon()
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


def _ends(doc: Document, index: int) -> bool:
    """Return whether nothing that belongs to a word follows it in its sentence."""
    following = index + 1
    return (
        following >= len(doc.tokens)
        or any(c in doc.tokens[following].gap for c in ",.?!;\n")
        or doc.tokens[following].norm in ABOUT_NAME | FILLERS
    )


def _nickname(doc: Document, last: int) -> int:
    """Return the last token of a nickname: everyday words behind an introduced name belong to
    it where the sentence ends with them or gives its reason (`panggil Jep Sayur sebab ...`).
    """
    for end in range(last + 1, min(last + 3, len(doc.tokens))):
        word = doc.tokens[end].norm
        if not doc.adjacent(end) or word in STOP or not word.isalpha() or word in NO_INTRODUCED:
            break
        if word in FILLERS or word in ABOUT_NAME or word in _REASONS or len(word) < 3:
            break
        following = doc.tokens[end + 1] if end + 1 < len(doc.tokens) else None
        if following is None or following.norm in _REASONS or "\n" in following.gap:
            return end
    return last


def _is_typed(doc: Document, index: int) -> bool:
    """Return whether the turn of a word is in chat spelling: two words or more have no vowel."""
    line, clipped = doc.tokens[index].line, 0
    for step in (-1, 1):
        at = index + step
        while 0 <= at < len(doc.tokens) and doc.tokens[at].line == line and abs(at - index) < 40:
            word = doc.tokens[at].norm
            clipped += bool(CLIPPED.fullmatch(word)) and word not in TITLES and word not in FILLERS
            at += step
    return clipped >= 2
