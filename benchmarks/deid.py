# SPDX-License-Identifier: Apache-2.0
"""Figures of the de-identification engine: recall, precision, false alarms, speed, memory.

    python benchmarks/deid.py                     the open benchmark, and one hour of talk
    python benchmarks/deid.py --gold FOLDER       further gold sets (*.jsonl)
    python benchmarks/deid.py --carrier FOLDER    talk without names: the share that goes
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
from collections.abc import Callable
from pathlib import Path

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider

from services.deidentification.adapters.neural import NeuralTagger
from services.deidentification.adapters.neural_recogniser import NeuralRecognizer
from services.deidentification.adapters.presidio import LANGUAGE, PresidioDetector
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.policy import load
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.engine_factory import LazyDetector, make_engine
from services.deidentification.evaluation import Figures, measure
from services.deidentification.gold import GoldTranscript, read_gold

HERE = Path(__file__).parent / "deid_data"


def gold(path: Path) -> list[GoldTranscript]:
    """Documents of a gold file."""
    with path.open(encoding="utf-8") as lines:
        return [read_gold(json.loads(line), n) for n, line in enumerate(lines, 1)]


def show(name: str, figures: Figures) -> None:
    """One line a type."""
    raw = figures.as_json(misses=False)
    rows = [("direct", raw["direct"]), ("all", raw["all"]), *raw["by_type"].items()]
    text = "  ".join(f"{k} {r['recall']:.3f} ({r['spans']})" for k, r in rows if r["spans"])
    print(f"{name:34} precision {figures.precision:.3f}  {text}", flush=True)


def carriers(folder: Path, limit: int, engine: Engine) -> None:
    """Share of words redacted in talk that holds hardly any names."""
    for path in sorted(folder.glob("*.jsonl")):
        texts = [json.loads(line)["text"] for line in path.open(encoding="utf-8")][:limit]
        findings, _ = engine.detect(texts)
        words = sum(len(t.split()) for t in texts)
        redacted = sum(len(texts[f.turn][f.start : f.end].split()) for f in findings)
        kinds: dict[str, int] = {}
        for f in findings:
            kinds[f.entity_type] = kinds.get(f.entity_type, 0) + len(
                texts[f.turn][f.start : f.end].split()
            )
        print(f"{path.stem:34} {words} words, redacted {redacted / words:.3%}  {kinds}", flush=True)


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


def speed(engine: Engine, words: int) -> None:
    """Wall time of one transcript, model loaded."""
    talk = hour(words)
    engine.deidentify(Transcript(talk.turns[:50], "P07"))
    wall, cpu = clock(lambda: engine.deidentify(talk))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{talk.words} words in {len(talk.turns)} turns: {wall:.2f} s ({cpu:.2f} s of CPU), "
        f"peak memory {peak:.0f} MB",
        flush=True,
    )


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


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gold", type=Path, help="folder of further gold sets")
    parser.add_argument("--carrier", type=Path, help="folder of talk without names")
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
    given = parser.parse_args()
    engine = make_engine(load(given.policy), LazyDetector(neural=not given.no_neural, threads=2))
    print(dict(engine.versions), file=sys.stderr)
    for path in [
        HERE / "dev.jsonl",
        HERE / "test.jsonl",
        *sorted(given.gold.glob("*.jsonl") if given.gold else []),
    ]:
        if given.only not in str(path):
            continue
        documents = gold(path)
        show(path.stem, measure(engine, documents))
        show(f"{path.stem}, lower case", measure(engine, documents, lower=True))
    if given.carrier:
        carriers(given.carrier, given.limit, engine)
    if not given.skip_speed:
        speed(engine, given.words)
        if given.stock:
            stock(given.words, given.spacy)


if __name__ == "__main__":
    main()
