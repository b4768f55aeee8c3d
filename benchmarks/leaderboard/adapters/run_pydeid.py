# SPDX-License-Identifier: Apache-2.0
"""Runs pyDeid, with or without a spaCy model for names."""

from __future__ import annotations

import spacy
from common import Detector, Span, main, one_by_one
from pyDeid.pyDeidBuilder import pyDeidBuilder

# The types of `pyDeid.deid_string`, whose finders these are.
TYPES = ["names", "dates", "sin", "ohip", "mrn", "locations", "hospitals", "contact"]


def make(options: dict[str, str]) -> Detector:
    """Return what `pyDeid.deid_string` runs, made once."""
    builder = pyDeidBuilder().replace_phi().set_phi_types(TYPES)
    if options.get("model"):
        builder.set_ner_pipeline(spacy.load(options["model"]))
    handler = builder.set_valid_years(30, 1900, 2050).build().handler

    def find(text: str) -> list[Span]:
        found, _ = handler.handle_string(text)
        return [
            (one["phi_start"], one["phi_end"], "PERSON" if "Name" in str(one["types"]) else "OTHER")
            for one in found
        ]

    return one_by_one(find)


if __name__ == "__main__":
    main(make)
