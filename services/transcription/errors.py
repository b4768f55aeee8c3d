# SPDX-License-Identifier: Apache-2.0
"""Errors of the transcription service; messages give advice and contain no content."""

from __future__ import annotations

from services.common.errors import Exhausted, InvalidInput


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
