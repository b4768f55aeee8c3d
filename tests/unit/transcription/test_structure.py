# SPDX-License-Identifier: Apache-2.0
"""Shapes of turns and stamps, each as a small file of its own."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.transcription.domain.transcript import Role
from tests.support.reading import read_all, turns_of

SAID = ("How did you sleep?", "Not so well lah.", "And the week before?", "Only a little.")
TIMES = (4, 11, 65, 72)


def of(text: str, name: str = "a.txt") -> list[tuple[str, str]]:
    """Speaker and text of each turn."""
    return [(turn.speaker, turn.text) for turn in turns_of(text.encode(), name)]


def clock(seconds: int) -> str:
    """Minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def written(shape: str, labels: tuple[str, str]) -> str:
    """Four turns of two speakers in a shape with {name}, {said}, {short} and {long}."""
    return "".join(
        shape.format(
            name=labels[number % 2],
            said=said,
            short=clock(seconds),
            long=f"00:{seconds // 60:02d}:{seconds % 60:02d}",
            dots=f"00.{seconds // 60:02d}.{seconds % 60:02d}",
        )
        for number, (said, seconds) in enumerate(zip(SAID, TIMES, strict=True))
    )


LABELS = [
    ("Farah Diyana", "Kumar Veloo"),
    ("I", "P"),
    ("Interviewer", "P12"),
    ("SPEAKER_00", "SPEAKER_01"),
    ("Speaker 1", "Speaker 2"),
    ("Dr. Lim Wei Jie", "Kumar a/l Veloo"),
    ("FARAH DIYANA", "KUMAR VELOO"),
]

SHAPES = [
    "{name}: {said}\n",
    "{name} : {said}\n",
    "{name}：{said}\n",
    "{name}:\n{said}\n\n",
    "{name}\n{said}\n\n",
    "{name}\t{said}\n",
    "{name}   {said}\n",
    "{name} - {said}\n",
    "{name} – {said}\n",
    "- {name}: {said}\n",
    ">> {name}: {said}\n",
    "[{name}]: {said}\n",
    "[{name}] {said}\n",
    "({name}): {said}\n",
    "({name}) {said}\n",
    "({name})\n{said}\n\n",
    "{{{name}}}{said}\n",
    "<{name}> {said}\n",
    "**{name}:** {said}\n\n",
    "**{name}**: {said}\n\n",
    "**{name}** {said}\n\n",
]

STAMPED_SHAPES = [
    "{name}  {short}\n{said}\n\n",
    "{name} {long}\n{said}\n",
    "{name} ({short}):\n{said}\n\n",
    "{name} ({short}): {said}\n",
    "{name} [{long}]: {said}\n",
    "{name} [{long}] {said}\n",
    "{name} ({long}) - {said}\n",
    "{name}: [{long}] {said}\n",
    "{name}: ({short}) {said}\n",
    "{name} - {short}\n{said}\n\n",
    "{name} | {short}\n{said}\n\n",
    "[{name}] {long}\n{said}\n\n",
    "[{long}] {name}: {said}\n",
    "({short}) {name}: {said}\n",
    "{{{long}}} {name}: {said}\n",
    "<{long}> {name}: {said}\n",
    "#{long}-0# {name}: {said}\n",
    "[{dots}] {name}: {said}\n",
    "{dots} {name}: {said}\n",
    "{long} {name}: {said}\n",
    "{long},000 {name}: {said}\n",
    "{long}:000 {name}: {said}\n",
    "{long}\t{name}\t{said}\n",
    "{name}\t{long}\t{said}\n",
    "[{long}] - {name}\n{said}\n\n",
    "{long} {name}\n{said}\n",
    "{long}\n{name}\n{said}\n\n",
    "[{long}.000 --> {long}.900] {name}: {said}\n",
    "[{long} - {long}] [{name}]: {said}\n",
    "{long} {{{name}}}{said}\n",
]


