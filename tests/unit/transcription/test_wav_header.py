# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import wave

from hypothesis import given
from hypothesis import strategies as st

from services.transcription.adapters.wav_header import missing_bytes


def wav(seconds: float = 1.0) -> bytes:
    """A silent WAV file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(int(seconds * 32_000)))
    return target.getvalue()


class TestMissingBytes:
    def test_complete(self) -> None:
        """A whole file lacks nothing."""
        assert missing_bytes(io.BytesIO(wav())) == 0

    def test_cut_off(self) -> None:
        """A file that was cut off lacks exactly what was cut."""
        assert missing_bytes(io.BytesIO(wav()[:-10_000])) == 10_000

    def test_a_recorder_that_died(self) -> None:
        """A size that was never filled in promises nothing."""
        data = bytearray(wav())
        at = data.find(b"data") + 4
        data[at : at + 4] = b"\xff\xff\xff\xff"
        assert missing_bytes(io.BytesIO(bytes(data))) == 0

    @given(st.binary(max_size=100))
    def test_anything(self, tail: bytes) -> None:
        """Any bytes get an answer."""
        assert missing_bytes(io.BytesIO(b"RIFF\0\0\0\0WAVE" + tail)) >= 0
