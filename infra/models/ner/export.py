# SPDX-License-Identifier: Apache-2.0
"""Writes the int8 ONNX model, its tokenizer and its manifest from a training state."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForTokenClassification

from infra.models.ner.encoding import LABELS, MAX_PIECES

_NAMES = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION", "DATE": "DATE_TIME"}
VERSION = "3"
# What goes into these layers has outliers that eight bits flatten: one point of recall on names.
# Their weights are stored in eight bits, too, but multiplied in full precision.
_FULL = tuple(f"/encoder/layer.{n}/output/dense/MatMul" for n in (0, 1))


class _Logits(torch.nn.Module):
    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def _tokenizer(base: Path) -> str:
    """Return the base tokenizer without padding and truncation, which offsets must not meet."""
    data = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    data["padding"] = data["truncation"] = None
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _quantise(full: Path, out: Path) -> None:
    """Dynamic int8, per channel; the layers of `_FULL` keep their inputs in full precision."""
    names = [n.name for n in onnx.load(full).graph.node if n.name.endswith(_FULL)]
    quantize_dynamic(
        full, out, weight_type=QuantType.QInt8, per_channel=True, nodes_to_exclude=names
    )
    model = onnx.load(out)
    stored = {i.name: i for i in model.graph.initializer}
    heads = []
    for node in model.graph.node:
        if node.name not in names:
            continue
        weight = node.input[1]
        values = numpy_helper.to_array(stored[weight])
        scale = (np.abs(values).max(0) / 127).astype(np.float32)
        small = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
        model.graph.initializer.remove(stored[weight])
        model.graph.initializer.extend(
            [
                numpy_helper.from_array(small, weight + "_int8"),
                numpy_helper.from_array(scale, weight + "_scale"),
            ]
        )
        parts = [weight + "_int8", weight + "_scale"]
        heads.append(helper.make_node("DequantizeLinear", parts, [weight], axis=1))
    nodes = [*heads, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, out)


def export(base: Path, state: Path, out: Path) -> None:
    """Export the averaged weights of `state` into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    model = AutoModelForTokenClassification.from_pretrained(
        base, num_labels=len(LABELS), attn_implementation="eager", dtype=torch.float32
    )
    saved = torch.load(state / "state.pt", weights_only=True)
    model.load_state_dict(saved["ema"])
    model.eval()
    ids = torch.randint(200, 3000, (2, 24))
    dynamic = {k: {0: "b", 1: "n"} for k in ("input_ids", "attention_mask", "logits")}
    with tempfile.TemporaryDirectory() as tmp:
        full = Path(tmp) / "fp32.onnx"
        torch.onnx.export(
            _Logits(model).eval(), (ids, torch.ones_like(ids)), str(full), dynamo=False,
            input_names=["input_ids", "attention_mask"], output_names=["logits"],
            dynamic_axes=dynamic, opset_version=17,
        )  # fmt: skip
        _quantise(full, out / "ner.int8.onnx")
    (out / "tokenizer.json").write_text(_tokenizer(base), encoding="utf-8")
    step, _, spent, pieces = saved["at"]
    previous = out / "manifest.json"
    kept = json.loads(previous.read_text(encoding="utf-8")) if previous.exists() else {}
    manifest = {
        "name": "sotto-ner",
        "version": VERSION,
        "labels": [f"{x[:2]}{_NAMES.get(x[2:], x[2:])}" if x != "O" else x for x in LABELS],
        "max_pieces": MAX_PIECES,
        "trained": {"steps": step, "pieces": pieces, "minutes": round(spent / 60, 1)},
        "calibration": kept.get("calibration", {}),
        "thresholds": kept.get("thresholds", {}),
        "sha256": {n: _sha256(out / n) for n in ("ner.int8.onnx", "tokenizer.json")},
    }
    previous.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for path in sorted(out.iterdir()):
        print(path.name, f"{path.stat().st_size / 1e6:.1f} MB")
