# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.common.errors import NotFound
from services.transcription.adapters.speaker_encoder import encoder_version
from services.transcription.adapters.voice_diarizer import VoiceDiarizer
from services.transcription.settings import TranscriptionSettings
from services.transcription.wiring import diarizer_of, transcription_options
from tests.support.other_diarizer import OtherDiarizer

OTHER = "tests.support.other_diarizer:OtherDiarizer"


def settings(folder: Path, name: str) -> TranscriptionSettings:
    """Return settings that name a diarizer."""
    return TranscriptionSettings.load(home=folder, diarizer=name)


def test_one_of_the_site_is_used_and_named(tmp_path: Path) -> None:
    """Its name and version are among what decides the run, in the place of the bundled one's."""
    other, bundled = settings(tmp_path, OTHER), settings(tmp_path, "ge2e")
    assert isinstance(diarizer_of(other)(), OtherDiarizer)
    assert isinstance(diarizer_of(bundled)(), VoiceDiarizer)
    assert transcription_options(other).speakers.diarizer == f"{OTHER} in-turn 1"
    assert transcription_options(bundled).speakers.diarizer == encoder_version()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no_such_module:Diarizer", "no such class"),
        ("tests.support.other_diarizer:Missing", "no such class"),
        ("tests.support.other_diarizer:LabelledSpan", "has no text 'version'"),
    ],
)
def test_one_that_cannot_be_used_stops_the_service(tmp_path: Path, name: str, says: str) -> None:
    """It is refused at the start, not at the first recording."""
    with pytest.raises(NotFound, match=says):
        transcription_options(settings(tmp_path, name))
