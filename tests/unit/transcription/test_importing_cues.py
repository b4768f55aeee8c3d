# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import html
import io

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.importing import IMPORTERS, sbv, srt, vtt
from services.transcription.adapters.importing.source import ImportLimits, Source
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript, TooLarge
from tests.support.reading import read_all

SAID = st.text("abcdefghij klmnop&<>éß中.,!?", min_size=1, max_size=40).map(
    lambda text: " ".join(text.split())
).filter(lambda text: any(letter.isalpha() for letter in text))  # fmt: skip
CUES = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**5), SAID), min_size=1, max_size=8
)

Row = tuple[str | None, int | None, int | None, str]


def clock(milliseconds: int, mark: str) -> str:
    """A time as subtitles write it."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}{rest:03}"


def passages(form: str, text: str, limits: ImportLimits | None = None) -> list[Passage]:
    """The passages of a text of this form."""
    return list(IMPORTERS[form](Source(text.encode(), "", limits or ImportLimits())))


def rows(form: str, text: str) -> list[Row]:
    """Speaker, times and text of the passages."""
    return [(one.speaker, one.start_ms, one.end_ms, one.text) for one in passages(form, text)]


def said(form: str, text: str) -> list[str]:
    """The texts of the passages."""
    return [one.text for one in passages(form, text)]


def found(form: str, text: str) -> Findings:
    """What is noted beside the passages."""
    source = Source(text.encode())
    list(IMPORTERS[form](source))
    return source.findings


class TestVtt:
    def test_voices_notes_and_formatting(self) -> None:
        """Voice tags name speakers; notes and styles are left out, formatting goes."""
        text = (
            "WEBVTT - title\nKind: captions\n\nNOTE\nby hand\n\nSTYLE\n::cue { color: red }\n\n"
            "intro\n00:01.000 --> 00:02.500 align:start\n"
            "<v.loud Dr Lim>Good <i>morning</i> &amp; all</v>\n\n"
            "00:00:03.000 --> 00:00:04.000\n<v Lim>Yes?</v> <v Siti>No.\n"
        )
        assert rows("vtt", text) == [
            ("Dr Lim", 1000, 2500, "Good morning & all"),
            ("Lim", 3000, 4000, "Yes?"),
            ("Siti", 3000, 4000, "No."),
        ]
        assert dict(found("vtt", text).left_out) == {"notes": 3, "markup": 1}

    def test_a_label_in_the_text_stays_there(self) -> None:
        """Who a cue without a voice is of is for the reader of the whole file to find."""
        text = "WEBVTT\n\n00:01.000 --> 00:02.000\nNurse Aminah: come in\n"
        assert rows("vtt", text) == [(None, 1000, 2000, "Nurse Aminah: come in")]

    @given(CUES)
    def test_round_trip(self, cues: list[tuple[int, int, str]]) -> None:
        """Cues that are written are read back with the same voice, times and text."""
        text = "WEBVTT\n\n" + "".join(
            f"{clock(start, '.')} --> {clock(start + length, '.')}\n"
            f"<v Ah Keong>{html.escape(words, quote=False)}\n\n"
            for start, length, words in cues
        )
        assert rows("vtt", text) == [("Ah Keong", s, s + n, words) for s, n, words in cues]

    @given(CUES)
    def test_times_and_texts_are_those_of_a_peer(self, cues: list[tuple[int, int, str]]) -> None:
        """What `webvtt-py` reads of a file without tags is read here as well."""
        plain = [(s, n, words.replace("<", "").replace("&", "")) for s, n, words in cues]
        plain = [one for one in plain if any(letter.isalpha() for letter in one[2])]
        text = "WEBVTT\n\n" + "".join(
            f"{n}\n{clock(s, '.')} --> {clock(s + length, '.')}\n{words.strip()}\n\n"
            for n, (s, length, words) in enumerate(plain, 1)
        )
        theirs = list(webvtt.from_buffer(io.StringIO(text))) if plain else []
        ours = rows("vtt", text) if plain else []
        assert [row[3].split() for row in ours] == [one.text.split() for one in theirs]
        assert [clock(row[1] or 0, ".") for row in ours] == [one.start for one in theirs]

    @pytest.mark.parametrize(
        ("payload", "expected"),
        [
            ("it went from <8 in May to >15", "it went from <8 in May to >15"),
            ("I <unclear> say a<b", "I <unclear> say a<b"),
            ("<i think so> she said", "<i think so> she said"),
            ("love <3 you", "love <3 you"),
            ("<c.yellow.bg>so</c> <b>be</b> <u>it</u>", "so be it"),
            ("<lang en-GB>aye</lang>", "aye"),
            ("<ruby>漢<rt>kan</rt></ruby>", "漢kan"),
            ('<font color="#fff">white</font>', "white"),
            ("one<br>two<BR/>three", "one\ntwo\nthree"),
            ("at<00:00:03.200><c> nine</c>", "at nine"),
            ("fish &amp; chips &lt;b&gt;", "fish & chips <b>"),
            ("&#64; &#x27;x&#x27; &hellip; &quot;y&quot;", "@ 'x' … \"y\""),
            ("a&nbsp;b &amp;lt; c", "a b &lt; c"),
            ("R&D, you & me; AT&T", "R&D, you & me; AT&T"),
            ("arrow a --> b", "arrow a --> b"),
            ("</i>left over", "left over"),
        ],
    )
    def test_tags_and_references(self, payload: str, expected: str) -> None:
        """Only tags that are known are tags; references are decoded once, as HTML does."""
        assert said("vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\n{payload}\n") == [expected]

    @pytest.mark.parametrize(
        ("payload", "expected"),
        [
            ("<v Ong>a</v> b", [("Ong", "a"), (None, "b")]),
            ("<v Ong>a</v>.", [("Ong", "a .")]),
            ("- <v Ong>a", [("Ong", "- a")]),
            ("<v Ong>a <v Ravi>b", [("Ong", "a"), ("Ravi", "b")]),
            ("<v Ong>a\n<v Ravi>b</v>\n<v Ong>c", [("Ong", "a"), ("Ravi", "b"), ("Ong", "c")]),
            ("<v.first.loud Ong Mei\tLi>a", [("Ong Mei Li", "a")]),
            ("<v Ong&amp;Sons>a", [("Ong&Sons", "a")]),
            ("<v Ong\nMei>a", [("Ong Mei", "a")]),
            ("<v Ong>a</v><v >(pause)", [("Ong", "a"), ("", "(pause)")]),
            ("<v >only text", [(None, "only text")]),
            ("<v>only text</v>", [(None, "only text")]),
        ],
    )
    def test_voices(self, payload: str, expected: list[tuple[str | None, str]]) -> None:
        """A voice says what stands in its span; what stands outside is of nobody that is named."""
        text = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{payload}\n"
        assert [(one.speaker, one.text) for one in passages("vtt", text)] == expected

    @pytest.mark.parametrize(
        ("written", "start", "end"),
        [
            ("00:01.000 --> 00:02.500", 1000, 2500),
            ("0:0:1.0 --> 0:0:2.5", 1000, 2500),
            ("00:00:01,000 --> 00:00:02,500", 1000, 2500),
            ("123:00:01.000 --> 123:00:02.500 line:0 align:start", 442_801_000, 442_802_500),
            ("00:00:01.000-->00:00:02.500", 1000, 2500),
            ("00:00:01.000 -> 00:00:02.500", 1000, 2500),
            ("  00:00:01.000\t-->\t00:00:02.500  ", 1000, 2500),
            ("00:00:01.000 --> ", 1000, None),
            ("00:00:01 --> 00:00:02", 1000, 2000),
            ("00: 00: 01. 000 --> 00:00:02:500", 1000, 2500),
            ("1.000 --> 2.500", 1000, 2500),
        ],
    )
    def test_spellings_of_times(self, written: str, start: int, end: int | None) -> None:
        """Times are read as players and programs write them."""
        text = f"WEBVTT\n\n{written}\nselamat pagi\n"
        assert rows("vtt", text) == [(None, start, end, "selamat pagi")]

    @pytest.mark.parametrize(
        "between",
        ["\n", "\n\n\n", "\n \n", "", "\n2\n", "\nb7e2-11/4-0\n", "\nNOTE\none\n\ntwo\n\n2\n"],
    )
    def test_what_stands_between_cues(self, between: str) -> None:
        """Blank lines, none, names of cues and notes of several paragraphs end a cue."""
        text = (
            "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nfirst\n"
            f"{between}00:03.000 --> 00:04.000\nsecond\n"
        )
        if "b7e2" in between:
            text = text.replace("\n1\n", "\nb7e2-11/3-0\n")
        assert said("vtt", text) == ["first", "second"]

    def test_a_blank_line_ends_no_cue(self) -> None:
        """What follows a blank line inside a cue is kept, however many follow."""
        text = (
            "WEBVTT\n\n1\n00:01.000 --> 00:02.000\na\n\nb\n \n\nc 3\n\n"
            "2\n00:03.000 --> 00:04.000\nd"
        )
        assert said("vtt", text) == ["a\nb\nc 3", "d"]

    def test_names_of_cues_that_are_speakers(self) -> None:
        """Webex writes the speaker into the name of a cue; one that comes again is a person's."""
        text = "WEBVTT\n\n" + "".join(
            f'{n} "{name}" (37418496)\n00:0{n}.000 --> 00:0{n}.500\nyes {n}\n\n'
            for n, name in enumerate(("Ravi Chandran", "Salmah"), 1)
        )
        expected = [("Ravi Chandran", "yes 1"), ("Salmah", "yes 2")]
        assert [(one.speaker, one.text) for one in passages("vtt", text)] == expected
        text = "WEBVTT\n\n" + "".join(
            f"{name}\n00:0{n}.000 --> 00:0{n}.500\nyes\n\n"
            for n, name in enumerate(("Ravi", "Salmah", "Ravi", "Ravi"), 1)
        )
        assert [one.speaker for one in passages("vtt", text)] == ["Ravi", "Salmah", "Ravi", "Ravi"]

    def test_names_of_cues_with_words_are_counted(self) -> None:
        """Where cues have names throughout, they are no speech, and their words are told."""
        text = "WEBVTT\n\n" + "".join(
            f"part {word}\n00:0{n}.000 --> 00:0{n}.500\nyes\n\n"
            for n, word in enumerate(("alpha", "beta", "gamma"), 1)
        )
        assert said("vtt", text) == ["yes"] * 3
        assert (found("vtt", text).left_out["notes"], found("vtt", text).words_left_out) == (3, 6)

    @pytest.mark.parametrize(
        "text",
        [
            "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:9\n\n00:01.000 --> 00:02.000\nhi",
            "WEBVTT\n00:01.000 --> 00:02.000\nhi",
            "WEBVTT\n1\n00:01.000 --> 00:02.000\nhi",
            "\ufeffWEBVTT - x\n\n\n00:01.000 --> 00:02.000\nhi",
            "\n\nWEBVTT\n\n00:01.000 --> 00:02.000\nhi",
            "WEBVTT\n\nREGION\nid:fred\n\nSTYLE\n::cue(b) {}\n\n00:01.000 --> 00:02.000\nhi",
            "WEBVTT\n\nNOTE Confidence: 0.9\n\n00:01.000 --> 00:02.000\nhi\n\nNOTE the end",
            "00:01.000 --> 00:02.000\nhi",
        ],
    )
    def test_headers(self, text: str) -> None:
        """Nothing of a header or a block of notes is speech."""
        assert said("vtt", text) == ["hi"]

    def test_names_in_notes_are_known(self) -> None:
        """A person or a file that notes name is known; other words of them are not names."""
        text = (
            "WEBVTT int_Kasturi\n\nNOTE\nTranscribed with a program\n"
            "Audio file: C:\\talks\\Ravi Chandran 2.m4a\n\nNOTE Reviewed by Salmah Idris\n\n"
            "00:01.000 --> 00:02.000\nhi\n"
        )
        names = [(one.name, one.source) for one in found("vtt", text).names]
        assert [name for name, _ in names] == ["Kasturi", "Ravi Chandran", "Salmah Idris"]
        assert {source for _, source in names} == {"property"}

    def test_one_bad_cue_costs_itself(self) -> None:
        """It is left out with its words and its line; a cue that ends too early loses its end."""
        text = (
            "WEBVTT\n\n1\n00:01.000 --> 00:02.000\na\n\n2\n00:0x.000 --> 00:04.000\nlost words\n\n"
            "3\n00:06.000 --> 00:05.000\nc\n\n4\nsoon --> later\nd\n"
        )
        assert rows("vtt", text) == [(None, 1000, 2000, "a"), (None, 6000, None, "c")]
        findings = found("vtt", text)
        assert findings.left_out["cues"] == 2
        assert {one.kind: (one.count, one.place) for one in findings.warnings} == {
            "cues_skipped": (2, 8),
            "ends_before_start": (1, 12),
        }

    def test_time_that_runs_backwards_is_told(self) -> None:
        """Cues stay in the order of the file, and it is told once for each."""
        text = "WEBVTT\n\n00:05.000 --> 00:06.000\nb\n\n00:01.000 --> 00:02.000\na\n"
        turns, reading = read_all(text.encode())
        assert [turn.text for turn in turns] == ["b", "a"]
        assert [(one.kind, one.count, one.place) for one in reading.warnings] == [
            ("out_of_order", 1, 6)
        ]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("hello", "line 1"),
            ("WEBVTT\n\nx\ny\n", "line 3"),
            ("WEBVTT\n\n00:01.000 --> soon\nx\n", "line 3"),
        ],
    )
    def test_without_any_cue(self, text: str, place: str) -> None:
        """Where no cue can be read, the first line that should be one is named."""
        with pytest.raises(BadTranscript, match=place):
            passages("vtt", text)


