# SPDX-License-Identifier: Apache-2.0
"""The bundled speaker encoder: from sound to embeddings that are alike where the voice is the same.

The encoder is GE2E (Wan et al. 2018, "Generalized end-to-end loss for speaker verification") with
the weights of Resemblyzer; `infra/models/speaker_encoder` makes the file from them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.common.errors import Corrupted
from services.transcription.domain.audio import SAMPLE_RATE, Samples

FOLDER = Path(__file__).parents[1] / "speaker_encoder"
"""The encoder that ships."""

HOP = 160
"""Samples from one frame of mels to the next (10 ms)."""

WINDOW = 160
"""Frames in one window (1.6 s): what the encoder was trained on."""

_FFT = 400
"""Samples of one frame (25 ms)."""

_MELS = 40
"""Mel bands that the encoder takes."""

_LEVEL_DBFS = -30.0
"""Loudness that each stretch of speech is brought to: the encoder hears loudness too, and one
person may sit farther from the microphone."""

_BATCH = 64
"""Windows in one call: more need memory and save no time."""

Embeddings = npt.NDArray[np.float32]


class SpeakerEncoder:
    """Embeddings of length 1; their dot product is how alike two voices are, in [-1, 1]."""

    def __init__(self, session: Any) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        self._session = session
        self._filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE, _FFT, n_mels=_MELS).T
        # Periodic, as librosa's, which made the features that the encoder was trained on.
        self._taper = np.hanning(_FFT + 1)[:-1].astype(np.float32)

    @classmethod
    def load(cls, folder: Path = FOLDER) -> SpeakerEncoder:
        """Load the encoder of a folder. Raises `Corrupted` where it is not as its manifest says."""
        # Imported late, since commands that need no model must start fast.
        import onnxruntime as ort

        _manifest(folder)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        return cls(
            ort.InferenceSession(
                str(folder / "ge2e.onnx"), options, providers=["CPUExecutionProvider"]
            )
        )

    def mels(self, audio: Samples) -> npt.NDArray[np.float32]:
        """Return the mel power of each 10 ms of a stretch of speech, shape (frames, 40)."""
        level = np.sqrt(np.mean(np.square(audio, dtype=np.float64)) + 1e-12)
        gain = 10 ** (_LEVEL_DBFS / 20) / level
        padded = np.pad(audio * np.float32(gain), _FFT // 2)
        frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP]
        power = np.abs(np.fft.rfft(frames * self._taper, axis=1)) ** 2
        found: npt.NDArray[np.float32] = (power @ self._filters).astype(np.float32)
        return found

    def embed(self, windows: npt.NDArray[np.float32]) -> Embeddings:
        """Return one embedding for each window; shape (windows, `WINDOW`, 40) to (windows, 256)."""
        parts = []
        for at in range(0, len(windows), _BATCH):
            batch = np.ascontiguousarray(windows[at : at + _BATCH].transpose(1, 0, 2))
            (found,) = self._session.run(None, {"mels": batch})
            parts.append(np.asarray(found, np.float32))
        return np.concatenate(parts) if parts else np.zeros((0, 256), np.float32)


def encoder_version(folder: Path = FOLDER) -> str:
    """Return name, version and digest of the encoder; raises `Corrupted` as `load` does."""
    manifest = _manifest(folder)
    return f"{manifest['name']}/{manifest['version']}+{manifest['sha256']['ge2e.onnx'][:12]}"


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
        digest = hashlib.sha256((folder / "ge2e.onnx").read_bytes()).hexdigest()
        wanted = manifest["sha256"]["ge2e.onnx"]
        manifest["name"], manifest["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Corrupted("The speaker encoder is incomplete; reinstall Sotto.") from error
    if digest != wanted:
        raise Corrupted("The speaker encoder differs from its manifest; reinstall Sotto.")
    return manifest
