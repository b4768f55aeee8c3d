# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.audit.cli.log_export import trace_rows
from services.audit.domain.known import require_known
from services.audit_evidence.breach import Suspicion, breach_report
from services.audit_evidence.custody import Step, by_owners, steps, trace
from services.audit_evidence.entry import Entry, Outcome, Phase, ReportedEvent, decode
from services.audit_evidence.evidence import evidence_report
from services.audit_evidence.history import checks
from services.audit_evidence.query import Query, is_like
from services.audit_evidence.releases import releases
from services.audit_evidence.report_model import ReportDocument
from services.audit_evidence.who import who_saw
from services.common.errors import InvalidInput, NotFound
from services.registry.events import Event
from tests.support.audit_events import written
from tests.support.old_home import ARCHIVE

P01 = {"study_id": "st1", "participant": "P01"}
OTHER_P01 = {"study_id": "st2", "participant": "P01"}
REVIEWER = {"person": "ana", "role": "reviewer", "purpose": "review", "request_id": "q2"}
OPERATOR = {"person": "root", "role": "operator", "request_id": "q3"}
RESEARCHER = {"person": "ben", "role": "researcher", "request_id": "q4"}
FILE = "rel-9/txt/P01_S1.txt"


class Story:
    """A log that is told fact by fact."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def tell(self, name: Event, *, service: str = "", **fields: Any) -> None:
        """Add a fact, of an owner of the event where no service is named."""
        result = fields.pop("result", Outcome.SUCCESS)
        event = ReportedEvent(name.value, Phase.FACT, result, **fields)
        index = len(self.entries)
        time = f"2026-11-25T10:{index:02}:00.000000Z"
        self.entries.append(written(event, index, time, service))

    @property
    def acts(self) -> list[Step]:
        """The acts of it."""
        return steps(self.entries)


@pytest.fixture
def story() -> Story:
    """A recording, its review, a release, its export, and questions of an officer."""
    told = Story()
    for code, session, recording in (("P01", "1", "rec-1"), ("P01", "2", "rec-2")):
        told.tell(
            Event.RECORDING_SEALED, object=recording, study_id="st1", participant=code,
            attributes={"session": session},
        )  # fmt: skip
    told.tell(Event.RECORDING_SEALED, object="rec-3", **OTHER_P01)
    told.tell(
        Event.RECORDING_READ, object="rec-1", caller="transcription", role="flow",
        request_id="q1", **P01,
    )  # fmt: skip
    told.tell(Event.TRANSCRIPT_REVIEWED, object="rec-1", caller="reviewer", **REVIEWER, **P01)
    told.tell(Event.TRANSCRIPT_READ, object="rec-1/run", caller="release", **REVIEWER, **P01)
    told.tell(
        Event.TRANSCRIPT_APPROVED, object="rec-1", caller="reviewer", **REVIEWER, **P01,
        attributes={"run_key": "a", "residual_risk": "0.1000", "threshold": "0.0500"},
    )  # fmt: skip
    told.tell(Event.TRANSCRIPT_READ, object="rec-1/run", caller="release", **OPERATOR, **P01)
    for name in (FILE, "rel-9/txt/P01_S2.txt"):
        told.tell(Event.BUNDLE_FILE_SEALED, object=name, caller="release", **OPERATOR, **P01)
    told.tell(Event.BUNDLE_SEALED, object="rel-9", study_id="st1", caller="release", **OPERATOR)
    told.tell(
        Event.RELEASE_BUILT, object="st1", study_id="st1", caller="operator", **OPERATOR,
        attributes={"release_id": "rel-9"},
    )  # fmt: skip
    told.tell(
        Event.RELEASE_EXPORTED, object="st1", study_id="st1", caller="researcher", **RESEARCHER,
        attributes={"release_id": "rel-9", "format": "txt"},
    )  # fmt: skip
    told.tell(Event.BUNDLE_FILE_READ, object=FILE, caller="release", **RESEARCHER, **P01)
    told.tell(Event.LOG_READ, person="officer", participant="P66", service="audit")
    told.tell(Event.LOG_READ, person="officer", service="audit",
              attributes={"asked_participant": "P01"})  # fmt: skip
    told.tell(
        Event.TRANSCRIPT_READ, object="rec-1/run", result=Outcome.DENIED, caller="reviewer",
        person="eve", role="reviewer", request_id="q9", reason="not_a_member", **P01,
    )  # fmt: skip
    return told


class TestWho:
    def test_each_act_is_one_row(self, story: Story) -> None:
        """What services read for a person is part of the person's act; who got words is told."""
        answer = who_saw(story.acts, "P01", "st1")

        assert [(one.person, one.role, one.reached) for one in answer.sights] == [
            ("transcription (service)", "flow", "services"),
            ("ana", "reviewer", "person"),
            ("root", "operator", "services"),
            ("ben", "researcher", "person"),
            ("eve", "reviewer", "refused"),
        ]
        assert answer.sights[2].acts == ("A release was rendered, signed and stored",)
        assert answer.sights[3].acts == ("A release was handed out",)
        assert answer.asked == 1

    def test_releases_and_recipients(self, story: Story) -> None:
        """Releases that hold the participant's words, and to whom they went."""
        [release] = who_saw(story.acts, "P01", "st1").releases

        assert (release.release_id, release.participants) == ("rel-9", {"P01"})
        assert [step.who for step in release.exports] == ["ben"]
        assert who_saw(story.acts, "P01", "st2").releases == ()

    def test_names_that_nobody_knows(self, story: Story) -> None:
        """A code of two studies needs its study; a wrong one is told with the nearest."""
        with pytest.raises(InvalidInput, match="st1, st2; say which by --study"):
            who_saw(story.acts, "P01")
        with pytest.raises(NotFound, match="is P01 meant"):
            who_saw(story.acts, "p01", "st1")
        with pytest.raises(NotFound, match="no study st9"):
            who_saw(story.acts, "P01", "st9")

    def test_study_without_recordings_is_known(self, story: Story) -> None:
        """A study that was created is known; its participants are not there yet."""
        story.tell(Event.STUDY_WRITTEN, object="st9", study_id="st9")

        with pytest.raises(NotFound, match="no participant of study st9 called P01"):
            who_saw(story.acts, "P01", "st9")

    def test_unfinished_release_is_none(self) -> None:
        """Files that were stored for a release that was never finished are no release."""
        told = Story()
        told.tell(Event.BUNDLE_FILE_SEALED, object=FILE, **P01)
        assert releases(told.acts) == []


