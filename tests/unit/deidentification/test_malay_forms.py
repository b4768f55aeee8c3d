# SPDX-License-Identifier: Apache-2.0
"""Forms of Malay words, and what the lexicon knows of words that no list has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import lexicon as lx
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.malay_forms import roots
from services.deidentification.gazetteers.loading import load_lexicon

ROOTS = {
    "dengannya": "dengan",
    "menulis": "tulis",
    "menyapu": "sapu",
    "mengira": "kira",
    "memakai": "pakai",
    "diperbaiki": "baik",
    "memperbaharui": "baharu",
    "keterlaluan": "laluan",
    "perasaannya": "perasaan",
    "bolehlah": "boleh",
    "dirumah": "rumah",
    "budak2": "budak",
    "budak2nya": "budaknya",
    "sukaaaa": "suka",
    "mase": "masa",
    "maso": "masa",
    "burong": "burung",
    "jugok": "jugak",
    "nusuk": "tusuk",
    "ngobrol": "obrol",
}


class TestRoots:
    @pytest.mark.parametrize(("form", "root"), ROOTS.items())
    def test_are_found(self, form: str, root: str) -> None:
        """Affixes, clitics, chat spelling and the vowels of dialects lead to the word."""
        assert root in set(roots(form))

    @given(st.text(max_size=60))
    def test_are_few_of_any_word(self, word: str) -> None:
        """No word has more than some hundreds, and none is the word itself."""
        found = list(roots(word))
        assert len(found) < 1000
        assert word not in found

    def test_a_long_word_has_none(self) -> None:
        """Work does not grow with a word that is no word."""
        assert not list(roots("ke" * 5000))


class TestLexicon:
    @pytest.mark.parametrize(
        "word",
        "sentiasa teruk sebentar berbeza pelbagai perkhidmatan peperiksaan dengannya wakaf"
        " diorang xnak dgn kawe ambo kamek depa ekau konjam illa paiseh".split(),
    )
    def test_everyday_words_are_plain(self, word: str) -> None:
        """Frequent words, dialects and chat are everyday words."""
        book = load_lexicon()
        assert book.known(word)
        assert book.plain(word)

    @pytest.mark.parametrize(
        "word", ["nurul", "hafidz", "sukma", "mawi", "kulop", "xyzzyq", "persia"]
    )
    def test_names_are_not(self, word: str) -> None:
        """Names among the frequent words are told from them by hand."""
        book = load_lexicon()
        assert not book.plain(word)
        assert not book.ordinary(word)

    @pytest.mark.parametrize("word", ["arif", "amal", "heng", "beng", "mike", "idris"])
    def test_a_name_here_stays_a_name(self, word: str) -> None:
        """No list of everyday words makes an ordinary word of a name in use in Malaysia."""
        assert not load_lexicon().plain(word)

    def test_a_form_is_told_from_a_listed_word(self) -> None:
        """What is only inferred says so, so that a title beside it may win."""
        book = load_lexicon()
        assert book.of("dengannya") & lx.INFERRED
        assert not book.of("dengan") & lx.INFERRED

    def test_a_form_of_a_name_is_unknown(self) -> None:
        """A name with an ending is no everyday word, whatever else the name means."""
        flags = {"sinar": lx.ROOT | lx.ORDINARY | lx.MALAY, "lampu": lx.ROOT | lx.ORDINARY}
        book = Lexicon(flags)
        assert not book.known("sinarnya")
        assert book.known("lampunya")

    @pytest.mark.parametrize("word", ["amboi", "alamak", "vanakam", "adoi", "alhamdulillah"])
    def test_greetings_and_exclamations_are_nobody(self, word: str) -> None:
        """They are never a person by themselves."""
        assert load_lexicon().of(word) & lx.THING
