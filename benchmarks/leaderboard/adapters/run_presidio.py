# SPDX-License-Identifier: Apache-2.0
"""Runs Microsoft Presidio as it comes, with a spaCy model from disk in the place of the one that it
would fetch.
"""

from __future__ import annotations

from pathlib import Path

import presidio_analyzer
import yaml
from common import Detector, Span, main, one_by_one
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider


def make(options: dict[str, str]) -> Detector:
    """Return the stock analyzer; `organizations` reports them, which the default does not."""
    shipped = Path(presidio_analyzer.__file__).parent / "conf" / "default.yaml"
    configuration = yaml.safe_load(shipped.read_text(encoding="utf-8"))
    configuration["models"] = [{"lang_code": "en", "model_name": options["model"]}]
    if options.get("organizations"):
        configuration["ner_model_configuration"]["labels_to_ignore"].remove("ORGANIZATION")
    nlp = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])

    def find(text: str) -> list[Span]:
        found = sorted(analyzer.analyze(text=text, language="en"), key=lambda one: -one.score)
        return [(one.start, one.end, one.entity_type) for one in found]

    return one_by_one(find)


if __name__ == "__main__":
    main(make)