class TestOfOthers:
    """Entries of version 0.1 whose writers do not own the event: shown apart, never counted."""

    TITLE = "Written by a service that does not own this event"

    @pytest.fixture
    def forged(self, story: Story) -> Story:
        """The same story, and what the keys of release and orchestrator could write in 0.1."""
        by = {"person": "mal", "request_id": "q8"}
        story.tell(Event.KEY_DESTROYED, service="release", zone="clinical", **by, **P01)
        story.tell(Event.KEY_DESTROYED, service="storage-research", zone="clinical", **by, **P01)
        story.tell(
            Event.TRANSCRIPT_APPROVED, service="flows", object="rec-2", **by, **P01,
            attributes={"run_key": "b"},
        )  # fmt: skip
        story.tell(Event.RECORDING_READ, service="release", object="rec-2", **by, **P01)
        story.tell(
            Event.RELEASE_EXPORTED, service="flows", study_id="st1", **by,
            attributes={"release_id": "rel-9"},
        )  # fmt: skip
        story.tell(
            Event.REVIEW_RECORDED, service="flows", person="officer",
            attributes={
                "since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z",
                "verdict": "whole",
            },
        )  # fmt: skip
        return story

    def test_evidence(self, forged: Story) -> None:
        """No erasure, approval, export, review or check of the log; a section of their own."""
        report = evidence_report(forged.entries, "2026-11", origin="o", verification=["whole"])
        sections = {one.title: one.rows for one in report.sections}

        assert sections["Retention and withdrawal"] == ()
        assert len(sections["Approvals"]) == 1
        assert [row[5] for row in sections["Handed out"]] == ["ben"]
        assert (sections["Reviews"], sections["History of verification"]) == ((), ())
        assert [row[0] for row in sections[self.TITLE]] == [str(one) for one in range(17, 23)]
        assert [row[4] for row in sections[self.TITLE]][:2] == ["release", "storage-research"]
        assert dict(report.facts)[f"{self.TITLE}, not counted"] == "6"
        assert "mal" not in dict(report.facts)["Names of people"]

    def test_breach(self, forged: Story) -> None:
        """What was written in a person's name touches nobody, and stands in the report."""
        suspicion = Suspicion("rec-2", forged.entries[0].time, datetime(2026, 12, 1, tzinfo=UTC))
        report = breach_report(forged.entries, suspicion, origin="o")
        sections = {one.title: one.rows for one in report.sections}

        assert dict(report.facts)["Read in clear"] == "0 acts"
        assert [row[0] for row in sections[self.TITLE]] == ["19", "20"]

    def test_who(self, forged: Story) -> None:
        """Nobody saw anything by them; their numbers are told."""
        answer = who_saw(forged.acts, "P01", "st1")

        assert "mal" not in {one.person for one in answer.sights}
        assert [step.who for one in answer.releases for step in one.exports] == ["ben"]
        assert answer.not_counted == (17, 18, 19, 20)

    def test_history_and_trace(self, forged: Story) -> None:
        """They are no check of the log; in the chain of a recording they are marked."""
        assert checks(forged.acts) == []
        rows = {row["entry"]: row["owner"] for row in trace_rows(forged.entries, "rec-2")}
        assert (rows[1], rows[19], rows[20]) == (True, False, False)

    def test_an_outcome_by_another_service(self) -> None:
        """Only the service that announced an act says how it ended."""
        told = Story()
        began = ReportedEvent(Event.TRANSCRIPT_READ.value, Phase.INTENT, **P01)
        told.entries.append(written(began, 0, service="storage-clinical"))
        ended = replace(began, phase=Phase.OUTCOME, outcome=Outcome.FAILURE, intent_index=0)
        told.entries.append(written(ended, 1, service="storage-research"))

        [act, other] = told.acts
        assert (act.outcome, act.is_owners, other.is_owners) == ("no outcome", True, False)

    def test_none_in_an_honest_log(self) -> None:
        """All that version 0.1.0 wrote by itself still counts."""
        with tarfile.open(ARCHIVE) as archive:
            file = archive.extractfile("audit.jsonl")
            assert file is not None
            entries = [decode(line.rstrip(b"\n")) for line in file]

        owners, others = by_owners(steps(entries))
        assert (len(entries), others) == (192, [])
        assert any(step.began.event.name == Event.KEY_DESTROYED for step in owners)


