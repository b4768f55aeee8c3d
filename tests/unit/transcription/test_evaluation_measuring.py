# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
import json
from pathlib import Path

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.diarization import DiarizationErrorRate

from flows.cli import main as cli
from services.transcription import cli_evaluate
from services.transcription.evaluation.intervals import rate
from services.transcription.evaluation.measuring import measure
from services.transcription.evaluation.speaker_times import speaker_times
from services.transcription.evaluation.utterances import BadComparison, Document, Utterance
from services.transcription.evaluation.word_errors import (
    character_errors,
    speaker_errors,
    word_errors,
)

sentences = st.lists(st.lists(st.sampled_from("abcd"), max_size=5), min_size=1, max_size=6)
texts = st.dictionaries(st.sampled_from("ABC"), sentences, min_size=1)


def talk(*lines: tuple[str, str, float, float]) -> Document:
    """A document of speaker, text, start and end."""
    return Document(tuple(Utterance(text, who, "en", a, b) for who, text, a, b in lines))


def joined(words: list[list[str]]) -> str:
    """All words in a line."""
    return " ".join(word for one in words for word in one)


class TestWordErrors:
    @given(said=sentences, heard=sentences)
    def test_parts_are_the_whole(self, said: list[list[str]], heard: list[list[str]]) -> None:
        """Errors by utterance add up to those that jiwer counts in the whole text."""
        words = jiwer.process_words(joined(said), joined(heard))
        letters = jiwer.process_characters(joined(said), joined(heard))

        found = word_errors(said, heard)
        in_words = found.by_reference
        in_letters = character_errors(said, heard)

        assert sum(e.substitutions for e in in_words) == words.substitutions
        assert sum(e.deletions for e in in_words) == words.deletions
        assert sum(e.insertions for e in in_words) == words.insertions
        assert sum(e.length for e in in_words) == len(joined(said).split())
        assert any(found.wrong) == (words.wer > 0)
        if any(said):
            total = letters.substitutions + letters.deletions + letters.insertions
            assert sum(e.count for e in in_letters) == total
            assert sum(e.length for e in in_letters) == len(joined(said))

    @given(said=texts, heard=texts)
    @settings(max_examples=50)
    def test_speakers_are_paired_as_to_err_least(
        self, said: dict[str, list[list[str]]], heard: dict[str, list[list[str]]]
    ) -> None:
        """cpWER is the least of all ways to pair the speakers of both."""
        size = max(len(said), len(heard))
        mine = [joined(one) for one in said.values()] + [""] * (size - len(said))
        other = [joined(one) for one in heard.values()] + [""] * (size - len(heard))

        def errors(a: str, b: str) -> int:
            found = jiwer.process_words(a, b)
            return found.substitutions + found.deletions + found.insertions

        least = min(
            sum(errors(a, b) for a, b in zip(mine, order, strict=True))
            for order in itertools.permutations(other)
        )

        assert sum(one.count for one in speaker_errors(said, heard)) == least

    def test_where_an_error_belongs(self) -> None:
        """An inserted word belongs to the utterance before; a missing one to a mark that stands
        there without words, else to the segment before.
        """
        found = word_errors([["a", "b"], ["c"], ["d"]], [["a", "b", "x"], [], ["d"]])

        assert [one.count for one in found.by_reference] == [0, 1, 0]
        assert word_errors([["a"], ["b"]], [["a", "x", "x"], ["b"]]).wrong == [True, False]
        assert word_errors([["a"], ["c"], ["d"]], [["a"], [], ["d"]]).wrong == [False, True, False]
        assert word_errors([["a"], ["c"], ["d"]], [["a"], ["d"]]).wrong == [True, False]


class TestSpeakerTimes:
    def test_parts_are_the_whole(self) -> None:
        """Stretches add up to the error rate that pyannote.metrics gives to the recording."""
        said = talk(("A", "", 0, 20), ("B", "", 18, 47), ("A", "", 50, 95.5), ("C", "", 70, 72))
        heard = talk(("1", "", 1, 19), ("2", "", 19, 46), ("3", "", 49, 80), ("1", "", 80, 99))

        def annotation(document: Document) -> Annotation:
            made = Annotation()
            for track, one in enumerate(document.utterances):
                made[Segment(one.start or 0, one.end or 0), track] = one.speaker
            return made

        for collar in (0.0, 0.25):
            measured = DiarizationErrorRate(collar=2 * collar)(
                annotation(said),
                annotation(heard),
                uem=Timeline([Segment(0, 99)]),
                detailed=True,
            )
            parts = speaker_times(said.utterances, heard.utterances, collar)

            assert len(parts) == 4
            assert sum(one.speech for one in parts) == pytest.approx(measured["total"])
            assert sum(one.confusion for one in parts) == pytest.approx(measured["confusion"])
            assert sum(one.missed for one in parts) == pytest.approx(measured["missed detection"])
            assert sum(one.false_alarm for one in parts) == pytest.approx(measured["false alarm"])


