# SPDX-License-Identifier: Apache-2.0
"""Runs Philter, with its one configuration, in the fork philter-lite: patterns of the original do
not compile from Python 3.11 on.
"""

from __future__ import annotations

import re
from pathlib import Path

import nltk
import philter_lite
from common import Detector, Span, main, one_by_one


def make(options: dict[str, str]) -> Detector:
    """Return a detector that reads which letters became stars."""
    nltk.data.path.insert(0, options["nltk_data"])
    delta = Path(philter_lite.__file__).parent / "configs" / "philter_delta.toml"
    filters = philter_lite.load_filters(str(delta))

    def find(text: str) -> list[Span]:
        include, _, tracker = philter_lite.detect_phi(text, filters)
        starred = philter_lite.transform_text_asterisk(text, include)
        names = {
            at for one in tracker.phi if one.phi_type == "Name" for at in range(one.start, one.stop)
        }
        masked = "".join(
            "*" if new == "*" and old != "*" else " "
            for old, new in zip(text, starred, strict=True)
        )
        return [
            (match.start(), match.end(), "PERSON" if match.start() in names else "OTHER")
            for match in re.finditer(r"\*+", masked)
        ]

    return one_by_one(find)


if __name__ == "__main__":
    main(make)
