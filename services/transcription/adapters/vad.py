# SPDX-License-Identifier: Apache-2.0
"""Voice activity by the Silero model that faster-whisper ships, fed a stream instead of a file.

faster-whisper's own wrapper wants the whole recording as one array; this one carries the
model's state from call to call, so that memory does not grow with the recording.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from faster_whisper.vad import get_vad_model

from services.transcription.domain.audio import FRAME, Samples

_CONTEXT = 64


class SileroDetector:
    """Implements `VoiceDetector`; one object for each channel of each recording."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self._state = [np.zeros((1, 1, 128), np.float32) for _ in range(2)]
        self._tail = np.zeros(_CONTEXT, np.float32)

    def feed(self, frames: Samples) -> npt.NDArray[np.float32]:
        """Return a speech probability for each 512-sample frame; all frames must be whole."""
        batch = frames.reshape(-1, FRAME)
        before = np.concatenate([self._tail[None, :], batch[:-1, -_CONTEXT:]])
        self._tail = batch[-1, -_CONTEXT:].copy()
        hidden, cell = self._state
        output, *self._state = self._session.run(
            None, {"input": np.concatenate([before, batch], axis=1), "h": hidden, "c": cell}
        )
        return np.asarray(output, np.float32).reshape(-1)