class TestShapes:
    @pytest.mark.parametrize("labels", LABELS, ids=lambda pair: pair[0])
    @pytest.mark.parametrize("shape", SHAPES)
    def test_labels(self, shape: str, labels: tuple[str, str]) -> None:
        """Each shape gives back its turns."""
        expected = [(labels[number % 2], said) for number, said in enumerate(SAID)]
        assert of(written(shape, labels)) == expected

    @pytest.mark.parametrize("labels", LABELS, ids=lambda pair: pair[0])
    @pytest.mark.parametrize("shape", STAMPED_SHAPES)
    def test_labels_with_stamps(self, shape: str, labels: tuple[str, str]) -> None:
        """Each shape gives back its turns and times, and no stamp stays in the text."""
        turns = turns_of(written(shape, labels).encode(), "a.txt")
        assert [(t.speaker, t.text) for t in turns] == [
            (labels[number % 2], said) for number, said in enumerate(SAID)
        ]
        assert [turn.start_ms for turn in turns] == [1000 * seconds for seconds in TIMES]


PROSE = st.lists(
    st.lists(
        st.text("abcdefghijklmnopqrstuvwxyzéß", min_size=1, max_size=9), min_size=4, max_size=14
    ).map(lambda words: " ".join(words).capitalize() + "."),
    min_size=1,
    max_size=12,
)
WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäéß中文தமிழ்", min_size=1, max_size=8),
    min_size=1,
    max_size=12,
).map(lambda words: " ".join(words) + ".")
SPEAKERS = ("I", "P", "Farah Diyana", "Kumar a/l Veloo", "Dr. Lim", "S. Raj", "陈美玲")


class TestWhatIsNoLabel:
    @pytest.mark.parametrize(
        "line",
        [
            "Olanzapine: ten milligram at night, I feel sleepy",
            "Breakfast: rice. Lunch: nothing.",
            "my sister told me: come home",
            "and then she said: never again",
            "Note: this was a holiday",
            "at 9:30 we eat, the score was 3:2",
            "John 3:16 he read to me",
            "see http://example.com/a:b for it",
            "(laughs) I - I do not know",
            "Saturday - we went out",
            "#tired all day",
            "[wife of P07] came",
        ],
    )
    def test_it_stays_in_the_turn(self, line: str) -> None:
        """What looks like a label is text where the file does not say otherwise, to the letter."""
        text = f"I: what was it\nP: let me think\n{line}\nI: and then\nP: that is all\n"
        assert of(text) == [
            ("I", "what was it"), ("P", f"let me think {line}"),
            ("I", "and then"), ("P", "that is all"),
        ]  # fmt: skip

    def test_a_name_that_comes_once_among_names_is_a_speaker(self) -> None:
        """Somebody may say one thing only."""
        text = "I: shall we\nP: yes\nFarah: here\nI: okay\nFarah: good\nKumar: sorry\nI: fine\n"
        assert ("Kumar", "sorry") in of(text)

    @given(PROSE)
    def test_plain_prose_stays_one_text_with_all_words(self, sentences: list[str]) -> None:
        """Without labels, nothing is a speaker and no word goes."""
        turns = turns_of("\n".join(sentences).encode(), "a.txt")
        assert " ".join(turn.text for turn in turns) == " ".join(sentences)
        assert {turn.speaker for turn in turns} == {""}

    @given(st.lists(st.text("AIbc:[](){} 0123.-/#中\t*<>", max_size=24), max_size=14))
    def test_every_word_is_in_a_turn_a_label_or_counted(self, lines: list[str]) -> None:
        """No letter of any text is lost in silence."""
        text = "".join(f"{line} x\n" for line in lines) + "\nI: end of it\nP: ok y\n"
        # What begins as JSON does is read as JSON.
        assume(text.lstrip()[:1] not in "[{")
        turns, reading = read_all(text.encode(), "a.txt")
        found = "".join(turn.speaker + turn.text for turn in turns)
        if not reading.words_left_out:
            assert {c for c in text if c.isalpha()} <= set(found)


class TestSpellings:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("INTERVIEWER", "Interviewer"),
            ("Farah\u00a0Diyana", "Farah  Diyana"),
            ("Far\u200bah Diyana", "Farah Diyana"),
            ("Farah Diyana (Guest)", "Farah Diyana"),
            ("Farah (she/her)", "Farah"),
            ("Farah Diyana.", "Farah Diyana"),
            ("Interviewer (Farah)", "Interviewer"),
            ("Ｉ", "I"),
        ],
    )
    def test_two_spellings_are_one_speaker(self, one: str, other: str) -> None:
        """What people and programs add or change in a label makes nobody else of it."""
        text = f"{one}: hello there\nKumar: hi\n{other}: and now\nKumar: well\n{one}: ok\n"
        turns = turns_of(text.encode(), "a.txt")
        assert [turn.text for turn in turns] == ["hello there", "hi", "and now", "well", "ok"]
        assert len({turn.speaker for turn in turns}) == 2


