# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes the encoder for tokens; resumable, seeded, ends after so much processor time."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path

import torch
from transformers import AutoModelForTokenClassification

from infra.models.ner.encoding import LABELS, Encoder, batches, passes
from infra.models.ner.shipped_weights import weights
from infra.models.ner.talk_generator import TalkGenerator

_BODY_RATE, _HEAD_RATE, _WARM_UP, _EMA = 2e-4, 1e-3, 80, 0.998
_AGAIN = 0.75  # share of the rates for a start from trained weights


def _loss(logits: torch.Tensor, allow: torch.Tensor) -> torch.Tensor:
    """Negative log of the probability that any allowed label has, averaged over pieces."""
    seen = allow.any(-1)
    logits, allow = logits[seen], allow[seen]
    return (logits.logsumexp(-1) - logits.masked_fill(~allow, -1e4).logsumexp(-1)).mean()


class Trainer:
    """Holds model, averaged weights and optimiser; saves and resumes all of them."""

    def __init__(self, base: Path, out: Path) -> None:
        self.out = out
        self.model = AutoModelForTokenClassification.from_pretrained(
            base, num_labels=len(LABELS), id2label=dict(enumerate(LABELS)), dtype=torch.float32,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,  # few passes: no need
        ).train()  # fmt: skip
        head = list(self.model.classifier.parameters())
        body = [p for n, p in self.model.named_parameters() if not n.startswith("classifier")]
        self.opt = torch.optim.AdamW(
            [{"params": body, "lr": _BODY_RATE}, {"params": head, "lr": _HEAD_RATE}],
            weight_decay=0.01, fused=True,
        )  # fmt: skip
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.step, self.chunk, self.spent, self.pieces = 0, 0, 0.0, 0
        self.rates = (_BODY_RATE, _HEAD_RATE)

    def start_from(self, state: Path) -> None:
        """Begin at the averaged weights of a finished run, with lower rates."""
        trained = torch.load(state / "state.pt", weights_only=True)["ema"]
        self.model.load_state_dict(trained)
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.rates = (_BODY_RATE * _AGAIN, _HEAD_RATE * _AGAIN / 2)

    def start_from_shipped(self, model: Path) -> None:
        """Begin at the weights of an exported model, with lower rates."""
        trained = weights(model)
        self.model.load_state_dict({**self.model.state_dict(), **trained})
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.rates = (_BODY_RATE * _AGAIN, _HEAD_RATE * _AGAIN / 2)

    def save(self) -> None:
        """Write the state beside the old one, then swap."""
        new = self.out / "state.pt.new"
        torch.save(
            {"model": self.model.state_dict(), "ema": self.ema, "opt": self.opt.state_dict(),
             "at": (self.step, self.chunk, self.spent, self.pieces)}, new,
        )  # fmt: skip
        new.replace(self.out / "state.pt")

    def resume(self) -> None:
        """Take up a saved state where there is one."""
        path = self.out / "state.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.opt.load_state_dict(state["opt"])
            self.ema = state["ema"]
            self.step, self.chunk, self.spent, self.pieces = state["at"]

    def learn(self, ids: torch.Tensor, allow: torch.Tensor, progress: float) -> float:
        """One step; the rate falls linearly with `progress`."""
        for group, rate in zip(self.opt.param_groups, self.rates, strict=True):
            group["lr"] = rate * min(1.0, (self.step + 1) / _WARM_UP) * max(0.0, 1 - progress)
        mask = (ids != 0).long()
        loss = _loss(self.model(input_ids=ids, attention_mask=mask).logits, allow)
        self.opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.opt.step()
        self.step += 1
        self.pieces += int(mask.sum())
        if self.step % 5:
            return float(loss.detach())
        decay = min(_EMA, self.step / (self.step + 20)) ** 5
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if value.is_floating_point():
                    self.ema[name].lerp_(value, 1 - decay)
        return float(loss.detach())


def train(
    base: Path,
    data: Path,
    out: Path,
    *,
    minutes: float,
    seed: int,
    threads: int,
    share: float = 0.5,
    budget: int = 1024,
    first: Path | None = None,
    shipped: Path | None = None,
    mined: Path | None = None,
    marked: Path | None = None,
) -> None:
    """Train for `minutes` of processor time in all, earlier runs into `out` included.

    `first` is the folder of a finished run whose averaged weights are the start, `shipped` an
    exported model in its place, `mined` the folder of running Malay that `mine` wrote,
    `marked` a file of interviews with gold spans.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    trainer = Trainer(base, out)
    if first is not None:
        trainer.start_from(first)
    elif shipped is not None:
        trainer.start_from_shipped(shipped)
    trainer.resume()
    encoder = Encoder(base / "tokenizer.json")
    # The chunk reached is part of the seed, so a resumed run sees fresh data.
    rng = random.Random(f"{seed}/{trainer.chunk}")
    generator = TalkGenerator(
        seed * 1000 + trainer.chunk, data / "gazetteers", data / "speech-carrier", mined, marked
    )
    whole, running, saved, began = minutes * 60, None, time.monotonic(), time.process_time()
    before = trainer.spent
    for chunk in passes(data, generator, rng, share):
        for ids, allow in batches(chunk, encoder, rng, budget):
            trainer.spent = before + time.process_time() - began
            progress = trainer.spent / whole
            if progress >= 1:
                trainer.save()
                print(
                    f"done: {trainer.step} steps, {trainer.pieces} pieces, loss {running:.4f}",
                    flush=True,
                )
                return
            loss = trainer.learn(torch.from_numpy(ids), torch.from_numpy(allow), progress)
            running = loss if running is None else 0.98 * running + 0.02 * loss
            if trainer.step % 50 == 0 or trainer.step in (5, 20):
                print(
                    f"step {trainer.step} pieces {trainer.pieces} "
                    f"loss {running:.4f} at {progress:.1%}",
                    flush=True,
                )
        trainer.chunk += 1
        if time.monotonic() - saved > 240:
            trainer.save()
            saved = time.monotonic()


def count(data: Path, seed: int) -> None:
    """Print the words of one pass, for the model card."""
    rng = random.Random(seed)
    generator = TalkGenerator(seed, data / "gazetteers", data / "speech-carrier")
    chunks = itertools.islice(passes(data, generator, rng, 0.5), 4)
    print(sum(len(t) for c in chunks for turns, _ in c for t, _ in turns), "words in four chunks")
