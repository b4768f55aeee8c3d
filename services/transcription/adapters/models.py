# SPDX-License-Identifier: Apache-2.0
"""Model folders: what is in one, whether it is still what was added, and which one to use.

A model folder holds what faster-whisper reads and `sotto-model.json`, a manifest with the
SHA-256 of each file. Nothing here imports an engine, so that listing models is quick.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.common.errors import AlreadyExists, Corrupted, Exhausted, InvalidInput, NotFound
from services.common.files import write_private
from services.transcription.domain.runs import EngineIdentity
from services.transcription.errors import ModelUnusable

MANIFEST = "sotto-model.json"
DEMO_FOLDER = Path(__file__).parents[1] / "demo_model"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FILES = ("model.bin", "config.json", "tokenizer.json")
_PIECE_SECONDS = 30.0  # of OpenAI's models, and where a folder says nothing
_MORE = ("vocabulary.json", "vocabulary.txt", "preprocessor_config.json")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with a model, its name, and what its manifest says; `hashes` by file name."""

    path: Path
    name: str
    kind: str
    source: str
    samples: frozenset[str]
    hashes: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> ModelFolder:
        """Read a folder, with or without a manifest; raises `ModelUnusable`."""
        missing = [name for name in _FILES if not (path / name).is_file()]
        if missing:
            raise ModelUnusable(
                f"{path} lacks {', '.join(missing)}; a model folder holds a Whisper model in "
                "CTranslate2 format with its tokenizer."
            )
        manifest = _manifest(path)
        return cls(
            path=path,
            name=str(manifest.get("name") or path.name),
            kind=str(manifest.get("kind") or "full"),
            source=str(manifest.get("source") or ""),
            samples=frozenset(str(sample) for sample in manifest.get("samples") or ()),
            hashes={str(k): str(v) for k, v in (manifest.get("sha256") or {}).items()},
        )

    def files(self) -> list[Path]:
        """Return the files that decide what the engine writes, in order of their names."""
        return sorted(p for n in (*_FILES, *_MORE) if (p := self.path / n).is_file())

    @property
    def piece_seconds(self) -> float:
        """The longest piece that the model takes at once, as faster-whisper reads it."""
        try:
            raw = json.loads((self.path / "preprocessor_config.json").read_text("utf-8"))
            return float(raw.get("chunk_length", _PIECE_SECONDS))
        except FileNotFoundError:
            return _PIECE_SECONDS
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelUnusable(
                f"{self.path / 'preprocessor_config.json'} cannot be read; "
                "remove the folder and add the model again."
            ) from error

    def identity(self, engine: str) -> EngineIdentity:
        """Hash the files; the model's hash is SHA-256 over their names and hashes."""
        whole = hashlib.sha256()
        for file in self.files():
            whole.update(f"{file.name} {_sha256(file)}\n".encode())
        return EngineIdentity(
            engine=engine,
            model=self.name,
            model_sha256=whole.hexdigest(),
            demo=self.kind == "demo",
            samples=self.samples,
        )

    def damaged(self) -> list[str]:
        """Return the names of files that are missing, added, or not as the manifest says."""
        here = {file.name: _sha256(file) for file in self.files()}
        listed = {n: h for n, h in self.hashes.items() if n in (*_FILES, *_MORE)}
        return sorted(n for n in {*here, *listed} if here.get(n) != listed.get(n))


class ModelRegistry:
    """The speech models of an installation, and the demo model that ships with Sotto."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __iter__(self) -> Iterator[ModelFolder]:
        """Return the demo model first, then those of the installation in order of their names."""
        if (DEMO_FOLDER / "model.bin").is_file():
            yield ModelFolder.read(DEMO_FOLDER)
        if self._folder.is_dir():
            for path in sorted(self._folder.iterdir()):
                if not path.name.startswith(".") and (path / "model.bin").is_file():
                    yield ModelFolder.read(path)

    def find(self, name: str = "") -> ModelFolder:
        """Return a model by its name or its folder, and the demo model by "". Raises `NotFound`."""
        if not name:
            return ModelFolder.read(DEMO_FOLDER)
        if os.sep in name:
            return ModelFolder.read(Path(name))
        for model in self:
            if name in (model.name, model.path.name):
                return model
        raise NotFound(
            f"There is no model named {name}; see `sotto models list`, "
            f"fetch it by `sotto models pull {name}` or add a folder by `sotto models add`."
        )

    def add(
        self, source: Path, name: str, check: Callable[[Path], None], origin: str = "disk"
    ) -> ModelFolder:
        """Copy a model folder in, once `check` has loaded it; raises `AlreadyExists`."""
        if not _NAME.fullmatch(name):
            raise InvalidInput("A model's name has letters, digits, dots, dashes and underscores.")
        model = ModelFolder.read(source)
        hashes = {file.name: _sha256(file) for file in model.files()}
        target = self._folder / name
        if target.exists():
            if ModelFolder.read(target).hashes == hashes:
                return ModelFolder.read(target)
            raise AlreadyExists(
                f"There is another model named {name}; choose another name with --name."
            )
        with self._staging() as staging:
            for file in model.files():
                shutil.copyfile(file, staging / file.name)
            check(staging)
            manifest: dict[str, Any] = {
                "name": name,
                "kind": model.kind,
                "source": origin,
                "sha256": {file.name: _sha256(staging / file.name) for file in model.files()},
            }
            if model.samples:
                manifest["samples"] = sorted(model.samples)
            if manifest["sha256"] != hashes:
                raise Corrupted("The copy of the model differs from the folder; check the disk.")
            write_private(staging / MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
            staging.rename(target)
        return ModelFolder.read(target)

    @contextmanager
    def _staging(self) -> Iterator[Path]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".adding-", dir=self._folder))
        try:
            yield staging
        except OSError as error:
            raise Exhausted(
                f"The model could not be written to {self._folder} "
                f"({error.strerror or type(error).__name__}); free disk space and try again."
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads((path / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelUnusable(
            f"{path / MANIFEST} cannot be read; remove the folder and add the model again."
        ) from error
    return found if isinstance(found, dict) else {}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
