# SPDX-License-Identifier: Apache-2.0
"""The names of a recording, and what its study says of de-identification."""

from __future__ import annotations

from dataclasses import dataclass

from services.deidentification.domain.policy import Policy, load, own
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.errors import NotCountersigned

_NAMED_AT_MOST = 4


@dataclass(frozen=True, slots=True)
class RecordingRef:
    """The ids of a recording."""

    study: str
    participant: str
    recording: str


@dataclass(frozen=True, slots=True)
class Study:
    """What a study says of de-identification: its policy, its roster and its participants' codes.

    `changed_by` are the accounts that changed its policy or review, `countersigned` the digests of
    policies that others countersigned for it.
    """

    study_id: str
    policy_name: str
    policy_document: str
    roster: bytes
    changed_by: tuple[str, ...] = ()
    countersigned: frozenset[str] = frozenset()
    participants: tuple[str, ...] = ()

    def codes(self, participant: str) -> StudyCodes:
        """Return the study's codes, that of a participant among them."""
        return StudyCodes((*self.participants, participant))

    def policy(self) -> Policy:
        """Return the study's own policy, or the shipped one that it names.

        Raises PolicyError, and NotCountersigned for a policy that may not be used like this.
        """
        if not self.policy_document:
            return load(self.policy_name)
        policy = own(self.policy_name, self.policy_document)
        if policy.below_floor and policy.digest not in self.countersigned:
            raise NotCountersigned(
                f"the policy {policy.name} of study {self.study_id} keeps more than a policy may by"
                f" itself ({'; '.join(policy.below_floor[:_NAMED_AT_MOST])}); a compliance officer"
                f" looks at it and runs: sotto study countersign {self.study_id}"
            )
        return policy
