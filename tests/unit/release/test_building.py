# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.corrections.model import Replacement
from services.registry.export_formats import ExportFormat
from services.release.cli import verify_folder
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.domain.naming import LeftOut
from services.release.domain.ports import StoredRelease
from services.release.domain.reviews import ReviewState
from services.release.domain.transcript import Segment, Transcript
from services.release.errors import (
    CertificateMalformed,
    NothingToRelease,
    ParticipantWithdrew,
    RecordingRemoved,
    TranscriptRejected,
)
from tests.support.memory_zone import Died, MemoryZone
from tests.support.release_builders import (
    NOON,
    STUDY,
    Recorder,
    transcript,
    two,
)
from tests.support.release_building import SIGNER, Log, build, builder, export

SON = Replacement(0, 11, "PERSON")


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
