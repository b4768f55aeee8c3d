# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import collections
import io
import pickle
import struct

import numpy as np
import pytest

from infra.models.speaker_encoder.torch_file import read_tensors


class _Storage:
    """What PyTorch writes in the place of numbers: their type, key and count."""

    def __init__(self, key: str, count: int) -> None:
        self.pid = ("storage", _Named("torch", "FloatStorage"), key, "cpu", count, None)


class _Named:
    """A name of a module that is not installed here."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Pickler(pickle._Pickler):
    """Writes tensors as PyTorch does, without PyTorch."""

    def persistent_id(self, obj: object) -> object:
        return obj.pid if isinstance(obj, _Storage) else None

    def save(self, obj: object, *given: object, **named: object) -> None:
        if isinstance(obj, _Named):
            self.write(pickle.GLOBAL + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, _Tensor):
            self.save(_Named("torch._utils", "_rebuild_tensor_v2"))
            self.save((obj.storage, obj.offset, obj.size, obj.stride))
            self.write(pickle.REDUCE)
        else:
            super().save(obj, *given, **named)  # type: ignore[misc]


class _Tensor:
    def __init__(self, storage: _Storage, offset: int, size: object, stride: object) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride


def written(saved: object, numbers: list[float]) -> io.BytesIO:
    """A file in PyTorch's legacy format with one storage."""
    file = io.BytesIO()
    for part in (0x1950A86A20F9469CFC6C, 1001, {}, saved, ["0"]):
        _Pickler(file, protocol=2).dump(part)
    file.write(struct.pack("<q", len(numbers)) + np.array(numbers, "<f4").tobytes())
    file.seek(0)
    return file


class TestReadTensors:
    def test_sizes_strides_and_offsets(self) -> None:
        """Tensors are views of storages, such as a transposed one that begins at its second."""
        storage = _Storage("0", 7)
        state = collections.OrderedDict(w=_Tensor(storage, 1, (2, 3), (1, 2)))
        found = read_tensors(written({"state": state, "step": 3}, list(range(7))), "state")
        assert found["w"].tolist() == [[1, 3, 5], [2, 4, 6]]

    def test_runs_no_code(self) -> None:
        """A file that names any other function is refused before it is called."""
        for module, name in (("os", "system"), ("builtins", "eval"), ("torch", "load")):
            with pytest.raises(pickle.UnpicklingError, match="no part of a file of tensors"):
                read_tensors(written({"state": _Named(module, name)}, [0.0]), "state")