class TestLeftOut:
    def test_cover_lines(self) -> None:
        """What a cover page says is no talk; names and codes in it are known of the recording."""
        text = (
            "In-depth interview transcript\nParticipant ID: P12\nInterviewer: Farah Diyana\n"
            "Interviewee: Kumar Veloo\nTranscribed by: Lim Mei\nDate: 3 May 2026\n\n"
            "Interviewer: hello\nParticipant: hi\nInterviewer: well\nParticipant: fine\n"
        )
        turns, reading = read_all(text.encode(), "a.txt")
        assert [turn.text for turn in turns] == ["hello", "hi", "well", "fine"]
        assert [turn.role for turn in turns] == [Role.INTERVIEWER, Role.PARTICIPANT] * 2
        assert reading.left_out == {"cover_lines": 6}
        assert reading.codes == ("P12",)
        assert {name.name for name in reading.names} == {"Farah Diyana", "Kumar Veloo", "Lim Mei"}

    def test_what_is_said_of_a_name_in_a_cover_line_is_not_of_it(self) -> None:
        """A name is known without what stands in brackets or behind a dash; its slash is its."""
        text = (
            "Participant: Zaiton Ramli (P12)\nRelative present: Salmah Jelutung (sister)\n"
            "Others present: Devi a/p Raman (nurse)/Lim Mei - student\nDate: 3 May 2026\n\n"
            "Interviewer: hello\nParticipant: hi\nInterviewer: well\nParticipant: fine\n"
        )
        _, reading = read_all(text.encode(), "a.txt")
        assert reading.left_out == {"cover_lines": 4}
        assert reading.codes == ("P12",)
        known = {name.name for name in reading.names}
        assert known >= {"Zaiton Ramli", "Salmah Jelutung", "Devi a/p Raman", "Lim Mei"}

    def test_headings_of_topics_are_nobodys(self) -> None:
        """Headings between turns are counted, and in nobody's mouth."""
        text = (
            "Childhood:\nI: where was it\nP: near the sea\nWork:\nI: what did you do\nP: fishing\n"
            "Shame: the village\nI: what did they say\nP: nothing\n"
        )
        turns, reading = read_all(text.encode(), "a.txt")
        assert [turn.text for turn in turns][1::2] == ["near the sea", "fishing", "nothing"]
        assert reading.left_out == {"headings": 3}

    def test_what_is_said_before_the_first_label_is_kept(self) -> None:
        """A sentence is no cover line: it stays, as nobody's."""
        text = "we had already begun to talk about the ward.\nI: go on\nP: yes\nI: and\nP: no\n"
        assert of(text)[0] == ("", "we had already begun to talk about the ward.")

    def test_lines_that_are_numbered_and_pages(self) -> None:
        """Numbers of lines and pages, and headers that come again, are no talk."""
        numbered = "1  I: how was it\n2     last week\n3  P: good\n4  I: and now\n5  P: bad\n"
        assert of(numbered)[0] == ("I", "how was it last week")
        paged = "I: one\nP: two\nStudy of sleep\nPage 1 of 2\n\fStudy of sleep\nI: three\nP: four\n"
        turns, reading = read_all(paged.encode(), "a.txt")
        assert [turn.text for turn in turns] == ["one", "two", "three", "four"]
        assert reading.left_out == {"headers_footers": 3}


