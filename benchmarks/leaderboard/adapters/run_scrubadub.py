# SPDX-License-Identifier: Apache-2.0
"""Runs scrubadub with its default detectors."""

from __future__ import annotations

import scrubadub
from common import Detector, Span, main, one_by_one


def make(_: dict[str, str]) -> Detector:
    """Return the default scrubber; no locale of Malaysia exists, and en_GB is nearest."""
    scrubber = scrubadub.Scrubber(locale="en_GB")

    def find(text: str) -> list[Span]:
        return [
            (one.beg, one.end, "PERSON" if one.type == "name" else one.type.upper())
            for one in scrubber.iter_filth(text)
        ]

    return one_by_one(find)


if __name__ == "__main__":
    main(make)
