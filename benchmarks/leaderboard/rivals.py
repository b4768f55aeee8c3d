# SPDX-License-Identifier: Apache-2.0
"""The engines of the leaderboard: what each is, and how it is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.leaderboard.environments import Cache


@dataclass(frozen=True)
class Rival:
    """An engine in one configuration: `lock` names its environment and adapter, `packages` those
    whose versions tell, `options` what the adapter is given.
    """

    key: str
    name: str
    lock: str
    packages: tuple[str, ...]
    configuration: str
    licence: str
    options: Callable[[Cache], dict[str, str]]

    @property
    def adapter(self) -> str:
        """The adapter's file, without its ending."""
        return f"run_{self.lock}"


OURS = "sotto"


RIVALS = (
    Rival(
        "presidio",
        "Presidio",
        "presidio",
        ("presidio-analyzer", "spacy"),
        "its shipped configuration, `en_core_web_md` in the place of `_lg`; turn by turn",
        "MIT",
        lambda cache: {"model": str(cache.spacy_model())},
    ),
    Rival(
        "presidio-organizations",
        "Presidio, organisations too",
        "presidio",
        ("presidio-analyzer", "spacy"),
        "the same, `ORGANIZATION` taken off `labels_to_ignore`",
        "MIT",
        lambda cache: {"model": str(cache.spacy_model()), "organizations": "yes"},
    ),
    Rival(
        "philter",
        "Philter",
        "philter",
        ("philter-lite", "nltk"),
        "`philter_delta`, its one configuration, in the fork philter-lite; an interview a note",
        "BSD-3-Clause",
        lambda cache: {"nltk_data": str(cache.nltk_data()), "unit": "whole"},
    ),
    Rival(
        "pydeid",
        "pyDeid",
        "pydeid",
        (),
        "all types, no model, as by default; an interview a note",
        "MIT",
        lambda _: {"unit": "whole"},
    ),
    Rival(
        "pydeid-ner",
        "pyDeid, with a model",
        "pydeid",
        ("spacy",),
        "the same with `named_entity_recognition`, by `en_core_web_md`",
        "MIT",
        lambda cache: {"model": str(cache.spacy_model()), "unit": "whole"},
    ),
    Rival(
        "openmed-rules",
        "OpenMed, rules alone",
        "openmed",
        ("openmed",),
        "offline sidecar, policy hipaa_safe_harbor, deterministic_only; turn by turn",
        "Apache-2.0",
        lambda _: {"rules_alone": "yes"},
    ),
    Rival(
        "scrubadub",
        "scrubadub",
        "scrubadub",
        ("scrubadub",),
        "its default detectors (none for names), locale en_GB; turn by turn",
        "MIT",
        lambda _: {},
    ),
)
