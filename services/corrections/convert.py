# SPDX-License-Identifier: Apache-2.0
"""Corrections and segments as the contracts write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from services.corrections.model import (
    Correction,
    CorrectionKind,
    Doubt,
    MarkedPlace,
    Replacement,
    RoleCorrection,
    RunCorrections,
    SegmentText,
    Step,
    StepKind,
)
from sotto.storage.v1 import review_pb2
from sotto.transcript.v1 import transcript_pb2

KIND_NUMBERS = {
    CorrectionKind.REDACT: review_pb2.CORRECTION_KIND_REDACT,
    CorrectionKind.RESTORE: review_pb2.CORRECTION_KIND_RESTORE,
    CorrectionKind.RETYPE: review_pb2.CORRECTION_KIND_RETYPE,
    CorrectionKind.WORDING: review_pb2.CORRECTION_KIND_WORDING,
    CorrectionKind.MERGE: review_pb2.CORRECTION_KIND_MERGE,
}
KINDS = {number: kind for kind, number in KIND_NUMBERS.items()}
STEP_NUMBERS = {
    StepKind.ACCEPT: review_pb2.STEP_KIND_ACCEPT,
    StepKind.NOTHING_HERE: review_pb2.STEP_KIND_NOTHING_HERE,
    StepKind.SKIP: review_pb2.STEP_KIND_SKIP,
    StepKind.CORRECT: review_pb2.STEP_KIND_CORRECT,
    StepKind.REMOVE: review_pb2.STEP_KIND_REMOVE,
    StepKind.ROLES: review_pb2.STEP_KIND_ROLES,
    StepKind.UNDO: review_pb2.STEP_KIND_UNDO,
    StepKind.REDO: review_pb2.STEP_KIND_REDO,
}
STEPS = {number: kind for kind, number in STEP_NUMBERS.items()}


def segment_text(segment: transcript_pb2.Segment) -> SegmentText:
    """Return the parts of a stored segment that corrections may touch."""
    return SegmentText(
        segment.text,
        tuple(
            Replacement(one.start, one.end, one.entity_type, one.doubtful)
            for one in segment.replacements
        ),
        doubts(segment.doubts),
    )


def correction(message: review_pb2.Correction) -> Correction:
    """Read a correction."""
    return Correction(
        KINDS[message.kind],
        message.segment,
        message.start,
        message.end,
        message.entity_type,
        message.text,
        message.corrected_by,
        _moment(message),
        message.spread,
        message.carried_from,
        doubts(message.doubts),
    )


def doubts(messages: Iterable[transcript_pb2.Doubt]) -> tuple[Doubt, ...]:
    """Read doubts."""
    return tuple(Doubt(one.start, one.end, one.reason, one.weight) for one in messages)


def step(message: review_pb2.ReviewStep) -> Step:
    """Read a step."""
    return Step(
        message.number,
        STEPS[message.kind],
        message.person,
        message.at.ToDatetime(UTC),
        message.of,
        places(message.places),
        tuple(correction(one) for one in message.removed),
        tuple(correction(one) for one in message.added),
        _roles(message.removed_roles),
        _roles(message.added_roles),
    )


def places(messages: Iterable[review_pb2.MarkedPlace]) -> tuple[MarkedPlace, ...]:
    """Read places of a run's own text."""
    return tuple(MarkedPlace(one.segment, one.start, one.end) for one in messages)


def place_messages(marked: Iterable[MarkedPlace]) -> list[review_pb2.MarkedPlace]:
    """Write places of a run's own text."""
    return [
        review_pb2.MarkedPlace(segment=one.segment, start=one.start, end=one.end) for one in marked
    ]


def run_corrections(message: review_pb2.Corrections) -> RunCorrections:
    """Read the corrections of a run."""
    return RunCorrections(
        tuple(correction(one) for one in message.corrections),
        tuple(correction(one) for one in message.lost),
        message.generation,
        _roles(message.roles),
        _roles(message.lost_roles),
        tuple(step(one) for one in message.journal),
    )


def _roles(messages: Mapping[str, review_pb2.RoleCorrection]) -> dict[str, RoleCorrection]:
    return {
        speaker: RoleCorrection(one.role, one.corrected_by, _moment(one), one.carried_from)
        for speaker, one in sorted(messages.items())
    }


def _moment(message: review_pb2.Correction | review_pb2.RoleCorrection) -> datetime | None:
    return message.corrected_at.ToDatetime(UTC) if message.HasField("corrected_at") else None


def role_message(one: RoleCorrection) -> review_pb2.RoleCorrection:
    """Write the role of a speaker."""
    message = review_pb2.RoleCorrection(
        role=one.role, corrected_by=one.corrected_by, carried_from=one.carried_from
    )
    if one.corrected_at is not None:
        message.corrected_at.FromDatetime(one.corrected_at)
    return message


def correction_message(one: Correction) -> review_pb2.Correction:
    """Write a correction."""
    message = review_pb2.Correction(
        kind=KIND_NUMBERS[one.kind],
        segment=one.segment,
        start=one.start,
        end=one.end,
        entity_type=one.entity_type,
        text=one.text,
        corrected_by=one.corrected_by,
        spread=one.spread,
        carried_from=one.carried_from,
        doubts=doubt_messages(one.doubts),
    )
    if one.corrected_at is not None:
        message.corrected_at.FromDatetime(one.corrected_at)
    return message


def doubt_messages(found: Iterable[Doubt]) -> list[transcript_pb2.Doubt]:
    """Write doubts."""
    return [
        transcript_pb2.Doubt(start=one.start, end=one.end, reason=one.reason, weight=one.weight)
        for one in found
    ]


def step_message(one: Step) -> review_pb2.ReviewStep:
    """Write a step."""
    message = review_pb2.ReviewStep(
        number=one.number,
        kind=STEP_NUMBERS[one.kind],
        person=one.person,
        of=one.of,
        places=place_messages(one.places),
        removed=[correction_message(part) for part in one.removed],
        added=[correction_message(part) for part in one.added],
        removed_roles={speaker: role_message(role) for speaker, role in one.removed_roles.items()},
        added_roles={speaker: role_message(role) for speaker, role in one.added_roles.items()},
    )
    message.at.FromDatetime(one.at)
    return message


def corrections_message(
    run_key: str, content_sha256: bytes, corrections: RunCorrections
) -> review_pb2.Corrections:
    """Write the corrections of a run, in order, bound to the content that they are about."""

    def written(items: Iterable[Correction]) -> list[review_pb2.Correction]:
        return [correction_message(one) for one in sorted(items, key=lambda one: one.place)]

    return review_pb2.Corrections(
        run_key=run_key,
        content_sha256=content_sha256,
        corrections=written(corrections.corrections),
        lost=written(corrections.lost),
        generation=corrections.generation,
        roles={speaker: role_message(one) for speaker, one in corrections.roles.items()},
        lost_roles={speaker: role_message(one) for speaker, one in corrections.lost_roles.items()},
        journal=[step_message(one) for one in corrections.journal],
    )
