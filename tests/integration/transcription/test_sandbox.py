# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.sandboxed_recording import SandboxedRecording
from services.transcription.errors import BadRecording, TruncatedRecording
from tests.support.sounds import encoded, film, tone, wav

ROOT = Path(__file__).parents[3]


def stream(content: bytes) -> Callable[[], BinaryIO]:
    """What opens the content."""
    return lambda: io.BytesIO(content)


class TestSamples:
    @pytest.mark.parametrize(
        ("container", "codec", "channels"), [("mp4", "aac", 2), ("ogg", "libopus", 1)]
    )
    def test_are_those_of_the_decoder(self, container: str, codec: str, channels: int) -> None:
        """What comes through the pipes is what the decoder made, to the bit."""
        opener = stream(encoded(tone(30.0, channels, 48_000), container, codec, 48_000))
        inside = np.concatenate(list(SandboxedRecording(opener, AudioLimits()).blocks()), axis=1)
        here = np.concatenate(list(RecordingReader(opener, AudioLimits()).blocks()), axis=1)
        assert (inside == here).all()

    def test_leaving_early_leaves_no_process(self) -> None:
        """A reader that stops in the middle ends the decoder with it."""
        before = _children()
        blocks = SandboxedRecording(stream(wav(tone(600.0))), AudioLimits()).blocks()
        next(blocks)
        blocks.close()  # type: ignore[attr-defined]
        assert _children() <= before


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "kind", "advice"),
        [
            (b"", BadRecording, "empty"),
            (b"I: text\n" * 100, BadRecording, "not a recording"),
            (film(), BadRecording, "no audio track"),
            (wav(tone(9.0))[:-99_000], TruncatedRecording, "99000 bytes shorter"),
        ],
    )
    def test_keep_kind_and_advice(
        self, content: bytes, kind: type[BadRecording], advice: str
    ) -> None:
        """A refusal comes through as it is."""
        with pytest.raises(kind, match=advice):
            list(SandboxedRecording(stream(content), AudioLimits()).blocks())

    def test_a_decoder_that_dies(self) -> None:
        """A recording that takes the decoder down is refused; this process goes on."""
        before = _children()
        recording = SandboxedRecording(
            stream(wav(tone(60.0))), AudioLimits(), memory_bytes=64 * 1024 * 1024
        )
        with pytest.raises(BadRecording, match="decoder broke"):
            list(recording.blocks())
        assert _children() <= before

    @pytest.mark.parametrize(
        "words",
        [b"", b"X" * 17, b"B" + b"\xff" * 16, b"B" + bytes(7) + b"\x09" + bytes(7) + b"\x01", b"D"],
    )
    def test_a_decoder_that_was_taken_over(
        self, words: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing that the other process says is taken on trust."""
        liar = tmp_path / "liar"
        liar.write_text(
            f"#!{sys.executable}\nimport os\nos.write(1, bytes.fromhex('{words.hex()}'))\n"
        )
        liar.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(liar))
        with pytest.raises(BadRecording, match="decoder broke"):
            list(SandboxedRecording(stream(wav(tone(1.0))), AudioLimits()).blocks())


class TestConfinement:
    @pytest.mark.parametrize(
        "attempt",
        [
            "open('/etc/passwd')",
            "open('x', 'w')",
            "import socket; socket.socket()",
            "os.pipe()",
            "bytearray(1 << 31)",
        ],
    )
    def test_nothing_can_be_opened(self, attempt: str, tmp_path: Path) -> None:
        """Once confined, the process can open no file and no socket, nor take much memory."""
        code = (
            "import os, socket\n"
            "from services.transcription.adapters.decoder import confine\n"
            "confine(1 << 30, 60)\n"
            f"try:\n    {attempt}\nexcept (OSError, MemoryError):\n    os._exit(42)\n"
            "os._exit(0)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"},
            check=False,
        )
        assert done.returncode == 42


def _children() -> set[str]:
    here = Path("/proc/self/task")
    return {pid for task in here.iterdir() for pid in (task / "children").read_text().split()}
