# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import random
import re

import pytest

from benchmarks.deid_open import people, places
from infra.models.ner import corpora
from infra.models.ner.encoding import INDEX, LABELS, Encoder, augment
from infra.models.ner.talk_generator import TalkGenerator
from services.deidentification.adapters.neural import MODEL


@pytest.fixture(scope="module")
def generator() -> TalkGenerator:
    """A generator without gazetteers or carriers."""
    return TalkGenerator(3, None, None)


class TestSynth:
    """Training talk."""

    def test_no_benchmark_name_or_place_is_ever_drawn(self, generator: TalkGenerator) -> None:
        """Marked words of the benchmark stay unseen in training."""
        held = set[str]().union(
            *(p.words() for p in (*people.POOLS.values(), *places.POOLS.values()))
        )
        for _ in range(250):
            for tokens, tags in generator.dialogue():
                marked = {t.lower() for t, tag in zip(tokens, tags, strict=True) if tag != "O"}
                assert not marked & held

    def test_tags_are_well_formed(self, generator: TalkGenerator) -> None:
        """Every token has one known tag, and nothing goes on that did not begin."""
        for _ in range(300):
            for tokens, tags in generator.dialogue():
                assert len(tokens) == len(tags)
                assert set(tags) <= set(LABELS)
                for before, tag in zip(["O", *tags], tags, strict=False):
                    if tag.startswith("I-"):
                        assert before[2:] == tag[2:]

    def test_same_seed_same_talk(self) -> None:
        """The generator is seeded."""
        a, b = TalkGenerator(5, None, None), TalkGenerator(5, None, None)
        assert [a.dialogue() for _ in range(20)] == [b.dialogue() for _ in range(20)]


class TestCorpora:
    """Rows of annotated corpora."""

    def test_title_goes_with_the_name(self) -> None:
        """A title before a name becomes part of it; a possessive does not."""
        row = {
            "tokens": ["Then", "Dr", ".", "Smith's", "dog"],
            "tags": ["O", "O", "O", "B-PER", "O"],
        }
        assert corpora.clean(row) == (
            ["Then", "Dr", ".", "Smith", "'s", "dog"],
            ["O", "B-PER", "I-PER", "I-PER", "O", "O"],
        )

    def test_row_with_a_benchmark_name_is_left_out(self) -> None:
        """A row that names somebody held out is not trained on."""
        assert corpora.clean({"tokens": ["Rokiah"], "tags": ["B-PER"]}) is None


class TestEncode:
    """From tags to allowed labels."""

    def test_unannotated_class_is_allowed_not_negative(self) -> None:
        """Where a source has no dates, a plain token may be a date; names may not."""
        encoder = Encoder(MODEL / "tokenizer.json")
        turns = [(["we", "met", "Ali"], ["O", "O", "B-PER"])]
        got = encoder.encode((turns, frozenset({"PER", "LOC", "ORG"})), random.Random(1))
        assert got is not None
        ids, allow = got
        assert len(ids) == len(allow) == 5
        assert not allow[0].any()
        assert {LABELS[i] for i in allow[1].nonzero()[0]} == {"O", "B-DATE", "I-DATE"}
        assert allow[3].nonzero()[0].tolist() == [INDEX["B-PER"]]

    @pytest.mark.parametrize("drop", [0.0, 0.5, 1.0])
    def test_augmented_words_keep_their_tags(self, drop: float) -> None:
        """Dropped punctuation never leaves an entity without its beginning."""
        rng = random.Random(2)
        tokens = ["No", ".", "7", ",", "Jalan", "Ria", ",", "don", "'", "t"]
        tags = ["B-LOC", *["I-LOC"] * 5, "O", "O", "O", "O"]
        for _ in range(50):
            words, marks = augment(tokens, tags, rng, drop)
            assert len(words) == len(marks)
            assert marks[0] == "B-LOC"
            assert drop != 1.0 or not any(re.fullmatch(r"[,.]", w) for w in words)
