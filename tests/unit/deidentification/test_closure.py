# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Callable

import pytest

from services.deidentification.domain.closure import Closure
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Span, Transcript
from services.deidentification.gazetteers.loading import load_lexicon

Talk = Callable[..., Transcript]


def spread(text: str, name: str, *, source: str, tags: dict[str, float]) -> list[str]:
    """Return what closure finds of a name that was found at its first place."""
    doc = Document.of(text)
    start = text.index(name)
    found = Span(start, start + len(name), "PERSON", 0.9, source)
    raw = [found]
    seen = [
        Span(t.start, t.end, "PERSON", tags[t.norm], "NeuralRecognizer")
        for t in doc.tokens
        if t.norm in tags
    ]
    closure = Closure(load_lexicon())
    closure.learn(doc, [found], raw, seen)
    return [text[s.start : s.end] for s in closure.find(doc, [(found.start, found.end)])]


class TestCommonWords:
    """Names that are among the commonest words."""

    @pytest.mark.parametrize(
        ("turns", "gone"),
        [
            (("nama dia bulan", "bulan datang lambat"), "bulan"),
            (("her name is Happy", "then Happy came to Ipoh with us"), "Happy"),
            (("semua panggil mak nanas", "mak nanas jual kuih"), "nanas"),
            (("my name is Faithful", "Faithful said no"), "Faithful"),
        ],
    )
    def test_told_once_is_told(
        self, engine: Engine, talk: Talk, turns: tuple[str, ...], gone: str
    ) -> None:
        """A word that somebody is introduced by is that person where grammar allows it."""
        texts = engine.deidentify(talk(*turns)).texts
        assert not any(gone in text for text in texts), texts

    @pytest.mark.parametrize(
        "turn", ["tiga bulan dia sakit", "setiap bulan saya pergi", "dua bulan lagi habis"]
    )
    def test_the_word_stays(self, engine: Engine, talk: Talk, turn: str) -> None:
        """The same word stays where it is the word."""
        assert "bulan" in engine.deidentify(talk("nama dia bulan", turn)).texts[1]

    def test_the_tagger_has_a_lower_line_there(self) -> None:
        """What the tagger half sees at the word's other places counts once it was sure of one."""
        text = "we saw happy there and then happy left"
        assert spread(text, "happy", source="NeuralRecognizer", tags={"happy": 0.9}) == ["happy"]
        assert spread(text, "happy", source="NeuralRecognizer", tags={"happy": 0.3}) == []


class TestFalseAlarms:
    """What closure does not repeat."""

    def test_an_unlisted_word_of_one_weak_source(self) -> None:
        """A word that no list has spreads from p >= .5, not below."""
        text = "den nampak qozat kek sano qozat"
        one = {"qozat": 0.6}
        assert spread(text, "qozat", source="NeuralRecognizer", tags=one) == ["qozat"]
        assert spread(text, "qozat", source="NeuralRecognizer", tags={"qozat": 0.2}) == []

    def test_a_word_that_detection_let_stand(self) -> None:
        """A word that is said often and was found once is the word, whatever one tag says."""
        text = "qozat " * 8
        assert spread(text, "qozat", source="NeuralRecognizer", tags={"qozat": 0.9}) == []


class TestOneName:
    """Parts of one name are one finding."""

    @pytest.mark.parametrize(
        "name",
        ["Siva a l Raman", "Jelani anak Ringkai", "Kavitha d o Muthusamy", "Azman bin Salleh"],
    )
    def test_relation_marks_bridge(self, engine: Engine, talk: Talk, name: str) -> None:
        """What a recogniser makes of `a/l` joins two names as well."""
        texts = engine.deidentify(talk(f"then {name} came")).texts
        assert texts[0].count("[") == 1
        assert "came" in texts[0]