class TestTrace:
    def test_files_of_its_own(self, story: Story) -> None:
        """The files of another session of the participant are in no chain but their own."""
        objects = {step.began.event.object for step in trace(story.entries, "rec-1")}

        assert FILE in objects
        assert "rel-9/txt/P01_S2.txt" not in objects


class TestReports:
    def _rows(self, report: ReportDocument, title: str) -> tuple[tuple[str, ...], ...]:
        return next(one.rows for one in report.sections if one.title == title)

    def test_officers_question_touches_nobody(self, story: Story) -> None:
        """Participants are counted by study, and who was only asked for is none of them."""
        report = evidence_report(story.entries, "2026-11", origin="o", verification=["whole"])

        assert dict(report.facts)["Participants concerned"] == "2"  # P01 of two studies

    def test_approvals_releases_and_refusals(self, story: Story) -> None:
        """Who approved, which releases hold whom, who was refused and why, in words."""
        report = evidence_report(story.entries, "2026-11", origin="o", verification=["whole"])

        [approval] = self._rows(report, "Approvals")
        assert approval[1:] == (
            "st1", "P01", "rec-1", "approved", "ana, a person", "0.1000", "0.0500",
        )  # fmt: skip
        assert self._rows(report, "Releases by participant") == (("st1", "P01", "rel-9", "ben"),)
        [refusal] = self._rows(report, "Refused, by study")
        assert refusal[:3] == ("st1", "eve", "the study does not list the person")
        assert report.signatures

    def test_retention(self, story: Story) -> None:
        """Holds in force, deletions and withdrawals stand at the end of the period."""
        hold = {"object": "rec-1", "person": "officer", **P01}
        story.tell(Event.HOLD_WRITTEN, **hold, attributes={"state": "held"})
        story.tell(Event.HOLD_WRITTEN, **hold, attributes={"state": "free"})
        story.tell(Event.HOLD_WRITTEN, **{**hold, "object": "rec-2"}, attributes={"state": "held"})
        story.tell(Event.KEY_DESTROYED, zone="clinical", person="officer", **OTHER_P01)
        report = evidence_report(story.entries, "2026-11", origin="o", verification=["whole"])

        rows = [row[:4] for row in self._rows(report, "Retention and withdrawal")]
        assert rows == [
            ("st1", "P01", "rec-2", "under a legal hold, not deleted"),
            ("st2", "P01", "all", "withdrew: erased in the clinical zone"),
        ]

    def test_names_that_a_certificate_proves(self, story: Story) -> None:
        """A report says whose names are proved, and whose are the word of an account."""
        story.tell(
            Event.STUDY_WRITTEN, person="siti", study_id="st1",
            attributes={"person_proof": "certificate"},
        )  # fmt: skip
        names = dict(
            evidence_report(story.entries, "2026-11", origin="o", verification=["whole"]).facts
        )["Names of people"]

        assert "proved by a certificate: siti" in names
        assert "account of a machine" in names

    def test_breach_about_nobody(self, story: Story) -> None:
        """A mistyped name is no all-clear."""
        begin, end = story.entries[0].time, story.entries[-1].time
        with pytest.raises(NotFound, match="is root meant"):
            breach_report(story.entries, Suspicion("roott", begin, end), origin="o")
        with pytest.raises(InvalidInput, match="before it begins"):
            breach_report(story.entries, Suspicion("root", end, begin), origin="o")


