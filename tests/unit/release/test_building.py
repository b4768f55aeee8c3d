# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.common.signing import Signer
from services.corrections.model import (
    Correction,
    CorrectionKind,
    Replacement,
    RunCorrections,
)
from services.registry.export_formats import ExportFormat
from services.release.cli import verify_folder
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import FileChunk, ReleaseReader
from services.release.domain.naming import LeftOut
from services.release.domain.ports import AuditCheckpoint, StoredFile, StoredRelease
from services.release.domain.reviews import ReviewMode, ReviewState
from services.release.domain.transcript import Segment, Transcript
from services.release.errors import (
    CertificateMalformed,
    FormatNotInRelease,
    NoSuchRelease,
    NotApproved,
    NothingToRelease,
    ParticipantWithdrew,
    RecordingRemoved,
    ReleaseAltered,
    ReviewChanged,
    TranscriptRejected,
)
from tests.support.memory_zone import Died, MemoryZone
from tests.support.release_builders import (
    NOON,
    STUDY,
    Recorder,
    recording_id,
    transcript,
    two,
)

SIGNER = Signer.generate()
SON = Replacement(0, 11, "PERSON")
REDACTION = Correction(CorrectionKind.REDACT, 0, 10, 18, "PERSON", "[Person 9]", "dr.lim")


