# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from services.transcription.adapters.whisper import WhisperEngine, WhisperOptions
from tests.support import transcription_service
from tests.support.sounds import sample, wav


def test_recordings_share_one_loaded_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two recordings at a time are heard by one model, which has a worker for each."""
    loaded: list[WhisperEngine] = []
    load = WhisperEngine.load

    def counted(folder: Path, options: WhisperOptions) -> WhisperEngine:
        loaded.append(load(folder, options))
        return loaded[-1]

    monkeypatch.setattr(WhisperEngine, "load", counted)
    deployment = transcription_service.start(tmp_path / "home", speech_parallel=2)
    try:
        sound = sample("interview-a")[:, : 6 * 16_000]
        refs = [deployment.upload(wav(part)) for part in np.array_split(sound, 2, axis=1)]
        with ThreadPoolExecutor(2) as pool:
            ends = [answers[-1] for answers in pool.map(deployment.transcribe, refs)]
    finally:
        deployment.stop()
    assert all(end.result.segments for end in ends)
    assert [one._model.model.num_workers for one in loaded] == [2]
