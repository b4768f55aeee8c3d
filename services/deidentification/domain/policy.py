# SPDX-License-Identifier: Apache-2.0
"""Policies: what is done with each entity type. A policy is data, read from YAML and checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from services.common import yaml_file
from services.common.records import Record
from services.deidentification.domain.entities import (
    DIRECT,
    DOUBTFUL_BELOW,
    ENTITY_TYPES,
    LEAST_WORD_PROBABILITY,
    MOST_AUTOMATIC_RISK,
    MOST_DIRECT_THRESHOLD,
    Level,
    Operator,
)
from services.deidentification.errors import PolicyError
from services.registry.policies import SHIPPED

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class EntityRule(Record, strict=False):
    """What happens to one entity type, and from which score on; `otherwise` is what becomes of a
    date that can be neither shifted nor counted from the interview.
    """

    operator: Operator
    to: Level | None = None
    otherwise: Literal["year", "tag", "mask"] | None = None
    threshold: Share | None = None


class ReviewRules(Record, strict=False):
    """When a transcript may pass without a human."""

    automatic_below: Share = 0.0
    doubtful_below: Share = DOUBTFUL_BELOW
    word_probability_below: Share = LEAST_WORD_PROBABILITY


class PolicyFile(Record, strict=False):
    """A policy as its file says it."""

    known_keys = frozenset(ENTITY_TYPES)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,38}$")]
    version: Annotated[int, Field(ge=1)]
    description: str = ""
    threshold: Share = 0.5
    default: Operator = "tag"
    entities: dict[str, EntityRule]
    study_wide: tuple[Literal["staff", "places"], ...] = ()
    review: ReviewRules = ReviewRules()

    @field_validator("entities", mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """`PERSON: pseudonym` says the same as `PERSON: {operator: pseudonym}`."""
        if not isinstance(value, Mapping):
            return value
        return {k: {"operator": v} if isinstance(v, str) else v for k, v in value.items()}

    @field_validator("entities")
    @classmethod
    def _known(cls, value: dict[str, EntityRule]) -> dict[str, EntityRule]:
        unknown = sorted(set(value) - set(ENTITY_TYPES))
        if unknown:
            raise ValueError(
                f"unknown entity type {', '.join(unknown)}; known are {', '.join(ENTITY_TYPES)}"
            )
        for name, rule in value.items():
            levels = ENTITY_TYPES[name].levels
            if rule.operator == "generalise" and not levels:
                able = ", ".join(row.name for row in ENTITY_TYPES.values() if row.levels)
                raise ValueError(f"{name} cannot be generalised; {able} can")
            if rule.to is not None and rule.to not in levels:
                raise ValueError(
                    f"{name} cannot be generalised to {rule.to}; "
                    f"possible: {', '.join(levels) or 'nothing'}"
                )
            if rule.otherwise is not None and rule.to not in ("relative", "shift"):
                raise ValueError(f"{name} has an otherwise, which belongs to relative and shift")
        return value


@dataclass(frozen=True)
class Policy:
    """A checked policy; `digest` names its content (SHA-256 of its canonical JSON, hex)."""

    name: str
    version: int
    digest: str
    threshold: float
    default: Operator
    rules: Mapping[str, EntityRule]
    study_wide: frozenset[str] = frozenset()
    review: ReviewRules = field(default_factory=ReviewRules)

    def rule(self, entity_type: str) -> EntityRule:
        """Return the rule of a type; a type that the policy does not name gets the policy's
        default.
        """
        return self.rules.get(entity_type) or EntityRule(operator=self.default)

    def least(self, entity_type: str) -> float:
        """Return the score from which a finding of the type is acted on."""
        own = self.rule(entity_type).threshold
        return self.threshold if own is None else own

    @cached_property
    def covered(self) -> frozenset[str]:
        """Types that do not stay as they are."""
        return frozenset(t for t in ENTITY_TYPES if self.rule(t).operator != "keep")

    @cached_property
    def below_floor(self) -> tuple[str, ...]:
        """What it keeps beyond what a policy may keep by itself, a line each.

        A policy with any is used in a study only after a compliance officer countersigned it.
        """
        found = [
            f"{name}: {self.rule(name).operator}"
            for name, row in ENTITY_TYPES.items()
            if self.rule(name).operator not in row.floor
        ]
        found += [
            f"{name}: from a score of {self.least(name):g} on, and not of {MOST_DIRECT_THRESHOLD}"
            for name in ENTITY_TYPES
            if name in DIRECT and self.least(name) > MOST_DIRECT_THRESHOLD
        ]
        if self.default == "keep":
            found.append("every type that it does not name: keep")
        if self.review.automatic_below > MOST_AUTOMATIC_RISK:
            found.append(
                f"approved by rule: below a residual risk of {self.review.automatic_below:g}, and"
                f" not of {MOST_AUTOMATIC_RISK}"
            )
        # Whoever doubts fewer words also finds less risk, and the rule approves more.
        if self.review.word_probability_below < LEAST_WORD_PROBABILITY:
            found.append(
                "doubtful as a word that was misheard: below "
                f"{self.review.word_probability_below:g}, and not {LEAST_WORD_PROBABILITY}"
            )
        return tuple(found)

    @classmethod
    def parse(cls, text: str | bytes) -> Policy:
        """Read a policy from YAML; raises PolicyError with what is wrong."""
        try:
            document = yaml_file.read(text, ENTITY_TYPES)
        except yaml_file.YamlFault as error:
            raise PolicyError(f"the policy cannot be read: {error}") from error
        if not isinstance(document.content, dict):
            raise PolicyError(
                "the policy is not a mapping; start from one of the policies that ship"
            )
        model: PolicyFile = document.validate(PolicyFile, "the policy", PolicyError, most=1)
        # The digest of version 0.1, kept since run keys rest on it: absent values are written.
        canonical = json.dumps(model.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return cls(
            model.name,
            model.version,
            digest,
            model.threshold,
            model.default,
            model.entities,
            frozenset(model.study_wide),
            model.review,
        )


def own(name: str, document: str) -> Policy:
    """Return a study's own policy, which the study calls `name`.

    Raises PolicyError where it cannot be followed, or bears the name of one that ships: whoever
    reads that name in a release takes it for the policy that they know.
    """
    policy = Policy.parse(document)
    if taken := {name, policy.name} & set(SHIPPED):
        raise PolicyError(
            f"{', '.join(sorted(taken))} is the name of a policy that ships; give the study's own"
            " policy another one, in its file's name and in its field 'name'"
        )
    return policy


def shipped() -> tuple[str, ...]:
    """Return the names of the policies that ship."""
    return SHIPPED


def load(name: str) -> Policy:
    """Return a policy that ships, by name; raises PolicyError with the names that exist."""
    if name not in shipped():
        raise PolicyError(
            f"no policy of that name ships; there are {', '.join(shipped())}, and a policy of a"
            " study's own is a file beside the study's file: give its name with .yaml"
        )
    return Policy.parse(
        (resources.files("services.deidentification") / "policies" / f"{name}.yaml").read_bytes()
    )
