# SPDX-License-Identifier: Apache-2.0
"""The weights of an exported model as the start of a further training, where its state is gone."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

_LAYER = re.compile(r"/model/(?P<module>.+)/MatMul(?:_quant)?$")
_LOOKED_UP = re.compile(r"model\.(bert\.embeddings\.\w+_embeddings\.weight)_quantized")


def weights(model: Path) -> dict[str, torch.Tensor]:
    """Return the parameters of an exported int8 model in full precision, by their names in
    `transformers`.
    """
    graph = onnx.load(model).graph
    stored = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    found = {
        n.removeprefix("model."): v
        for n, v in stored.items()
        if n.startswith("model.") and n.endswith((".bias", "LayerNorm.weight"))
    }
    for name in stored:
        if match := _LOOKED_UP.fullmatch(name):
            found[match[1]] = _full(stored, name.removesuffix("_quantized"))
    for node in graph.node:
        match = _LAYER.match(node.name)
        if match is None or len(node.input) < 2:
            continue
        base = re.sub(r"_(?:quantized|int8)$", "", node.input[1])
        if f"{base}_quantized" in stored:
            values = _full(stored, base)
        elif f"{base}_int8" in stored:
            values = stored[f"{base}_int8"].astype(np.float32) * stored[f"{base}_scale"]
        else:
            continue
        found[match["module"].replace("/", ".") + ".weight"] = np.ascontiguousarray(values.T)
    return {name: torch.from_numpy(np.array(value, np.float32)) for name, value in found.items()}


def _full(stored: dict[str, np.ndarray], base: str) -> np.ndarray:
    zero = stored[f"{base}_zero_point"].astype(np.float32)
    return (stored[f"{base}_quantized"].astype(np.float32) - zero) * stored[f"{base}_scale"]
