# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
import pytest
from faster_whisper import WhisperModel

from services.transcription.adapters.whisper import _most_tokens
from services.transcription.adapters.whisper_model import _MOST_KEPT, LanguageTryingModel
from services.transcription.domain.audio import Samples


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> LanguageTryingModel:
    """A model of half a minute without weights, whose output is what it was asked to encode."""
    made = LanguageTryingModel.__new__(LanguageTryingModel)
    made.feature_extractor = SimpleNamespace(chunk_length=30)
    made._mode = threading.local()
    made.asked = []
    monkeypatch.setattr(WhisperModel, "encode", lambda self, it: self.asked.append(it) or it)
    return made


def features(frames: int, value: float = 1.0) -> Samples:
    """So many frames of sound, padded to half a minute."""
    padded = np.zeros((80, 3000), np.float32)
    padded[:, :frames] = value
    return padded


class TestEncode:
    def test_a_region_is_encoded_once_without_most_of_the_padding(
        self, model: LanguageTryingModel
    ) -> None:
        """What was encoded to tell a region's language is used to hear it."""
        for _ in range(2):
            with model.thrift(wanted=True):
                output = model.encode(features(400))
            assert output.shape == (80, 600)
        assert len(model.asked) == 1

    def test_other_sound_and_other_threads_are_encoded_by_themselves(
        self, model: LanguageTryingModel
    ) -> None:
        """Nothing but equal features has an output that is there already."""

        def encode(value: float) -> None:
            with model.thrift(wanted=True):
                model.encode(features(400, value))

        for value in (1.0, 2.0):
            encode(value)
        other = threading.Thread(target=encode, args=(1.0,))
        other.start()
        other.join()
        assert len(model.asked) == 3

    def test_few_are_kept(self, model: LanguageTryingModel) -> None:
        """The oldest go first."""
        with model.thrift(wanted=True):
            for value in [*range(1, _MOST_KEPT + 2), 1]:
                model.encode(features(400, value))
        assert len(model.asked) == _MOST_KEPT + 2

    def test_a_whole_piece_is_encoded_each_time(self, model: LanguageTryingModel) -> None:
        """With all of its padding, which is silence."""
        for _ in range(2):
            output = model.encode(features(400))
            assert output.shape == (80, 3000)
            assert (output[:, 400:] == -1.0).all()
        assert len(model.asked) == 2


@pytest.mark.parametrize(("seconds", "most"), [(1.0, 32), (9.0, 160), (10.0, None), (60.0, None)])
def test_a_loop_in_a_short_part_ends(seconds: float, most: int | None) -> None:
    """A part of some seconds has no more tokens than anybody can say in it."""
    assert _most_tokens(np.zeros(int(seconds * 16_000), np.float32)) == most