class TestTimes:
    def test_stamps_at_the_end_say_when_a_turn_ended(self) -> None:
        """As f4 writes: the end of one turn is the start of the next."""
        text = "I: well? #00:00:05-2#\nB: good. #00:00:09-4#\nI: and? #00:00:12-0#\n"
        turns = turns_of(text.encode(), "a.txt")
        assert [(turn.start_ms, turn.end_ms) for turn in turns] == [
            (None, 5200), (5200, 9400), (9400, 12000),
        ]  # fmt: skip

    def test_stamps_inside_a_turn_cut_it_but_no_name_and_no_number(self) -> None:
        """Each part has its time; a name or a number that a stamp parts stays whole."""
        text = (
            "[00:00:01] I: good. [00:00:05] How are you?\n[00:00:09] P: one two [00:00:12] three,"
            " my friend Siti [00:00:14] Aminah came. [00:00:20] Then I slept\n"
        )
        assert [(turn.text, turn.start_ms) for turn in turns_of(text.encode(), "a.txt")] == [
            ("good.", 1000), ("How are you?", 5000),
            ("one two three, my friend Siti Aminah came.", 9000), ("Then I slept", 20000),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "shape",
        [
            "[{}] {}: {}\n", "{} {}: {}\n", "[20/03/2026, {}] {}: {}\n",
            "{} AM\t From  {}  to  Everyone:\n\t{}\n",
        ],
    )  # fmt: skip
    def test_times_of_the_day_are_offsets_from_the_first(self, shape: str) -> None:
        """A chat at ten in the morning does not begin ten hours into the recording."""
        clocks = ("10:15:20", "10:16:02", "10:20:00")
        text = "".join(
            shape.format(time, name, said)
            for time, name, said in zip(clocks, ("Farah", "Kumar", "Farah"), SAID[:3], strict=True)
        )
        turns = turns_of(text.encode(), "a.txt")
        assert [(t.speaker, t.text, t.start_ms) for t in turns] == [
            ("Farah", SAID[0], 0), ("Kumar", SAID[1], 42_000), ("Farah", SAID[2], 280_000),
        ]  # fmt: skip


class TestOverlaps:
    def test_words_of_another_inside_a_turn(self) -> None:
        """Split where a bracket begins with a label that the file has; else it stays."""
        text = (
            "I: good morning [P: morning] how are you\nP: fine //I: mhm// my wife\n"
            "I: ok\nP: [my wife: ill] (laughs)\n"
        )
        assert of(text)[:6] == [
            ("I", "good morning"), ("P", "morning"), ("I", "how are you"),
            ("P", "fine"), ("I", "mhm"), ("P", "my wife"),
        ]  # fmt: skip
        assert of(text)[-1] == ("P", "[my wife: ill] (laughs)")


class TestWarnings:
    def test_one_speaker_with_much_text(self) -> None:
        """Where everything is one speaker's, it is said."""
        reading = read_all(b"I: " + b"word " * 200, "a.txt")[1]
        assert [warning.kind for warning in reading.warnings] == ["one_speaker"]

    def test_labels_that_stay_in_the_text(self) -> None:
        """What looks like a label and is read as text is told by its line."""
        text = "I: what\nP: two kinds\nZyprexol: ten milligram\nI: and\nP: that is all\n"
        reading = read_all(text.encode(), "a.txt")[1]
        assert [(w.kind, w.place) for w in reading.warnings] == [("labels_in_text", 3)]

    def test_times_that_go_back(self) -> None:
        """Turns stay in the order of the file, and it is said."""
        text = "[00:00:10] I: a\n[00:00:20] P: b\n[00:00:15] I: c\n[00:00:30] P: d\n"
        reading = read_all(text.encode(), "a.txt")[1]
        assert [(w.kind, w.count, w.place) for w in reading.warnings] == [("out_of_order", 1, 3)]


class TestRoundTrip:
    @settings(max_examples=60)
    @given(
        st.sampled_from([*SHAPES[:2], *SHAPES[9:13], *STAMPED_SHAPES]),
        st.lists(st.sampled_from(SPEAKERS), min_size=2, max_size=4, unique=True),
        st.lists(WORDS, min_size=2, max_size=8),
        st.integers(1, 50),
    )
    def test_what_is_written_is_read(
        self, shape: str, speakers: list[str], said: list[str], step: int
    ) -> None:
        """Any shape with any number of speakers who speak twice gives back its turns."""
        said = said * 4
        turns = [(speakers[n % len(speakers)], text) for n, text in enumerate(said)]
        seconds = [3 + step * n for n in range(len(turns))]
        text = "".join(
            shape.format(
                name=name, said=words, short=clock(at),
                long=f"00:{at // 60:02d}:{at % 60:02d}", dots=f"00.{at // 60:02d}.{at % 60:02d}",
            )
            for (name, words), at in zip(turns, seconds, strict=True)
        )  # fmt: skip
        assert of(text) == turns


