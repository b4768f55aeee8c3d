# SPDX-License-Identifier: Apache-2.0
"""What an importer gets, and what a transcript may be at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from services.transcription.adapters.importing.text import Decoded, decode
from services.transcription.domain.reading import Findings, Passage, ReadingOptions


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What a transcript may be at most: bytes as stored, bytes once unpacked, turns."""

    max_bytes: int = 64 * 1024 * 1024
    max_unpacked_bytes: int = 256 * 1024 * 1024
    max_turns: int = 200_000


@dataclass(frozen=True)
class Source:
    """What an importer gets."""

    data: bytes
    file_name: str = ""
    limits: ImportLimits = field(default_factory=ImportLimits)
    options: ReadingOptions = field(default_factory=ReadingOptions)
    findings: Findings = field(default_factory=Findings)
    importers: Mapping[str, Importer] = field(default_factory=dict)
    """Those of all forms, for documents that stand in this one."""

    def text(self) -> str:
        """Return the content as text with plain newlines; raises `BadTranscript`."""
        return self._decoded.text

    @cached_property
    def _decoded(self) -> Decoded:
        found = decode(self.data, self.options.encoding)
        self.findings.encoding = found.encoding
        self.findings.encoding_guessed = found.guessed
        if found.broken:
            self.findings.warn("broken_bytes", found.broken_line, found.broken)
        elif found.guessed:
            self.findings.warn("encoding_guessed")
        return found


Importer = Callable[[Source], Iterable[Passage]]
