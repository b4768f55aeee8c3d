# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common.errors import AlreadyExists, Corrupted, PermissionDenied, SottoError
from services.common.signing import PublicKey, Signer
from services.transcription.adapters.bundles import UnpackedModel, unpack_bundle, write_bundle
from services.transcription.adapters.models import ModelFolder, ModelRegistry, Origin

SIGNER = Signer.generate()
CONTENT = {"config.json": b"{}", "model.bin": b"weights" * 40, "tokenizer.json": b"[1]"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """A model of an installation."""
    folder = tmp_path_factory.mktemp("bundles")
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    registry = ModelRegistry(folder / "models")
    return registry.add(folder, "mine", lambda _: {}, Origin("site", "MIT", "en"))


@pytest.fixture(scope="module")
def bundle(model: ModelFolder, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of its bundle."""
    target = tmp_path_factory.mktemp("out") / "mine.sotto-model"
    write_bundle(model, target, SIGNER)
    return target.read_bytes()


def unpack(
    content: bytes, folder: Path, trusted: PublicKey = SIGNER.public_key
) -> tuple[UnpackedModel, dict[str, bytes]]:
    """Unpack a bundle; return what it says and the files that it left."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (file := folder.with_suffix(".bundle")).write_bytes(content)
    found = unpack_bundle(file, folder, [trusted], only_trusted=True)
    return found, {path.name: path.read_bytes() for path in folder.iterdir()}


def again(content: bytes, **changed: bytes) -> bytes:
    """The bundle with other bytes for some members, and members that it did not have."""
    out = BytesIO()
    with tarfile.open(fileobj=BytesIO(content)) as old, tarfile.open(fileobj=out, mode="w") as new:
        members = {m.name: old.extractfile(m).read() for m in old}  # type: ignore[union-attr]
        for name, data in {**members, **changed}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            new.addfile(member, BytesIO(data))
    return out.getvalue()


class TestBundle:
    def test_carries_a_model_with_its_origin(self, bundle: bytes, tmp_path: Path) -> None:
        """What comes out is what went in, under its name, with licence and languages."""
        found, files = unpack(bundle, tmp_path / "m")
        assert files == CONTENT
        assert (found.name, found.origin) == ("mine", Origin("site", "MIT", "en"))
        assert found.signer == SIGNER.public_key

    def test_is_the_same_each_time(self, model: ModelFolder, bundle: bytes, tmp_path: Path) -> None:
        """The same model and key give the same bytes, and no file is written over."""
        write_bundle(model, tmp_path / "b", SIGNER)
        assert (tmp_path / "b").read_bytes() == bundle
        with pytest.raises(AlreadyExists):
            write_bundle(model, tmp_path / "b", SIGNER)

    def test_another_key(self, bundle: bytes, tmp_path: Path) -> None:
        """A bundle that nobody trusted signed is refused, and nothing comes out."""
        with pytest.raises(PermissionDenied, match="--key"):
            unpack(bundle, tmp_path / "m", Signer.generate().public_key)
        assert list((tmp_path / "m").iterdir()) == []

    def test_another_list(self, bundle: bytes, tmp_path: Path) -> None:
        """A list that was changed, as a licence, has no valid signature."""
        with tarfile.open(fileobj=BytesIO(bundle)) as archive:
            member = archive.extractfile("bundle.json")
            assert member
            listed = json.loads(member.read())
        forged = json.dumps({**listed, "licence": "CC0"}, sort_keys=True, separators=(",", ":"))
        with pytest.raises(PermissionDenied):
            unpack(again(bundle, **{"bundle.json": forged.encode()}), tmp_path / "m")

    def test_files_beside_the_list(self, bundle: bytes, tmp_path: Path) -> None:
        """Another file, one more, or one too few is refused, wherever it would be written."""
        for changed in ({"model.bin": b"forged" * 40}, {"../../x": b"out"}, {"more.bin": b""}):
            with pytest.raises(Corrupted):
                unpack(again(bundle, **changed), tmp_path / "m")
        assert not (tmp_path.parent / "x").exists()
        weights = bundle.index(CONTENT["model.bin"])
        for end in (100, 600, weights, weights + 100):
            with pytest.raises(Corrupted):
                unpack(bundle[:end], tmp_path / "m")

    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(place=st.integers(0, 10_239), bit=st.integers(0, 7))
    def test_no_flipped_bit_changes_the_model(
        self, bundle: bytes, tmp_path: Path, place: int, bit: int
    ) -> None:
        """Whatever bit is flipped, the bundle is refused or gives the very same files."""
        damaged = bytearray(bundle)
        damaged[place % len(damaged)] ^= 1 << bit
        try:
            _, files = unpack(bytes(damaged), tmp_path / "m")
        except SottoError:
            return
        assert files == CONTENT

    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(content=st.binary(max_size=2000))
    def test_what_is_no_bundle(self, tmp_path: Path, content: bytes) -> None:
        """Any other bytes are refused with an error of ours."""
        with pytest.raises(SottoError):
            unpack(content, tmp_path / "m")