class TestRolling:
    def test_captions_made_by_machine(self) -> None:
        """Lines that are shown again while the next ones roll in are read once."""
        text = (
            "WEBVTT\n\n00:01.000 --> 00:02.000\n \n"
            "we<00:01.300><c> met</c><00:01.600><c> at</c>\n\n"
            "00:02.000 --> 00:02.010\nwe met at\n \n\n"
            "00:02.010 --> 00:03.000\nwe met at\nthe<00:02.300><c> clinic</c>\n\n"
            "00:03.000 --> 00:03.010\nthe clinic\n \n"
        )
        assert said("vtt", text) == ["we met at", "the clinic"]
        assert found("vtt", text).left_out["repeated_lines"] == 3

    def test_the_same_as_subrip(self) -> None:
        """Programs that turn such captions into SubRip drop the times of words."""
        shown = ["a b", "a b\nc d", "c d", "c d\ne f", "e f", "e f\ng h", "g h", "g h\ni j"]
        text = "".join(
            f"{n}\n{clock(n * 1000, ',')} --> {clock(n * 1000 + 1000, ',')}\n{lines}\n\n"
            for n, lines in enumerate(shown, 1)
        )
        assert said("srt", text) == ["a b", "c d", "e f", "g h", "i j"]

    def test_who_says_it_twice_said_it_twice(self) -> None:
        """Words that come again here and there were said again."""
        words = ["ya", "ya", "I know", "the pills", "mm", "mm", "every day", "ok", "bye"]
        text = "".join(
            f"{n}\n{clock(n * 1000, ',')} --> {clock(n * 1000 + 900, ',')}\n{word}\n\n"
            for n, word in enumerate(words, 1)
        )
        assert said("srt", text) == words


