# SPDX-License-Identifier: Apache-2.0
"""`python -m infra.models.whisper`: from scripts to samples and a checked demo model."""

from __future__ import annotations

import argparse
from pathlib import Path

from tokenizers import Tokenizer

from .script import load_interviews

_ROOT = Path(__file__).parents[3]


def main() -> None:
    """Render, train for some minutes, and export; each step can be taken alone."""
    parser = argparse.ArgumentParser(prog="python -m infra.models.whisper", description=__doc__)
    parser.add_argument("step", choices=["all", "render", "train", "export", "evaluate"])
    parser.add_argument("--minutes", type=float, default=40.0, help="processor time to train for")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", default="1", help="version to write into the marker")
    parser.add_argument(
        "--work", type=Path, default=Path(".cache/demo-model"), help="clips, checkpoint"
    )
    parser.add_argument("--samples", type=Path, default=_ROOT / "tests/data/demo_model")
    parser.add_argument("--out", type=Path, default=_ROOT / "tests/data/demo_speech_model")
    options = parser.parse_args()
    steps = ["render", "train", "export", "evaluate"] if options.step == "all" else [options.step]

    tokenizer_file, checkpoint = options.work / "tokenizer.json", options.work / "checkpoint.pt"
    if steps == ["evaluate"]:
        from .evaluate import evaluate

        evaluate(options.out, options.samples)
        return
    from .export import export
    from .prepare import prepare
    from .tokenizer import build_tokenizer
    from .train import Plan, load, train

    interviews = load_interviews()
    corpus = prepare(interviews, options.work, options.samples, options.seed)
    if not tokenizer_file.exists():
        build_tokenizer(interviews, tokenizer_file)
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    if "train" in steps:
        plan = Plan(minutes=options.minutes, seed=options.seed, peak_rate=options.rate)
        train(corpus, tokenizer, checkpoint, plan, options.resume)
    if "export" in steps:
        export(load(checkpoint), tokenizer_file, options.out, options.samples, options.version)
    if "evaluate" in steps:
        from .evaluate import evaluate

        evaluate(options.out, options.samples)


if __name__ == "__main__":
    main()
