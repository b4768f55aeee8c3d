# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.audit_client import reporting
from services.audit_evidence.breach import Suspicion
from services.audit_evidence.report_model import Letterhead, ReportDocument
from services.console.web.language import speaking
from services.console.web.report_words import fact, in_language, words
from services.registry.events import Event
from services.registry.identities import AUDIT
from services.registry.reasons import REASONS
from services.registry.recording_doubts import RECORDING_DOUBTS, doubt_sentences
from tests.support.compliance_desk import P01, Hospital

HEAD = Letterhead("Hospital Sentosa", "nora (signed in to the console)", datetime.now(UTC))
#: What is the same in both languages.
SAME = {"Hospital", "log", "Log", "Format"}


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    """A log with a story, of somebody too whose account is called like a word of ours."""
    made = Hospital(tmp_path / "audit")
    made.log.tell_story()
    made.log.tell(
        Event.RECORDING_READ, object="rec-9", person="done", role="operator",
        caller="operator", **P01,
    )  # fmt: skip
    yield made
    made.log.close()


def reports(hospital: Hospital) -> Iterator[tuple[ReportDocument, ReportDocument]]:
    """Yield each report, in English and in Malay."""
    now = datetime.now(UTC)
    channel = hospital.channel(AUDIT)
    asked = Suspicion("ana", now.replace(year=2020), now.replace(year=2999), now)
    for found in (
        reporting.evidence(channel, f"{now:%Y-%m}", HEAD),
        reporting.breach(channel, asked, HEAD),
    ):
        with speaking("ms"):
            yield found, in_language(found)


def test_nothing_of_ours_stays_english(hospital: Hospital) -> None:
    """Title, facts, headings, sentences, columns, who signs, and what stands around them."""
    for english, malay in reports(hospital):
        pairs = [
            (english.title, malay.title),
            *zip(english.signatures, malay.signatures, strict=True),
        ]
        pairs += [(one[0], two[0]) for one, two in zip(english.facts, malay.facts, strict=True)]
        for one, two in zip(english.sections, malay.sections, strict=True):
            pairs += [(one.title, two.title), (one.words, two.words)]
            pairs += zip(one.columns, two.columns, strict=True)
        # Names, numbers and times have no two small words in a row.
        pairs += [
            (one[1], two[1])
            for one, two in zip(english.facts, malay.facts, strict=True)
            if re.search(r"[a-z]{2,} [a-z]{2,}|[0-9] [a-z]{3,}", one[1])
        ]
        frames = asdict(english.frame), asdict(malay.frame)
        pairs += [(frames[0][key], frames[1][key]) for key in frames[0]]
        assert [one for one, two in pairs if one == two and one not in SAME] == []


def test_what_the_log_holds_stays(hospital: Hospital) -> None:
    """Names, codes, ids and numbers are those of the log, also where a name is like a word."""
    for english, malay in reports(hospital):
        for one, two in zip(english.sections, malay.sections, strict=True):
            for column in ("Entry", "Object", "Participant", "Release", "Event", "Time (UTC)"):
                if column in one.columns:
                    at = one.columns.index(column)
                    assert [row[at] for row in one.rows] == [row[at] for row in two.rows]
    told = {row[0] for one in malay.sections for row in one.rows}
    assert "ana" in told
    month = next(reports(hospital))[1]
    by_person = next(one for one in month.sections if one.title == "Mengikut orang")
    assert "done" in {row[0] for row in by_person.rows}


def test_words_in_cells(hospital: Hospital) -> None:
    """What happened and how it ended are said in the language of the report."""
    month = next(reports(hospital))[1]
    cells = {cell for one in month.sections for row in one.rows for cell in row}
    assert "selesai" in cells
    assert "Satu panggilan ditolak" in " ".join(cells)
    assert any(cell.startswith("ditolak: kajian itu tidak") for cell in cells)
    assert "log itu utuh" in {value for _, value in month.facts}
    found = next(one for one in month.sections if "Penemuan" in one.columns)
    assert any(re.fullmatch(r"\S+ hingga \S+", row[1]) for row in found.rows)


def test_every_reason_has_its_malay() -> None:
    """So have the reasons of failures and refusals, in reports and on the pages of the log."""
    with speaking("ms"):
        assert [one for one in REASONS.values() if words(one) == one] == []


def test_every_doubt_has_its_malay() -> None:
    """What a transcript's manifest doubts is said in Malay too; in English all stays as it is."""
    said = [*doubt_sentences(dict.fromkeys(RECORDING_DOUBTS, 1))]
    said += doubt_sentences(dict.fromkeys(RECORDING_DOUBTS, 4))
    with speaking("ms"):
        assert [one for one in said if words(one) == one] == []
        assert fact(
            "f7, de-identified, 2026-01-02 03:04 UTC; 18 segments; 1 word may be misheard"
        ) == (
            "f7, ternyahkenal, 2026-01-02 03:04 UTC; 18 segmen; 1 perkataan mungkin tersalah dengar"
        )
    assert [*map(words, said)] == said