class TestEditors:
    def test_label_and_stamp_in_cues_of_their_own(self) -> None:
        """noScribe's editor writes them so; the label that a person gave goes before the voice."""
        cue = "00:00:{:02}.000 --> 00:00:{:02}.900\n<v S0{}>{}\n\n"
        text = "WEBVTT x\n\n" + "".join(
            cue.format(at, at, voice, words)
            for at, voice, words in (
                (3, 4, "Interviewer: "),
                (3, 4, "[00:00:03]"),
                (3, 4, "how are you"),
                (5, 5, "S05: "),
                (5, 5, "better"),
                (7, 4, "good"),
            )
        )
        assert [(one.speaker, one.text) for one in passages("vtt", text)] == [
            ("Interviewer", "how are you"),
            ("S05", "better"),
            ("Interviewer", "good"),
        ]

    def test_a_colon_at_the_end_is_no_label(self) -> None:
        """A cue that ends with a colon is speech where the next one begins later."""
        text = (
            "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ong>I say:\n\n"
            "00:02.000 --> 00:03.000\n<v Ong>no.\n"
        )
        assert said("vtt", text) == ["I say:", "no."]


class TestSrt:
    def test_formatting_and_missing_numbers(self) -> None:
        """Tags go, numbers may be missing, and a blank line inside a cue loses nothing."""
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\n<i>I:</i> {\\an8}hello\n\nstill me\n\n"
            "00:00:03,000 --> 00:00:04,000\nP: bye\n"
        )
        assert rows("srt", text) == [
            (None, 1000, 2000, "I: hello\nstill me"),
            (None, 3000, 4000, "P: bye"),
        ]

    @given(CUES)
    def test_round_trip(self, cues: list[tuple[int, int, str]]) -> None:
        """Cues that are written are read back with the same times and text."""
        text = "".join(
            f"{number}\n{clock(start, ',')} --> {clock(start + length, ',')}\n"
            f"{html.escape(words, quote=False)}\n\n"
            for number, (start, length, words) in enumerate(cues, 1)
        )
        assert rows("srt", text) == [(None, s, s + n, words) for s, n, words in cues]

    @pytest.mark.parametrize(
        "text",
        [
            "\n\n\n1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:03,000 --> 00:00:04,000\nb 5\n",
            "1\n00:00:01,000 --> 00:00:02,000\na\n2\n00:00:03,000 --> 00:00:04,000\nb 5\n",
            "1\n\n00:00:01,000 --> 00:00:02,000\n\na\n\n2\n\n00:00:03,000 --> 00:00:04,000\n\nb 5",
            "00:00:01,000 --> 00:00:02,000\na\n\n00:00:03,000 --> 00:00:04,000\nb 5\n",
            (
                "1\n00:00:01.000 --> 00:00:02.000 X1:40 X2:600 Y1:20 Y2:50\na\n\n"
                "3\n0:00:03.0 --> 0:00:04.0\nb 5\n"
            ),
            "1 00:00:01,000 --> 00:00:02,000\na\n\n2 00:00:03,000 --> 00:00:04,000\nb 5\n",
            (
                "1\r\r\n00:00:01,000 --> 00:00:02,000\r\r\na\r\r\n\r\r\n2\r\r\n"
                "00:00:03,000 --> 00:00:04,000\r\r\nb 5\r\r\n"
            ),
            "1\n00:00:01,000 --> 00:00:02,000 a\n\n2\n00:00:03,000 --> 00:00:04,000 b 5\n",
            (
                "7\n00:00:01,000 --> 00:00:02,000\n<b>a</b>\n\n"
                '9\n00:00:03,000 --> 00:00:04,000\n<font size="9">b</font>&nbsp;5\n'
            ),
            (
                "\ufeff1\n00:00:01,000 --> 00:00:02,000\n{\\an8}a\n\n"
                "2\n00:00:03,000 --> 00:00:04,000\nb 5"
            ),
        ],
    )
    def test_sloppy_files(self, text: str) -> None:
        """Numbers, blank lines and marks that are missing or too many change nothing."""
        assert rows("srt", text) == [(None, 1000, 2000, "a"), (None, 3000, 4000, "b 5")]

    def test_numbers_that_were_said(self) -> None:
        """A number alone is speech where it is not the next cue's."""
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\nhow many\n\n"
            "2\n00:00:03,000 --> 00:00:04,000\n15\n\n3\n00:00:05,000 --> 00:00:06,000\n3\n\n"
            "4\n00:00:07,000 --> 00:00:08,000\nok\n"
        )
        assert said("srt", text) == ["how many", "15", "3", "ok"]
        bare = "00:00:01,000 --> 00:00:02,000\nmy age\n\n15\n00:00:03,000 --> 00:00:04,000\nok\n"
        assert said("srt", bare) == ["my age\n15", "ok"]

    def test_what_stands_before_the_first_cue_is_kept(self) -> None:
        """It has no time, and no place but before the cues."""
        text = "Talk of May\nsecond line\n\n1\n00:00:01,000 --> 00:00:02,000\nhi\n"
        assert rows("srt", text) == [
            (None, None, None, "Talk of May"),
            (None, None, None, "second line"),
            (None, 1000, 2000, "hi"),
        ]

    def test_no_timing(self) -> None:
        """A text without any timing is refused by line."""
        with pytest.raises(BadTranscript, match="line 1"):
            passages("srt", "hello\nworld\n")

    def test_too_many_cues(self) -> None:
        """The number of cues is bounded before they are all kept."""
        text = "00:00:01,000 --> 00:00:02,000\na\n\n" * 12
        with pytest.raises(TooLarge, match="more than 10 turns"):
            passages("srt", text, ImportLimits(max_turns=10))


