# SPDX-License-Identifier: Apache-2.0
"""What a transcriber notes, and how a character is written, hide nothing."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.domain import views
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.transcript import Span, Transcript, Turn

#: What noScribe, f4, GAT 2, Jefferson, CHAT, NVivo users and others write between words.
NOTES = [
    *"(.) (..) (-) (--) (2.0) (0.5) (3s) (?) [?] [\u2026] ... / | =".split(),
    *"@@@ .hh \u00b0h &=laughs".split(),
    "(1 sec pause)",
    "(3 saat)",
    "(pause, about 3 seconds)",
    "((laughs))",
    "[pause]",
    "[inaudible]",
    "[inaudible 00:08-00:19]",
    "[laughs]",
    "*coughs*",
    "{coughs}",
    "<pause>",
    "//S01: mhm//",
    "// yes //",
    "(I: mhm)",
    "[I: ya]",
    "(Interviewer: yes)",
    "[00:01:02]",
    "[00:01:02.345]",
    "{00:01:02}",
    "#00:01:02-3#",
    "(unclear 00:01:02)",
    "\u3010\u505c\u987f\u3011",
]
#: A sentence with a gap for notes, and what must not be left of it.
SAID = {
    "a phone number in words": (
        "my number is zero one two {} three four five {} six seven eight nine",
        "zero|two|three|five|six|nine",
    ),
    "a phone number": ("my number is 012 {} 345 {} 6789", "012|345|6789"),
    "an identity card": ("my IC is 880315 {} 14 {} 5678", "880315|14|5678"),
    "an e-mail address": (
        "write to kamsiah dot {} wan eighty {} eight at {} gmail dot com",
        "kamsiah|wan|eighty|eight|gmail",
    ),
    "a name": ("my name is {} Kamsiah {} Suffian and he came", "Kamsiah|Suffian"),
    "a date": ("born on the twelfth {} of March {} nineteen eighty two", "twelfth|March|eighty"),
}


def _text(engine: Engine, *turns: str) -> list[str]:
    return list(engine.deidentify(Transcript(tuple(Turn(turn) for turn in turns))).texts)


class TestNotes:
    """Notation is not speech."""

    @pytest.mark.parametrize("said", SAID)
    @pytest.mark.parametrize("note", NOTES)
    def test_hides_nothing(self, engine: Engine, note: str, said: str) -> None:
        """A note inside of an identifier leaves no piece of it."""
        sentence, pieces = SAID[said]
        (text,) = _text(engine, sentence.format(*[note] * 3))
        assert not regex.search(rf"\b(?:{pieces})\b", text), text

    def test_brackets_may_hold_words(self, engine: Engine) -> None:
        """What was heard with doubt is in brackets too, and a name in a note is a name."""
        (text,) = _text(engine, "it is (zero one two) (.) three four five six seven eight nine")
        assert not regex.search("zero|two|three|nine", text)
        assert "Kamsiah" not in _text(engine, "so (Encik Kamsiah laughs) we left")[0]

    def test_talk_stays(self, engine: Engine) -> None:
        """A note alone is no reason to take anything away."""
        talk = "I feel (.) better [laughs] than last year (2.0) you know //I: mhm// really"
        assert _text(engine, talk) == [talk]

    def test_what_was_not_heard_stays(self, engine: Engine) -> None:
        """Such a note as transcription writes is shown as it is, in a turn of its own."""
        turns = ("so I went home", "[inaudible 00:08-00:19]", "[inaudible 662:08-662:19]")
        assert _text(engine, *turns) == list(turns)


class TestTurns:
    """A value that the end of a turn cuts is not read by half."""

    @pytest.mark.parametrize(
        "turns",
        [
            ("i was warded twenty", "March twenty twenty", "four until then"),
            ("my mother is seventy", "two years old already"),
            ("the date was 12", "March 2019 they told me"),
        ],
    )
    def test_no_value_is_made_up(self, engine: Engine, turns: tuple[str, ...]) -> None:
        """All pieces are masked, none becomes a year or an age."""
        for text in _text(engine, *turns):
            assert regex.search(r"\[(?:DATE_TIME|AGE)\]", text), text
            assert not regex.search(r"\d|twenty|seventy|two|four|March", text)

    def test_whole_values_are_read(self, engine: Engine) -> None:
        """An echo of the interviewer's is a value of its own."""
        assert _text(engine, "it was in 1985", "1985, okay") == ["it was in [1985]", "[1985], okay"]

    def test_addresses_go_on(self, engine: Engine) -> None:
        """An e-mail address over two turns is one."""
        assert "kamsiah88" not in _text(engine, "it is kamsiah88@", "gmail.com ya")[0]
        assert "kamsiah" not in _text(engine, "write kamsiah dot", "wan at gmail dot com")[0]


class TestForms:
    """Compatibility forms are what they stand for."""

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("\uff10\uff11\uff12\uff0d\uff13\uff14\uff15\uff16\uff17\uff18\uff19", "012-3456789"),
            ("880315\u201414\u20145678", "880315-14-5678"),
            ("880315\u30fc14\u20435678", "880315-14-5678"),
            ("880315\u221214\u00b75678", "880315-14-5678"),
            (
                "\uff47\uff4f\uff42\uff49\uff20\uff4d\uff41\uff49\uff4c\uff0e\uff43\uff4f\uff4d",
                "gobi@mail.com",
            ),
            ("gobi@mail\u3002com", "gobi@mail.com"),
            ("\u2460\u2461\u2462", "123"),
            ("\u2070\u00b9\u00b2", "012"),
            ("012&#45;345&nbsp;6789", "012-345 6789"),
            ("ka\u00admsiah\u200b\u202e", "kamsiah"),
            ("\ufb01nal", "final"),
            ("\u0662\u0660", "20"),
        ],
    )
    def test_are_folded(self, written: str, read: str) -> None:
        """Digits, letters, separators, references and what is invisible."""
        assert views.folded(written).text == read

    @pytest.mark.parametrize(
        "text",
        [
            "he came \u2014 Siti too",
            "5 m\u00b2",
            "Siti\u00b9",
            "AT&T; me",
            "\u963f\u91cc\u00b7\u54c8\u6851",
        ],
    )
    def test_others_stay(self, text: str) -> None:
        """A dash between words, a power, a footnote, a point between names."""
        assert views.folded(text).text == text

    def test_numbers_in_chinese_talk(self, engine: Engine) -> None:
        """Full-width digits and hyphens, next to characters."""
        (text,) = _text(
            engine,
            "\u6211\u7684\u7535\u8bdd\u662f\uff10\uff11\uff12\uff0d\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
        )
        assert text == "\u6211\u7684\u7535\u8bdd\u662f[PHONE_NUMBER]"


class TestWayBack:
    """Every place of a view is a place of its text."""

    @given(st.text(alphabet="ab 1-@.(:)[]/#*&;n\n\u00ad\uff11\ufb01\u2014\u4e2d", max_size=60))
    def test_places(self, text: str) -> None:
        """Offsets rise, stay inside, and plain letters stand where they stood."""
        view = views.run_on(views.spoken(views.folded(text)))
        starts = view.starts or range(len(text))
        for at, char in enumerate(view.text):
            (span,) = view.back([Span(at, at + 1, "PERSON", 1.0)])
            assert 0 <= span.start < span.end <= len(text), span
            assert at == 0 or starts[at - 1] <= span.start
            if char in "ab":
                assert char in text[span.start : span.end]
