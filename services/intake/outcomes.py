# SPDX-License-Identifier: Apache-2.0
"""What is to be brought in, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from services.common.errors import SottoError
from services.registry.reading_warnings import sentence
from sotto.storage.v1 import recording_pb2
from sotto.transcript.v1 import reading_pb2


@dataclass(frozen=True, slots=True)
class Interview:
    """A file, and what it is said to be. Without a participant it can be looked at alone."""

    path: Path
    participant: str = ""
    session: int = 1
    date: str = ""
    reading: reading_pb2.ReadingOptions = field(default_factory=reading_pb2.ReadingOptions)
    speakers: int = 0
    """How many people speak in a recording; 0 for what the study says."""


@dataclass(frozen=True, slots=True)
class IntakeWarning:
    """What a person should look at; `detail` holds ids, codes and numbers."""

    kind: str
    count: int = 1
    place: int = 0
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What is said of it, and what it is about."""
        return f"{self.said} ({self.detail})" if self.detail else self.said

    @property
    def said(self) -> str:
        """What is said of it."""
        return sentence(self.kind, self.count, self.place)


class IntakeState(StrEnum):
    """What became of a file."""

    SEALED = "sealed"
    EXISTED = "existed"
    """The same content was there, as the same session of the same participant."""
    CHECKED = "checked"
    """It was looked at, and nothing sealed, as was asked."""
    REFUSED = "refused"
    NOT_TRIED = "not_tried"


@dataclass(slots=True)
class Outcome:
    """What became of a file; `number` counts the files, from 1.

    `kind` is "media", "transcript", or "" before it is known; `form` such as "wav" or "docx".
    `replaced` is a failed recording that was removed since this one stands for it.
    """

    number: int
    interview: Interview
    state: IntakeState = IntakeState.NOT_TRIED
    kind: str = ""
    form: str = ""
    reading: reading_pb2.Reading | None = None
    warnings: list[IntakeWarning] = field(default_factory=list)
    ref: recording_pb2.RecordingRef | None = None
    replaced: recording_pb2.RecordingRef | None = None
    error: SottoError | None = None

    def refuse(self, error: SottoError) -> None:
        """Note why nothing of it was sealed."""
        self.state, self.error = IntakeState.REFUSED, error
