# SPDX-License-Identifier: Apache-2.0
"""Figures of the de-identification engine: what is left, precision, the second look, false alarms,
speed, memory; each beside its aim.

    python benchmarks/deid.py                     the four splits that ship, and one hour of talk
    python benchmarks/deid.py --gold FOLDER       further gold sets (*.jsonl)
    python benchmarks/deid.py --news FILE         news, the part that training leaves out
    python benchmarks/deid.py --carrier FOLDER... talk without names: the share that goes
    python benchmarks/deid.py --json FILE         every figure, for further use
    python benchmarks/deid.py --stock             the same recognisers, turn by turn
    python benchmarks/deid.py --stock --spacy M   the same with a spaCy pipeline under them

Needs no network. Every figure of docs/deidentification.md comes from here.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

from benchmarks.deid_sets import HERE, SPLITS, GoldSet, further, splits
from services.deidentification.adapters.neural import NeuralTagger
from services.deidentification.adapters.neural_recogniser import NeuralRecognizer
from services.deidentification.adapters.presidio import LANGUAGE, PresidioDetector
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.policy import load
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.engine_factory import LazyDetector, make_engine
from services.deidentification.evaluation import Figures
from services.deidentification.evaluation_report import ALL, FLAT, as_json, measure_styles, table

#: Utterances of a talk without names that are read as one transcript.
TALK = 400


@dataclass(frozen=True)
class Aim:
    """What is to be reached: a figure of a row of a set, `at_most` where less is better."""

    what: str
    gold: str
    row: str
    figure: str
    value: float
    at_most: bool = False


def _aims() -> list[Aim]:
    aims = []
    for gold in ("hand_test", "hand_dev"):
        for row, left, precision in (
            ("founding", 0.99, 0.92),
            ("founding, flat", 0.97, 0.88),
            ("recogniser", 0.985, 0.88),
        ):
            aims += [
                Aim("direct, nothing identifying left", gold, row, "nothing left", left),
                Aim("character precision", gold, row, "precision", precision),
            ]
        aims += [
            Aim("interviews without a direct identifier", gold, ALL, "clean", 0.8),
            Aim("the same, after the places shown", gold, ALL, "clean after", 0.95),
            Aim("direct leaks shown by the second look", gold, ALL, "shown", 0.8),
            Aim("places per 1,000 words", gold, ALL, "places", 12, at_most=True),
        ]
    for gold, precision in (("gum_dev_spoken", 0.8), ("news", 0.85)):
        aims += [
            Aim("PERSON replaced as PERSON, recall", gold, ALL, "PERSON", 0.97),
            Aim("the same, precision", gold, ALL, "PERSON precision", precision),
            Aim("titles forgiven", gold, ALL, "PERSON precision, titles", precision),
        ]
    return [
        *aims,
        Aim("words redacted", "speech-carrier", ALL, "redacted", 0.008, at_most=True),
        Aim("an hour of talk, seconds", "speed", ALL, "seconds", 2, at_most=True),
    ]


def wanted_figures(figures: Figures) -> dict[str, float]:
    """Return the figures that aims are about."""
    raw = figures.as_json(misses=False)
    look, person = raw["second_look"], raw["typed_person"]
    return {
        "nothing left": raw["direct"]["nothing_identifying_left"],
        "precision": raw["character_precision"],
        "clean": look["without_direct_share"],
        "clean after": look["without_direct_after_share"],
        "shown": look["direct_shown_share"],
        "places": look["places_per_1000_words"],
        "PERSON": person["recall"],
        "PERSON precision": person["character_precision"],
        "PERSON precision, titles": person["character_precision_titles_forgiven"],
    }


Measured = dict[tuple[str, str], dict[str, float]]


def show_aims(measured: Measured) -> None:
    """Print what was aimed at beside what was measured; what was not measured is left out."""
    print(f"\n{'aim':42}{'set':18}{'row':18}{'aimed at':>10}{'measured':>10}")
    for aim in _aims():
        got = measured.get((aim.gold, aim.row), {}).get(aim.figure)
        if got is None:
            continue
        reached = got <= aim.value if aim.at_most else got >= aim.value
        sign = "<=" if aim.at_most else ">="
        print(
            f"{aim.what:42}{aim.gold:18}{aim.row:18}{f'{sign} {aim.value:g}':>10}{got:>10.4g}"
            f"  {'reached' if reached else 'short'}"
        )


def carriers(folder: Path, limit: int, engine: Engine) -> dict[str, float]:
    """Print the share of words redacted in talk that holds hardly any names, by file and register;
    return that of the whole folder.
    """
    total: Counter[str] = Counter()
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream][:limit]
        by_register: dict[str, Counter[str]] = defaultdict(Counter)
        for talk in talks(rows):
            findings, _ = engine.detect([row["text"] for row in talk])
            for row in talk:
                by_register[row.get("register", "")]["words"] += len(row["text"].split())
            for f in findings:
                words = len(talk[f.turn]["text"][f.start : f.end].split())
                by_register[talk[f.turn].get("register", "")].update({f.entity_type: words})
        whole = sum(by_register.values(), Counter[str]())
        show_share(path.stem, whole)
        if len(by_register) > 1:
            for register, counted in sorted(by_register.items()):
                show_share(f"  {register}", counted)
        total += whole
    return {"redacted": show_share(folder.name, total)}


def talks(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    """Yield the utterances of one talk after the other, of at most `TALK` utterances: closure
    spreads names over a transcript, and a corpus is none.
    """
    for _, talk in groupby(rows, lambda row: row.get("source")):
        every = list(talk)
        for start in range(0, len(every), TALK):
            yield every[start : start + TALK]


def show_share(name: str, counted: Counter[str]) -> float:
    """Print the share of words redacted, and how many as what; return the share."""
    words = counted["words"]
    kinds = {kind: n for kind, n in counted.most_common() if kind != "words"}
    share = sum(kinds.values()) / words if words else 0.0
    print(f"{name:34} {words:>7} words, redacted {share:.3%}  {kinds}", flush=True)
    return share


def hour(words: int) -> Transcript:
    """Talk of about so many words, made of the benchmark's turns; an hour repeats none."""
    turns = [
        Turn(turn["text"], turn["speaker"], turn["speaker"])
        for name in ("dev.jsonl", "test.jsonl")
        for line in (HERE / name).open(encoding="utf-8")
        for turn in json.loads(line)["turns"]
    ]
    random.Random(7).shuffle(turns)
    chosen: list[Turn] = []
    count = 0
    while count < words:
        turn = turns[len(chosen) % len(turns)]
        chosen.append(turn)
        count += len(turn.text.split())
    return Transcript(tuple(chosen), "P07")