class TestLanguages:
    @pytest.mark.parametrize(
        ("text", "most"),
        [
            ("I went home and they were not there", "en"),
            ("saya tak boleh tidur malam tadi", "ms"),
            ("我昨天晚上睡不好", "zh"),
            ("நான் நேற்று தூங்கவில்லை", "ta"),
            ("Gobinath", "und"),
        ],
    )
    def test_the_language_of_most_words(self, text: str, most: str) -> None:
        """Script decides, and words that come often."""
        languages = read_all(f"I: {text}\nP: {text}\n".encode(), "a.txt")[1].languages
        assert max(languages, key=lambda one: languages[one]) == most
        assert sum(languages.values()) in range(998, 1003)


class TestMarkdown:
    def test_markup_goes_and_words_stay(self) -> None:
        """Headings, emphasis, lists, quotes, links and code are read without their marks."""
        text = (
            "---\ntitle: Talk\n---\n\n# Interview\n\n"
            "**I:** Did *you* [sleep](http://x.example)?\n\n"
            "**P:** `Not` so ~well~, 3 * 4 = 12\n\n> **I:** And now?\n\n- **P:** fine &amp; well\n"
            "<!-- check this -->\n"
        )
        turns, reading = read_all(text.encode(), "a.md")
        assert [(turn.speaker, turn.text) for turn in turns] == [
            ("I", "Did you sleep?"), ("P", "Not so ~well~, 3 * 4 = 12"), ("I", "And now?"),
            ("P", "fine & well"),
        ]  # fmt: skip
        assert reading.left_out == {"cover_lines": 1, "headings": 1, "comments": 1}


def cues(*texts: str) -> list[tuple[str, str]]:
    """Speaker and text of each turn of a WebVTT file of these cues."""
    file = "WEBVTT\n\n" + "".join(
        f"00:00:{3 * n:02d}.000 --> 00:00:{3 * n + 2:02d}.000\n{text}\n\n"
        for n, text in enumerate(texts)
    )
    return of(file, "a.vtt")


class TestCues:
    def test_a_cue_without_a_label_goes_on_with_the_speaker_before(self) -> None:
        """Programs write the label where the speaker changes, and there alone."""
        assert cues("Farah: hello", "go on", "Kumar: hi there", "yes") == [
            ("Farah", "hello"), ("Farah", "go on"), ("Kumar", "hi there"), ("Kumar", "yes"),
        ]  # fmt: skip

    def test_a_cue_may_hold_several_speakers(self) -> None:
        """Each line with a label is a turn; a dash without one is somebody, not the one before."""
        assert cues("- Farah: hello\n- Kumar: hi", "- and?\n- well") == [
            ("Farah", "hello"), ("Kumar", "hi"), ("", "and?"), ("", "well"),
        ]  # fmt: skip
        assert cues(">> Farah: hello", "more", ">> Kumar: hi", ">> ok")[-1] == ("", "ok")

    def test_words_before_a_colon_in_cues(self) -> None:
        """What somebody lists is text, whether the voice is stated or nobody is."""
        assert cues("good day", "Breakfast: rice. Lunch: nothing.", "we went")[1] == (
            "", "Breakfast: rice. Lunch: nothing.",
        )  # fmt: skip
        assert cues("<v Farah>Dinner: fish", "<v Kumar>ok")[0] == ("Farah", "Dinner: fish")

    @pytest.mark.parametrize(
        "label",
        ["farah diyana", "Gobi's iPhone", "60123456789", "Veloo, Kumar (Guest)", "farah_88",
         "Nur Syazwani Izzati binti Mohd Hafizuddin Shah", "farah@example.com"],
    )  # fmt: skip
    def test_labels_of_meetings(self, label: str) -> None:
        """Names of devices, telephone numbers and whole names are labels like others."""
        assert len({speaker for speaker, _ in cues(f"{label}: hi", "Lim: yes")}) == 2

    def test_names_in_brackets(self) -> None:
        """What comes again in brackets is a speaker; what transcribers note is not."""
        for left, right in ("[]", "()"):
            found = cues(
                f"{left}Lim{right} hi", f"{left}Raj{right} yo", "(laughs)", f"{left}Lim{right} ok"
            )
            assert [speaker for speaker, _ in found] == ["Lim", "Raj", "Raj", "Lim"]
