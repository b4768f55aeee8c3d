# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common.errors import InvalidInput
from services.transcription.adapters.known_models import known_model, known_models, recognise


class TestKnownModels:
    def test_each_has_what_an_engine_needs(self) -> None:
        """Every model lists weights, settings, a tokenizer and a vocabulary, each name once."""
        for model in known_models():
            names = [file.name for file in model.files]
            assert {"model.bin", "config.json", "tokenizer.json"} < set(names)
            assert len(set(names)) == len(names)
            assert any(name.startswith("vocabulary.") for name in names)
        assert len({model.hashes["model.bin"] for model in known_models()}) == len(known_models())

    def test_whisper_base_is_the_official_one(self) -> None:
        """The weights are those that the makers of faster-whisper publish at this revision."""
        base = known_model("base")
        assert base.source == "Systran/faster-whisper-base@ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66"
        assert base.hashes["model.bin"] == (
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
        )
        assert base.licence == "MIT"

    def test_a_model_is_recognised_by_all_its_files(self) -> None:
        """Its hashes name a model; with one other file it is not that model."""
        base = known_model("base")
        assert recognise(base.hashes) is base
        assert recognise({**base.hashes, "config.json": "0" * 64}) is None

    def test_an_unknown_name(self) -> None:
        """A name without hashes is refused with those that have some, and another way."""
        with pytest.raises(InvalidInput, match=r"large-v3.*--sha256"):
            known_model("enormous")
