# SPDX-License-Identifier: Apache-2.0
"""A diarizer of a site on sherpa-onnx: segmentation and speaker embeddings in ONNX, clustered.

Not part of the product: a site that wants it puts this file beside the service as a module, with
the package `sherpa-onnx` and two models in a folder, and sets `diarizer = "sherpa:SherpaDiarizer"`.
`SOTTO_SHERPA_MODELS` names the folder: `segmentation.onnx` (pyannote segmentation 3.0 as
sherpa-onnx takes it), `embedding.onnx` (such as CAM++ of 3D-Speaker), and `SHA256SUMS` with the
hash of both, which are compared before anything is loaded. docs/transcription.md says what was
measured.

sherpa-onnx takes the whole sound at once: 230 MB of memory for each hour of a recording.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import numpy as np

from services.common.errors import Corrupted, NotFound
from services.transcription.domain.audio import SAMPLE_RATE, SampleRange, Samples
from services.transcription.domain.ports import LabelledSpan

FILES = ("segmentation.onnx", "embedding.onnx")
PACKAGE = "sherpa-onnx"

_APART = 0.5
"""Cosine distance up to which clusters are joined, where the number of speakers is not known: the
default of sherpa-onnx."""

Turn = tuple[SampleRange, int]
"""A stretch in which one of the voices is heard; such stretches may overlap."""


def models() -> Path:
    """Return the folder of the models; raises NotFound where none is named."""
    named = os.environ.get("SOTTO_SHERPA_MODELS", "")
    if not named:
        raise NotFound("SOTTO_SHERPA_MODELS names no folder with the models of the diarizer")
    return Path(named)


def pinned(folder: Path) -> str:
    """Return a digest of both models; raises `Corrupted` where one is not as its hash says."""
    try:
        lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
        wanted = {name: digest for digest, name in (line.split() for line in lines)}
        found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    except (OSError, ValueError) as error:
        raise Corrupted(
            f"{folder} needs {' and '.join(FILES)}, and SHA256SUMS with the hash of both"
        ) from error
    if any(wanted.get(name) != digest for name, digest in found.items()):
        raise Corrupted(f"a model in {folder} differs from SHA256SUMS; get it again")
    return hashlib.sha256("".join(found.values()).encode()).hexdigest()


class _Version:
    """Package and models as part of the run key, known before any recording is opened."""

    def __get__(self, _one: object, _kind: type) -> str:
        return f"{PACKAGE}/{metadata.version(PACKAGE)}+{pinned(models())[:12]}"


class SherpaDiarizer:
    """Implements `Diarizer`."""

    version = _Version()

    def diarize(
        self, mix: Iterable[Samples], regions: Sequence[SampleRange], speakers: int
    ) -> list[LabelledSpan]:
        """Return who speaks in the regions; with fewer than two voices all is speaker 0's."""
        sherpa: Any = import_module("sherpa_onnx")
        folder = models()
        pinned(folder)
        config = sherpa.OfflineSpeakerDiarizationConfig(
            segmentation=sherpa.OfflineSpeakerSegmentationModelConfig(
                pyannote=sherpa.OfflineSpeakerSegmentationPyannoteModelConfig(
                    model=str(folder / FILES[0])
                ),
                num_threads=1,
            ),
            embedding=sherpa.SpeakerEmbeddingExtractorConfig(
                model=str(folder / FILES[1]), num_threads=1
            ),
            clustering=sherpa.FastClusteringConfig(num_clusters=speakers or -1, threshold=_APART),
            min_duration_on=0.3,
            min_duration_off=0.5,
        )
        sound = np.concatenate([np.zeros(0, np.float32), *mix]).astype(np.float32)
        found = sherpa.OfflineSpeakerDiarization(config).process(sound).sort_by_start_time()
        turns = [
            (SampleRange(round(one.start * SAMPLE_RATE), round(one.end * SAMPLE_RATE)), one.speaker)
            for one in found
        ]
        return spans_in(regions, turns)


def spans_in(regions: Sequence[SampleRange], turns: Sequence[Turn]) -> list[LabelledSpan]:
    """Return the regions, cut where another voice has its turn, each part with its speaker.

    What is between two turns goes on with the one before; where turns overlap, the later one
    begins a span. Speakers are numbered from 0 as they appear.
    """
    numbers: dict[int, int] = {}
    spans: list[LabelledSpan] = []

    def add(start: int, end: int, speaker: int) -> None:
        number = numbers.setdefault(speaker, len(numbers))
        spans.append(LabelledSpan(SampleRange(start, end), number))

    last = turns[0][1] if turns else 0
    for region in regions:
        at = region.start
        for turn, speaker in turns:
            if turn.start >= region.end:
                break
            if turn.end <= region.start or speaker == last:
                continue
            begin = max(at, turn.start)
            if begin > at:
                add(at, begin, last)
            at, last = begin, speaker
        add(at, region.end, last)
    return spans
