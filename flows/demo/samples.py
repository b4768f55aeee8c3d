# SPDX-License-Identifier: Apache-2.0
"""The sample interviews, what is really said in them, and the identifiers planted in them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample interview.

    `identifiers` holds the forms in which each planted identifier may be written; `missed` are
    those that the engine is known to leave.
    """

    id: str
    path: Path
    participant: str
    turns: tuple[str, ...]
    identifiers: tuple[tuple[str, ...], ...]
    missed: tuple[str, ...]

    @property
    def planted(self) -> tuple[str, ...]:
        """Every form of every identifier, each once."""
        return tuple(sorted({form for forms in self.identifiers for form in forms}))

    @property
    def is_audio(self) -> bool:
        """Whether it is a recording; the other kind is a transcript made elsewhere."""
        return self.path.suffix == ".ogg"


def load() -> list[Sample]:
    """Load all samples, each of a participant of its own."""
    found = []
    for number, reference in enumerate(sorted(_FOLDER.glob("*.json")), 1):
        content = json.loads(reference.read_text("utf-8"))
        path = next(
            reference.with_suffix(suffix)
            for suffix in (".ogg", ".txt")
            if reference.with_suffix(suffix).exists()
        )
        found.append(
            Sample(
                id=content["id"],
                path=path,
                participant=f"P{number:02}",
                turns=tuple(turn["text"] for turn in content["turns"]),
                identifiers=tuple((item["text"], *item["variants"]) for item in content["planted"]),
                missed=tuple(content.get("missed", ())),
            )
        )
    return found


def words(text: str) -> list[str]:
    """Split a text into words as they are compared: lower case, without punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower().replace("\u2019", "'"))
