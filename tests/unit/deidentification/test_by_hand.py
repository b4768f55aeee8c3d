# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.deid_by_hand.__main__ import OUT, SPLITS, lines
from benchmarks.deid_by_hand.agreement import agreement
from benchmarks.deid_by_hand.distance import person_words, unseen
from benchmarks.deid_by_hand.marks import Interview, read, read_folder, unmarked_mentions
from services.deidentification.gold import read_gold

HEAD = "# id: x-01\n# style: founding\n# about: somebody\n"


def written(folder: Path, body: str, name: str = "01-x.txt", head: str = HEAD) -> Path:
    """Write an interview file."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(head + body, encoding="utf-8")
    return path


def interview(folder: Path, body: str) -> Interview:
    """Write an interview and read it."""
    return read(written(folder, body))


class TestShipped:
    @pytest.mark.parametrize("split", SPLITS)
    def test_the_marked_texts_give_the_shipped_bytes(self, split: str) -> None:
        """The JSONL that is measured on is what the marked interviews say."""
        shipped = OUT / f"hand_{split}.jsonl"
        given = "".join(lines(split)).encode()
        assert given == (shipped.read_bytes() if shipped.exists() else b"")

    @pytest.mark.parametrize("split", SPLITS)
    def test_the_evaluation_reads_each_interview(self, split: str) -> None:
        """Each line is gold that `sotto deid evaluate` takes, with a style and its spans apart."""
        for number, line in enumerate(lines(split), 1):
            document = read_gold(json.loads(line), number)
            assert document.style
            ends = [(0, 0)]
            for span in document.gold:
                assert (span.turn, span.start) >= ends[-1]
                ends.append((span.turn, span.end))


class TestMarks:
    def test_a_mark_says_where_its_words_stand_in_the_text_without_marks(
        self, tmp_path: Path
    ) -> None:
        """Offsets are those of the turn's text, after the marks before it are gone."""
        made = interview(
            tmp_path, "I: Hi {{PERSON|Kak Ros}}, in {{LOCATION|Lumut}}?\n\nP: {{AGE|40}}.\n"
        )
        assert made.turns == (("interviewer", "Hi Kak Ros, in Lumut?"), ("participant", "40."))
        assert [made.words(mark) for mark in made.marks] == ["Kak Ros", "Lumut", "40"]
        spans = json.loads(made.as_json())["spans"]
        assert [span["identifier"] for span in spans] == ["direct", "quasi", "quasi"]

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ("I: {{PERSN|Ros}}\n", "line 4: there is no type PERSN"),
            ("I: {{PERSON|Ros }}\n", "line 4: a mark begins or ends with a blank"),
            ("I: {{PERSON|Ros}\n", "line 4: a mark is broken"),
            ("I: ok\nand then\n", "line 5: a turn begins with"),
        ],
    )
    def test_what_cannot_be_read_is_refused_with_its_line(
        self, tmp_path: Path, body: str, said: str
    ) -> None:
        """A wrong mark names file and line."""
        with pytest.raises(ValueError, match=said):
            interview(tmp_path, body)

    def test_an_interview_needs_an_id_of_its_own_and_a_style(self, tmp_path: Path) -> None:
        """Without them figures could not be told apart."""
        path = written(tmp_path, "I: ok\n", head="# id: x\n")
        with pytest.raises(ValueError, match="style"):
            read(path)
        written(tmp_path, "I: ok\n")
        written(tmp_path, "I: ok\n", name="02-y.txt")
        with pytest.raises(ValueError, match="more than one interview has the id x-01"):
            read_folder(tmp_path)

    def test_names_that_stand_without_a_mark_are_listed(self, tmp_path: Path) -> None:
        """A name marked once and not elsewhere is shown to its writer, whole words alone."""
        made = interview(tmp_path, "I: {{PERSON|Hope}} came.\nP: I hope so. Hopeless, Hope.\n")
        assert list(unmarked_mentions(made)) == [(1, "hope"), (1, "hope")]


class TestAgreement:
    def test_same_marks_agree_and_others_only_as_far_as_they_overlap(self, tmp_path: Path) -> None:
        """F1 letter by letter, F1 of what overlaps, by type and whatever the type."""
        first = interview(
            tmp_path / "a", "P: {{PERSON|Kak Ros}} of {{ORGANIZATION|MIASA}}, {{PERSON|Ali}}.\n"
        )
        second = interview(tmp_path / "b", "P: Kak {{PERSON|Ros}} of {{FACILITY|MIASA}}, Ali.\n")
        rows, interviews = agreement([first], [second])
        assert interviews == 1
        assert (rows["any"].exact, rows["any"].overlap) == (0.4, 0.8)
        assert (rows["PERSON"].exact, rows["PERSON"].overlap) == (0.0, pytest.approx(2 / 3))
        assert rows["ORGANIZATION"].overlap == rows["FACILITY"].overlap == 0.0

    def test_other_words_cannot_be_compared(self, tmp_path: Path) -> None:
        """Marks of two texts say nothing about agreement."""
        first = interview(tmp_path / "a", "P: {{PERSON|Ros}} came.\n")
        second = interview(tmp_path / "b", "P: {{PERSON|Ros}} left.\n")
        with pytest.raises(ValueError, match="the words of x-01 differ"):
            agreement([first], [second])


def test_names_are_counted_without_what_stands_around_them(tmp_path: Path) -> None:
    """Titles, kin terms and `bin` are no names; shares count words once, and by mention."""
    made = interview(
        tmp_path, "P: {{PERSON|Dr. Zuhri bin Talib}}, {{PERSON|Kak Zuhri}} in {{LOCATION|Lumut}}.\n"
    )
    counted = person_words([made])
    assert counted == {"zuhri": 2, "talib": 1}
    assert unseen(counted, frozenset({"talib"})) == (0.5, pytest.approx(2 / 3))
