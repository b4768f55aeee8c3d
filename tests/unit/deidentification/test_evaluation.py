# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification import evaluation_report
from services.deidentification.domain.engine import Engine
from services.deidentification.errors import TranscriptError
from services.deidentification.evaluation import measure, rank_correlation, wilson
from services.deidentification.gold import GoldTranscript, flat, read_all, read_gold


def marked(*texts: str, style: str = "", **kinds: str) -> GoldTranscript:
    """Return gold in which the words of each type are marked wherever they stand."""
    spans = [
        {"turn": turn, "start": start, "end": start + len(words), "entity_type": kind}
        for turn, text in enumerate(texts)
        for kind, words in kinds.items()
        if (start := text.find(words)) >= 0
    ]
    return read_gold({"turns": [{"text": t} for t in texts], "spans": spans, "style": style}, 1)


class TestFigures:
    """Figures that a clinic can trust."""

    def test_counts(self, engine: Engine) -> None:
        """A found span, a missed one, and a redaction beyond gold are counted as such."""
        text = "Encik Faizal met xqzt at Skudai"
        record = {
            "text": text,
            "spans": [
                {"start": 6, "end": 12, "label": "PERSON"},
                {"start": 17, "end": 21, "label": "PERSON"},
            ],
        }
        figures = measure(engine, [read_gold(record, 1)])
        assert (figures.direct.spans, figures.direct.covered) == (2, 1)
        assert figures.misses == [(0, 0, "PERSON", "xqzt")]
        assert figures.precision < 1
        rows = {evaluation_report.ALL: figures}
        assert "xqzt" not in json.dumps(evaluation_report.as_json(rows, misses=False))
        assert "xqzt" not in evaluation_report.render(rows, misses=False)
        assert "xqzt" in evaluation_report.render(rows, misses=True)

    @pytest.mark.parametrize(
        ("text", "span", "left"),
        [
            ("ask uncle Faizal to come", "uncle Faizal", False),
            ("no that is Faizal the qwrtz", "Faizal the qwrtz", True),
            ("I met xqzt there", "xqzt", True),
            ("we had one tingkat there", "tingkat", True),
        ],
    )
    def test_what_is_left_identifies_or_not(
        self, engine: Engine, text: str, span: str, left: bool
    ) -> None:
        """A title that stays beside what went is no leak; the whole of a span always is one."""
        figures = measure(engine, [marked(text, PERSON=span)])
        assert figures.direct.spans == 1
        assert figures.leaks[0].direct == left
        assert figures.direct.harmless == (not left)

    def test_second_look_is_held_to_known_leaks(self, engine: Engine) -> None:
        """Leaks, those at which a flag points, and interviews that are clean are counted."""
        documents = [
            marked("we saw qorbexi there", "nothing else", PERSON="qorbexi"),
            marked("we saw it there", "nothing else", PERSON="qorbexi"),
        ]
        look = measure(engine, documents).as_json(misses=False)["second_look"]
        assert look["direct_left"] == 1
        assert look["direct_shown_share"] == 1.0
        assert look["places_per_1000_words"] > 0
        assert (look["without_direct_share"], look["without_direct_after_share"]) == (0.5, 1.0)
        assert look["risk_order"] == 1.0

    def test_people_by_what_is_typed_as_people(self, engine: Engine) -> None:
        """A title beside a name of gold is false, and forgiven in a figure of its own; what gold
        has under another type is neutral.
        """
        text = "I met Encik Faizal today"
        person = measure(engine, [marked(text, PERSON="Faizal")]).as_json(misses=False)
        assert person["typed_person"]["recall"] == 1.0
        assert person["typed_person"]["character_precision"] == round(6 / 11, 4)
        assert person["typed_person"]["character_precision_titles_forgiven"] == 1.0
        other = measure(engine, [marked(text, PERSON="Faizal", ORGANIZATION="Encik")])
        assert other.person_false == 0

    def test_styles_and_flat_are_rows(self, engine: Engine) -> None:
        """Each style that gold names has a row, and one without case and punctuation."""
        documents = [
            marked("Encik Faizal came.", style="founding", PERSON="Encik Faizal"),
            marked("Puan Azizah came.", style="mixed", PERSON="Puan Azizah"),
        ]
        rows = evaluation_report.measure_styles(engine, documents, lower=False, with_flat=True)
        assert set(rows) == {
            "all", "founding", "mixed", "all, flat", "founding, flat", "mixed, flat",
        }  # fmt: skip
        assert rows["all"].documents == 2
        assert rows["mixed, flat"].direct.spans == 1
        table = evaluation_report.render(rows, misses=False)
        assert "founding, flat" in table
        made = evaluation_report.as_json(rows, misses=False)
        assert made["rows"]["founding"]["direct"]["nothing_identifying_left"] == 1.0

    def test_interval(self) -> None:
        """Wilson's interval holds the proportion and narrows with the number."""
        low, high = wilson(95, 100)
        assert low < 0.95 < high
        assert wilson(950, 1000)[0] > low
        assert wilson(0, 0) == (0.0, 1.0)

    def test_rank_correlation(self) -> None:
        """Ranks count, ties share a rank, and nothing is said where nothing varies."""
        assert rank_correlation([0.1, 0.2, 0.9], [1, 5, 7]) == pytest.approx(1.0)
        assert rank_correlation([1, 1, 2, 3], [1, 2, 3, 4]) == pytest.approx(0.9487, abs=1e-4)
        assert rank_correlation([1, 1, 1], [1, 2, 3]) is None
        assert rank_correlation([], []) is None


