# SPDX-License-Identifier: Apache-2.0
"""The leaderboard's own logic; the engines themselves need a package index and are not run here."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.deid_sets import GoldSet, splits
from benchmarks.leaderboard import page
from benchmarks.leaderboard.__main__ import PAGE, RESULTS, scores
from benchmarks.leaderboard.environments import ADAPTERS, LOCKS
from benchmarks.leaderboard.rivals import RIVALS
from benchmarks.leaderboard.scoring import Recorded, redactions
from services.deidentification.domain.policy import load
from services.deidentification.gold import GoldTranscript, flat, read_gold

TURNS = ("Kak Ros came in March 2019.", "Call Ros at 012-345 6789.")


def interview() -> GoldTranscript:
    """Return a tiny interview with four identifiers, three of them direct."""
    spans = [
        (0, 0, 7, "PERSON"),
        (0, 16, 26, "DATE_TIME"),
        (1, 5, 8, "PERSON"),
        (1, 12, 24, "PHONE_NUMBER"),
    ]
    return read_gold(
        {
            "id": "x",
            "style": "founding",
            "turns": [{"speaker": "participant", "text": text} for text in TURNS],
            "spans": [
                {"turn": t, "start": s, "end": e, "entity_type": kind} for t, s, e, kind in spans
            ],
        },
        1,
    )


def scored(*found: tuple[int, int, int, str]) -> dict[str, dict[str, object]]:
    """Return the scores of an engine that found this in the interview, and nothing without case."""
    document = interview()
    recorded = Recorded(load("research-default"), {document.texts: found, flat(document).texts: ()})
    return scores(recorded, GoldSet("test", (document,)))


class TestScoring:
    def test_a_span_of_any_type_counts_for_what_it_covers(self) -> None:
        """A name taken as a place is gone; a title that stays beside a name identifies nobody."""
        row = scored((0, 4, 7, "LOCATION"), (1, 5, 8, "PERSON"))["all"]
        assert row["direct"] == 3
        assert row["direct_left"] == pytest.approx(2 / 3, abs=1e-4)
        assert row["all_left"] == 0.5
        assert row["precision"] == 1.0
        assert row["clean"] == 0.0

    def test_an_interview_is_clean_when_each_direct_identifier_went(self) -> None:
        """Quasi-identifiers that stay do not count there; letters taken in vain cost precision."""
        row = scored((0, 0, 7, "X"), (1, 0, 8, "X"), (1, 12, 24, "X"))["all"]
        assert row["clean"] == 1.0
        assert row["all_left"] == 0.75
        assert row["precision"] == pytest.approx(19 / 23, abs=1e-4)

    def test_people_are_counted_by_what_an_engine_calls_people(self) -> None:
        """For news and talk whose gold has people alone, the type counts."""
        row = scored((0, 0, 7, "PERSON"), (1, 0, 4, "PERSON"), (1, 5, 8, "OTHER"))["all"]
        assert row["person"] == 0.5
        assert row["person_precision"] == pytest.approx(6 / 10, abs=1e-4)

    def test_rows_without_case_and_by_style_are_scored_too(self) -> None:
        """Each row is what was found in that form of the interview."""
        rows = scored((0, 0, 7, "PERSON"))
        assert set(rows) == {"all", "founding", "all, flat", "founding, flat"}
        assert rows["founding"] == rows["all"]
        assert rows["all, flat"]["direct_left"] == 0.0

    def test_overlapping_spans_keep_the_type_of_the_first(self) -> None:
        """What an engine holds likeliest comes first."""
        made = redactions(TURNS, [(0, 4, 7, "PERSON"), (0, 0, 15, "DATE_TIME")])
        assert [(r.start, r.end, r.entity_type) for r in made] == [
            (0, 4, "DATE_TIME"),
            (4, 7, "PERSON"),
            (7, 15, "DATE_TIME"),
        ]

    @pytest.mark.parametrize("span", [(2, 0, 1), (0, 3, 3), (0, 0, 99), (-1, 0, 1)])
    def test_spans_outside_of_the_text_are_refused(self, span: tuple[int, int, int]) -> None:
        """An adapter that counts wrongly gives no figure."""
        with pytest.raises(ValueError, match="outside of its turn"):
            redactions(TURNS, [(*span, "PERSON")])


ADAPTER = """
from common import main, one_by_one

def make(options):
    def find(text):
        if "boom" in text:
            raise RuntimeError(text)
        at = text.find(options["word"])
        return [(at, at + len(options["word"]), "PERSON")] if at >= 0 else []
    return one_by_one(find)

main(make)
"""


class TestAdapters:
    @pytest.mark.parametrize(
        ("unit", "word", "spans"),
        [
            ("turn", "Ros", [[[0, 4, 7, "PERSON"], [1, 5, 8, "PERSON"]], []]),
            ("whole", "2019.\nCall", [[[0, 22, 27, "PERSON"], [1, 0, 4, "PERSON"]], []]),
        ],
    )
    def test_spans_come_back_to_their_turns(
        self, tmp_path: Path, unit: str, word: str, spans: list[object]
    ) -> None:
        """What is found in a whole interview is cut at the ends of turns; a failure is counted."""
        script = tmp_path / "adapter.py"
        script.write_text(ADAPTER, encoding="utf-8")
        given, answer = tmp_path / "given.json", tmp_path / "answer.json"
        given.write_text(json.dumps([TURNS, ["boom"]]), encoding="utf-8")
        options = json.dumps({"unit": unit, "word": word})
        subprocess.run(
            [sys.executable, script, given, answer, options],
            env={"PYTHONPATH": str(ADAPTERS)},
            check=True,
            capture_output=True,
        )
        made = json.loads(answer.read_text(encoding="utf-8"))
        assert made["spans"] == spans
        assert made["failed"] == 1

    @pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.key)
    def test_each_engine_has_an_adapter_and_a_lock_with_versions(self, rival: object) -> None:
        """An engine is installed at fixed versions alone."""
        assert (ADAPTERS / f"{rival.adapter}.py").is_file()
        pins = (LOCKS / f"{rival.lock}.txt").read_text(encoding="utf-8").splitlines()[1:]
        assert pins
        assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)


class TestPage:
    def test_the_page_is_what_the_results_say(self) -> None:
        """Every figure of the page stands in the results file."""
        results = json.loads(RESULTS.read_text(encoding="utf-8"))
        assert page.write(results) == PAGE.read_text(encoding="utf-8")

    def test_a_set_that_was_not_measured_and_an_engine_that_did_not_run_have_no_figures(
        self,
    ) -> None:
        """Nothing is written for what was not run but that it was not, and why."""
        results = {
            "sets": {"test": {"interviews": 1, "words": 11}},
            "rows": {
                "test": {
                    "presidio": {
                        "scores": scored((0, 0, 7, "PERSON")),
                        "seconds": 1.0,
                        "failed": 0,
                        "texts": 2,
                        "version": "presidio-analyzer 1",
                        "date": "2026-01-02",
                    },
                    "philter": {"not_run": "there is no index"},
                }
            },
        }
        written = page.write(results)
        assert "## Generated interviews" in written
        assert "## Interviews written by hand" not in written
        assert "| Presidio | 0.333 (0.061-0.792) |" in written
        assert "Philter was not run: there is no index." in written
        assert "| Philter |" not in written
        assert "| Presidio | presidio-analyzer 1 |" in written


def test_splits_that_are_not_there_yet_are_left_out() -> None:
    """A benchmark runs with the splits that ship."""
    assert [gold.name for gold in splits(("dev", "no_such_split"))] == ["dev"]
