# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from services.intake import report
from services.registry.reading_warnings import sentence
from services.transcription.adapters.convert import reading_to_message
from tests.support.deployment import ROOT
from tests.support.reading import read_all
from tests.support.ugly_word import ugly_word_document


def test_the_page_shows_what_is_said_of_an_ugly_file() -> None:
    """The report that docs/intake.md prints is the one of today, line by line."""
    _, reading = read_all(ugly_word_document(), "interview.docx")
    facts = report.told(reading_to_message(reading))
    warned = [f"! {sentence(one.kind, one.count, one.place)}" for one in reading.warnings]
    shown = [line.strip() for line in (ROOT / "docs/intake.md").read_text("utf-8").splitlines()]
    start = shown.index("$ sotto ingest interview.docx --dry-run") + 2
    assert shown[start : start + len(facts) + len(warned)] == [*facts, *warned]
