# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from services.common.errors import InvalidInput, NotFound
from services.intake import source_files
from sotto.storage.v1 import recording_pb2
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import reading_pb2
from tests.unit.flows.fake_services import FakeServices

WAV = b"RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00"


def _listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


class TestExamine:
    def test_measures_and_hashes(self, tmp_path: Path) -> None:
        """A file is measured and hashed before anything is sent, and each byte is counted."""
        content = WAV + b"x" * (1024 * 1024 + 1)
        (tmp_path / "a.WAV").write_bytes(content)
        counted: list[int] = []

        source = source_files.examine(tmp_path / "a.WAV", counted.append)

        assert source.size == len(content) == sum(counted)
        assert source.sha256 == hashlib.sha256(content).digest()
        assert (source.form, source.is_media) == ("wav", True)

    @pytest.mark.parametrize(
        ("name", "start", "form", "is_media"),
        [
            ("a.txt", b"I: hello\n", "", False),
            ("a.mp3", b"I: hello\n", "", False),
            ("interview", WAV, "wav", True),
            ("a.txt", WAV, "wav", True),
            ("a.mp3", b"\x00\x13\x37", "", True),
            ("a.DS2", b"\x00\x13\x37", "", True),
            ("a.xyz", b"\x00\x13\x37", "", False),
            ("a.mp3", b"%PDF-1.7\n\x00", "", False),
            ("a.wav", b"PK\x03\x04\x14\x00", "", False),
            ("a.m4a", b"\xff\xd8\xff\xe0\x00", "", False),
        ],
    )
    def test_content_decides(
        self, tmp_path: Path, name: str, start: bytes, form: str, is_media: bool
    ) -> None:
        """The first bytes decide; the suffix alone keeps an odd recording, never a document."""
        (tmp_path / name).write_bytes(start)

        source = source_files.examine(tmp_path / name)

        assert (source.form, source.is_media) == (form, is_media)
        assert source_files.begins_as_recording(tmp_path / name) is is_media

    @pytest.mark.parametrize("start", [b"\x03ds2", b"\x02dss", b"\x03enc"])
    def test_refuses_dictation_files(self, tmp_path: Path, start: bytes) -> None:
        """DSS and DS2 are told by their first bytes, with what to do, before they are sealed."""
        path = tmp_path / "interview.wav"
        path.write_bytes(start + bytes(1000))

        for look in (source_files.examine, source_files.begins_as_recording):
            with pytest.raises(InvalidInput, match=r"DSS or DS2.*export it as WAV.*nothing was"):
                look(path)

    def test_refuses_what_cannot_be_read(self, tmp_path: Path) -> None:
        """A missing file, a folder and an empty file are refused, without their name."""
        (tmp_path / "empty.wav").touch()

        with pytest.raises(InvalidInput, match=r"^it cannot be read"):
            source_files.examine(tmp_path / "none.wav")
        with pytest.raises(InvalidInput, match=r"^it is a folder, not a regular file"):
            source_files.examine(tmp_path)
        with pytest.raises(InvalidInput, match=r"^it is empty"):
            source_files.examine(tmp_path / "empty.wav")
        for name in ("none.wav", "empty.wav"):
            with pytest.raises(InvalidInput):
                source_files.begins_as_recording(tmp_path / name)

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
        """Pipes, sockets and symbolic links are refused, and none is waited for."""
        make(tmp_path / "a.wav")
        with pytest.raises(InvalidInput, match=f"it is {kind}"):
            source_files.examine(tmp_path / "a.wav")

    def test_refuses_devices(self) -> None:
        """A device is refused before it is opened."""
        with pytest.raises(InvalidInput, match="a device, not a regular file"):
            source_files.examine(Path("/dev/zero"))

    def test_takes_a_file_in_a_linked_folder(self, tmp_path: Path) -> None:
        """A link on the way to a file is how disks are mounted, and is followed."""
        (tmp_path / "disk").mkdir()
        (tmp_path / "disk" / "a.wav").write_bytes(b"x")
        (tmp_path / "inbox").symlink_to("disk")
        assert source_files.examine(tmp_path / "inbox" / "a.wav").size == 1


