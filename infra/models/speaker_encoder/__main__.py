# SPDX-License-Identifier: Apache-2.0
"""Makes services/transcription/speaker_encoder from the wheel of Resemblyzer 0.1.4.

    pip download --no-deps resemblyzer==0.1.4
    python -m infra.models.speaker_encoder Resemblyzer-0.1.4-py3-none-any.whl

Needs the package `onnx` (1.23.2 made the file that ships), which nothing else of Sotto needs.
The weights are those of the speaker encoder of Wan et al. 2018 ("Generalized end-to-end loss for
speaker verification") as Resemblyzer trained it: three LSTM layers of 256 over 40 mel bands, a
linear layer, 256 numbers of length 1. They are stored in half precision, which moves no embedding
by more than a thousandth; eight bits do not work.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from infra.models.speaker_encoder.torch_file import read_tensors

WHEEL_SHA256 = "8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f"
_MEMBER = "resemblyzer/pretrained.pt"
_LAYERS, _UNITS, _MELS = 3, 256, 40
_OPSET, _IR_VERSION = 17, 9
_OUT = Path(__file__).parents[3] / "services" / "transcription" / "speaker_encoder"
Array = npt.NDArray[Any]


def main() -> None:
    """Check the wheel, then write model and manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    data = given.wheel.read_bytes()
    if hashlib.sha256(data).hexdigest() != WHEEL_SHA256:
        raise SystemExit("This is not the wheel of Resemblyzer 0.1.4 (SHA-256 differs).")
    weights = zipfile.ZipFile(io.BytesIO(data)).read(_MEMBER)
    model = build(read_tensors(io.BytesIO(weights), "model_state")).SerializeToString()
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "ge2e.onnx").write_bytes(model)
    manifest = {
        "name": "ge2e",
        "version": "1",
        "source": "resemblyzer 0.1.4, resemblyzer/pretrained.pt",
        "source_sha256": hashlib.sha256(weights).hexdigest(),
        "licence": "Apache-2.0",
        "onnx": onnx.__version__,
        "sha256": {"ge2e.onnx": hashlib.sha256(model).hexdigest()},
    }
    text = json.dumps(manifest, indent=1) + "\n"
    (given.out / "manifest.json").write_text(text, encoding="utf-8")


def build(weights: dict[str, Array]) -> onnx.ModelProto:
    """Return the encoder: mels of shape (frames, windows, 40) to embeddings (windows, 256)."""
    initial: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []

    def keep(name: str, array: Array) -> None:
        """Store an array in half precision; the runtime widens it once, when it loads."""
        half = np.ascontiguousarray(array, np.float16)
        initial.append(numpy_helper.from_array(half, f"{name}_half"))
        nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))

    initial += [
        numpy_helper.from_array(np.array([1], np.int64), "directions"),
        numpy_helper.from_array(np.array([0], np.int64), "first"),
    ]
    below = "mels"
    for layer in range(_LAYERS):
        keep(f"w{layer}", _gates(weights[f"lstm.weight_ih_l{layer}"])[None])
        keep(f"r{layer}", _gates(weights[f"lstm.weight_hh_l{layer}"])[None])
        sides = [_gates(weights[f"lstm.bias_{side}_l{layer}"]) for side in ("ih", "hh")]
        keep(f"b{layer}", np.concatenate(sides)[None])
        inputs = [below, f"w{layer}", f"r{layer}", f"b{layer}"]
        outputs = [f"all{layer}", f"last{layer}"]
        nodes.append(helper.make_node("LSTM", inputs, outputs, hidden_size=_UNITS))
        below = f"states{layer}"
        nodes.append(helper.make_node("Squeeze", [f"all{layer}", "directions"], [below]))
    keep("linear", weights["linear.weight"].T)
    keep("bias", weights["linear.bias"])
    nodes += [
        helper.make_node("Squeeze", [f"last{_LAYERS - 1}", "first"], ["last"]),
        helper.make_node("MatMul", ["last", "linear"], ["projected"]),
        helper.make_node("Add", ["projected", "bias"], ["shifted"]),
        helper.make_node("Relu", ["shifted"], ["positive"]),
        helper.make_node("LpNormalization", ["positive"], ["embeddings"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "ge2e",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, ["frames", "windows", _MELS])],
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["windows", _UNITS])],
        initial,
    )
    opset = helper.make_opsetid("", _OPSET)
    model = helper.make_model(graph, opset_imports=[opset], producer_name="sotto")
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    return model


def _gates(weights: Array) -> Array:
    """Return the gates in the order of ONNX (input, output, forget, cell) from PyTorch's."""
    into, forget, cell, out = np.split(weights, 4, axis=0)
    return np.concatenate([into, out, forget, cell])


if __name__ == "__main__":
    main()
