# SPDX-License-Identifier: Apache-2.0
"""The names of a recording, and what its study says of de-identification."""

from __future__ import annotations

from dataclasses import dataclass

from services.deidentification.domain.policy import Policy, load


@dataclass(frozen=True, slots=True)
class RecordingRef:
    """The ids of a recording."""

    study: str
    participant: str
    recording: str


@dataclass(frozen=True, slots=True)
class Study:
    """What a study says of de-identification: its policy and its roster."""

    policy_name: str
    policy_document: str
    roster: bytes

    def policy(self) -> Policy:
        """Return the study's own policy, or the shipped one that it names; raises PolicyError."""
        return (
            Policy.parse(self.policy_document) if self.policy_document else load(self.policy_name)
        )