class TestContent:
    def test_what_was_examined_is_what_is_sent(self, tmp_path: Path) -> None:
        """A file that was replaced behind the look at it ends in an error, never in a seal."""
        path = tmp_path / "a.wav"
        path.write_bytes(WAV + b"one")
        source = source_files.examine(path)
        assert b"".join(source_files.content(source)) == WAV + b"one"

        path.write_bytes(WAV + b"two")

        with pytest.raises(InvalidInput, match="changed while it was read, and nothing was sealed"):
            list(source_files.content(source))


class TestCheckParticipant:
    def test_study_and_code(self, services: FakeServices) -> None:
        """A participant of the study passes; another study or code is refused with advice."""
        services.clinical.studies["s1"] = study_pb2.Study(id="s1", participants=["P07"])

        source_files.check_participant(services.peers, "s1", "P07")
        with pytest.raises(
            NotFound, match=r"is P07 meant\? \(a new.*file, then: sotto study create"
        ):
            source_files.check_participant(services.peers, "s1", "P08")
        with pytest.raises(NotFound, match=r"no study s2; known: s1"):
            source_files.check_participant(services.peers, "s2", "P07")


class TestSeal:
    @pytest.mark.parametrize(
        ("start", "kind"),
        [
            (WAV, recording_pb2.RECORDING_KIND_MEDIA),
            (b"I: hello\n", recording_pb2.RECORDING_KIND_TRANSCRIPT),
        ],
    )
    def test_header_and_content(
        self,
        services: FakeServices,
        tmp_path: Path,
        start: bytes,
        kind: recording_pb2.RecordingKind,
    ) -> None:
        """A file goes out whole, under a header that tells what it is and how it is to be read."""
        content = start + b"x" * (2 * 1024 * 1024 + 5)
        (tmp_path / "talk").write_bytes(content)
        source = source_files.examine(tmp_path / "talk")
        reading = reading_pb2.ReadingOptions(encoding="cp1252", roles={"S1": "interviewer"})

        ref, existed = source_files.seal(
            services.peers, source, "s1", "P07", 2, "2026-03-04", reading=reading, speakers=3
        )

        [(header, sent)] = services.clinical.uploads
        assert sent == content
        assert (header.study_id, header.participant, header.session) == ("s1", "P07", 2)
        assert (header.kind, header.file_name, header.session_date) == (kind, "talk", "2026-03-04")
        assert header.content_sha256 == hashlib.sha256(content).digest()
        is_media = kind == recording_pb2.RECORDING_KIND_MEDIA
        roles = reading_pb2.ReadingOptions(roles=reading.roles)
        assert header.reading == (roles if is_media else reading)
        assert header.speakers == (3 if is_media else 0)
        assert (ref.participant, existed) == ("P07", False)
        assert not services.clinical.failures

    def test_again_clears_the_failure(self, services: FakeServices, tmp_path: Path) -> None:
        """The same file again asks for another try of a recording that failed."""
        (tmp_path / "a.wav").write_bytes(b"sound")
        source = source_files.examine(tmp_path / "a.wav")

        ref, _ = source_files.seal(services.peers, source, "s1", "P07", 1)
        assert source_files.seal(services.peers, source, "s1", "P07", 1) == (ref, True)

        [cleared] = services.clinical.failures
        assert cleared.ref == ref
        assert not cleared.HasField("failure")

    def test_name_that_is_no_text(self, services: FakeServices, tmp_path: Path) -> None:
        """A file name of odd bytes is sealed as far as it is text."""
        path = tmp_path / b"a\xff.wav".decode("utf-8", "surrogateescape")
        path.write_bytes(b"odd sound")

        source_files.seal(services.peers, source_files.examine(path), "s1", "P07", 1)

        assert services.clinical.uploads[0][0].file_name == "a?.wav"
