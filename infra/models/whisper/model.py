# SPDX-License-Identifier: Apache-2.0
"""The demo model: Whisper's architecture (Radford et al. 2022), twenty times smaller."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 (the name everyone knows it by)
from torch import Tensor, nn


@dataclass(frozen=True)
class Config:
    """Sizes of the model. `window` is in encoder positions of 20 ms."""

    width: int = 128
    heads: int = 4
    encoder_layers: int = 3
    decoder_layers: int = 2
    mels: int = 80
    feed_forward: int = 512
    window: int = 500
    positions: int = 1500  # faster-whisper pads every window to 3000 frames
    train_positions: int = 504
    decoder_positions: int = 448  # fixed by faster-whisper
    alignment_heads: tuple[tuple[int, int], ...] = ((0, 0), (1, 0), (1, 1))


class Attention(nn.Module):
    """Multi-head attention with Whisper's parameters (no bias on the keys)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)

    def _split(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        return x.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

    def forward(
        self,
        x: Tensor,
        source: Tensor | None = None,
        bias: Tensor | None = None,
        causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend from x (batch, length, width) to `source`, or to itself.

        Returns:
            The result, and where a source is given the attention (batch, heads, length, source).
        """
        kept = x if source is None else source
        q, k, v = (
            self._split(self.q_proj(x)),
            self._split(self.k_proj(kept)),
            self._split(self.v_proj(kept)),
        )
        weights = None
        if source is None:
            out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, is_causal=causal)
        else:
            scores = (q @ k.transpose(-1, -2)).float() / math.sqrt(q.shape[-1]) + bias
            weights = scores.softmax(-1)
            out = weights.to(v.dtype) @ v
        return self.out_proj(out.transpose(1, 2).reshape(x.shape)), weights


class Layer(nn.Module):
    """A pre-norm transformer layer, with cross attention in the decoder."""

    def __init__(self, config: Config, cross: bool) -> None:
        super().__init__()
        self.self_attention = Attention(config.width, config.heads)
        self.self_norm = nn.LayerNorm(config.width)
        self.cross_attention = Attention(config.width, config.heads) if cross else None
        self.cross_norm = nn.LayerNorm(config.width) if cross else None
        self.fc1 = nn.Linear(config.width, config.feed_forward)
        self.fc2 = nn.Linear(config.feed_forward, config.width)
        self.final_norm = nn.LayerNorm(config.width)

    def forward(
        self, x: Tensor, source: Tensor | None, bias: Tensor, drop: float
    ) -> tuple[Tensor, Tensor | None]:
        """Run the layer; in the decoder `bias` belongs to the cross attention."""
        weights = None
        causal = self.cross_attention is not None
        seen, _ = self.self_attention(
            self.self_norm(x), bias=None if causal else bias, causal=causal
        )
        x = x + F.dropout(seen, drop, self.training)
        if self.cross_attention is not None and self.cross_norm is not None:
            heard, weights = self.cross_attention(self.cross_norm(x), source=source, bias=bias)
            x = x + F.dropout(heard, drop, self.training)
        thought = self.fc2(F.gelu(self.fc1(self.final_norm(x))))
        return x + F.dropout(thought, drop, self.training), weights


def _sinusoids(length: int, width: int) -> Tensor:
    step = math.log(10000) / (width // 2 - 1)
    angle = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(width // 2))[None]
    return torch.cat([angle.sin(), angle.cos()], 1)


class DemoWhisper(nn.Module):
    """Encoder, decoder and a phone classifier that serves training only.

    Positions past the trained window share one code, zero. The 996 padded positions that
    faster-whisper adds are then all alike, so training leaves them out and lets the last position
    count 997 times (log 997 on its attention score): exact, and a third of the cost.
    """

    def __init__(self, vocabulary: int, phones: int, config: Config | None = None) -> None:
        super().__init__()
        c = self.config = config or Config()
        self.conv1 = nn.Conv1d(c.mels, c.width, 3, padding=1)
        self.conv2 = nn.Conv1d(c.width, c.width, 3, stride=2, padding=1)
        self.conv1.weight.data *= 2
        self.conv2.weight.data *= 2
        codes = 0.15 * _sinusoids(c.positions, c.width)
        codes[c.window :] = 0
        self.register_buffer("codes", codes)
        self.encoder = nn.ModuleList([Layer(c, cross=False) for _ in range(c.encoder_layers)])
        self.encoder_norm = nn.LayerNorm(c.width)
        self.tokens = nn.Embedding(vocabulary, c.width)
        self.places = nn.Embedding(c.decoder_positions, c.width)
        nn.init.normal_(self.tokens.weight, std=0.05)
        nn.init.normal_(self.places.weight, std=0.02)
        self.decoder = nn.ModuleList([Layer(c, cross=True) for _ in range(c.decoder_layers)])
        self.decoder_norm = nn.LayerNorm(c.width)
        self.phones = nn.Linear(c.width, phones)

    def _bias(self, length: int) -> Tensor:
        bias = torch.zeros(length)
        bias[-1] = math.log(self.config.positions - length + 1)
        return bias.view(1, 1, 1, length)

    def encode(self, mel: Tensor, drop: float = 0.0) -> Tensor:
        """Encode mel (batch, 80, frames) to (batch, frames / 2, width)."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.codes[: x.shape[1]]
        bias = self._bias(x.shape[1])
        for layer in self.encoder:
            x, _ = layer(x, None, bias, drop)
        return self.encoder_norm(x)

    def decode(
        self, tokens: Tensor, encoded: Tensor, drop: float = 0.0
    ) -> tuple[Tensor, list[Tensor]]:
        """Return logits (batch, length, vocabulary) and each decoder layer's cross attention."""
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        bias = self._bias(encoded.shape[1])
        heard = []
        for layer in self.decoder:
            x, weights = layer(x, encoded, bias, drop)
            heard.append(weights)
        return F.linear(self.decoder_norm(x), self.tokens.weight), heard
