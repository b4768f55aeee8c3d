# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from services.common.signing import Signer
from services.corrections.model import Correction, CorrectionKind, RunCorrections
from services.registry.export_formats import ExportFormat
from services.release.cli import verify_folder
from services.release.domain.building import ReleaseBuilder
from services.release.domain.deciding import Decision, ReviewDecider
from services.release.domain.exporting import ReleaseReader
from services.release.domain.ports import AudioMode, AuditCheckpoint, NoAudio, StoredRelease
from services.release.domain.review_list import ReviewLister
from services.release.domain.reviews import ReviewState
from services.release.domain.transcript import RecordingName
from services.release.errors import ReleaseAltered, ReviewChanged
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import NOON, STUDY, Recorder, recording_id, transcript, two

SIGNER = Signer.generate()
REDACTION = Correction(CorrectionKind.REDACT, 0, 10, 18, "PERSON", "[Person 9]", "dr.lim")


class Log:
    """A log that stays as it is."""

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return its checkpoint."""
        return AuditCheckpoint("example/log\n3\nAAAA\n", ("key",))


def zone_with(audio: AudioMode) -> MemoryZone:
    """Two approved transcripts of a study whose releases hold sound."""
    zone = MemoryZone(list(two()), audio=audio)
    zone.approve_all()
    return zone


def build(zone: MemoryZone, recorder: Recorder) -> StoredRelease:
    """Build a release, as a new process would."""
    moments = (NOON + timedelta(seconds=number) for number in itertools.count())
    made = ReleaseBuilder(zone, zone, zone, Log(), recorder, SIGNER, lambda: next(moments), "0.1.0")
    return made.build(STUDY)[0]


def export(zone: MemoryZone, release: StoredRelease, folder: Path) -> set[str]:
    """Write an export to a folder; return the names of its files."""
    folder.mkdir()
    for piece in ReleaseReader(zone).export(release, ExportFormat.TXT):
        with (folder / piece.name).open("ab") as file:
            file.write(piece.data)
    return {path.name for path in folder.iterdir()}


def test_without_the_option_nothing_is_asked_for() -> None:
    """A study that says nothing of sound gets none, and the release that it always got."""
    zone, recorder = zone_with(AudioMode.NONE), Recorder()
    release = build(zone, recorder)
    assert recorder.asked == []
    assert not any(file.path.endswith(".flac") for file in release.files)
    assert ReleaseReader(zone).certificate(release).format == "sotto-release-certificate/4"


def test_sound_lies_beside_the_transcript(tmp_path: Path) -> None:
    """Each recording's sound is sealed under its participant's key, stated and verified."""
    zone = zone_with(AudioMode.BLEEPED)
    release = build(zone, Recorder())
    sealed = [file.participant for file in release.files if file.path.startswith("audio/")]
    assert sealed == ["P07", "P08"]
    stated = ReleaseReader(zone).certificate(release).inputs[0].audio
    assert stated is not None
    assert (stated.mode, stated.redacted_stretches, stated.muted_ms) == ("bleeped", 2, 4_000)
    assert (stated.heard_again, stated.checked_with) == (1, "base")
    names = export(zone, release, tmp_path / "out")
    assert {"P07_S1.txt", "P07_S1.flac", "P08_S2.flac"} <= names
    assert verify_folder(tmp_path / "out", [SIGNER.public_key]).formats == ("txt",)
    readme = (tmp_path / "out" / "README.txt").read_text()
    assert "P07_S1: 2 stretches redacted, 40 % of it muted in all" in readme
    (tmp_path / "out" / "P07_S1.flac").write_bytes(b"another")
    with pytest.raises(ReleaseAltered, match=r"P07_S1\.flac was changed"):
        verify_folder(tmp_path / "out", [SIGNER.public_key])


def test_sound_alone_is_no_release(tmp_path: Path) -> None:
    """A folder without a transcript does not verify, whatever sound is in it."""
    zone = zone_with(AudioMode.BLEEPED)
    export(zone, build(zone, Recorder()), tmp_path / "out")
    for path in (tmp_path / "out").glob("*.txt"):
        if path.name != "README.txt":
            path.unlink()
    with pytest.raises(ReleaseAltered, match="holds no transcript"):
        verify_folder(tmp_path / "out", [SIGNER.public_key])


def test_it_follows_the_approved_text() -> None:
    """What a reviewer corrected is asked for as corrected."""
    zone, recorder = zone_with(AudioMode.BLEEPED), Recorder()
    first = zone.transcripts[0].summary
    zone.corrected[first.run_key] = RunCorrections((REDACTION,), generation=1)
    zone.approve_all()
    release = build(zone, recorder)
    path = next(file.path for file in release.files if recording_id(0) in file.path)
    assert b"What does [Person 9]" in b"".join(zone.read(release, path))


def test_the_next_release_hears_nothing_twice() -> None:
    """Sound of the same approved text is taken from an earlier release; another way of bleeping,
    or another text, is made anew.
    """
    zone, recorder = zone_with(AudioMode.BLEEPED), Recorder()
    build(zone, recorder)
    zone.transcripts.append(transcript("P09", 1, 2))
    zone.approve_all()
    build(zone, recorder)
    assert recorder.asked == [recording_id(0), recording_id(1), recording_id(2)]
    zone.audio = AudioMode.MUTED
    build(zone, recorder)
    assert recorder.asked[3:] == [recording_id(0), recording_id(1), recording_id(2)]
    zone.disguise_voices = True
    build(zone, recorder)
    assert len(recorder.asked) == 9


def test_a_disguise_calls_itself_no_anonymisation(tmp_path: Path) -> None:
    """The certificate says that voices were made deeper, and the README that this hides nobody."""
    zone = zone_with(AudioMode.BLEEPED)
    zone.disguise_voices = True
    release = build(zone, Recorder())
    stated = ReleaseReader(zone).certificate(release).inputs[0].audio
    assert stated is not None
    assert stated.disguised
    export(zone, release, tmp_path / "out")
    assert "anonymises nobody" in (tmp_path / "out" / "README.txt").read_text()


@pytest.mark.parametrize("why", list(NoAudio))
def test_a_recording_without_sound(why: NoAudio, tmp_path: Path) -> None:
    """Its transcript is released all the same, and certificate and README say why."""
    zone = zone_with(AudioMode.MUTED)
    release = build(zone, Recorder(why))
    stated = ReleaseReader(zone).certificate(release).inputs[0].audio
    assert stated is not None
    assert stated.missing == why
    names = export(zone, release, tmp_path / "out")
    assert not any(name.endswith(".flac") for name in names)
    assert "P07_S1: none, the " in (tmp_path / "out" / "README.txt").read_text()


class TestDeletion:
    """Sound goes with its recording."""

    def test_an_export_leaves_it_out(self, tmp_path: Path) -> None:
        """The rest is handed out as before, and still verifies."""
        zone = zone_with(AudioMode.BLEEPED)
        release = build(zone, Recorder())
        zone.audio_deleted.add(recording_id(0))
        names = export(zone, release, tmp_path / "out")
        assert "P07_S1.flac" not in names
        assert {"P07_S1.txt", "P08_S2.flac"} <= names
        assert verify_folder(tmp_path / "out", [SIGNER.public_key]).formats == ("txt",)

    def test_a_new_release_takes_it_from_no_earlier_one(self) -> None:
        """The clinical zone is asked, which says that it is deleted."""
        zone, recorder = zone_with(AudioMode.BLEEPED), Recorder()
        build(zone, recorder)
        zone.audio_deleted.add(recording_id(0))
        build(zone, recorder)
        assert recorder.asked == [recording_id(0), recording_id(1), recording_id(0)]

    def test_while_a_release_is_built(self) -> None:
        """Nothing is finished that holds it."""
        zone = zone_with(AudioMode.BLEEPED)

        class Late(Recorder):
            def bleep(self, *asked: object) -> object:  # type: ignore[override]
                zone.audio_deleted.add(recording_id(0))
                return super().bleep(*asked)  # type: ignore[arg-type]

        with pytest.raises(ReviewChanged, match="sound of"):
            build(zone, Late())
        assert zone.manifests == {}


def test_an_approval_of_words_is_none_of_sound(tmp_path: Path) -> None:
    """What was approved before the study released sound is released without, until it is approved
    again, and the release says so.
    """
    zone, recorder = zone_with(AudioMode.NONE), Recorder()
    build(zone, recorder)
    zone.audio = AudioMode.BLEEPED
    without = build(zone, recorder)
    assert recorder.asked == []
    stated = ReleaseReader(zone).certificate(without).inputs[0].audio
    assert stated is not None
    assert stated.missing == "not_approved"
    export(zone, without, tmp_path / "out")
    assert (
        "the approval is older than the study's wish for sound"
        in (tmp_path / "out/README.txt").read_text()
    )

    read = ReviewLister(zone, zone)
    for one in zone.contents(STUDY).newest:
        name = RecordingName(STUDY, one.participant, one.recording_id)
        found = read.read(name, "")
        item, corrections = found.item, found.corrections
        assert item.with_sound
        again = Decision(
            *(one.run_key, ReviewState.APPROVED, "dr.lim", ""),
            corrections.generation,
            item.review.generation,
        )
        review, existed = ReviewDecider(zone, zone).decide(name, again)
        assert (review.with_sound, existed) == (True, False)
    release = build(zone, recorder)
    assert release.release_id != without.release_id
    assert any(file.path.endswith(".flac") for file in release.files)