class TestGold:
    """Gold in the forms in which it comes."""

    def test_bad_gold_is_named(self) -> None:
        """A span outside of its turn names the line."""
        with pytest.raises(TranscriptError, match="line 7"):
            read_gold({"text": "a", "spans": [{"start": 0, "end": 5, "label": "PERSON"}]}, 7)

    def test_tagged_sentences_of_one_source_are_one_transcript(self) -> None:
        """BIO tags become spans of the joined words, sentence by sentence."""
        sentences = [
            {"tokens": ["Tan", "Wei", "Ling", "(", "PJ", ")", "came", "."],
             "tags": ["B-PER", "I-PER", "I-PER", "O", "B-LOC", "O", "O", "O"], "source": "a"},
            {"tokens": ["So", "did", "Devi"], "tags": ["O", "O", "I-PER"], "source": "a"},
            {"tokens": ["No"], "tags": ["O"], "source": "b"},
        ]  # fmt: skip
        first, second = read_all(enumerate(sentences, 1))
        assert first.texts == ("Tan Wei Ling (PJ) came.", "So did Devi")
        assert [(first.texts[g.turn][g.start : g.end], g.kind, g.direct) for g in first.gold] == [
            ("Tan Wei Ling", "PERSON", True),
            ("PJ", "LOCATION", False),
            ("Devi", "PERSON", True),
        ]
        assert second.gold == ()

    def test_flat(self) -> None:
        """Case and punctuation go, signs inside a word stay, and gold moves along."""
        gold = marked(
            "Well, \u2014 the 62-year-old (Lim Ah-Kow), a/p! b@c.my; o'clock 10.30.",
            PERSON="Lim Ah-Kow",
            EMAIL_ADDRESS="b@c.my",
        )
        made = flat(gold)
        (text,) = made.texts
        assert text == "well the 62 year old lim ah kow a/p b@c.my o'clock 10.30"
        assert [text[g.start : g.end] for g in made.gold] == ["lim ah kow", "b@c.my"]

    @given(st.text(max_size=60), st.data())
    def test_flat_keeps_the_letters_of_a_span(self, text: str, data: st.DataObject) -> None:
        """A moved span holds the same letters and digits, whatever stands around them."""
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, len(text)))
        if start == end:
            return
        spans = [{"start": start, "end": end, "label": "PERSON"}]
        made = flat(read_gold({"text": text, "spans": spans}, 1))
        wanted = [c for c in text[start:end] if c.isalnum()]
        got = [made.texts[0][g.start : g.end] for g in made.gold]
        assert sum(c.isalnum() for one in got for c in one) == len(wanted)