class Log:
    """A log whose size grows with every look."""

    def __init__(self) -> None:
        self._sizes = itertools.count(1)

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return a checkpoint that no other call gives."""
        return AuditCheckpoint(f"example/log\n{next(self._sizes)}\nAAAA\n", ("key",))


def clock() -> Iterator[datetime]:
    """Return moments a second apart."""
    return (NOON + timedelta(seconds=number) for number in itertools.count())


def builder(zone: MemoryZone) -> ReleaseBuilder:
    """Return a builder, as a new process would have it."""
    moments = clock()
    return ReleaseBuilder(
        zone, zone, zone, Log(), Recorder(), SIGNER, lambda: next(moments), "0.1.0"
    )


def build(zone: MemoryZone, made: ReleaseBuilder | None = None) -> tuple[StoredRelease, bool]:
    """Build a release of all that is approved, by a builder or by a new one."""
    return (made or builder(zone)).build(STUDY)


def text_hash(texts: list[str]) -> str:
    """Return the hash of an approved text as docs/release.md describes it."""
    return hashlib.sha256("".join(f"{one}\n" for one in texts).encode()).hexdigest()


def export(zone: MemoryZone, release: StoredRelease, name: str, folder: Path) -> None:
    """Write an export to a folder."""
    folder.mkdir()
    for piece in ReleaseReader(zone).export(release, ExportFormat(name)):
        with (folder / piece.name).open("ab") as file:
            file.write(piece.data)


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


class TestBuild:
    """Building releases."""

    def test_makes_all_formats_and_one_certificate(self, tmp_path: Path) -> None:
        """Every format of one build verifies against the same certificate."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        release, existed = build(zone)
        assert not existed
        for name in ExportFormat:
            export(zone, release, name, tmp_path / name)
            found = verify_folder(tmp_path / name, [SIGNER.public_key])
            assert found.formats == (name,)
        assert (
            len({(tmp_path / kind / "certificate.sig").read_bytes() for kind in ("txt", "vtt")})
            == 1
        )

    def test_again_gives_the_same_release_unread(self) -> None:
        """The same inputs meet the same release, and no transcript is opened again."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        first, _ = build(zone)
        reads = zone.reads
        assert build(zone) == (first, True)
        assert zone.reads == reads

    def test_takes_the_newest_run(self) -> None:
        """A transcript that was made anew replaces the older one."""
        zone = MemoryZone(list(two()))
        again = replace(zone.transcripts[0].summary, run_key="0" * 32)
        zone.transcripts.append(Transcript(again, zone.transcripts[0].segments))
        zone.approve_all()
        release, _ = build(zone)
        inputs = ReleaseReader(zone).certificate(release).inputs
        assert [one.run_key for one in inputs] == ["0" * 32, zone.transcripts[1].summary.run_key]

    def test_leaves_out_and_names_who_withdrew(self) -> None:
        """After a withdrawal a new release exists beside the old, which is exported no more."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        old, _ = build(zone)
        zone.withdrawn.add("P08")
        with pytest.raises(ParticipantWithdrew, match=r"P08.*build a new one"):
            next(iter(ReleaseReader(zone).export(old, ExportFormat.TXT)))
        new, existed = build(zone)
        assert not existed
        found = ReleaseReader(zone).certificate(new)
        assert found.withdrawn == ("P08",)
        assert {one.participant for one in found.inputs} == {"P07"}
        assert [
            piece.name for piece in ReleaseReader(zone).export(new, ExportFormat.TXT) if piece.last
        ] == [*("P07_S1.txt", "legend.csv", "README.txt", "certificate.json", "certificate.sig")]

    def test_a_legend_is_stored_under_the_keys_of_those_it_tells_of(self, tmp_path: Path) -> None:
        """The rows of a participant go with the participant; an export has one file of all."""
        brother = Segment("S1", "participant", "[P08's son]", replacements=(SON,))
        zone = MemoryZone([two()[0], transcript("P08", 2, 1, (brother,))])
        zone.approve_all()
        release, _ = build(zone)
        parts = {
            file.participant: zone.files[release.release_id, file.path][1].decode()
            for file in release.files
            if file.path.startswith("legend/")
        }
        assert parts == {
            "": "label,kind,scope,count,interviews,first_interview,first_turn\n",
            "P07": "P07's brother,PERSON,P07,1,P07_S1,P07_S1,2\n",
            "P08": "P08's son,PERSON,P08,1,P08_S2,P08_S2,1\n",
        }
        export(zone, release, "txt", tmp_path / "out")
        verify_folder(tmp_path / "out", [SIGNER.public_key])
        assert (tmp_path / "out" / "legend.csv").read_text() == "".join(parts.values())

    def test_the_certificate_says_who_stands_out(self) -> None:
        """By what all interviews of a participant tell together, as they are released."""
        texts = ("I stay in [Perlis], and my husband left", "I'm a dentist. I have lupus")
        zone = MemoryZone(
            [
                transcript("P07", n + 1, n, (Segment("S2", "participant", text),))
                for n, text in enumerate(texts)
            ]
        )
        zone.transcripts.append(transcript("P08", 1, 3))
        zone.approve_all()
        release, _ = build(zone)
        found = ReleaseReader(zone).certificate(release).singling_out
        assert found is not None
        assert (found.participants, found.standing_out, found.unknown) == (2, 1, 0)
        assert 0 < found.smallest_k < found.least == 11
        assert "OpenDOSM" in found.basis

    def test_names_what_never_came_here(self) -> None:
        """Recordings without a de-identified transcript are in certificate and README."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        known, other = two()[0].summary, "rec-" + "z" * 26
        told = [
            LeftOut(other, "P09", 2, "failed"),
            LeftOut(known.recording_id, known.participant, 1, "sealed"),  # it knows better
        ]
        release, existed = builder(zone).build(STUDY, told)
        assert not existed
        left_out = ReleaseReader(zone).certificate(release).left_out or ()
        assert [(one.recording_id, one.reason) for one in left_out] == [(other, "failed")]
        readme = zone.files[release.release_id, "README.txt"][1].decode()
        assert "since there is no de-identified transcript" in readme
        assert "P09 session 2: it could not be processed" in readme
        assert builder(zone).build(STUDY, told) == (release, True)

    def test_rejected_since(self) -> None:
        """A release with a run that was rejected afterwards is exported no more, and listed so."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        old, _ = build(zone)
        reader = ReleaseReader(zone)
        assert reader.rejected_since([old]) == {old.release_id: []}
        rejected = two()[1].summary
        before = zone.reviews[rejected.run_key]
        zone.reviews[rejected.run_key] = replace(before, state=ReviewState.REJECTED)
        assert reader.rejected_since([old])[old.release_id] == [rejected.recording_id]
        with pytest.raises(TranscriptRejected, match=rf"{rejected.recording_id}.*build a new one"):
            next(iter(reader.export(old, ExportFormat.TXT)))
        new, _ = build(zone)
        assert reader.rejected_since([new])[new.release_id] == []
        assert next(iter(reader.export(new, ExportFormat.TXT)))

    def test_removed_since(self) -> None:
        """A release with a recording that was removed afterwards is exported no more."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        release, _ = build(zone)
        gone = two()[1].summary.recording_id
        held = replace(release, removed=(gone,))
        with pytest.raises(RecordingRemoved, match=rf"{gone}.*build a new one"):
            next(iter(ReleaseReader(zone).export(held, ExportFormat.TXT)))

    def test_refuses_an_empty_release(self) -> None:
        """Nothing to release is said, with what to look at."""
        for zone in (MemoryZone([]), MemoryZone([transcript()], withdrawn={"P07"})):
            with pytest.raises(NothingToRelease, match="sotto recordings list"):
                build(zone)

    def test_never_signs_what_no_reader_takes(self) -> None:
        """A manifest with an invalid version string ends in an error, not in a broken release."""
        one = transcript()
        odd = Transcript(replace(one.summary, versions={"policy": "a\nb"}), one.segments)
        zone = MemoryZone([odd])
        zone.approve_all()
        with pytest.raises(CertificateMalformed, match=r"inputs\.0\.versions"):
            build(zone)
        assert not zone.manifests

    def test_can_die_at_any_write(self, tmp_path: Path) -> None:
        """Whatever write is the last, nothing is visible, and a rerun ends with the same files."""
        whole = MemoryZone(list(two()))
        whole.approve_all()
        expected, _ = build(whole)
        for writes in range(len(expected.files) + 1):
            zone = MemoryZone(list(two()), reviews=whole.reviews)
            zone.dies_after = writes
            with pytest.raises(Died):
                build(zone)
            assert not zone.manifests
            zone.dies_after = None
            release, existed = build(zone)
            assert not existed
            assert release.release_id == expected.release_id
            for one in expected.files:
                if not one.path.startswith("certificate/"):
                    assert (
                        zone.files[release.release_id, one.path]
                        == (whole.files[release.release_id, one.path])
                    )
            export(zone, release, "txt", tmp_path / str(writes))
            verify_folder(tmp_path / str(writes), [SIGNER.public_key])

    def test_two_builders_at_once_end_in_one_release(self) -> None:
        """The slower builder adopts the quicker one's release."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        slow = ReleaseBuilder(
            zone, zone, zone, Log(), Recorder(), SIGNER, lambda: NOON + timedelta(hours=1), "0.1.0"
        )
        real = zone.releases
        calls: Iterator[list[StoredRelease] | None] = iter([[], None])

        def first_sees_nothing(study_id: str) -> list[StoredRelease]:
            """Return the slow builder a look from before the quick one was done."""
            seen = next(calls, None)
            return list(real(study_id)) if seen is None else seen

        quick, _ = build(zone)
        zone.releases = first_sees_nothing  # type: ignore[method-assign]
        assert build(zone, slow) == (quick, True)


