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
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from services.common.errors import AlreadyExists, Corrupted, Exhausted, InvalidInput, NotFound
from services.common.files import sync_folder, write_private
from services.transcription.adapters.known_models import recognise
from services.transcription.domain.runs import EngineIdentity
from services.transcription.errors import ModelUnusable, NoSpeechModel

MANIFEST = "sotto-model.json"
_SHIPPED_ONCE = "sotto-demo"
"""The model that Sotto brought at first; settings of a home may name it still."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FILES = ("model.bin", "config.json", "tokenizer.json")
LONGEST_PIECE_SECONDS = 30.0  # of OpenAI's models, and where a folder says nothing
_STAGING = ".adding-"
_ABANDONED_SECONDS = 86_400.0
_BLOCK = 1024 * 1024
_MORE = ("vocabulary.json", "vocabulary.txt", "preprocessor_config.json")
Check = Callable[[Path], Mapping[str, Sequence[str]]]
"""Loads a folder, and returns the model's phantom phrases by language."""

MODEL_FILES = (*_FILES, *_MORE)
"""All files of a model that an engine reads."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model comes from, its licence, and its languages; empty where that is not stated."""

    source: str = ""
    licence: str = ""
    languages: str = ""


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder with a model, its name, and what its manifest says; `hashes` by file name.

    `phantoms` are phrases that the model writes where nobody speaks; none are known of a model that
    no `add` has heard.
    """

    path: Path
    name: str
    kind: str
    origin: Origin
    samples: frozenset[str]
    hashes: dict[str, str]
    phantoms: tuple[str, ...] = ()

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
            origin=Origin(
                *(str(manifest.get(key) or "") for key in ("source", "licence", "languages"))
            ),
            samples=frozenset(str(sample) for sample in manifest.get("samples") or ()),
            hashes={str(k): str(v) for k, v in (manifest.get("sha256") or {}).items()},
            phantoms=_phantoms(manifest),
        )

    def files(self) -> list[Path]:
        """Return the files that decide what the engine writes, in order of their names."""
        return sorted(p for n in MODEL_FILES if (p := self.path / n).is_file())

    @property
    def piece_seconds(self) -> float:
        """The longest piece that the model takes at once, as faster-whisper reads it."""
        try:
            raw = json.loads((self.path / "preprocessor_config.json").read_text("utf-8"))
            return float(raw.get("chunk_length", LONGEST_PIECE_SECONDS))
        except FileNotFoundError:
            return LONGEST_PIECE_SECONDS
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ModelUnusable(
                f"{self.path / 'preprocessor_config.json'} cannot be read; "
                "remove the folder and add the model again."
            ) from error

    def identity(self, engine: str) -> EngineIdentity:
        """Hash the files; the model's hash is SHA-256 over their names and hashes.

        Raises `ModelUnusable` where a file is not what the manifest says. A folder without a
        manifest, which was named in the settings, has nothing to be compared with.
        """
        here = self._here()
        if self.hashes and (damaged := self._differing(here)):
            raise ModelUnusable(
                f"The model {self.name} is damaged: not what was added: {', '.join(damaged)}."
                f" Remove {self.path} and add the model again (`sotto models pull` or `add`)."
            )
        whole = hashlib.sha256()
        for name, sha256 in here.items():
            whole.update(f"{name} {sha256}\n".encode())
        known = recognise(here)
        return EngineIdentity(
            engine=engine,
            model=self.name,
            model_sha256=whole.hexdigest(),
            demo=self.kind == "demo",
            samples=self.samples,
            known=known.name if known else "",
        )

    def hash_of(self, name: str) -> str:
        """Return the SHA-256 of a file of the model, empty where there is none of that name."""
        return self._here().get(name, "")

    def damaged(self) -> list[str]:
        """Return the names of files that are missing, added, or not as the manifest says."""
        return self._differing(self._here())

    def _here(self) -> dict[str, str]:
        return {file.name: _sha256(file) for file in self.files()}

    def _differing(self, here: Mapping[str, str]) -> list[str]:
        listed = {n: h for n, h in self.hashes.items() if n in MODEL_FILES}
        return sorted(n for n in {*here, *listed} if here.get(n) != listed.get(n))


class ModelRegistry:
    """The speech models of an installation."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __iter__(self) -> Iterator[ModelFolder]:
        """Return the models in order of their names."""
        if self._folder.is_dir():
            for path in sorted(self._folder.iterdir()):
                if not path.name.startswith(".") and (path / "model.bin").is_file():
                    yield ModelFolder.read(path)

    def find(self, name: str = "") -> ModelFolder:
        """Return a model by its name or its folder.

        Raises NoSpeechModel where none is named, or the one that shipped once and is not here, and
        `NotFound`.
        """
        if os.sep in name:
            return ModelFolder.read(Path(name))
        for model in self:
            if name in (model.name, model.path.name):
                return model
        if name in ("", _SHIPPED_ONCE):
            raise NoSpeechModel
        raise NotFound(
            f"There is no model named {name}; see `sotto models list`, "
            f"fetch it by `sotto models pull {name}` or add a folder by `sotto models add`."
        )

    def holds(self, name: str, hashes: Mapping[str, str]) -> ModelFolder | None:
        """Return the model of that name where its files are those of `hashes`, by SHA-256."""
        path = self._folder / name
        if not (path / MANIFEST).is_file():
            return None
        found = ModelFolder.read(path)
        return found if found.hashes == hashes and not found.damaged() else None

    def add(
        self,
        source: Path,
        name: str,
        check: Check,
        origin: Origin | None = None,
    ) -> ModelFolder:
        """Copy a model folder in, once `check` has loaded it; raises `AlreadyExists`.

        Without `origin`, a model that Sotto knows by its hashes gets what is known of it.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput("A model's name has letters, digits, dots, dashes and underscores.")
        model = ModelFolder.read(source)
        hashes = {file.name: _sha256(file) for file in model.files()}
        target = self._folder / name
        if target.exists():
            if there := self.holds(name, hashes):
                return there
            raise AlreadyExists(
                f"There is another model named {name}, or a damaged one; choose another name with"
                " --name, or remove its folder."
            )
        with self._staging() as staging:
            for file in model.files():
                _copy(file, staging / file.name)
            phantoms = check(staging)
            manifest: dict[str, Any] = {
                "name": name,
                "kind": model.kind,
                **asdict(origin or _known_origin(hashes) or model.origin),
                "sha256": {file.name: _sha256(staging / file.name) for file in model.files()},
            }
            if phantoms:
                manifest["phantoms"] = {one: list(found) for one, found in phantoms.items()}
            if model.samples:
                manifest["samples"] = sorted(model.samples)
            if manifest["sha256"] != hashes:
                raise Corrupted("The copy of the model differs from the folder; check the disk.")
            write_private(staging / MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
            staging.rename(target)
            sync_folder(self._folder)
        return ModelFolder.read(target)

    @contextmanager
    def _staging(self) -> Iterator[Path]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_abandoned()
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self._folder))
        try:
            yield staging
        except OSError as error:
            raise Exhausted(
                f"The model could not be written to {self._folder} "
                f"({error.strerror or type(error).__name__}); free disk space and try again."
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def _remove_abandoned(self) -> None:
        """Remove what commands left that were killed; one that still runs is younger."""
        for path in self._folder.glob(f"{_STAGING}*"):
            if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _known_origin(hashes: Mapping[str, str]) -> Origin | None:
    known = recognise(hashes)
    return Origin(known.source, known.licence, known.languages) if known else None


def _copy(source: Path, target: Path) -> None:
    """Copy a file so that it is on the disk before its folder gets its name."""
    with source.open("rb") as given, target.open("wb") as taken:
        shutil.copyfileobj(given, taken, _BLOCK)
        taken.flush()
        os.fsync(taken.fileno())


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


def _phantoms(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    stored = manifest.get("phantoms")
    lists = stored.values() if isinstance(stored, dict) else ()
    return tuple(sorted({str(phrase) for found in lists for phrase in found or ()}))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
