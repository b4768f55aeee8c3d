# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from services.corrections.model import (
    Correction,
    CorrectionKind,
    RunCorrections,
)
from services.release.domain.exporting import ReleaseReader
from services.release.domain.ports import StoredFile
from services.release.domain.reviews import ReviewMode, ReviewState
from services.release.domain.transcript import Transcript
from services.release.errors import (
    NotApproved,
    ReviewChanged,
)
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import (
    NOON,
    STUDY,
    recording_id,
    transcript,
    two,
)
from tests.support.release_building import build

REDACTION = Correction(CorrectionKind.REDACT, 0, 10, 18, "PERSON", "[Person 9]", "dr.lim")


def text_hash(texts: list[str]) -> str:
    """Return the hash of an approved text as docs/release.md describes it."""
    return hashlib.sha256("".join(f"{one}\n" for one in texts).encode()).hexdigest()


class TestApproved:
    """Only what was approved goes out."""

    def test_leaves_out_what_waits_or_was_rejected(self) -> None:
        """Each is named with its reason, in the certificate and in the README."""
        zone = MemoryZone([*two(), transcript("P09", 1, 2)])
        zone.approve_all()
        pending, rejected = (one.summary.run_key for one in zone.transcripts[1:])
        del zone.reviews[pending]
        zone.reviews[rejected] = replace(zone.reviews[rejected], state=ReviewState.REJECTED)
        release, _ = build(zone)
        found = ReleaseReader(zone).certificate(release)
        assert [one.recording_id for one in found.inputs] == [recording_id(0)]
        assert [(one.participant, one.reason) for one in found.left_out or ()] == [
            ("P08", "pending"),
            ("P09", "rejected"),
        ]
        readme = zone.files[release.release_id, "README.txt"][1].decode()
        assert "P08 session 2: waits for review" in readme
        assert "P09 session 1: a reviewer decided" in readme
        assert zone.released[release.release_id] == [zone.transcripts[0].summary.run_key]

    def test_refuses_to_be_empty(self) -> None:
        """The refusal names what is not approved and the command to look at it."""
        zone = MemoryZone(list(two()))
        with pytest.raises(NotApproved, match=f"review list --study {STUDY}") as caught:
            build(zone)
        assert f"{recording_id(0)} (pending), {recording_id(1)} (pending)" in caught.value.message
        assert caught.value.exit_code == 3
        assert not zone.files

    def test_a_long_list_is_cut(self) -> None:
        """A message stays readable with many waiting."""
        zone = MemoryZone([transcript(number=number) for number in range(25)])
        with pytest.raises(NotApproved, match="and 5 more"):
            build(zone)

    def test_an_approval_is_for_one_run(self) -> None:
        """A transcript that was made anew is left out until it is approved itself."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        again = replace(zone.transcripts[0].summary, run_key="0" * 32)
        zone.transcripts.append(Transcript(again, zone.transcripts[0].segments))
        release, _ = build(zone)
        found = ReleaseReader(zone).certificate(release)
        assert [one.recording_id for one in found.left_out or ()] == [recording_id(0)]

    def test_an_approval_is_for_the_corrections_that_were_read(self) -> None:
        """Corrections that came after an approval take it back, whatever its record says."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        zone.put_corrections(STUDY, zone.transcripts[0].summary, RunCorrections((REDACTION,)))
        release, _ = build(zone)
        found = ReleaseReader(zone).certificate(release)
        assert [one.recording_id for one in found.left_out or ()] == [recording_id(0)]

    def test_an_approval_knows_nothing_of_corrections_of_a_later_run(self) -> None:
        """A run that is wanted again waits for the rule, which takes over what came meanwhile.

        What was corrected before the approval, on whichever run, was there to be seen.
        """
        zone = MemoryZone(list(two()))
        zone.approve_all()
        first = zone.transcripts.pop(0)
        other = Transcript(replace(first.summary, run_key="0" * 32), first.segments)
        zone.transcripts += [other, first]
        made = replace(REDACTION, corrected_at=NOON - timedelta(days=1))
        zone.put_corrections(STUDY, other.summary, RunCorrections((made,)))
        release, _ = build(zone)
        assert len(ReleaseReader(zone).certificate(release).inputs) == 2
        made = replace(REDACTION, corrected_at=NOON + timedelta(days=1))
        zone.corrected[other.summary.run_key] = RunCorrections((made,), generation=2)
        release, _ = build(zone)
        found = ReleaseReader(zone).certificate(release)
        assert [(one.recording_id, one.reason) for one in found.left_out or ()] == [
            (recording_id(0), "pending")
        ]

    def test_applies_the_approved_corrections(self) -> None:
        """Every file has the corrected words, and the certificate says how many places it was."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        before, _ = build(zone)
        zone.put_corrections(STUDY, zone.transcripts[0].summary, RunCorrections((REDACTION,)))
        zone.approve_all()
        release, existed = build(zone)
        assert not existed
        assert release.release_id != before.release_id
        for name in ("txt/P07_S1.txt", "vtt/P07_S1.vtt", "jsonl/P07_S1.jsonl"):
            text = zone.files[release.release_id, name][1].decode()
            assert "[Person 9] what recovery" not in text
            assert "What does [Person 9] mean to you?" in text
        certificate = ReleaseReader(zone).certificate(release)
        first, second = certificate.inputs
        assert (first.corrections, second.corrections) == (1, 0)
        assert first.redactions == {"DATE_TIME": 1, "PERSON": 3}
        words = [one.text for one in zone.transcripts[0].segments]
        words[0] = "What does [Person 9] mean to you?"
        assert first.approved_sha256 == text_hash(words)
        assert second.approved_sha256 == text_hash(
            [one.text for one in zone.transcripts[1].segments]
        )

    def test_says_who_or_which_rule_approved(self) -> None:
        """Person or rule, when, and the risk beside the threshold."""
        zone = MemoryZone(list(two()), mode=ReviewMode.AUTOMATIC)
        zone.approve_all("policy:research-default")
        summary = zone.transcripts[1].summary
        zone.reviews[summary.run_key] = replace(
            zone.reviews[summary.run_key], decided_by="dr.lim", decided_at=NOON + timedelta(hours=1)
        )
        release, _ = build(zone)
        rule, person = (one.approval for one in ReleaseReader(zone).certificate(release).inputs)
        assert (rule.kind, rule.approver) == ("rule", "policy:research-default")
        assert (rule.residual_risk, rule.threshold) == (0.03, 0.05)
        assert (person.kind, person.approver) == ("person", "dr.lim")
        assert person.time == NOON + timedelta(hours=1)

    def test_a_rule_approves_nothing_once_persons_are_required(self) -> None:
        """A study that asks for persons from now on releases nothing that its rule approved."""
        zone = MemoryZone(list(two()), mode=ReviewMode.AUTOMATIC)
        zone.approve_all("policy:research-default")
        zone.mode = ReviewMode.REQUIRED
        with pytest.raises(NotApproved):
            build(zone)

    @pytest.mark.parametrize("change", ["rejected", "made anew", "erased", "required"])
    def test_an_approval_that_goes_meanwhile_is_not_released(self, change: str) -> None:
        """What is taken back while files are written is in no release that shows afterwards."""

        class ChangedMeanwhile(MemoryZone):
            def put_file(
                self, study_id: str, release_id: str, file: StoredFile, data: bytes
            ) -> bool:
                """Store, and let somebody in at the README, behind all reading."""
                existed = super().put_file(study_id, release_id, file, data)
                if file.path == "README.txt":
                    first = self.transcripts[0]
                    key = first.summary.run_key
                    match change:
                        case "rejected":
                            self.reviews[key] = replace(
                                self.reviews[key], state=ReviewState.REJECTED, generation=2
                            )
                        case "made anew":
                            again = replace(first.summary, run_key="0" * 32)
                            self.transcripts.append(Transcript(again, first.segments))
                        case "erased":
                            self.withdrawn.add(first.summary.participant)
                        case _:
                            self.mode = ReviewMode.REQUIRED
                return existed

        zone = ChangedMeanwhile(list(two()), mode=ReviewMode.AUTOMATIC)
        zone.approve_all("policy:research-default")
        with pytest.raises(ReviewChanged, match=f"release build --study {STUDY}"):
            build(zone)
        assert not zone.manifests

    def test_contents_are_read_before_and_after(self) -> None:
        """Beside that a build asks once for each approval's corrections."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        build(zone)
        assert (zone.asked["holdings"], zone.asked["corrections"]) == (2, 2)
