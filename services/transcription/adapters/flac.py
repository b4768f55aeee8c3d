# SPDX-License-Identifier: Apache-2.0
"""Encodes sound of our own as FLAC: lossless, 16 bit, with nothing in it but the sound."""

from __future__ import annotations

import io
from collections.abc import Iterable

import av
import numpy as np

from services.transcription.domain.audio import SAMPLE_RATE, Samples

_FULL_SCALE = 32767
_OPTIONS = {"fflags": "+bitexact"}
"""Without it the file names the version of ffmpeg."""


def encode_flac(blocks: Iterable[Samples]) -> bytes:
    """Return the FLAC file of blocks of shape (1 or 2, n) at 16 kHz; same blocks, same bytes.

    It is made anew from the samples: no tag, time, picture or other stream of a source is in it.
    """
    target = io.BytesIO()
    with av.open(target, "w", format="flac", options=_OPTIONS) as container:
        stream: av.AudioStream | None = None
        fifo, at = av.AudioFifo(), 0
        for block in blocks:
            layout = "stereo" if block.shape[0] == 2 else "mono"
            if stream is None:
                stream = container.add_stream("flac", rate=SAMPLE_RATE, layout=layout)
                stream.codec_context.format = "s16"
                stream.codec_context.flags |= av.codec.context.Flags.bitexact
            scaled = np.rint(np.clip(block, -1.0, 1.0) * _FULL_SCALE).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(scaled.T.reshape(1, -1)), "s16", layout
            )
            frame.sample_rate, frame.pts = SAMPLE_RATE, at
            at += block.shape[1]
            fifo.write(frame)
            for whole in fifo.read_many(stream.codec_context.frame_size or 4096):
                container.mux(stream.encode(whole))
        if stream is not None:
            rest = fifo.read()
            if rest is not None:
                container.mux(stream.encode(rest))
            container.mux(stream.encode(None))
    return target.getvalue()
