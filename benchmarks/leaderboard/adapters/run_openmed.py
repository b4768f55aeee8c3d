# SPDX-License-Identifier: Apache-2.0
"""Runs OpenMed's offline sidecar: its rules alone, or with a model that is on this machine."""

from __future__ import annotations

from common import Detector, Span, main, one_by_one
from openmed.service.sidecar import DeidentifyOptions, SidecarRuntime


def make(options: dict[str, str]) -> Detector:
    """Return the sidecar with its default policy."""
    runtime = SidecarRuntime(hmac_secret=b"benchmark-secret-that-protects-no")
    chosen = DeidentifyOptions(deterministic_only=bool(options.get("rules_alone")))

    def find(text: str) -> list[Span]:
        if not text.strip():
            return []
        answer = runtime.deidentify(text, chosen)
        return [(one["start"], one["end"], str(one.get("label", ""))) for one in answer["spans"]]

    return one_by_one(find)


if __name__ == "__main__":
    main(make)
