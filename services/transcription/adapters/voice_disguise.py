# SPDX-License-Identifier: Apache-2.0
"""Makes voices deeper by ffmpeg's filters, so that they are not known at once.

Pitch and formants move together, as on a tape that runs slower, and the tempo is put back. It
anonymises nobody: whoever knows the factor turns it back, and the way somebody talks stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
from av.error import BlockingIOError as NotYet
from av.error import EOFError as AtEnd
from av.filter import Graph

from services.transcription.domain.audio import SAMPLE_RATE, Samples

_FACTOR = 0.82
"""Of all frequencies: three and a half semitones down, at which speech is still understood."""

_DELAY = round(0.024 * SAMPLE_RATE)
"""Samples by which ffmpeg's `atempo` gives sound early, within 3 ms, however long it lasts."""


def deepened(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Yield the sound with deeper voices: as many channels and samples, in blocks of other lengths.

    Same sound, same samples, however it is cut into blocks.
    """
    graph: Graph | None = None
    pending = np.zeros((0, 0), np.float32)
    taken = given = 0
    for block in blocks:
        layout = "stereo" if block.shape[0] == 2 else "mono"
        if graph is None:
            graph, pending = _graph(layout), np.zeros((block.shape[0], _DELAY), np.float32)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", layout)
        frame.sample_rate, frame.time_base = SAMPLE_RATE, Fraction(1, SAMPLE_RATE)
        frame.pts = taken
        graph.push(frame)
        taken += block.shape[1]
        pending = np.concatenate([pending, *_ready(graph)], axis=1)
        # No more than was taken: where the sound ends shows at its end alone.
        part, pending = pending[:, : taken - given], pending[:, taken - given :]
        given += part.shape[1]
        yield part
    if graph is not None:
        graph.push(None)
        rest = np.zeros((pending.shape[0], taken - given), np.float32)
        left = np.concatenate([pending, *_ready(graph), rest], axis=1)
        yield left[:, : taken - given]


def _graph(layout: str) -> Graph:
    graph = Graph()
    chain = [
        graph.add_abuffer(
            sample_rate=SAMPLE_RATE,
            format="fltp",
            layout=layout,
            time_base=Fraction(1, SAMPLE_RATE),
        ),
        graph.add("asetrate", f"sample_rate={round(SAMPLE_RATE * _FACTOR)}"),
        graph.add("aresample", f"sample_rate={SAMPLE_RATE}"),
        graph.add("atempo", f"tempo={1 / _FACTOR:.6f}"),
        graph.add("aformat", f"sample_fmts=fltp:sample_rates={SAMPLE_RATE}"),
        graph.add("abuffersink"),
    ]
    for one, other in pairwise(chain):
        one.link_to(other)
    graph.configure()
    return graph


def _ready(graph: Graph) -> Iterator[Samples]:
    while True:
        try:
            frame = graph.pull()
        except (NotYet, AtEnd):
            return
        yield np.clip(frame.to_ndarray(), -1.0, 1.0).astype(np.float32)
