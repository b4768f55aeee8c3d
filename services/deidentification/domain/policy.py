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

import yaml
from pydantic import Field, field_validator

from services.common.records import Record
from services.deidentification.domain.entities import ENTITY_TYPES, Level
from services.deidentification.errors import PolicyError

Operator = Literal["mask", "tag", "pseudonym", "generalise", "keep"]
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
    doubtful_below: Share = 0.6
    word_probability_below: Share = 0.5


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

    @classmethod
    def parse(cls, text: str | bytes) -> Policy:
        """Read a policy from YAML; raises PolicyError with what is wrong."""
        try:
            raw = yaml.safe_load(text)
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise PolicyError("the policy is not YAML; check its indentation and colons") from error
        if not isinstance(raw, dict):
            raise PolicyError(
                "the policy is not a mapping; start from one of the policies that ship"
            )
        model = PolicyFile.from_values(raw, "the policy", PolicyError)
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


def shipped() -> tuple[str, ...]:
    """Return the names of the policies that ship."""
    folder = resources.files("services.deidentification") / "policies"
    return tuple(
        sorted(p.name.removesuffix(".yaml") for p in folder.iterdir() if p.name.endswith(".yaml"))
    )


def load(name: str) -> Policy:
    """Return a policy that ships, by name; raises PolicyError with the names that exist."""
    if name not in shipped():
        raise PolicyError(f"no policy of that name ships; there are {', '.join(shipped())}")
    return Policy.parse(
        (resources.files("services.deidentification") / "policies" / f"{name}.yaml").read_bytes()
    )
