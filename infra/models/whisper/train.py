# SPDX-License-Identifier: Apache-2.0
"""Trains the demo model on one core, with a budget in minutes, and can go on where it stopped."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 (the name everyone knows it by)
from tokenizers import Tokenizer
from torch import Tensor

from .dataset import FRAMES, Corpus, Windows, collate
from .model import DemoWhisper
from .tokenizer import Special


@dataclass(frozen=True)
class Plan:
    """How to train. `minutes` are of processor time; the learning rate falls over them."""

    minutes: float
    seed: int = 1
    batch: int = 8
    peak_rate: float = 2e-3
    warm_up: int = 120  # steps
    encoder_steps: int = 170  # steps in which only the phones are learnt
    drop: float = 0.05
    guide: float = 0.4  # weight of the guided attention
    save_every: int = 150  # steps
    bf16: bool = False  # slower than float32 on the cores that we tried


def _guide_loss(heard: list[Tensor], spans: Tensor, heads: tuple[tuple[int, int], ...]) -> Tensor:
    """Ask the alignment heads to look evenly over the stretch where the token is spoken.

    Cross entropy against a uniform target. To ask for the mass alone is not enough: the attention
    then peaks on one frame, which the median filter of the word alignment (7 frames) wipes out.
    """
    at = (torch.arange(FRAMES // 2) + 0.5) * 0.02
    inside = (at >= spans[..., :1] - 0.05) & (at <= spans[..., 1:] + 0.05)
    inside = inside & (spans[..., 1:] >= 0)
    target = inside / inside.sum(-1, keepdim=True).clamp(min=1)
    counts = inside.any(-1).sum().clamp(min=1)
    total = spans.new_zeros(())
    for layer, head in heads:
        total = total - (torch.log(heard[layer][:, head] + 1e-5) * target).sum() / counts
    return total / len(heads)


def _save(path: Path, model: DemoWhisper, optimiser: torch.optim.Optimizer, step: int) -> None:
    state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def train(
    corpus: Corpus, tokenizer: Tokenizer, checkpoint: Path, plan: Plan, resume: bool
) -> DemoWhisper:
    """Train until the minutes are spent; write the checkpoint every few hundred seconds.

    Same seed, same data order. The number of steps depends on the machine, so the weights do too.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    model = DemoWhisper(tokenizer.get_vocab_size(), len(corpus.phones))
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=plan.peak_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    first = 0
    if resume:
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    windows = Windows(corpus, tokenizer, plan.seed * 1_000_003 + first)
    loader = torch.utils.data.DataLoader(
        windows, batch_size=plan.batch, num_workers=1, collate_fn=collate, prefetch_factor=6
    )
    end_id, began, smooth = Special(tokenizer).end, time.process_time(), {}
    model.train()
    step = first
    for step, (mel, inputs, labels, spans, phones) in enumerate(loader, first):
        spent = (time.process_time() - began) / 60 / plan.minutes
        if spent >= 1:
            break
        warm = min(1.0, (step - first + 1) / plan.warm_up)
        rate = plan.peak_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * spent)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16, enabled=plan.bf16):
            encoded = model.encode(mel, plan.drop)
            sounds = model.phones(encoded).float()
            figures = {
                "phone_loss": F.cross_entropy(
                    sounds.flatten(0, 1), phones.flatten(), ignore_index=-100
                )
            }
            loss = figures["phone_loss"]
            if step >= plan.encoder_steps:
                logits, heard = model.decode(inputs, encoded, plan.drop)
                logits = logits.float()
                figures["text_loss"] = F.cross_entropy(
                    logits.flatten(0, 1), labels.flatten(), ignore_index=-100, label_smoothing=0.02
                )
                figures["guide_loss"] = _guide_loss(heard, spans, model.config.alignment_heads)
                loss = loss * (0.6 if spent < 0.5 else 0.3) + figures["text_loss"]
                loss = loss + plan.guide * figures["guide_loss"]
                known = labels >= 0
                right = logits.argmax(-1) == labels
                text = known & (labels < end_id)
                figures["text_right"] = (right & text).sum() / text.sum().clamp(min=1)
                figures["all_right"] = (right & known).sum() / known.sum()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        for name, value in figures.items():
            smooth[name] = 0.95 * smooth.get(name, float(value.detach())) + 0.05 * float(
                value.detach()
            )
        if step % 25 == 0:
            told = " ".join(f"{name}={value:.3f}" for name, value in smooth.items())
            print(
                f"step {step} {time.process_time() - began:.0f}s rate {rate:.1e} {told}", flush=True
            )
        if step % plan.save_every == plan.save_every - 1:
            _save(checkpoint, model, optimiser, step + 1)
    _save(checkpoint, model, optimiser, step)
    return model.eval()


def load(checkpoint: Path) -> DemoWhisper:
    """Load the model of a checkpoint, ready to export."""
    weights = torch.load(checkpoint, weights_only=True)["model"]
    model = DemoWhisper(weights["tokens.weight"].shape[0], weights["phones.weight"].shape[0])
    model.load_state_dict(weights)
    return model.eval()