class TestSbv:
    def test_lines_of_a_caption(self) -> None:
        """Times, text and line breaks are read; another timing line begins the next caption."""
        text = (
            "0:00:01.000,0:00:02.500\nhow[br]are you\n\n"
            "0:00:03.000,0:00:04.000\n>> fine\nthank you\n0:01:00.5,0:01:01.000\nmm\n"
        )
        assert rows("sbv", text) == [
            (None, 1000, 2500, "how\nare you"),
            (None, 3000, 4000, ">> fine\nthank you"),
            (None, 60_500, 61_000, "mm"),
        ]

    def test_a_bad_one_costs_itself(self) -> None:
        """It is left out and told."""
        text = (
            "0:00:01.000,0:00:02.500\na\n\n0:00:0x,0:00:05.000\nb c\n\n0:00:06.000,0:00:07.000\nd"
        )
        assert said("sbv", text) == ["a\n0:00:0x,0:00:05.000\nb c", "d"]
        broken = text.replace("0:00:0x", "0:00:0")
        assert said("sbv", broken) == ["a", "d"]
        assert found("sbv", broken).left_out["cues"] == 1


class TestNothingIsLost:
    @given(
        form=st.sampled_from(["vtt", "srt", "sbv"]),
        parts=st.lists(
            st.one_of(
                st.text("abc<>/vi &;#0:1.-\n", max_size=12),
                st.sampled_from(
                    [
                        "\n\n",
                        "\n",
                        "00:00:01.000 --> 00:00:02.000\n",
                        "0:00:01.000,0:00:02.000\n",
                        "00:00:xx --> 00:00:02.000\n",
                        "<v Ong>",
                        "</v>",
                        "\n\nNOTE ",
                        "7\n",
                    ]
                ),
            ),
            max_size=14,
        ),
    )
    def test_every_word_is_in_a_passage_or_counted(self, form: str, parts: list[str]) -> None:
        """Whatever stands around it, a word that was said is read or told to be left out."""
        text = ""
        words = []
        for n, part in enumerate(parts):
            words.append(f"word{'xyz'[n % 3] * (n + 1)}")
            text += f"{part} {words[-1]} "
        timing = "00:00:05.000 --> 00:00:06.000" if form != "sbv" else "0:00:05.000,0:00:06.000"
        source = Source(f"{'WEBVTT' * (form == 'vtt')}\n\n{timing}\nhello\n{text}".encode())
        read = list(IMPORTERS[form](source))
        have = " ".join([*(f"{one.speaker} {one.text}" for one in read)])
        missing = [word for word in words if word not in have]
        assert len(missing) <= source.findings.words_left_out

    @given(st.binary(max_size=200), st.sampled_from(["vtt", "srt", "sbv", "ttml"]))
    def test_any_bytes(self, data: bytes, form: str) -> None:
        """Any bytes are read or refused, never more."""
        try:
            list(IMPORTERS[form](Source(data)))
        except (BadTranscript, TooLarge):
            return


class TestRecognition:
    def test_each_by_its_beginning(self) -> None:
        """The beginning of a file tells which of the forms it is."""
        assert vtt.looks_like("WEBVTT\n")
        assert vtt.looks_like("\n\ufeffWEBVTT - x")
        assert not vtt.looks_like("WEBVTTX")
        assert not vtt.looks_like("I: WEBVTT")
        assert srt.looks_like("\n\n1\n00:00:01,000 --> 00:00:02,000\na")
        assert srt.looks_like("0:00:01.0 --> 0:00:02.0\na")
        assert not srt.looks_like("[00:00:01.000 --> 00:00:02.000] a\n")
        assert not srt.looks_like("1\nWe went --> home\n")
        cue = "1\n00:00:01,000 --> 00:00:02,000\na\n\n"
        assert srt.looks_like("Talk of May\n\n" + cue * 2)
        assert not srt.looks_like("I: the times were\n" + cue)
        assert not srt.looks_like("I: a\n" * 40 + cue * 2)
        assert sbv.looks_like("0:00:01.000,0:00:02.000\na")
        assert not sbv.looks_like("0:00:01.000, and then")
