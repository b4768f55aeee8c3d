# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.registry.export_formats import ExportFormat
from services.release.cli import verify_folder
from services.release.domain.approval import ReviewMode
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import FileChunk, ReleaseReader
from services.release.domain.ports import AuditCheckpoint, StoredRelease
from services.release.domain.signing import Signer
from services.release.domain.transcript import Transcript
from services.release.errors import (
    CertificateMalformed,
    FormatNotInRelease,
    NobodyApproves,
    NoSuchRelease,
    NoSuchTranscript,
    NotApproved,
    NothingToRelease,
    ParticipantWithdrew,
    ReleaseAltered,
)
from tests.support.memory_zone import Died, MemoryZone
from tests.support.release_builders import NOON, STUDY, recording_id, transcript, two

SIGNER = Signer.generate()


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
    return ReleaseBuilder(zone, Log(), SIGNER, lambda: next(moments), "0.1.0")


def build(zone: MemoryZone, made: ReleaseBuilder | None = None) -> tuple[StoredRelease, bool]:
    """Build a release of all that is in the zone, by a builder or by a new one."""
    made = made or builder(zone)
    return made.build(made.review(STUDY))


def approve_all(zone: MemoryZone, person: str = "dr.lim") -> None:
    """Approve all that is pending."""
    for summary in builder(zone).review(STUDY).pending:
        builder(zone).approve(STUDY, summary, person)


def export(zone: MemoryZone, release: StoredRelease, name: str, folder: Path) -> None:
    """Write an export to a folder."""
    folder.mkdir()
    for piece in ReleaseReader(zone).export(release, ExportFormat(name)):
        with (folder / piece.name).open("ab") as file:
            file.write(piece.data)


class TestApproval:
    """Who lets a transcript out."""

    def test_build_refuses_what_nobody_approved(self) -> None:
        """The refusal names each recording that waits and what to do; nothing is stored."""
        zone = MemoryZone(list(two()))
        builder(zone).approve(STUDY, zone.transcripts[0].summary, "dr.lim")
        with pytest.raises(NotApproved, match=f"{recording_id(1)}; approve") as caught:
            build(zone)
        assert recording_id(0) not in caught.value.message
        assert caught.value.exit_code == 3
        assert not zone.files

    def test_a_long_list_is_cut(self) -> None:
        """A message stays readable with many waiting."""
        zone = MemoryZone([transcript(number=number) for number in range(25)])
        with pytest.raises(NotApproved, match="and 5 more"):
            build(zone)

    def test_policy_approves_only_where_the_study_says_so(self) -> None:
        """A policy's approval is offered for automatic studies and for no other."""
        assert builder(MemoryZone(list(two()))).review(STUDY).policy is None
        automatic = MemoryZone(list(two()), review=ReviewMode.AUTOMATIC)
        assert builder(automatic).review(STUDY).policy == "policy:research-default"

    def test_an_approval_is_for_one_run(self) -> None:
        """A transcript that was made anew needs a new look."""
        zone = MemoryZone(list(two()))
        approve_all(zone)
        again = replace(zone.transcripts[0].summary, run_key="0" * 32)
        zone.transcripts.append(Transcript(again, zone.transcripts[0].segments))
        assert builder(zone).review(STUDY).pending == (again,)

    def test_the_first_approval_is_kept(self) -> None:
        """Approving again changes neither person nor time, and says that it existed."""
        zone = MemoryZone(list(two()))
        approve_all(zone)
        approval, existed = builder(zone).approve(STUDY, zone.transcripts[0].summary, "other")
        assert (approval.approver, existed) == ("dr.lim", True)
        release, _ = build(zone)
        found = ReleaseReader(zone).certificate(release).inputs[0]
        assert (found.approval.approver, found.approval.time) == ("dr.lim", NOON)

    def test_everything_is_asked_once(self) -> None:
        """A build asks for the study's contents once, and once for each recording's approvals."""
        zone = MemoryZone(list(two()))
        made = builder(zone)
        review = made.review(STUDY)
        for summary in review.pending:
            approval, _ = made.approve(STUDY, summary, "dr.lim")
            review = review.with_approval(summary, approval)
        release, _ = made.build(review)
        assert (zone.asked["holdings"], zone.asked["approvals"]) == (1, 2)
        inputs = ReleaseReader(zone).certificate(release).inputs
        assert {one.approval.approver for one in inputs} == {"dr.lim"}

    def test_nobody_cannot_approve(self) -> None:
        """An approval without a person is refused."""
        zone = MemoryZone(list(two()))
        with pytest.raises(NobodyApproves):
            builder(zone).approve(STUDY, zone.transcripts[0].summary, "")

    def test_find_knows_finished_runs_only(self) -> None:
        """A run that is not there cannot be approved."""
        zone = MemoryZone(list(two()))
        summary = zone.transcripts[0].summary
        assert builder(zone).find(STUDY, summary.recording_id, summary.run_key) == summary
        for name, run in ((summary.recording_id, "0" * 32), (recording_id(9), summary.run_key)):
            with pytest.raises(NoSuchTranscript):
                builder(zone).find(STUDY, name, run)


