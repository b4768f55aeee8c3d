# SPDX-License-Identifier: Apache-2.0
"""The task that decodes, in the sandbox: bytes of a recording in, blocks of samples out."""

from __future__ import annotations

import importlib
import pkgutil
from typing import BinaryIO

from services.common.sandbox.task import Order, Work


def prepare() -> None:
    """Import what PyAV would import later, when no file can be opened any more."""
    import av

    importlib.import_module("services.transcription.adapters.clipping")
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith(("__main__", "datasets")):
            importlib.import_module(module.name)


def work(file: BinaryIO, order: Order) -> Work:
    """Yield blocks as their number of channels and their samples; return what was found broken.

    Of a `stretch` in the order, from one sample up to another, its samples are the only block.
    """
    from services.transcription.adapters.clipping import cut_stretch
    from services.transcription.adapters.decoding import AudioLimits, RecordingReader
    from services.transcription.domain.audio import SampleRange

    limits = AudioLimits(**order["limits"])
    if stretch := order.get("stretch"):
        yield 1, cut_stretch(file, limits, SampleRange(*stretch)).tobytes()
        return {}
    recording = RecordingReader(lambda: file, limits)
    for block in recording.blocks():
        yield block.shape[0], block.tobytes()
    return {"bad_packets": recording.bad_packets, "cut_short": recording.cut_short}
