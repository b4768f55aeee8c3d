# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import Corrupted
from services.deidentification.adapters.neural import MODEL, NeuralSpan, NeuralTagger


@pytest.fixture(scope="module")
def tagger() -> NeuralTagger:
    """The shipped model, loaded once."""
    return NeuralTagger(threads=1)


def texts(turn: str, spans: list[NeuralSpan], label: str, least: float = 0.5) -> list[str]:
    """Covered text of the spans of one label."""
    return [turn[s.start : s.end] for s in spans if s.label == label and s.score >= least]


class TestFinds:
    """What the tagger must find in plain cases."""

    @pytest.mark.parametrize(
        ("turn", "name"),
        [
            ("My name is Azman, I stay in Ipoh.", "Azman"),
            ("my name is azman i stay in ipoh", "azman"),
            ("MY NAME IS AZMAN", "AZMAN"),
            ("nama saya siti hajar binti omar", "siti hajar binti omar"),
            ("so encik rahim pun cakap jangan risau", "encik rahim"),
            ("Then Kak Ros brought some fruits.", "Kak Ros"),
            ("I see Dr. Lim every two months.", "Dr. Lim"),
        ],
    )
    def test_names_in_any_case_with_their_titles(
        self, tagger: NeuralTagger, turn: str, name: str
    ) -> None:
        """A name is found whole, with its title, whatever the case and punctuation."""
        assert texts(turn, tagger.tag([turn])[0], "PERSON") == [name]

    def test_answer_is_read_with_its_question(self, tagger: NeuralTagger) -> None:
        """A bare answer to a question about a name is a name."""
        turns = ["And what is your name?", "Mawar."]
        assert texts(turns[1], tagger.tag(turns)[1], "PERSON", 0.3) == ["Mawar"]

    @pytest.mark.parametrize(
        "turn",
        ["I take two tablets in the morning.", "Bunga mawar tu cantik.", "makcik tu baik lah kan"],
    )
    def test_ordinary_talk_stays(self, tagger: NeuralTagger, turn: str) -> None:
        """Doses, flowers and kin terms without a name are nobody."""
        assert texts(turn, tagger.tag([turn])[0], "PERSON") == []

    def test_window_seams_hide_nothing(self, tagger: NeuralTagger) -> None:
        """A name is found wherever the window boundaries fall."""
        for padding in range(90, 190, 7):
            turns = ["and then we go home lah"] * (padding // 6) + ["ya " * (padding % 6)]
            turns.append("my brother Azman drove me home")
            assert texts(turns[-1], tagger.tag(turns)[-1], "PERSON") == ["Azman"]


class TestOffsets:
    """Offsets are code points of the turn as given."""

    @pytest.mark.parametrize(
        "turn",
        [
            "😀👩‍⚕️ my name is Azman 😀",
            "İİİ my name is Azman",
            "my name is Az\u200dman ok",
            "எனக்கு தெரியாது, my name is Azman",
            "我不知道 my name is Azman",
            "\u200fmy name is Azman\u200f",
            "أنا my name is Azman",
        ],
    )
    def test_marks_and_scripts_shift_nothing(self, tagger: NeuralTagger, turn: str) -> None:
        """Emoji, joiners, dotted capitals and other scripts leave offsets exact."""
        start = turn.index("Az")
        end = turn.index("man") + 3
        covered = [(s.start, s.end) for s in tagger.tag([turn])[0] if s.label == "PERSON"]
        assert any(a <= start and b >= end for a, b in covered)

    def test_combining_mark_stays_with_its_letter(self, tagger: NeuralTagger) -> None:
        """A span never ends between a letter and its combining mark."""
        turn = unicodedata.normalize("NFD", "My name is José.")
        found = texts(turn, tagger.tag([turn])[0], "PERSON")
        assert found == [unicodedata.normalize("NFD", "José")]

    @settings(max_examples=60, deadline=None)
    @given(turns=st.lists(st.text(max_size=60), max_size=5))
    def test_any_text_gives_spans_inside_it(self, tagger: NeuralTagger, turns: list[str]) -> None:
        """Whatever the text, each turn gets a list of spans that lie inside it."""
        found = tagger.tag(turns)
        assert len(found) == len(turns)
        for turn, spans in zip(turns, found, strict=True):
            for s in spans:
                assert 0 <= s.start < s.end <= len(turn)
                assert 0 < s.score <= 1

    def test_empty_turns(self, tagger: NeuralTagger) -> None:
        """Nothing said, nothing found, and the others keep their places."""
        assert tagger.tag([]) == []
        assert tagger.tag(["", "  ", "\n"]) == [[], [], []]
        assert texts("my name is Azman", tagger.tag(["", "my name is Azman"])[1], "PERSON")


class TestModel:
    """The shipped files."""

    def test_size_and_manifest(self) -> None:
        """The model folder stays within 30 MB and names its labels and thresholds."""
        assert sum(p.stat().st_size for p in MODEL.iterdir()) <= 30_000_000
        manifest = json.loads((MODEL / "manifest.json").read_text("utf-8"))
        assert {"B-PERSON", "B-LOCATION", "B-ORGANIZATION", "B-DATE_TIME"} <= set(
            manifest["labels"]
        )
        assert set(manifest["thresholds"]) == set(manifest["calibration"])

    def test_tampered_model_is_refused(self, tmp_path: Path) -> None:
        """A file that differs from its hash in the manifest is not loaded."""
        copy = tmp_path / "model"
        shutil.copytree(MODEL, copy)
        with (copy / "tokenizer.json").open("ab") as f:
            f.write(b" ")
        with pytest.raises(Corrupted):
            NeuralTagger(copy)

    def test_missing_model_is_refused(self, tmp_path: Path) -> None:
        """An empty folder is named as an incomplete model."""
        with pytest.raises(Corrupted):
            NeuralTagger(tmp_path)