class TestRate:
    def test_interval_holds_the_rate_and_is_repeatable(self) -> None:
        """The same counts give the same interval, and the rate is in it."""
        errors, lengths = [0.0, 1, 2, 0, 5, 1], [10.0, 9, 11, 10, 12, 8]
        one = rate(errors, lengths)

        assert one == rate(errors, lengths)
        assert one is not None
        assert one.low is not None
        assert one.high is not None
        assert one.value == pytest.approx(9 / 60)
        assert one.low < one.value < one.high

    def test_nothing_to_count(self) -> None:
        """Without words there is no rate, and without two units no interval."""
        assert rate([0.0], [0.0]) is None
        alone = rate([1.0], [4.0])
        assert alone is not None
        assert (alone.value, alone.low) == (0.25, None)


class TestMeasure:
    def test_english_rules_where_all_is_english(self) -> None:
        """Spellings and contractions count as errors only where the language is not known."""
        said = Document((Utterance("I'm at the colour centre, um, Dr. Lee"),))
        heard = Document((Utterance("i am at the color center doctor lee"),))

        english = measure([(said, heard)], language="en").wer
        basic = measure([(said, heard)]).wer

        assert english is not None
        assert basic is not None
        assert english.errors.count == 0
        assert basic.errors.count > 0

    def test_by_speaker_and_language(self) -> None:
        """Words of each speaker and language of the reference are counted apart."""
        said = Document(
            (
                Utterance("one two", "A", "en", 0, 1),
                Utterance("satu dua tiga", "B", "ms", 1, 2),
            )
        )
        heard = Document((Utterance("one two satu dua", "1", "", 0, 2),))

        found = measure([(said, heard)])

        assert {k: v.errors.count for k, v in found.by_language.items()} == {"en": 0, "ms": 1}
        assert {k: v.errors.length for k, v in found.by_speaker.items()} == {"A": 2, "B": 3}

    def test_share_of_doubts_that_were_right(self) -> None:
        """Doubtful segments with an error are right; errors without a doubt are not found."""
        said = Document(tuple(Utterance(word * 3) for word in ("aa ", "bb ", "cc ", "dd ")))
        heard = Document(
            (
                Utterance("aa aa x", doubtful=True),
                Utterance("bb bb bb", doubtful=True),
                Utterance("cc y cc"),
                Utterance("dd dd dd"),
            ),
            has_doubts=True,
        )

        doubts = measure([(said, heard)]).doubts

        assert doubts is not None
        assert (doubts.segments, doubts.doubtful) == (4, 2)
        assert doubts.right is not None
        assert doubts.found is not None
        assert (doubts.right.value, doubts.found.value) == (0.5, 0.5)

    def test_what_cannot_be_measured_is_told(self) -> None:
        """RTTM against plain text leaves nothing; against a transcript, the DER."""
        rttm = Document((Utterance(speaker="A", start=0, end=2),), has_text=False)
        plain = Document((Utterance("a"),), has_speakers=False)

        only = measure([(rttm, talk(("1", "a", 0, 2)))])

        assert only.wer is None
        assert only.der is not None
        assert only.der.rate.value == 0
        with pytest.raises(BadComparison, match="nothing to compare"):
            measure([(rttm, plain)])
        with pytest.raises(BadComparison, match="no word that counts"):
            measure([(Document((Utterance("..."),)), plain)])


class TestCommand:
    def test_folders_are_compared_by_name(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Files of two folders belong together by their names, and intervals go over files."""
        for folder in ("ref", "hyp"):
            (tmp_path / folder).mkdir()
        for name, said, heard in (("a", "red and blue", "red and"), ("b", "green", "green")):
            (tmp_path / "ref" / f"{name}.stm").write_text(f"{name} 1 A 0 2 {said}\n")
            (tmp_path / "hyp" / f"{name}.jsonl").write_text(
                json.dumps({"text": heard, "speaker": "S1", "start": 0, "end": 2}) + "\n"
            )
        words = ["transcribe", "evaluate", str(tmp_path / "ref"), str(tmp_path / "hyp")]

        assert cli.main([*words, "--language", "en", "--json"]) == 0

        found = json.loads(capsys.readouterr().out)
        assert found["interval"]["over"] == "files"
        assert (found["wer"]["rate"], found["wer"]["units"]) == (0.25, 2)
        assert found["text_rules"] == "whisper-english"
        (tmp_path / "hyp" / "c.txt").write_text("x")
        assert cli.main(words) == 4
        assert "in one of the folders only: c" in capsys.readouterr().err

    def test_table_for_people(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The table names each figure, its interval, and what was not measured and why."""
        (tmp_path / "r.txt").write_text("good morning doctor\n")
        (tmp_path / "h.txt").write_text("good evening doctor\n")

        files = [str(tmp_path / "r.txt"), str(tmp_path / "h.txt")]
        assert cli.main(["transcribe", "evaluate", *files]) == 0

        out = capsys.readouterr().out
        assert "WER       33.3%" in out
        assert "DER      not measured: one of both has no times" in out

    def test_missing_packages_are_named(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Where what counts is not installed, the packages and how to get them are told."""
        monkeypatch.setitem(cli_evaluate._PACKAGES, "no_such_module", "no-such-package")
        (tmp_path / "r.txt").write_text("a\n")
        words = ["transcribe", "evaluate", str(tmp_path / "r.txt"), str(tmp_path / "r.txt")]

        assert cli.main(words) == 3

        err = capsys.readouterr().err
        assert "no-such-package" in err
        assert "pip install" in err
        assert cli.main([*words[:2], str(tmp_path / "none"), words[3]]) == 4
