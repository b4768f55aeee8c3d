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

    importlib.import_module("services.transcription.adapters.decoding")
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith(("__main__", "datasets")):
            importlib.import_module(module.name)


def work(file: BinaryIO, order: Order) -> Work:
    """Yield blocks as their number of channels and their samples; return what was found broken."""
    from services.transcription.adapters.decoding import AudioLimits, RecordingReader

    recording = RecordingReader(lambda: file, AudioLimits(**order))
    for block in recording.blocks():
        yield block.shape[0], block.tobytes()
    return {"bad_packets": recording.bad_packets, "cut_short": recording.cut_short}
