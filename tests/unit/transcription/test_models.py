# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import flows
import services
from services.common.errors import AlreadyExists, InvalidInput, NotFound
from services.transcription.adapters.models import ModelFolder, ModelRegistry
from services.transcription.errors import ModelUnusable, NoSpeechModel
from services.transcription.settings import TranscriptionSettings
from services.transcription.wiring import EngineProvider


def model(folder: Path, weights: bytes = b"weights") -> Path:
    """A folder that looks like a model, with a file that does not belong to it."""
    folder.mkdir()
    (folder / "model.bin").write_bytes(weights)
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "notes.txt").write_text("not part of a model")
    return folder


class TestModelRegistry:
    def test_add_verify_find(self, tmp_path: Path) -> None:
        """An added model is copied with its hashes, and found by name."""
        registry = ModelRegistry(tmp_path / "models")
        added = registry.add(model(tmp_path / "m"), "mine", lambda _: {})
        assert added.damaged() == []
        assert not (added.path / "notes.txt").exists()
        assert registry.find("mine").identity("e").model_sha256 == (
            ModelFolder.read(tmp_path / "m").identity("e").model_sha256
        )
        assert [m.name for m in registry if m.kind != "demo"] == ["mine"]

    def test_a_changed_byte_is_found(self, tmp_path: Path) -> None:
        """Verification names the file that is not what was added."""
        added = ModelRegistry(tmp_path).add(model(tmp_path / "m"), "mine", lambda _: {})
        (added.path / "model.bin").write_bytes(b"weighty")
        assert added.damaged() == ["model.bin"]

    def test_a_damaged_model_has_no_identity(self, tmp_path: Path) -> None:
        """Whatever byte of whatever file is flipped, the model is refused before it is used."""
        added = ModelRegistry(tmp_path).add(model(tmp_path / "m"), "mine", lambda _: {})
        for file in added.files():
            whole = file.read_bytes()
            for place in (0, len(whole) // 2, len(whole) - 1):
                damaged = bytearray(whole)
                damaged[place] ^= 1
                file.write_bytes(damaged)
                with pytest.raises(ModelUnusable, match=file.name):
                    added.identity("e")
            file.write_bytes(whole)
        assert added.identity("e").model == "mine"

    def test_what_a_killed_command_left_is_removed(self, tmp_path: Path) -> None:
        """Half a model is not listed, and goes when another is added a day later."""
        half = model(tmp_path / ".adding-x")
        registry = ModelRegistry(tmp_path)
        assert [one for one in registry if one.path == half] == []
        registry.add(model(tmp_path / "m"), "mine", lambda _: {})
        assert half.exists()
        os.utime(half, (0, 0))
        registry.add(tmp_path / "m", "again", lambda _: {})
        assert not half.exists()

    def test_a_model_that_does_not_load_leaves_nothing(self, tmp_path: Path) -> None:
        """A folder that the engine cannot read is not added, not even half."""

        def check(_folder: Path) -> dict[str, list[str]]:
            raise ModelUnusable("no")

        with pytest.raises(ModelUnusable):
            ModelRegistry(tmp_path / "models").add(model(tmp_path / "m"), "mine", check)
        assert list((tmp_path / "models").iterdir()) == []

    def test_names_are_taken_once(self, tmp_path: Path) -> None:
        """The same model twice is fine; another under its name is not."""
        registry = ModelRegistry(tmp_path / "models")
        registry.add(model(tmp_path / "a"), "mine", lambda _: {})
        registry.add(tmp_path / "a", "mine", lambda _: {})
        with pytest.raises(AlreadyExists):
            registry.add(model(tmp_path / "b", b"other"), "mine", lambda _: {})
        with pytest.raises(InvalidInput):
            registry.add(tmp_path / "a", "../mine", lambda _: {})

    def test_missing(self, tmp_path: Path) -> None:
        """What is not there says how to get it."""
        with pytest.raises(NotFound, match="sotto models pull small"):
            ModelRegistry(tmp_path).find("small")
        with pytest.raises(ModelUnusable, match=r"model\.bin"):
            ModelFolder.read(tmp_path)

    @pytest.mark.parametrize("name", ["", "sotto-demo"])
    def test_none_is_there_until_a_site_takes_one(self, tmp_path: Path, name: str) -> None:
        """The one that shipped once is named by homes still, and may have been kept by a site."""
        with pytest.raises(NoSpeechModel, match="sotto models pull base"):
            ModelRegistry(tmp_path).find(name)
        ModelRegistry(tmp_path).add(model(tmp_path / "m"), "sotto-demo", lambda _: {})
        if name:
            assert ModelRegistry(tmp_path).find(name).name == name

    def test_none_ships(self) -> None:
        """What is installed holds no speech model, of the tests least of all."""
        packages = Path(services.__file__).parent, Path(flows.__file__).parent
        assert [path for one in packages for path in one.rglob("model.bin")] == []

    @pytest.mark.parametrize("invents", [False, True])
    def test_without_one_recordings_are_refused_alone(
        self, tmp_path: Path, *, invents: bool
    ) -> None:
        """What the engine is can be told; that a demo model may write changes nothing."""
        settings = TranscriptionSettings.load(
            home=tmp_path, speech_model="", demo_model_invents=invents
        )
        provider = EngineProvider(settings)
        described = provider.describe()
        assert (described.identity.model, described.identity.is_there) == ("", False)
        with pytest.raises(NoSpeechModel):
            described.invents_words_of(b"\xab")
        with pytest.raises(NoSpeechModel):
            provider.engine()

    def test_the_marker_of_a_demo_model_is_kept(self, tmp_path: Path) -> None:
        """A demo model stays one when it is copied, with the samples that it knows."""
        folder = model(tmp_path / "m")
        (folder / "sotto-model.json").write_text(
            json.dumps({"name": "d", "kind": "demo", "samples": ["ab"]})
        )
        added = ModelRegistry(tmp_path / "models").add(folder, "copy", lambda _: {})
        identity = added.identity("e")
        assert identity.demo
        assert identity.knows(b"\xab")
        assert not identity.knows(b"\xac")
