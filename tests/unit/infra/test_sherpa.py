# SPDX-License-Identifier: Apache-2.0
"""The diarizer on sherpa-onnx that a site may install: without the package, what is ours of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from infra.diarizers.sherpa import FILES, Turn, models, pinned, spans_in
from services.common.errors import Corrupted, NotFound
from services.transcription.domain.audio import SampleRange
from services.transcription.domain.ports import LabelledSpan


def span(start: int, end: int, speaker: int) -> LabelledSpan:
    """A stretch of one speaker."""
    return LabelledSpan(SampleRange(start, end), speaker)


@pytest.mark.parametrize(
    ("turns", "spans"),
    [
        ([], [span(0, 100, 0), span(200, 300, 0)]),
        ([((0, 100), 1), ((200, 300), 0)], [span(0, 100, 0), span(200, 300, 1)]),
        ([((10, 60), 0), ((60, 90), 1), ((210, 250), 1)],
         [span(0, 60, 0), span(60, 100, 1), span(200, 300, 1)]),
        ([((0, 250), 0), ((220, 300), 1)], [span(0, 100, 0), span(200, 220, 0), span(220, 300, 1)]),
        ([((120, 180), 1)], [span(0, 100, 0), span(200, 300, 0)]),
    ],
)  # fmt: skip
def test_spans_cover_the_regions_in_order(
    turns: list[tuple[tuple[int, int], int]], spans: list[LabelledSpan]
) -> None:
    """Whatever the turns are: gaps go on with the one before, and an overlap begins a span."""
    regions = [SampleRange(0, 100), SampleRange(200, 300)]
    heard: list[Turn] = [(SampleRange(*turn), speaker) for turn, speaker in turns]
    assert spans_in(regions, heard) == spans


def test_models_are_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is missing, or another one, is refused; both together are the version."""
    monkeypatch.delenv("SOTTO_SHERPA_MODELS", raising=False)
    with pytest.raises(NotFound, match="SOTTO_SHERPA_MODELS"):
        models()
    monkeypatch.setenv("SOTTO_SHERPA_MODELS", str(tmp_path))
    with pytest.raises(Corrupted, match="SHA256SUMS"):
        pinned(models())
    sums = []
    for name in FILES:
        (tmp_path / name).write_bytes(name.encode())
        sums.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}")
    (tmp_path / "SHA256SUMS").write_text("\n".join(sums) + "\n", "utf-8")
    assert len(pinned(models())) == 64
    (tmp_path / FILES[0]).write_bytes(b"another one")
    with pytest.raises(Corrupted, match="differs"):
        pinned(models())
