# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.models.ner import name_evidence as fitting
from services.deidentification.adapters import name_evidence
from services.deidentification.adapters.name_evidence import TREES, NameEvidence, Split
from services.deidentification.adapters.neural_recogniser import NeuralRecognizer
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.gold import Gold, GoldTranscript


@dataclass(frozen=True)
class Tag:
    """A tagger's span."""

    start: int
    end: int
    label: str
    score: float
    words: tuple[tuple[int, int, float], ...] = ()


class Saying:
    """A tagger that gives certain words of one turn a probability each, as one span."""

    version = "saying/1"

    def __init__(self, label: str, **levels: float) -> None:
        self._label, self._levels = label, levels

    def tag(self, turns: Sequence[str]) -> list[list[Tag]]:
        """Return one span from the first of the words to the last."""
        found = list[list[Tag]]()
        for turn in turns:
            words = tuple(
                (turn.index(w), turn.index(w) + len(w), p)
                for w, p in self._levels.items()
                if w in turn
            )
            best = max((p for *_, p in words), default=0.0)
            found.append(
                [Tag(words[0][0], words[-1][1], self._label, best, words)] if words else []
            )
        return found


def found(tagger: Saying, text: str) -> list[tuple[str, str]]:
    """Return what is acted on: type and words."""
    spans = NeuralRecognizer(tagger).find(Document.of(text))
    kept = [(s.entity_type, text[s.start : s.end]) for s in spans if s.score >= 0.5]
    return list(dict.fromkeys(kept))


class TestPeople:
    """What becomes of a span that the tagger takes for a name."""

    @pytest.mark.parametrize(
        ("text", "levels", "name"),
        [
            ("then kak gading came", {"kak": 0.95, "gading": 0.9}, "kak gading"),
            ("i greeted puan ngan there", {"puan": 0.97, "ngan": 0.95}, "puan ngan"),
            ("and sister mai again", {"sister": 0.9, "mai": 0.9}, "sister mai"),
            ("we asked Rozlan bin Teruna", {"Rozlan": 0.9, "bin": 0.1, "Teruna": 0.9},
             "Rozlan bin Teruna"),
        ],
    )  # fmt: skip
    def test_sure_words_are_not_trimmed(
        self, text: str, levels: dict[str, float], name: str
    ) -> None:
        """What the tagger is sure of stays whole, an everyday or stop word or not."""
        assert ("PERSON", name) in found(Saying("PERSON", **levels), text)

    @pytest.mark.parametrize(
        ("text", "levels", "name"),
        [
            ("we met Rozlan tadi with her", {"Rozlan": 0.95, "with": 0.3}, "Rozlan"),
            ("lepas tu Saraswathy pergi", {"tu": 0.3, "Saraswathy": 0.98}, "Saraswathy"),
        ],
    )
    def test_doubtful_edges_go(self, text: str, levels: dict[str, float], name: str) -> None:
        """Everyday words that the tagger only half takes are no part of the name."""
        assert found(Saying("PERSON", **levels), text) == [("PERSON", name)]

    def test_small_letters_are_evidence_where_others_have_capitals(self) -> None:
        """The same word with the same probability needs more in lower case than with a capital."""
        large = NameEvidence(Document.of("We saw Lantern at Ipoh in May"), {2: 0.5})
        small = NameEvidence(Document.of("We saw lantern at Ipoh in May"), {2: 0.5})
        assert large.probability(2, 0.5) > small.probability(2, 0.5)

    def test_unlisted_words_are_no_evidence_in_strange_talk(self) -> None:
        """Where no lexicon has the words around, one more such word is no name."""
        usual = Document.of("then we went to see qozat at the market")
        strange = Document.of("ghoyak demo nok gi tubik qozat male tumma sokmo jugok")
        assert NameEvidence(usual, {5: 0.4}).probability(5, 0.4) > NameEvidence(
            strange, {5: 0.4}
        ).probability(5, 0.4)


class TestOthers:
    """Places, bodies and codes."""

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("hana dot wahid at icloud dot com", "EMAIL_ADDRESS"),
            ("hana07@icloud com", "EMAIL_ADDRESS"),
            ("facebook dot com slash seroja kami", "URL"),
            ("www kebunseroja com my", "URL"),
            ("hana underscore wahid", "USERNAME"),
        ],
    )
    def test_said_addresses(self, code: str, kind: str) -> None:
        """What the tagger takes for a code and is said with at, dot, slash or underscore goes."""
        words = code.split()
        tagger = Saying("CODE", **{words[0]: 0.99, words[-1]: 0.99})
        spans = found(tagger, f"find it at {code} thanks")
        assert (kind, code) in spans
        assert all(words in code for _, words in spans)

    def test_a_code_without_digits_is_none(self) -> None:
        """Words alone are no code."""
        assert found(Saying("CODE", purple=0.99, lantern=0.99), "the purple lantern shop") == []

    @pytest.mark.parametrize("label", ["ORGANIZATION", "LOCATION"])
    def test_generic_bodies(self, label: str) -> None:
        """A place or body in small letters needs near certainty where others have capitals."""
        text = "We met Zul at the support circle near Ipoh. Then Zul left."
        tagger = Saying(label, support=0.85, circle=0.85)
        assert (label, "support circle") not in found(tagger, text)
        assert (label, "support circle") in found(tagger, text.lower())


class TestTrees:
    """The trees that ship, and what they are fitted on."""

    def test_use_evidence_that_words_have(self) -> None:
        """No split asks for evidence that no word can have."""
        code = Path(name_evidence.__file__).read_text(encoding="utf-8")
        asked = {split.evidence for node in TREES for split in splits(node)}
        assert "tagger" in asked
        for evidence in asked:
            stem = evidence.removesuffix("-" + evidence.rsplit("-", 1)[-1])
            assert f'"{evidence}"' in code or f'"{stem}' in code or stem == "tagger", evidence

    def test_more_of_the_tagger_is_never_less(self) -> None:
        """A higher probability of the tagger never lowers the one that comes of it."""
        doc = Document.of("then kak seroja went to see qozat at the market with May")
        for index in (2, 6, 11):
            levels = [step / 50 for step in range(1, 50)]
            came = [NameEvidence(doc, {index: p}).probability(index, p) for p in levels]
            assert came == sorted(came)

    def test_rows_say_what_is_a_name(self) -> None:
        """The same word is a name where gold marks it, and none elsewhere."""
        texts = ("then Kak Seroja came to Ipoh", "we planted Seroja near Ipoh, the seroja grew")
        turns = tuple(Turn(text) for text in texts)
        gold = GoldTranscript(Transcript(turns), (Gold(0, 9, 15, "PERSON", direct=True),))
        rows = list(fitting.rows(Saying("PERSON", Seroja=0.5), gold, 0))
        tagged = [row for row in rows if row.evidence["tagger"] == 0.0]
        assert [row.is_name for row in tagged] == [True, False]
        assert "behind-a-form-of-address" in rows[0].evidence


def splits(node: Split | float) -> Iterator[Split]:
    """Yield all splits of a tree."""
    if isinstance(node, Split):
        yield node
        yield from splits(node.little)
        yield from splits(node.much)
