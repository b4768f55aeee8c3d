# SPDX-License-Identifier: Apache-2.0
"""The benchmark of leaks through speech: its scripts are sound, its counting is what it says."""

from __future__ import annotations

import json

import pytest

from benchmarks import leak_scripts
from benchmarks.leak_counts import Counts, align, near, read_number, regions, spelt
from benchmarks.leak_scripts import DIRECT, NUMBERS, parse, scripts
from benchmarks.speech_leaks import PERFECT, Row, report

SCRIPTS = list(scripts())


def test_scripts_hold_people_and_numbers_in_both_languages_and_uses() -> None:
    """Every script has people who are named again, and there are some of each language and use."""
    assert {script.language for script in SCRIPTS} == leak_scripts.LANGUAGES
    assert {script.use for script in SCRIPTS} == leak_scripts.USES
    for script in SCRIPTS:
        assert any(len(forms) > 1 for forms in script.people().values()), script.name
        kinds = {mark.kind for line in script.lines for mark in line.marks}
        assert kinds & NUMBERS, script.name
        assert kinds & DIRECT >= {"person"}, script.name


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_marks_lie_on_words_of_their_line_and_no_name_is_said_unmarked(
    script: leak_scripts.Script,
) -> None:
    """Marks are disjoint; a name of a person that is no everyday word is marked wherever it is."""
    names = {w for forms in script.people().values() for form in forms for w in form.split()}
    for line in script.lines:
        inside = [at for mark in line.marks for at in range(mark.first, mark.last)]
        assert len(inside) == len(set(inside))
        assert all(0 <= at < len(line.words) for at in inside)
        assert not set("[~") & set(line.text)
        unmarked = {w for at, w in enumerate(line.words) if at not in inside and w[0].isupper()}
        assert not unmarked & names - set("Mister Doctor Sister Nurse Uncle Kak Encik".split())


@pytest.mark.parametrize("line", ["X: hello", "P: [person:a Ana", "P: [pet:a Rex] barks", "hello"])
def test_a_line_that_is_no_turn_is_refused(line: str) -> None:
    """A script with an unknown speaker or kind, or an open bracket, is refused."""
    head = "language: en\ninterviewer: slt\nparticipant: rms\nuse: new\n\n"
    with pytest.raises(ValueError, match="bad"):
        parse("bad", head + line)


def test_malay_words_are_given_to_piper_as_phonemes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words with a tilde, and they alone, are put in Piper's notation for phonemes."""
    monkeypatch.setattr(leak_scripts, "_phonemes", str.upper)
    head = "language: en\ninterviewer: slt\nparticipant: joe\nuse: new\n\n"
    (line,) = parse("a", head + "P: I am [person:a ~Siti ~Nor], hello.").lines
    assert leak_scripts.for_voice(line, "joe") == "I am [[ SITI  NOR ]], hello."
    assert leak_scripts.for_voice(line, "slt") == "I am Siti Nor, hello."
    assert [line.words[m.first : m.last] for m in line.marks] == [("Siti", "Nor")]


@pytest.mark.parametrize(
    ("said", "heard", "told"),
    [
        ("aida", "ida", True),
        ("faizal", "faisal", True),
        ("kavitha", "gavita", True),
        ("rosnah", "rosner", True),
        ("letchumi", "let", False),
        ("kavitha", "coffee", False),
        ("aida", "a", False),
    ],
)
def test_near_words_are_those_that_can_be_read_back(said: str, heard: str, told: bool) -> None:
    """Few other letters, or the same consonants, give a name away."""
    assert near(said, heard) is told


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        ("zero one two three four five", "said"),
        ("zero won to tree for five", "said"),
        ("three four five", "misheard"),
        ("one two", ""),
        ("", ""),
    ],
)
def test_a_number_is_read_from_its_digits_in_order(standing: str, told: str) -> None:
    """All digits give it away, half of them nearly do, and words that sound like digits count."""
    said = "zero one two three four five".split()
    assert read_number(said, standing.split()) == told


def test_figures_count_as_the_words_that_say_them() -> None:
    """Two figures are a number, a year two, and others are said one by one."""
    assert spelt("47") == ["forty", "seven"]
    assert spelt("2019") == ["twenty", "nineteen"]
    assert spelt("8801") == ["eight", "eight", "zero", "one"]
    assert spelt("Melur") == ["Melur"]
    assert spelt("B4") == ["B", "four"]


def test_words_heard_in_the_place_of_a_name_are_found() -> None:
    """A name that is heard as several words has all of them in its place."""
    said = "my neighbour letchumi told me".split()
    heard = "my neighbour let you me told me".split()
    places = regions(len(said), align(said, heard))
    assert {heard[at] for at in places[2]} == {"let", "you", "me"}
    assert places[0] == {0}


def test_rows_are_plain_values_without_content_and_are_summed() -> None:
    """A row can be written as JSON and holds no miss; the report sums rows by kind."""
    counts = Counts(words=10, misses=["said person Aida"])
    counts.kinds["person"].planted = 4
    counts.kinds["person"].as_misheard = 1
    rows = [Row(SCRIPTS[0], "clean", 60.0, counts), Row(SCRIPTS[0], PERFECT, 0.0, Counts())]
    assert "Aida" not in json.dumps([row.record() for row in rows])
    assert rows[0].record()["kinds"]["person"]["planted"] == 4
    assert "1 recordings, 1.0 minutes, 10 words" in report(rows)
    assert " ".join(report(rows).split()).count("person 4 0 1 0.250 0") == 1
