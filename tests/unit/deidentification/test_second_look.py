# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from infra.models.ner import leak_weights as fitting
from services.deidentification import word_files
from services.deidentification.domain import leak_weights, risk
from services.deidentification.domain.leak_evidence import Clue, Investigator, Output
from services.deidentification.domain.leak_weights import ALWAYS, WEIGHTS
from services.deidentification.domain.review_flags import LEVELS, Reason, ReviewFlag, level
from services.deidentification.domain.transcript import Finding, Redaction
from services.deidentification.gazetteers.loading import load_lexicon
from services.deidentification.gold import read_gold


def clues_of(
    texts: Sequence[str],
    gone: Sequence[tuple[int, str]] = (),
    tags: Sequence[tuple[int, str, float]] = (),
) -> Mapping[str, Mapping[Clue, float]]:
    """Return the clues of each standing word; what went and what a tagger saw is told by turn."""
    lexicon = load_lexicon()

    def place(turn: int, part: str) -> tuple[int, int]:
        start = texts[turn].index(part)
        return start, start + len(part)

    redactions = [
        Redaction(turn, *place(turn, part), "PERSON", "[Person 1]", 0.9, "") for turn, part in gone
    ]
    seen = [Finding(turn, *place(turn, part), "PERSON", p) for turn, part, p in tags]
    output = Output.of(texts, redactions, (), lexicon)
    found = Investigator(output, lexicon).clues(seen, ())
    return {output.doc.tokens[index].norm: own for index, own in found.items()}


class TestClues:
    """What may be noticed of a word that stands."""

    @pytest.mark.parametrize(
        ("text", "word", "clue"),
        [
            ("it is zul underscore tan at gmail", "zul", Clue.SAID_SIGN),
            ("follow me on instagram lampu merah", "lampu", Clue.ACCOUNT),
            ("so that is k h o o then", "k", Clue.SPELLED),
            ("the telephone was five three one nine", "five", Clue.NUMBER_ANNOUNCED),
            ("then zero to for won", "to", Clue.SOUNDED),
            ("and puan serai came", "serai", Clue.AFTER_TITLE),
            ("my name is rain", "rain", Clue.AFTER_NAMING),
            ("we went to lorong mawar there", "mawar", Clue.AFTER_HEAD),
            ("it was the twelfth that day", "twelfth", Clue.PART_OF_DATE),
            ("then zulkarnien came", "zulkarnien", Clue.UNLISTED),
            ("he wrote \u5f20\u4f1f there", "\u5f20\u4f1f", Clue.OTHER_SCRIPT),
        ],
    )
    def test_of_the_word_and_around(self, text: str, word: str, clue: Clue) -> None:
        """A word has the clues that it shows by itself or by what stands beside it."""
        assert clue in clues_of([text])[word]

    def test_a_name_that_went_elsewhere(self) -> None:
        """The same word stands in another turn, the name has a word that went on."""
        found = clues_of(["I saw Melati there", "and melati said no"], [(0, "Melati")])
        assert found["melati"][Clue.SAME_AS_NAME] == 1.0
        assert found["melati"][Clue.NAME_SCORE] == 0.9
        assert 0 < found["melati"][Clue.NAME_SHARE] < 1

    def test_an_answer_to_a_question_for_a_name(self) -> None:
        """A short turn behind such a question."""
        assert Clue.ANSWER in clues_of(["what is your name", "rain"])["rain"]

    def test_what_a_tagger_saw(self) -> None:
        """The surer it was, the more it says; what is gone has no clues."""
        texts = ["then table and chair came"]
        found = clues_of(texts, [(0, "chair")], [(0, "table", 0.7), (0, "chair", 0.7)])
        assert (
            found["table"][Clue.PERSON]
            > clues_of(texts, (), [(0, "table", 0.1)])["table"][Clue.PERSON]
        )
        assert "chair" not in found


