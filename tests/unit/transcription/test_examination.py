# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from services.common.errors import Cancelled
from services.transcription.domain.audio import Samples
from services.transcription.domain.examination import Examiner, FoundAudio, UploadedFile
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.turns import Turn


class ShortRecording:
    """Two seconds of stereo with a damaged packet, that ends before its header says."""

    bad_packets = 1
    cut_short = True

    def blocks(self) -> Iterator[Samples]:
        """Yield a second at a time."""
        yield from (np.zeros((2, 16_000), np.float32) for _ in range(2))


@contextmanager
def open_audio(chunks: Iterable[bytes]) -> Iterator[ShortRecording]:
    """Read all, as a spool does."""
    assert b"".join(chunks) == b"sound"
    yield ShortRecording()


def parse(
    chunks: Iterable[bytes], file_name: str, options: ReadingOptions
) -> Iterator[Turn | Reading]:
    """Find a turn."""
    assert (b"".join(chunks), file_name, options.append_notes) == (b"text", "a.txt", True)
    yield Reading(form="txt", turns=1)


def go_on() -> None:
    """Nobody left."""


class TestExaminer:
    def test_sound(self) -> None:
        """Length, channels and what was lost are told."""
        file = UploadedFile("a.wav", False, [b"so", b"und"])
        found = Examiner(open_audio, parse).examine(file, ReadingOptions(), go_on)
        assert found == FoundAudio(2000, 2, {"bad_packets": 1, "cut_short": 1})

    def test_transcript(self) -> None:
        """What its reader found is told, by the options that were given."""
        file = UploadedFile("a.txt", True, [b"text"])
        found = Examiner(open_audio, parse).examine(file, ReadingOptions("", True), go_on)
        assert isinstance(found, Reading)
        assert found.turns == 1

    def test_whoever_asked_left(self) -> None:
        """It ends at the next block."""

        def left() -> None:
            raise Cancelled("the caller left")

        with pytest.raises(Cancelled):
            Examiner(open_audio, parse).examine(
                UploadedFile("a.wav", False, [b"sound"]), ReadingOptions(), left
            )
