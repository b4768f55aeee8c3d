# SPDX-License-Identifier: Apache-2.0
"""Finds turns in the passages of a source: who speaks, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.transcription.adapters.importing import txt
from services.transcription.adapters.importing.labels import take_label
from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.reading import Findings, Passage
from services.transcription.domain.turns import Turn


def find_turns(passages: Iterable[Passage], findings: Findings) -> Iterator[Turn]:
    """Yield the turns of a source in its order; what is no turn is noted in `findings`."""
    loose: list[str] = []
    findings.codes.clear()
    for passage in passages:
        if passage.speaker is None and passage.start_ms is None:
            loose += ["", passage.text] if passage.gap else [passage.text]
            continue
        yield from txt.parse("\n".join(loose))
        loose.clear()
        text = squeeze(passage.text)
        speaker = passage.speaker
        if speaker is None:
            speaker, rest = take_label(text)
            text = rest.strip() if speaker is not None and rest.strip() else text
        yield Turn(speaker or "", text, passage.start_ms, passage.end_ms)
    yield from txt.parse("\n".join(loose))
