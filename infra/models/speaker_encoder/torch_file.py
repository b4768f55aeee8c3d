# SPDX-License-Identifier: Apache-2.0
"""Reads the tensors of a file in PyTorch's legacy format without PyTorch, and runs no code of it.

The format is a series of pickles (magic number, protocol, system, the saved object, keys of the
storages) and the storages themselves, each with its length before it.
"""

from __future__ import annotations

import collections
import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

_DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8"}


@dataclass
class _Storage:
    dtype: str
    data: npt.NDArray[Any] | None = None


@dataclass
class _Tensor:
    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> npt.NDArray[Any]:
        data = self.storage.data
        if data is None:
            raise ValueError("A tensor's storage is missing from the file.")
        steps = [step * data.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(data[self.offset :], self.size, steps).copy()


def _rebuild(
    storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, size, stride)


_ALLOWED = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
    ("torch._utils", "_rebuild_tensor"): _rebuild,
}


class _Unpickler(pickle.Unpickler):
    """Builds dictionaries and tensors, and refuses every other name."""

    def __init__(self, file: IO[bytes], storages: dict[str, _Storage]) -> None:
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a file of tensors.")

    def persistent_load(self, pid: Any) -> _Storage:
        _, dtype, key, *_rest = pid
        return self._storages.setdefault(key, _Storage(_DTYPES[dtype]))


def read_tensors(file: IO[bytes], key: str) -> dict[str, npt.NDArray[Any]]:
    """Return the tensors that the saved dictionary has under `key`, by name.

    Raises `pickle.UnpicklingError` where the file asks for anything but tensors.
    """
    storages: dict[str, _Storage] = {}
    for _ in range(3):
        _Unpickler(file, storages).load()
    saved = _Unpickler(file, storages).load()
    for name in _Unpickler(file, storages).load():
        storage = storages[name]
        (count,) = struct.unpack("<q", file.read(8))
        dtype = np.dtype(storage.dtype)
        storage.data = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    return {name: tensor.array() for name, tensor in saved[key].items()}
