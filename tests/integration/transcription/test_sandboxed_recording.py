# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import psutil
import pytest

from services.common.sandbox import messages, templates
from services.common.sandbox.messages import DONE, HEADER, ITEM, READ, REFUSED
from services.transcription.adapters.decoding import AudioLimits, RecordingReader
from services.transcription.adapters.sandboxed_recording import SandboxedRecording
from services.transcription.errors import BadRecording, TruncatedRecording
from tests.support.sounds import encoded, film, tone, wav

_FOUND = json.dumps({"seccomp": True, "landlock": 1}).encode()
WALLS = HEADER.pack(messages.WALLS, 0, len(_FOUND)) + _FOUND

_LIAR = """#!{python}
import os, socket
control = socket.socket(fileno=0)
while True:
    asked, ends, _, _ = socket.recv_fds(control, 1, 3)
    if not asked:
        break
    run, answers, requests = ends
    os.write(requests, bytes.fromhex("{words}"))
    os.write(run, bytes(4))
    for end in ends:
        os.close(end)
"""
"""A program in the place of the template, whose runs say what they should not and end at once."""


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
            (wav(tone(9.0))[:-99_000], TruncatedRecording, "99000 bytes shorter.*65 % of it"),
        ],
    )
    def test_keep_kind_and_advice(
        self, content: bytes, kind: type[BadRecording], advice: str
    ) -> None:
        """A refusal comes through as it is."""
        with pytest.raises(kind, match=advice):
            list(SandboxedRecording(stream(content), AudioLimits()).blocks())

    def test_a_decoder_that_takes_too_much_memory(self) -> None:
        """A recording that fills the decoder's memory is refused and says so; we go on."""
        before = _children()
        recording = SandboxedRecording(
            stream(wav(tone(60.0))), AudioLimits(), memory_bytes=64 * 1024 * 1024
        )
        with pytest.raises(BadRecording, match="64 MiB of memory"):
            list(recording.blocks())
        assert _children() <= before

    def test_more_samples_than_a_recording_may_have(self) -> None:
        """What comes back is counted here too, whatever the decoder says of its length."""
        with pytest.raises(BadRecording, match="hours"):
            list(SandboxedRecording(stream(wav(tone(9.0))), AudioLimits(max_seconds=5)).blocks())

    @pytest.mark.parametrize(
        "words",
        [
            b"",
            b"X" * 17,
            WALLS,
            WALLS + HEADER.pack(ITEM, 1, 2**63),
            WALLS + HEADER.pack(ITEM, 9, 8) + bytes(8),
            WALLS + HEADER.pack(ITEM, 1, 7) + bytes(7),
            WALLS + HEADER.pack(ITEM, 1, 4) + b"\xff\xff\xff\x7f",
            WALLS + HEADER.pack(READ, 2**64 - 1, 1),
            WALLS + HEADER.pack(REFUSED, 0, 2) + b"{}",
            WALLS + HEADER.pack(DONE, 0, 4) + b"[[[[",
            HEADER.pack(messages.WALLS, 0, 2) + b"[]",
        ],
    )
    def test_a_decoder_that_was_taken_over(
        self, words: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing that the other process says is taken on trust."""
        liar = tmp_path / "liar"
        liar.write_text(_LIAR.format(python=sys.executable, words=words.hex()))
        liar.chmod(0o700)
        templates.close_all()
        monkeypatch.setattr(sys, "executable", str(liar))
        with pytest.raises(BadRecording, match="decoder broke"):
            list(SandboxedRecording(stream(wav(tone(1.0))), AudioLimits()).blocks())
        templates.close_all()


def _children() -> set[int]:
    """What runs below the templates, which stay."""
    return {
        process.pid
        for template in psutil.Process().children()
        for process in template.children(recursive=True)
    }