def clock(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Wall and CPU seconds, the least of some runs."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def speed(engine: Engine, words: int) -> dict[str, float]:
    """Print wall time and memory of one transcript, model loaded; return the time."""
    talk = hour(words)
    engine.deidentify(Transcript(talk.turns[:50], "P07"))
    wall, cpu = clock(lambda: engine.deidentify(talk))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{talk.words} words in {len(talk.turns)} turns: {wall:.2f} s ({cpu:.2f} s of CPU), "
        f"peak memory {peak:.0f} MB",
        flush=True,
    )
    return {"seconds": wall}


def stock(words: int, spacy: str) -> None:
    """Call the same recognisers as a user of Presidio would: `analyze` for every turn, with
    Presidio's own context enhancer and, where one is given, a spaCy pipeline as NLP engine.
    """
    texts = [turn.text for turn in hour(words).turns]
    detector = PresidioDetector(NeuralTagger(threads=2))
    ours = detector.analyzer

    def every(analyzer: AnalyzerEngine) -> tuple[float, float]:
        return clock(lambda: [analyzer.analyze(text=t, language=LANGUAGE) for t in texts])

    light = AnalyzerEngine(
        registry=ours.registry, nlp_engine=ours.nlp_engine, supported_languages=[LANGUAGE]
    )
    rows = {
        "whole transcript": clock(lambda: detector.detect(texts)),
        "turn by turn, no language model": every(light),
    }
    if spacy:
        model = {"lang_code": LANGUAGE, "model_name": spacy}
        nlp = NlpEngineProvider(
            nlp_configuration={"nlp_engine_name": "spacy", "models": [model]}
        ).create_engine()
        analyzer = AnalyzerEngine(
            registry=ours.registry, nlp_engine=nlp, supported_languages=[LANGUAGE]
        )
        rows["turn by turn, spaCy"] = every(analyzer)
    tagger = next(r for r in ours.registry.recognizers if isinstance(r, NeuralRecognizer))
    joined = "\n".join(texts)
    rows["  tagger alone, whole"] = clock(lambda: tagger.analyze(joined))
    rows["  tagger alone, by turn"] = clock(lambda: [tagger.analyze(t) for t in texts])
    first = rows["whole transcript"]
    for name, (wall, cpu) in rows.items():
        print(
            f"detection, {name:32} {wall:.2f} s ({wall / first[0]:.1f} times), "
            f"{cpu:.2f} s of CPU ({cpu / first[1]:.1f} times)",
            flush=True,
        )