class TestHistory:
    def test_checks(self) -> None:
        """Each check is kept with who asked, how much was looked at, and the result."""
        told = Story()
        whole = {"entries": "7", "findings": "0", "verdict": "whole"}
        told.tell(Event.LOG_VERIFIED, caller="flows", service="audit", attributes=whole)
        told.tell(
            Event.LOG_VERIFIED, caller="flows", service="audit", result=Outcome.FAILURE,
            attributes={"entries": "9", "findings": "2", "verdict": "not-whole"},
        )  # fmt: skip
        found = checks(told.acts)

        assert [(one.by, one.entries, one.findings, one.is_whole) for one in found] == [
            ("the schedule", 7, 0, True),
            ("the schedule", 9, 2, False),
        ]
        facts = dict(
            evidence_report(told.entries, "2026-11", origin="o", verification=["whole"]).facts
        )
        assert facts["Ever found not whole"] == "2026-11-25 10:01 UTC"


class KnownLog:
    """What a log knows, by column."""

    def known(self, column: str) -> list[str]:
        """Return it."""
        return {"participant": ["P01"], "object": ["rec-1/run"], "person": ["ana"]}.get(column, [])


class TestKnown:
    @pytest.mark.parametrize(
        ("query", "words"),
        [
            (Query(participant="p01"), "is P01 meant"),
            (Query(person="Ana"), "is ana meant"),
            (Query(study_id="st1"), "no study st1"),
            (Query(service="storage"), "is storage-"),
            (Query(name="erasure"), "no event erasure"),
            (Query(object="*P77*"), "no object"),
            (Query(participant="Siti Aminah"), "called so"),
        ],
    )
    def test_unknown(self, query: Query, words: str) -> None:
        """Each field is refused by its own name, and what looks like content is not repeated."""
        with pytest.raises(NotFound, match=words) as caught:
            require_known(KnownLog(), query)
        assert "Siti" not in caught.value.message

    def test_known(self) -> None:
        """What is known, or what services may write one day, may have no entry yet."""
        require_known(KnownLog(), Query(participant="P01", object="rec-*", name="*:read"))
        require_known(KnownLog(), Query(service="release", name="vault:document:read"))

    @pytest.mark.parametrize(
        ("pattern", "value", "holds"),
        [
            ("", "x", True),
            ("a*", "abc", True),
            ("*c", "abc", True),
            ("a*c*", "abcd", True),
            ("a.c", "abc", False),
            ("[a]bc", "abc", False),
            ("*", "", True),
        ],
    )
    def test_asterisk_alone_is_special(self, pattern: str, value: str, holds: bool) -> None:
        """An asterisk stands for anything, every other sign for itself."""
        assert is_like(pattern, value) is holds
