# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import intake
from services.common.errors import InvalidInput, NotFound
from sotto.storage.v1 import recording_pb2
from sotto.study.v1 import study_pb2
from tests.unit.flows.fake_services import FakeServices


def _listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


class TestExamine:
    def test_measures_and_hashes(self, tmp_path: Path) -> None:
        """A file is measured and hashed before anything is sent."""
        content = b"x" * (1024 * 1024 + 1)
        (tmp_path / "a.WAV").write_bytes(content)
        source = intake.examine(tmp_path / "a.WAV")

        assert source.size == len(content)
        assert source.sha256 == hashlib.sha256(content).digest()
        assert not source.is_transcript

    @pytest.mark.parametrize("name", ["a.txt", "a.DOCX", "a.vtt", "a.srt", "a.json"])
    def test_knows_transcripts_by_their_suffix(self, tmp_path: Path, name: str) -> None:
        """Transcripts made elsewhere are told from recordings by their names' ends."""
        (tmp_path / name).write_text("I: hello\n", "utf-8")

        assert intake.examine(tmp_path / name).is_transcript

    def test_refuses_what_is_no_recording(self, tmp_path: Path) -> None:
        """A missing file, a folder and an empty file are refused by name."""
        (tmp_path / "empty.wav").touch()

        with pytest.raises(InvalidInput, match="cannot be read"):
            intake.examine(tmp_path / "none.wav")
        with pytest.raises(InvalidInput, match="a folder, not a regular file"):
            intake.examine(tmp_path)
        with pytest.raises(InvalidInput, match="is empty"):
            intake.examine(tmp_path / "empty.wav")

    @pytest.mark.parametrize(
        ("name", "start", "kind"),
        [
            ("a.pdf", b"%PDF-1.7\n", "a PDF"),
            ("a.wav", b"PK\x03\x04", "an office document"),
            ("a.doc", b"\xd0\xcf\x11\xe0", "an office document of old"),
            ("a.jpg", b"\xff\xd8\xff\xe0", "a picture"),
        ],
    )
    def test_refuses_documents_and_pictures(
        self, tmp_path: Path, name: str, start: bytes, kind: str
    ) -> None:
        """A consent form or the like is not sealed as a recording, where it would stay."""
        (tmp_path / name).write_bytes(start + bytes(100))

        with pytest.raises(InvalidInput, match=f"{kind}.*nothing was sealed.*docx"):
            intake.examine(tmp_path / name)

    @pytest.mark.parametrize(
        ("make", "kind"),
        [
            (os.mkfifo, r"a pipe \(FIFO\)"),
            (lambda path: path.symlink_to("/dev/zero"), "a symbolic link"),
            (lambda path: path.symlink_to(__file__), "a symbolic link.*Name the file"),
            (_listen, "a socket"),
        ],
    )
    def test_refuses_what_may_never_end(
        self, tmp_path: Path, make: Callable[[Path], object], kind: str
    ) -> None:
        """Pipes, sockets and symbolic links are refused by name, and none is waited for."""
        make(tmp_path / "a.wav")
        with pytest.raises(InvalidInput, match=rf"a\.wav is {kind}"):
            intake.examine(tmp_path / "a.wav")

    def test_refuses_devices(self) -> None:
        """A device is refused before it is opened."""
        with pytest.raises(InvalidInput, match="a device, not a regular file"):
            intake.examine(Path("/dev/zero"))

    def test_takes_a_file_in_a_linked_folder(self, tmp_path: Path) -> None:
        """A link on the way to a file is how disks are mounted, and is followed."""
        (tmp_path / "disk").mkdir()
        (tmp_path / "disk" / "a.wav").write_bytes(b"x")
        (tmp_path / "inbox").symlink_to("disk")
        assert intake.examine(tmp_path / "inbox" / "a.wav").size == 1


class TestCheckParticipant:
    def test_study_and_code(self, services: FakeServices) -> None:
        """A participant of the study passes; another study or code is refused with advice."""
        services.clinical.studies["s1"] = study_pb2.Study(id="s1", participants=["P07"])

        intake.check_participant(services.peers, "s1", "P07")
        with pytest.raises(
            NotFound, match=r"is P07 meant\? \(a new.*file, then: sotto study create"
        ):
            intake.check_participant(services.peers, "s1", "P08")
        with pytest.raises(NotFound, match=r"no study s2; known: s1"):
            intake.check_participant(services.peers, "s2", "P07")


class TestSeal:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("talk.wav", recording_pb2.RECORDING_KIND_MEDIA),
            ("talk.txt", recording_pb2.RECORDING_KIND_TRANSCRIPT),
        ],
    )
    def test_header_and_content(
        self, services: FakeServices, tmp_path: Path, name: str, kind: recording_pb2.RecordingKind
    ) -> None:
        """A file goes out whole, under a header that tells what it is."""
        content = b"x" * (2 * 1024 * 1024 + 5)
        (tmp_path / name).write_bytes(content)
        source = intake.examine(tmp_path / name)

        ref, existed = intake.seal(services.peers, source, "s1", "P07", 2, "2026-03-04")

        [(header, sent)] = services.clinical.uploads
        assert sent == content
        assert (header.study_id, header.participant, header.session) == ("s1", "P07", 2)
        assert (header.kind, header.file_name, header.session_date) == (kind, name, "2026-03-04")
        assert header.content_sha256 == hashlib.sha256(content).digest()
        assert (ref.participant, existed) == ("P07", False)
        assert not services.clinical.failures

    def test_again_clears_the_failure(self, services: FakeServices, tmp_path: Path) -> None:
        """The same file again asks for another try of a recording that failed."""
        (tmp_path / "a.wav").write_bytes(b"sound")
        source = intake.examine(tmp_path / "a.wav")

        ref, _ = intake.seal(services.peers, source, "s1", "P07", 1)
        assert intake.seal(services.peers, source, "s1", "P07", 1) == (ref, True)

        [cleared] = services.clinical.failures
        assert cleared.ref == ref
        assert not cleared.HasField("failure")

    def test_name_that_is_no_text(self, services: FakeServices, tmp_path: Path) -> None:
        """A file name of odd bytes is sealed as far as it is text."""
        path = tmp_path / b"a\xff.wav".decode("utf-8", "surrogateescape")
        path.write_bytes(b"odd sound")

        intake.seal(services.peers, intake.examine(path), "s1", "P07", 1)

        assert services.clinical.uploads[0][0].file_name == "a?.wav"