class TestReader:
    """Handing out."""

    def test_newest_and_named(self) -> None:
        """Without an id the newest release is given."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        first, _ = build(zone)
        zone.transcripts.append(transcript("P09", 1, 2))
        zone.approve_all()
        second, _ = build(zone)
        reader = ReleaseReader(zone)
        assert reader.find(STUDY, "") == second
        assert reader.find(STUDY, first.release_id) == first
        assert reader.releases(STUDY) == [first, second]

    def test_unknown_releases_are_told(self) -> None:
        """No release, and no release of that id, are different messages."""
        zone = MemoryZone(list(two()))
        with pytest.raises(NoSuchRelease, match="no release yet"):
            ReleaseReader(zone).find(STUDY, "")
        zone.approve_all()
        build(zone)
        with pytest.raises(NoSuchRelease, match="rel-a"):
            ReleaseReader(zone).find(STUDY, "rel-" + "a" * 26)

    def test_refuses_a_format_that_is_younger_than_the_release(self) -> None:
        """A release made before a format was added has no file of it: refused, with what to do."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        release, _ = build(zone)
        old = replace(release, files=tuple(one for one in release.files if one.path[:4] != "vtt/"))
        assert list(ReleaseReader(zone).export(old, ExportFormat.TXT))
        pieces: list[FileChunk] = []
        with pytest.raises(
            FormatNotInRelease,
            match=rf"{old.release_id} .*format vtt.*release build --study {STUDY}",
        ):
            pieces.extend(ReleaseReader(zone).export(old, ExportFormat.VTT))
        assert not pieces

    def test_never_ends_a_file_that_the_store_changed(self) -> None:
        """The last piece of a file with other bytes than the manifest's is never given."""
        zone = MemoryZone(list(two()))
        zone.approve_all()
        release, _ = build(zone)
        file, data = zone.files[release.release_id, "txt/P07_S1.txt"]
        zone.files[release.release_id, "txt/P07_S1.txt"] = (file, data[:-1] + b"x")
        pieces: list[FileChunk] = []
        with pytest.raises(ReleaseAltered, match="not what was written"):
            pieces.extend(ReleaseReader(zone).export(release, ExportFormat.TXT))
        assert not any(piece.last for piece in pieces)