def measure_sets(engine: Engine, sets: Iterable[GoldSet]) -> dict[str, dict[str, Figures]]:
    """Print a table for each set, as written and without case and punctuation; return all rows."""
    rows = {}
    for gold in sets:
        rows[gold.name] = measure_styles(engine, gold.documents, lower=False, with_flat=True)
        print("", gold.name, *table(rows[gold.name]), sep="\n", flush=True)
        for name in (ALL, ALL + FLAT):
            person = rows[gold.name][name].as_json(misses=False)["typed_person"]
            print(
                f"{name}: PERSON replaced as PERSON {person['recall']:.3f}, precision "
                f"{person['character_precision']:.3f}, titles forgiven "
                f"{person['character_precision_titles_forgiven']:.3f}",
                flush=True,
            )
    return rows


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gold", type=Path, help="folder of further gold sets")
    parser.add_argument("--news", type=Path, help="men_malaysian_english_train.jsonl")
    parser.add_argument(
        "--carrier", type=Path, nargs="*", default=[], help="folders of talk without names"
    )
    parser.add_argument(
        "--limit", type=int, default=1_000_000, help="most utterances of a carrier file"
    )
    parser.add_argument("--policy", default="research-default")
    parser.add_argument("--no-neural", action="store_true")
    parser.add_argument(
        "--stock", action="store_true", help="compare with stock Presidio turn by turn"
    )
    parser.add_argument("--spacy", default="", help="spaCy pipeline under stock Presidio")
    parser.add_argument("--words", type=int, default=9000)
    parser.add_argument("--skip-speed", action="store_true")
    parser.add_argument("--only", default="", help="part of a set's name")
    parser.add_argument("--json", type=Path, help="file for every figure")
    given = parser.parse_args()
    engine = make_engine(load(given.policy), LazyDetector(neural=not given.no_neural, threads=2))
    print(dict(engine.versions), file=sys.stderr)
    sets = [
        gold for gold in (*splits(), *further(given.gold, given.news)) if given.only in gold.name
    ]
    for gold in sets:
        if gold.name in SPLITS:
            print(f"{gold.name}: {SPLITS[gold.name]}")
    rows = measure_sets(engine, sets)
    measured: Measured = {
        (gold, row): wanted_figures(figures)
        for gold, styles in rows.items()
        for row, figures in styles.items()
    }
    for folder in given.carrier:
        measured[folder.name, ALL] = carriers(folder, given.limit, engine)
    if not given.skip_speed:
        measured["speed", ALL] = speed(engine, given.words)
        if given.stock:
            stock(given.words, given.spacy)
    show_aims(measured)
    if given.json:
        made = {
            "versions": dict(engine.versions),
            "sets": {gold: as_json(styles, misses=False) for gold, styles in rows.items()},
            "others": {
                gold: figures for (gold, _), figures in measured.items() if gold not in rows
            },
        }
        given.json.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
