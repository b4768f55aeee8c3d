# SPDX-License-Identifier: Apache-2.0
"""What the store makes of a study's description: who changed what decides over transcripts."""

from __future__ import annotations

from datetime import UTC

from services.common.errors import InvalidInput
from services.registry.policies import SHIPPED
from services.storage.domain import clock
from services.storage.domain.retention import KeepingRule
from services.storage.handlers import convert
from sotto.study.v1 import study_pb2

#: Fields of a study that decide what is released, and who approves it.
DECISIVE = ("policy", "policy_document", "review", "audio", "disguise_voices", "quality")

#: Fields that the store writes by itself.
OWN_FIELDS = frozenset({"policy_changed_by", "retention_shortened_at"})


def described(before: bytes, given: study_pb2.Study, person: str) -> bytes:
    """Return the description to store behind `before`, the newest one or b"" for a new study.

    It says who changed its policy, review, sound or gate, `person` among them where this does. A
    new study that names a policy that ships, has a person approve and releases no sound is nobody's
    change: the policy is ours, and a gate asks for more than no gate.
    It also says when recordings were last to be kept for a shorter time than before.
    """
    study = study_pb2.Study()
    study.CopyFrom(given)
    del study.policy_changed_by[:]
    study.ClearField("retention_shortened_at")
    if before:
        newest = study_pb2.Study.FromString(before)
        changed = any(getattr(newest, name) != getattr(given, name) for name in DECISIVE)
        there = set(newest.policy_changed_by)
        if _is_shorter(newest.keep_recordings_days, given.keep_recordings_days):
            study.retention_shortened_at.CopyFrom(convert.timestamp(clock.now()))
        elif newest.HasField("retention_shortened_at"):
            study.retention_shortened_at.CopyFrom(newest.retention_shortened_at)
    else:
        automatic = given.review == study_pb2.REVIEW_MODE_AUTOMATIC
        changed = bool(given.policy_document or given.audio) or automatic
        there = set()
    study.policy_changed_by.extend(sorted(there | {person} if changed else there))
    return study.SerializeToString(deterministic=True)


def keeping_rule(study: study_pb2.Study) -> KeepingRule:
    """Return for how long a study keeps recordings."""
    shortened = study.HasField("retention_shortened_at")
    return KeepingRule(
        study.keep_recordings_days,
        study.retention_shortened_at.ToDatetime(UTC) if shortened else None,
    )


def _is_shorter(before: int, given: int) -> bool:
    """Return whether recordings are kept for fewer days than before; 0 days are for ever."""
    return given != 0 and (before == 0 or given < before)


def check(given: study_pb2.Study) -> None:
    """Refuse a policy of the study's own under the name of one that ships; raises InvalidInput."""
    if given.policy_document and given.policy in SHIPPED:
        raise InvalidInput(
            f"{given.policy} is the name of a policy that ships, and releases would bear it for"
            " another policy; give the study's own policy another name"
        )
