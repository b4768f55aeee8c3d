# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.release.domain.quality.planting import Planter

TEXT = "I went there. Then [Dr. Lim] said so! And I left"
TAKEN = ((19, 28),)


class TestPlanter:
    """Items in a reader's copy alone."""

    @given(st.binary(min_size=32, max_size=32), st.integers(0, 5000), st.sampled_from(["en", "ms"]))
    def test_leaves_the_words_as_they_are(self, key: bytes, passage: int, language: str) -> None:
        """Without what was put in it is the text, the item stands in it, in no replacement."""
        made = Planter(key, "dr.lim").plant(passage, TEXT, language, TAKEN)
        assert made.text[: made.at] + made.text[made.at + made.length :] == TEXT
        assert not any(start < made.at < end for start, end in TAKEN)
        item = made.text[made.item_start : made.item_end]
        assert item
        assert item in made.text[made.at : made.at + made.length]
        assert made.finds(made.item_start, made.item_end)
        assert not made.finds(0, made.item_start)

    @given(st.binary(min_size=32, max_size=32), st.data())
    def test_takes_places_back_to_the_text(self, key: bytes, data: st.DataObject) -> None:
        """Words outside of the item are the same words there; those of it are nowhere."""
        made = Planter(key, "dr.lim").plant(3, TEXT, "en", TAKEN)
        start = data.draw(st.integers(0, len(made.text) - 1))
        end = data.draw(st.integers(start + 1, len(made.text)))
        shown = made.text[start:end]
        own = TEXT[slice(*made.without(start, end))]
        if end <= made.at or start >= made.at + made.length:
            assert own == shown
        elif made.at <= start and end <= made.at + made.length:
            assert own == ""

    def test_is_drawn_for_each_reader(self) -> None:
        """Two readers get other passages, in another order; one gets the same ones again."""
        key = b"k" * 32
        passages = range(200)
        one, other = Planter(key, "dr.lim"), Planter(key, "dr.tan")
        assert one.chosen(passages, 20) == Planter(key, "dr.lim").chosen(passages, 20)
        assert one.chosen(passages, 20) != other.chosen(passages, 20)
        assert len(one.chosen(passages, 20)) == 20
        assert one.shuffled(passages) != other.shuffled(passages)
        assert sorted(one.shuffled(passages)) == list(passages)
