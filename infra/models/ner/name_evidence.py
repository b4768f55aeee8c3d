# SPDX-License-Identifier: Apache-2.0
"""Fits the trees of `services/deidentification/model/name_evidence.txt` for the tagger that ships:

    python -m infra.models.ner.name_evidence GOLD.jsonl ... [--nameless TEXTS.jsonl ...]

GOLD is as `sotto deid evaluate` reads it; each document counts as it is and once more without case
and punctuation. TEXTS hold `{"text"}` a line: talk without names. Prints how well names are told
on documents that were left out (five folds), then writes the trees. Needs lightgbm.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.deidentification.adapters.neural import MODEL, NeuralTagger
from services.deidentification.adapters.neural_recogniser import Candidates
from services.deidentification.domain.ports import Tagger
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.gold import GoldTranscript, flat, read_gold
from services.deidentification.recognisers.names import NameRecognizer

FILE = MODEL / "name_evidence.txt"
HEAD = """\
# Evidence that a word which the neural tagger takes for a name is one, as boosted decision trees: a
# line is a tree, a leaf the log-odds that it adds, a split [evidence, most, little, much].
# Fitted for this project by infra/models/ner/name_evidence.py. Licence: Apache-2.0, as the project.
# Do not edit by hand: fit it anew for each tagger. What the trees use, by share of gain:
"""
# Small trees and slow steps: names that no list of tuning sets has must be told as well.
_PARAMETERS = {
    "objective": "binary", "learning_rate": 0.06, "num_leaves": 10, "min_data_in_leaf": 30,
    "lambda_l2": 5.0, "bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.6,
    "max_bin": 63, "seed": 1, "num_threads": 1, "deterministic": True, "verbose": -1,
}  # fmt: skip
_TREES = 140
_RULES = NameRecognizer()
_NAMELESS = 0.5  # weight of a word of talk without names, of which there is plenty
_TURNS = 40  # of talk without names, read as one document
_FOLDS = 5
_LINES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """A word that the tagger takes for a name with some probability: what speaks for it, whether it
    is one, how much it counts, and its document.
    """

    evidence: dict[str, float]
    is_name: bool
    weight: float
    document: int


def rows(
    tagger: Tagger, document: GoldTranscript, number: int, weight: float = 1.0
) -> Iterator[Row]:
    """Yield the words of a transcript that the tagger or a rule takes for names; words that are another
    identifier are left out, since it does no harm to take them.
    """
    doc = Document.of("\n".join(document.texts))
    starts, at = [], 0
    for text in document.texts:
        starts.append(at)
        at += len(text) + 1
    people, others = set[int](), set[int]()
    for g in document.gold:
        (people if g.kind == "PERSON" else others).update(
            range(starts[g.turn] + g.start, starts[g.turn] + g.end)
        )
    candidates = Candidates.of(doc, tagger.tag(doc.text.split("\n")), _RULES)
    evidence = candidates.evidence(doc)
    for levels in candidates.tagged:
        best = max(levels.values())
        for index in levels:
            at = doc.tokens[index].start
            if at in others:
                continue
            yield Row(evidence.of(index, best), at in people, weight, number)


def fit(chosen: Sequence[Row], names: Sequence[str]) -> Any:
    """Return boosted trees that tell names from other words."""
    import lightgbm

    x, y, w = _matrix(chosen, names)
    # What the tagger says may only speak for a name.
    rising = [int(name.startswith("tagger")) for name in names]
    data = lightgbm.Dataset(x, y, weight=w, free_raw_data=False)
    return lightgbm.train(_PARAMETERS | {"monotone_constraints": rising}, data, _TREES)


def _matrix(chosen: Sequence[Row], names: Sequence[str]) -> tuple[Numbers, Numbers, Numbers]:
    column = {name: n for n, name in enumerate(names)}
    x = np.zeros((len(chosen), len(names)))
    for n, row in enumerate(chosen):
        for name, value in row.evidence.items():
            if name in column:
                x[n, column[name]] = value
    return x, np.array([r.is_name for r in chosen], float), np.array([r.weight for r in chosen])


def compare(every: Sequence[Row], names: Sequence[str]) -> None:
    """Print recall and precision of words on documents that were left out, beside those of the
    tagger's probability alone.
    """
    held = np.zeros(len(every))
    for fold in range(_FOLDS):
        model = fit([r for r in every if r.document % _FOLDS != fold], names)
        mine = [n for n, r in enumerate(every) if r.document % _FOLDS == fold]
        x, _, _ = _matrix([every[n] for n in mine], names)
        held[mine] = model.predict(x)
    y = np.array([r.is_name for r in every])
    gold = np.array([r.weight == 1.0 for r in every])
    alone = 1 / (1 + np.exp(-np.array([r.evidence["tagger"] for r in every])))
    for title, p in (("tagger alone", alone), ("with evidence", held)):
        for line in _LINES:
            taken = p >= line
            false = taken & ~y
            print(
                f"{title:14} from {line:.2f}: recall {(taken & y).sum() / y.sum():.3f}  "
                f"precision on gold {(taken & y).sum() / max((taken & gold).sum(), 1):.3f}  "
                f"false in nameless talk {(false & ~gold).sum()}"
            )


def write(model: Any, names: Sequence[str], path: Path = FILE) -> None:
    """Write the trees, and how much each piece of evidence has to do with them."""
    gain = model.feature_importance("gain")
    shares = sorted(
        zip(gain / gain.sum(), names, strict=True), key=lambda pair: (-pair[0], pair[1])
    )
    head = [f"#   {share:.1%} {name}" for share, name in shares if share >= 0.001]
    trees = [
        json.dumps(_tree(info["tree_structure"], names)) for info in model.dump_model()["tree_info"]
    ]
    path.write_text(HEAD + "\n".join([*head, *trees]) + "\n", encoding="utf-8")


def _tree(node: dict[str, Any], names: Sequence[str]) -> list[Any] | float:
    if "leaf_value" in node:
        return round(float(node["leaf_value"]), 5)
    branches = [_tree(node[side], names) for side in ("left_child", "right_child")]
    return [names[node["split_feature"]], round(float(node["threshold"]), 5), *branches]


def nameless(paths: Iterable[Path], limit: int) -> Iterator[GoldTranscript]:
    """Yield talk without names, some turns of one file as one document."""
    for path in paths:
        texts = [json.loads(line)["text"] for line in path.open(encoding="utf-8")]
        random.Random(7).shuffle(texts)
        for first in range(0, min(len(texts), limit), _TURNS):
            turns = tuple(Turn(text) for text in texts[first : first + _TURNS])
            yield GoldTranscript(Transcript(turns), ())


def main() -> None:
    """Read the files, compare, fit and write."""
    parser = argparse.ArgumentParser(prog="infra.models.ner.name_evidence")
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--nameless", type=Path, nargs="*", default=[])
    parser.add_argument("--limit", type=int, default=400, help="turns of each file without names")
    parser.add_argument("--out", type=Path, default=FILE)
    args = parser.parse_args()
    tagger = NeuralTagger(threads=2)
    every: list[Row] = []
    documents = [
        read_gold(json.loads(line), number)
        for path in args.gold
        for number, line in enumerate(path.open(encoding="utf-8"), 1)
    ]
    for number, document in enumerate(documents):
        every += rows(tagger, document, number)
        every += rows(tagger, flat(document), number)
    for number, document in enumerate(nameless(args.nameless, args.limit)):
        every += rows(tagger, document, number, _NAMELESS)
    names = sorted({name for row in every for name in row.evidence})
    compare(every, names)
    write(fit(every, names), names, args.out)


if __name__ == "__main__":
    main()