class TestBuild:
    """Building releases."""

    def test_makes_all_formats_and_one_certificate(self, tmp_path: Path) -> None:
        """Every format of one build verifies against the same certificate."""
        zone = MemoryZone(list(two()))
        approve_all(zone)
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
        approve_all(zone)
        first, _ = build(zone)
        reads = zone.reads
        assert build(zone) == (first, True)
        assert zone.reads == reads

    def test_takes_the_newest_run(self) -> None:
        """A transcript that was made anew replaces the older one."""
        zone = MemoryZone(list(two()))
        again = replace(zone.transcripts[0].summary, run_key="0" * 32)
        zone.transcripts.append(Transcript(again, zone.transcripts[0].segments))
        approve_all(zone)
        release, _ = build(zone)
        inputs = ReleaseReader(zone).certificate(release).inputs
        assert [one.run_key for one in inputs] == ["0" * 32, zone.transcripts[1].summary.run_key]

    def test_leaves_out_and_names_who_withdrew(self) -> None:
        """After a withdrawal a new release exists beside the old, which is exported no more."""
        zone = MemoryZone(list(two()))
        approve_all(zone)
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
        ] == [*("P07_S1.txt", "README.txt", "certificate.json", "certificate.sig")]

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
        approve_all(zone)
        with pytest.raises(CertificateMalformed, match=r"inputs\.0\.versions"):
            build(zone)
        assert not zone.manifests

    def test_can_die_at_any_write(self, tmp_path: Path) -> None:
        """Whatever write is the last, nothing is visible, and a rerun ends with the same files."""
        whole = MemoryZone(list(two()))
        approve_all(whole)
        expected, _ = build(whole)
        for writes in range(len(expected.files) + 1):
            zone = MemoryZone(list(two()), kept_approvals=whole.kept_approvals)
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
        approve_all(zone)
        slow = ReleaseBuilder(zone, Log(), SIGNER, lambda: NOON + timedelta(hours=1), "0.1.0")
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
        approve_all(zone)
        first, _ = build(zone)
        zone.transcripts.append(transcript("P09", 1, 2))
        approve_all(zone)
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
        approve_all(zone)
        build(zone)
        with pytest.raises(NoSuchRelease, match="rel-a"):
            ReleaseReader(zone).find(STUDY, "rel-" + "a" * 26)

    def test_refuses_a_format_that_is_younger_than_the_release(self) -> None:
        """A release made before a format was added has no file of it: refused, with what to do."""
        zone = MemoryZone(list(two()))
        approve_all(zone)
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
        approve_all(zone)
        release, _ = build(zone)
        file, data = zone.files[release.release_id, "txt/P07_S1.txt"]
        zone.files[release.release_id, "txt/P07_S1.txt"] = (file, data[:-1] + b"x")
        pieces: list[FileChunk] = []
        with pytest.raises(ReleaseAltered, match="not what was written"):
            pieces.extend(ReleaseReader(zone).export(release, ExportFormat.TXT))
        assert not any(piece.last for piece in pieces)