class TestWeights:
    """What clues are worth."""

    def test_each_weight_is_of_a_clue(self) -> None:
        """The file and the clues belong together."""
        told = word_files.read_words("leak_weights").labels("weights")
        assert set(told) <= {ALWAYS, *Clue}
        assert set(WEIGHTS) == {ALWAYS, *Clue}

    def test_the_reason_is_a_clue_that_holds(self) -> None:
        """Each clue that makes a candidate of a word can be told to a reviewer."""
        assert leak_weights.reason({Clue.SPELLED: 1.0}) is Reason.SPELLED
        assert leak_weights.reason({Clue.PERSON: 4.0, Clue.PLAIN: 1.0}) is Reason.TAGGED
        assert leak_weights.reason({}) is Reason.UNKNOWN_WORD

    def test_levels(self) -> None:
        """A probability leaves the zone as the greatest level that it reaches."""
        assert [level(p) for p in (0.0, 0.019, 0.05, 0.99)] == [0.0, 0.01, 0.05, 0.9]
        assert all(level(one) == one for one in LEVELS)


class TestReport:
    """Which places are shown, and the score that all of them make."""

    def test_shows_as_many_as_the_talk_is_long(self) -> None:
        """The likeliest, 12 in 1,000 words, and beyond that what is likely in itself."""
        texts = ["and then " * 500]
        found = [ReviewFlag(0, n, n + 1, Reason.NAME_LIKE, 0.05) for n in range(40)]
        assert len(risk.assess(texts, (), found, {}, 0).flags) == risk.PLACES_PER_1000
        found = [ReviewFlag(0, n, n + 1, Reason.NAME_LIKE, 0.7) for n in range(40)]
        assert len(risk.assess(texts, (), found, {}, 0).flags) == 40

    def test_what_may_be_misheard_pushes_out_nothing(self) -> None:
        """It has as many places of its own, and is one with a place that another reason shows."""
        texts = ["and then " * 500]
        named = [ReviewFlag(0, n, n + 1, Reason.NAME_LIKE, 0.05) for n in range(40)]
        heard = [ReviewFlag(0, n, n + 1, Reason.MISHEARD, 0.03) for n in range(5, 45)]
        shown = risk.assess(texts, (), [*named, *heard], {}, 0).flags
        assert [f.start for f in shown] == list(range(24))
        assert all((f.reason is Reason.MISHEARD) == (f.start >= 5) for f in shown)
        assert all((f.weight == 0.05) == (f.start < 12) for f in shown)

    def test_times_of_what_was_not_understood_are_no_numbers(self) -> None:
        """`[inaudible 00:12-00:15]` is a mark, and nobody said it."""
        assert "12" not in clues_of(["and [inaudible 00:12-00:15] then"])
        assert "123" in clues_of(["and [inaudible, the number 123] then"])

    def test_score_is_the_chance_of_a_leak(self) -> None:
        """Of any at all, by places that are taken as independent; shown or not."""
        found = [ReviewFlag(0, n, n + 1, Reason.NAME_LIKE, 0.5) for n in range(2)]
        assert risk.assess(["a b c"], (), found, {}, 0).score == 0.75
        assert risk.assess(["a b c"], (), [], {}, 0).score == 0.0

    def test_other_scripts_are_always_shown(self) -> None:
        """Nothing else here can judge them."""
        (flag,) = risk.assess(["he wrote \u5f20\u4f1f there"], (), [], {}, 0).flags
        assert (flag.start, flag.end, flag.reason) == (9, 11, Reason.OTHER_SCRIPT)


class TestFitting:
    """`python -m infra.models.ner.leak_weights`."""

    def test_writes_what_it_fits(self, tmp_path: Path) -> None:
        """Each document is read as it is and flat, and the table is read back as it was fitted."""
        text = "then zulkarnien came and we ate 250 grams of rice"
        record = {"turns": [{"text": text}], "spans": [
            {"turn": 0, "start": 5, "end": 15, "entity_type": "PERSON"}
        ]}  # fmt: skip
        document = read_gold(record, 1)
        readings = list(fitting.read([document], weakened=True))
        assert len(readings) == 2 * len(fitting.WEAKENED)
        assert sum(r.weight == 1.0 for r in readings) == 2
        path = tmp_path / "leak_weights.txt"
        weights = fitting.fit(readings)
        fitting.write(weights, path)
        told = word_files.WordFile(path).labels("weights")
        assert {name: float(told[name]) for name in told} == pytest.approx(
            {name: value for name, value in weights.items() if name in told}, abs=0.001
        )
