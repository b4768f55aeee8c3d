# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.models.ner import name_evidence as fitting
from services.deidentification.adapters import name_evidence
from services.deidentification.adapters.name_evidence import WEIGHTS, NameEvidence
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
    return [(s.entity_type, text[s.start : s.end]) for s in spans if s.score >= 0.5]


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
        assert found(tagger, f"find it at {code} thanks") == [(kind, code)]

    def test_a_code_without_digits_is_none(self) -> None:
        """Words alone are no code."""
        assert found(Saying("CODE", purple=0.99, lantern=0.99), "the purple lantern shop") == []

    @pytest.mark.parametrize("label", ["ORGANIZATION", "LOCATION"])
    def test_generic_bodies(self, label: str) -> None:
        """A place or body in small letters needs near certainty where others have capitals."""
        text = "We met Zul at the support circle near Ipoh. Then Zul left."
        assert found(Saying(label, support=0.85, circle=0.85), text) == []
        assert found(Saying(label, support=0.85, circle=0.85), text.lower()) != []


class TestFitting:
    """The command that fits the weights."""

    def test_every_weight_is_evidence(self) -> None:
        """What the tagger says counts, and no weight is left behind that no word can have."""
        code = Path(name_evidence.__file__).read_text(encoding="utf-8")
        assert WEIGHTS["tagger"] > 0
        for evidence in WEIGHTS:
            stem = evidence.removesuffix("-" + evidence.rsplit("-", 1)[-1])
            assert f'"{evidence}"' in code or f'"{stem}' in code or stem == "tagger", evidence

    def test_learns_what_tells_names(self) -> None:
        """A word behind a title is told from the same word elsewhere, after a few examples."""
        texts = ("then Kak Seroja came to Ipoh", "we planted Seroja near Ipoh, the seroja grew")
        turns = tuple(Turn(text) for text in texts)
        gold = GoldTranscript(Transcript(turns), (Gold(0, 9, 15, "PERSON", direct=True),))
        rows = list(fitting.rows(Saying("PERSON", Seroja=0.5), gold, 0))
        assert [row.is_name for row in rows] == [True, False]
        names = sorted({name for row in rows for name in row.evidence})
        beta = dict(zip(names, fitting.fit(rows * 20, names), strict=True))
        assert beta["behind-a-form-of-address"] > 0
