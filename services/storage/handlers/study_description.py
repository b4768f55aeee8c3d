# SPDX-License-Identifier: Apache-2.0
"""What the store makes of a study's description: who changed what decides over transcripts."""

from __future__ import annotations

from services.common.errors import InvalidInput
from services.registry.policies import SHIPPED
from sotto.study.v1 import study_pb2

#: Fields of a study that decide what is kept of transcripts, and who approves them.
DECISIVE = ("policy", "policy_document", "review")


def described(before: bytes, given: study_pb2.Study, person: str) -> bytes:
    """Return the description to store behind `before`, the newest one or b"" for a new study.

    It says who changed its policy or review, `person` among them where this does. A new study that
    names a policy that ships, and has a person approve, is nobody's change: the policy is ours.
    """
    study = study_pb2.Study()
    study.CopyFrom(given)
    del study.policy_changed_by[:]
    if before:
        newest = study_pb2.Study.FromString(before)
        changed = any(getattr(newest, name) != getattr(given, name) for name in DECISIVE)
        there = set(newest.policy_changed_by)
    else:
        automatic = given.review == study_pb2.REVIEW_MODE_AUTOMATIC
        changed = bool(given.policy_document) or automatic
        there = set()
    study.policy_changed_by.extend(sorted(there | {person} if changed else there))
    return study.SerializeToString(deterministic=True)


def check(given: study_pb2.Study) -> None:
    """Refuse a policy of the study's own under the name of one that ships; raises InvalidInput."""
    if given.policy_document and given.policy in SHIPPED:
        raise InvalidInput(
            f"{given.policy} is the name of a policy that ships, and releases would bear it for"
            " another policy; give the study's own policy another name"
        )
