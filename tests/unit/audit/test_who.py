# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from services.audit.domain.breach import Suspicion, breach_report
from services.audit.domain.custody import Step, steps, trace
from services.audit.domain.entry import Entry, Outcome, Phase, ReportedEvent, decode, encode
from services.audit.domain.evidence import evidence_report
from services.audit.domain.history import checks
from services.audit.domain.known import require_known
from services.audit.domain.query import Query, is_like
from services.audit.domain.releases import releases
from services.audit.domain.report_model import ReportDocument
from services.audit.domain.who import who_saw
from services.common.errors import InvalidInput, NotFound
from services.registry.events import Event

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

    def tell(self, name: Event, *, service: str = "storage-research", **fields: Any) -> None:
        """Add a fact."""
        result = fields.pop("result", Outcome.SUCCESS)
        event = ReportedEvent(name.value, Phase.FACT, result, **fields)
        index = len(self.entries)
        self.entries.append(
            decode(encode(event, index, f"2026-11-25T10:{index:02}:00.000000Z", service))
        )

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

    def test_unfinished_release_is_none(self) -> None:
        """Files that were stored for a release that was never finished are no release."""
        told = Story()
        told.tell(Event.BUNDLE_FILE_SEALED, object=FILE, **P01)
        assert releases(told.acts) == []


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
