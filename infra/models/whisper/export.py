# SPDX-License-Identifier: Apache-2.0
"""Writes a trained demo model as a CTranslate2 directory that faster-whisper loads unchanged."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from ctranslate2.specs import whisper_spec
from tokenizers import Tokenizer
from torch import Tensor

from .dataset import WINDOW
from .model import Attention, DemoWhisper
from .tokenizer import Special

MARKER = "sotto-model.json"
NOTE = (
    "Knows the three sample interviews of Sotto by heart, and nothing else. On any other "
    "recording it invents fluent text. For the demo and the tests only."
)


def _array(tensor: Tensor) -> Any:
    return tensor.detach().float().contiguous().numpy().copy()


def _linear(spec: Any, weight: Tensor, bias: Tensor | None) -> None:
    spec.weight = _array(weight)
    if bias is not None:
        spec.bias = _array(bias)


def _norm(spec: Any, norm: torch.nn.LayerNorm) -> None:
    spec.gamma, spec.beta = _array(norm.weight), _array(norm.bias)


def _attention(spec: Any, module: Attention, cross: bool) -> None:
    q, k, v = module.q_proj, module.k_proj, module.v_proj
    zero = torch.zeros_like(v.bias)  # Whisper's keys have no bias
    if cross:
        _linear(spec.linear[0], q.weight, q.bias)
        _linear(spec.linear[1], torch.cat([k.weight, v.weight]), torch.cat([zero, v.bias]))
    else:
        weight = torch.cat([q.weight, k.weight, v.weight])
        _linear(spec.linear[0], weight, torch.cat([q.bias, zero, v.bias]))
    _linear(spec.linear[-1], module.out_proj.weight, module.out_proj.bias)


def _layer(spec: Any, layer: Any) -> None:
    _attention(spec.self_attention, layer.self_attention, cross=False)
    _norm(spec.self_attention.layer_norm, layer.self_norm)
    if layer.cross_attention is not None:
        _attention(spec.attention, layer.cross_attention, cross=True)
        _norm(spec.attention.layer_norm, layer.cross_norm)
    _linear(spec.ffn.linear_0, layer.fc1.weight, layer.fc1.bias)
    _linear(spec.ffn.linear_1, layer.fc2.weight, layer.fc2.bias)
    _norm(spec.ffn.layer_norm, layer.final_norm)


def _spec(model: DemoWhisper, tokenizer: Tokenizer) -> Any:
    c = model.config
    spec = whisper_spec.WhisperSpec(c.encoder_layers, c.heads, c.decoder_layers, c.heads)
    _linear(spec.encoder.conv1, model.conv1.weight, model.conv1.bias)
    _linear(spec.encoder.conv2, model.conv2.weight, model.conv2.bias)
    spec.encoder.position_encodings.encodings = _array(model.codes)
    _norm(spec.encoder.layer_norm, model.encoder_norm)
    spec.decoder.embeddings.weight = _array(model.tokens.weight)
    spec.decoder.position_encodings.encodings = _array(model.places.weight)
    _norm(spec.decoder.layer_norm, model.decoder_norm)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    for side, layers in ((spec.encoder, model.encoder), (spec.decoder, model.decoder)):
        for part, layer in zip(side.layer, layers, strict=True):
            _layer(part, layer)
    ids, special = tokenizer.get_vocab(), Special(tokenizer)
    spec.register_vocabulary([token for token, _ in sorted(ids.items(), key=lambda item: item[1])])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [ids["Ġ"], special.end]
    spec.config.lang_ids = list(special.languages.values())
    spec.config.alignment_heads = [list(pair) for pair in c.alignment_heads]
    return spec


def _declare_multilingual(folder: Path) -> None:
    """Put an empty string in place of one byte token that no script uses.

    CTranslate2 4.8 takes a Whisper model for multilingual when its vocabulary holds "".
    """
    path = folder / "vocabulary.json"
    vocabulary = json.loads(path.read_text("utf-8"))
    vocabulary[200] = ""
    path.write_text(json.dumps(vocabulary, ensure_ascii=False, indent=0), "utf-8")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_marker(folder: Path, samples: Path, version: str) -> None:
    """Write `sotto-model.json`: what this is, and the SHA-256 of each file beside it.

    `samples` lists the SHA-256 of the recordings that the model knows. Whoever transcribes another
    one with it must be warned.
    """
    files = sorted(p for p in folder.iterdir() if p.is_file() and p.name != MARKER)
    marker = {
        "name": "sotto-demo",
        "kind": "demo",
        "version": version,
        "note": NOTE,
        "source": "python -m infra.models.whisper",
        "licence": "Apache-2.0",
        "languages": "en, ms",
        "samples": sorted(_sha256(p) for p in samples.glob("*.ogg")),
        "sha256": {p.name: _sha256(p) for p in files},
    }
    (folder / MARKER).write_text(json.dumps(marker, indent=1) + "\n", "utf-8")


def export(
    model: DemoWhisper, tokenizer_file: Path, out: Path, samples: Path, version: str
) -> None:
    """Write the model to `out` as int8, with all that faster-whisper reads, in one rename."""
    fresh = out.with_name(out.name + ".partial")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    spec = _spec(model, Tokenizer.from_file(str(tokenizer_file)))
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(fresh))
    _declare_multilingual(fresh)
    shutil.copy(tokenizer_file, fresh / "tokenizer.json")
    features = {
        "feature_size": 80,
        "sampling_rate": 16000,
        "hop_length": 160,
        "chunk_length": round(WINDOW),
        "n_fft": 400,
    }
    (fresh / "preprocessor_config.json").write_text(json.dumps(features) + "\n", "utf-8")
    write_marker(fresh, samples, version)
    shutil.rmtree(out, ignore_errors=True)
    fresh.rename(out)
