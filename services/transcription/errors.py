# SPDX-License-Identifier: Apache-2.0
"""Errors of the transcription service; messages give advice and contain no content."""

from __future__ import annotations

from services.common.errors import Exhausted, InvalidInput, NotReady


class BadRecording(InvalidInput):
    """The bytes are not a recording that can be transcribed."""


class TruncatedRecording(BadRecording):
    """The recording ends before its own header says."""


class TooLarge(InvalidInput):
    """The recording or transcript is above a limit of the settings."""


class OutOfSpace(Exhausted):
    """The disk is full."""


class BadTranscript(InvalidInput):
    """A transcript made elsewhere does not follow its format."""


class BadRoster(InvalidInput):
    """The roster cannot be read."""


class ModelUnusable(InvalidInput):
    """The model folder cannot be used."""


class NoSpeechModel(NotReady):
    """There is no model for the recording: none at all, or one that would invent its words."""

    def __init__(self) -> None:
        super().__init__(
            "there is no speech model for it: none ships with Sotto, and a demo model would invent"
            " the words of what it does not know; fetch a model with: sotto models pull base, or"
            " copy one with: sotto models add DIR; name it as speech_model under [transcription] in"
            " sotto.toml, then: sotto down and sotto up",
            reason="no_speech_model",
        )


class OtherTranscript(NotReady):
    """What was approved is not the transcript of the recording as it is decoded now."""

    def __init__(self, recording_id: str) -> None:
        super().__init__(
            f"the approved transcript of {recording_id} does not fit the recording as it is decoded"
            " now, so that nobody knows when its words are said; make it again with: sotto"
            f" recordings redo --recording {recording_id}, have it reviewed, and build the release"
            " again; or build it without sound, by 'audio: none' in the study file",
            reason="other_transcript",
        )


class BadVoiceClip(InvalidInput):
    """The clip of a voice is of no use; nothing of it was kept."""


class NoClip(InvalidInput):
    """Nobody knows where in the recording a place is."""


class AudioNotSafe(NotReady):
    """A redacted word can be heard in the bleeped sound."""

    def __init__(self, recording_id: str) -> None:
        super().__init__(
            f"the bleeped sound of {recording_id} was transcribed again, and words that are"
            " redacted were heard in it, also after more was muted around them; nothing is"
            " released: reject this recording, or build without sound by 'audio: none' in the"
            " study file",
            reason="audio_not_safe",
        )
