# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import json
import os
import wave
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.common.errors import AlreadyExists, InvalidInput, NotFound
from services.transcription.adapters.models import ModelFolder, ModelRegistry
from services.transcription.adapters.spool import SealedSpool
from services.transcription.adapters.wav_header import missing_bytes
from services.transcription.adapters.whisper import choose_language
from services.transcription.errors import ModelUnusable, TooLarge


def sealed(content: bytes, folder: Path, memory: int) -> SealedSpool:
    """A finished spool of this content."""
    spool = SealedSpool(folder, memory_bytes=memory, max_bytes=10**9)
    for at in range(0, len(content), 70_000):
        spool.write(content[at : at + 70_000])
    spool.finish()
    return spool


class TestSpool:
    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 700_000), st.lists(st.integers(0, 800_000), max_size=6))
    def test_reads_as_a_file_would(self, size: int, places: list[int]) -> None:
        """Any seek and any read give what a plain file gives."""
        content = os.urandom(size)
        with sealed(content, Path("/tmp"), 1) as spool, spool.open() as reader:  # noqa: S108
            plain = io.BytesIO(content)
            for place in places:
                assert reader.seek(place) == plain.seek(place)
                assert reader.read(100_001) == plain.read(100_001)
            assert reader.seek(0, 2) == size

    def test_nothing_rests_in_clear_and_nothing_has_a_name(self, tmp_path: Path) -> None:
        """The working copy is neither readable in the file nor findable in the folder."""
        secret = b"my name is Faizal " * 50_000
        with sealed(secret, tmp_path, 0) as spool:
            assert spool._file._rolled  # type: ignore[attr-defined]
            assert list(tmp_path.iterdir()) == []
            spool._file.seek(0)
            assert b"Faizal" not in spool._file.read()

    def test_too_large(self, tmp_path: Path) -> None:
        """The limit holds while bytes come in."""
        spool = SealedSpool(tmp_path, memory_bytes=0, max_bytes=10)
        with spool, pytest.raises(TooLarge):
            spool.write(b"x" * 11)


def wav(seconds: float = 1.0) -> bytes:
    """A silent WAV file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(int(seconds * 32_000)))
    return target.getvalue()


class TestRiff:
    def test_complete(self) -> None:
        """A whole file lacks nothing."""
        assert missing_bytes(io.BytesIO(wav())) == 0

    def test_cut_off(self) -> None:
        """A file that was cut off lacks exactly what was cut."""
        assert missing_bytes(io.BytesIO(wav()[:-10_000])) == 10_000

    def test_a_recorder_that_died(self) -> None:
        """A size that was never filled in promises nothing."""
        data = bytearray(wav())
        at = data.find(b"data") + 4
        data[at : at + 4] = b"\xff\xff\xff\xff"
        assert missing_bytes(io.BytesIO(bytes(data))) == 0

    @given(st.binary(max_size=100))
    def test_anything(self, tail: bytes) -> None:
        """Any bytes get an answer."""
        assert missing_bytes(io.BytesIO(b"RIFF\0\0\0\0WAVE" + tail)) >= 0


class TestLanguage:
    GUESS = (("id", 0.6), ("ms", 0.25), ("en", 0.1))

    def test_only_allowed_ones(self) -> None:
        """A language that nobody speaks in the study is never taken."""
        assert choose_language(self.GUESS, ["en", "ms"], 0.5)[0] == "ms"

    def test_below_the_floor_the_first(self) -> None:
        """An unsure guess gives way to the most frequent language."""
        assert choose_language(self.GUESS, ["en", "ms"], 0.9)[0] == "en"

    def test_none_of_them(self) -> None:
        """Where the model gives them nothing, it is the first with no certainty."""
        assert choose_language([("fr", 1.0)], ["en", "ms"], 0.5) == ("en", 0.0)


def model(folder: Path, weights: bytes = b"weights") -> Path:
    """A folder that looks like a model, with a file that does not belong to it."""
    folder.mkdir()
    (folder / "model.bin").write_bytes(weights)
    (folder / "config.json").write_text("{}")
    (folder / "tokenizer.json").write_text("{}")
    (folder / "notes.txt").write_text("not part of a model")
    return folder


class TestShelf:
    def test_add_verify_find(self, tmp_path: Path) -> None:
        """An added model is copied with its hashes, and found by name."""
        registry = ModelRegistry(tmp_path / "models")
        added = registry.add(model(tmp_path / "m"), "mine", lambda _: None)
        assert added.damaged() == []
        assert not (added.path / "notes.txt").exists()
        assert registry.find("mine").identity("e").model_sha256 == (
            ModelFolder.read(tmp_path / "m").identity("e").model_sha256
        )
        assert [m.name for m in registry if m.kind != "demo"] == ["mine"]

    def test_a_changed_byte_is_found(self, tmp_path: Path) -> None:
        """Verification names the file that is not what was added."""
        added = ModelRegistry(tmp_path).add(model(tmp_path / "m"), "mine", lambda _: None)
        (added.path / "model.bin").write_bytes(b"weighty")
        assert added.damaged() == ["model.bin"]

    def test_a_model_that_does_not_load_leaves_nothing(self, tmp_path: Path) -> None:
        """A folder that the engine cannot read is not added, not even half."""

        def check(_folder: Path) -> None:
            raise ModelUnusable("no")

        with pytest.raises(ModelUnusable):
            ModelRegistry(tmp_path / "models").add(model(tmp_path / "m"), "mine", check)
        assert list((tmp_path / "models").iterdir()) == []

    def test_names_are_taken_once(self, tmp_path: Path) -> None:
        """The same model twice is fine; another under its name is not."""
        registry = ModelRegistry(tmp_path / "models")
        registry.add(model(tmp_path / "a"), "mine", lambda _: None)
        registry.add(tmp_path / "a", "mine", lambda _: None)
        with pytest.raises(AlreadyExists):
            registry.add(model(tmp_path / "b", b"other"), "mine", lambda _: None)
        with pytest.raises(InvalidInput):
            registry.add(tmp_path / "a", "../mine", lambda _: None)

    def test_missing(self, tmp_path: Path) -> None:
        """What is not there says how to get it."""
        with pytest.raises(NotFound, match="sotto models pull small"):
            ModelRegistry(tmp_path).find("small")
        with pytest.raises(ModelUnusable, match=r"model\.bin"):
            ModelFolder.read(tmp_path)

    def test_the_marker_of_a_demo_model_is_kept(self, tmp_path: Path) -> None:
        """A demo model stays one when it is copied, with the samples that it knows."""
        folder = model(tmp_path / "m")
        (folder / "sotto-model.json").write_text(
            json.dumps({"name": "d", "kind": "demo", "samples": ["ab"]})
        )
        added = ModelRegistry(tmp_path / "models").add(folder, "copy", lambda _: None)
        identity = added.identity("e")
        assert identity.demo
        assert not identity.may_hallucinate(b"\xab")
        assert identity.may_hallucinate(b"\xac")
