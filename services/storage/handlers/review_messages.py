# SPDX-License-Identifier: Apache-2.0
"""Converts messages of reviews and corrections to values of the domain and back."""

from __future__ import annotations

from collections.abc import Mapping

from services.common.errors import InvalidInput
from services.storage.domain import clock
from services.storage.domain.corrections import (
    Correction,
    CorrectionKind,
    Corrections,
    MarkedPlace,
    RoleCorrection,
    Step,
    StepKind,
)
from services.storage.domain.reviews import Review, Reviewed, ReviewState
from services.storage.handlers import convert
from sotto.storage.v1 import review_pb2
from sotto.transcript.v1 import transcript_pb2

_STATES: dict[review_pb2.ReviewState, ReviewState] = {
    review_pb2.REVIEW_STATE_PENDING: "pending",
    review_pb2.REVIEW_STATE_APPROVED: "approved",
    review_pb2.REVIEW_STATE_REJECTED: "rejected",
}
_STATES_BACK = {name: number for number, name in _STATES.items()}
_KINDS: dict[review_pb2.CorrectionKind, CorrectionKind] = {
    review_pb2.CORRECTION_KIND_REDACT: "redact",
    review_pb2.CORRECTION_KIND_RESTORE: "restore",
    review_pb2.CORRECTION_KIND_RETYPE: "retype",
    review_pb2.CORRECTION_KIND_WORDING: "wording",
    review_pb2.CORRECTION_KIND_MERGE: "merge",
}
_KINDS_BACK = {name: number for number, name in _KINDS.items()}
_STEPS: dict[review_pb2.StepKind, StepKind] = {
    review_pb2.STEP_KIND_ACCEPT: "accept",
    review_pb2.STEP_KIND_NOTHING_HERE: "nothing_here",
    review_pb2.STEP_KIND_SKIP: "skip",
    review_pb2.STEP_KIND_CORRECT: "correct",
    review_pb2.STEP_KIND_REMOVE: "remove",
    review_pb2.STEP_KIND_ROLES: "roles",
    review_pb2.STEP_KIND_UNDO: "undo",
    review_pb2.STEP_KIND_REDO: "redo",
}
_STEPS_BACK = {name: number for number, name in _STEPS.items()}


def review(message: review_pb2.Review) -> Review:
    """Return the word that a message says, as of now."""
    return Review(
        run=message.run_key,
        state=_STATES[message.state],
        decided_by=message.decided_by,
        decided_at=clock.now(),
        residual_risk=message.residual_risk,
        threshold=message.threshold,
        reason=message.reason,
        corrections_generation=message.corrections_generation,
        with_sound=message.with_sound or None,
    )


def review_message(value: Reviewed) -> review_pb2.Review:
    """Return a review as a message."""
    return review_pb2.Review(
        run_key=value.review.run_key,
        state=_STATES_BACK[value.review.state],
        decided_by=value.review.decided_by,
        decided_at=convert.timestamp(value.review.decided_at),
        residual_risk=value.review.residual_risk,
        threshold=value.review.threshold,
        reason=value.review.reason,
        corrections_generation=value.review.corrections_generation,
        generation=value.generation,
        with_sound=value.review.with_sound is True,
    )


def corrections(message: review_pb2.Corrections) -> Corrections:
    """Return the corrections of a run; raises `InvalidInput` where places overlap."""
    values = {
        "run": message.run_key,
        "content_sha256": message.content_sha256,
        "corrections": tuple(map(_values, message.corrections)),
        "lost": tuple(map(_values, message.lost)),
        "roles": _role_values(message.roles) or None,
        "lost_roles": _role_values(message.lost_roles) or None,
        "journal": tuple(map(_step_values, message.journal)) or None,
    }
    return Corrections.from_values(values, "the corrections cannot be stored", InvalidInput)


def corrections_message(value: Corrections, generation: int) -> review_pb2.Corrections:
    """Return the corrections of a run as a message."""
    return review_pb2.Corrections(
        run_key=value.run_key,
        content_sha256=value.content_sha256,
        corrections=[_message(one) for one in value.corrections],
        lost=[_message(one) for one in value.lost],
        generation=generation,
        roles=_role_messages(value.roles),
        lost_roles=_role_messages(value.lost_roles),
        journal=[_step_message(one) for one in value.journal or ()],
    )


def _step_values(message: review_pb2.ReviewStep) -> dict[str, object]:
    return {
        "number": message.number,
        "kind": _STEPS[message.kind],
        "person": message.person,
        "at": convert.text_of(message.at),
        "of": message.of,
        "places": tuple(map(_place_values, message.places)) or None,
        "removed": tuple(map(_values, message.removed)) or None,
        "added": tuple(map(_values, message.added)) or None,
        "removed_roles": _role_values(message.removed_roles) or None,
        "added_roles": _role_values(message.added_roles) or None,
    }


def _step_message(value: Step) -> review_pb2.ReviewStep:
    return review_pb2.ReviewStep(
        number=value.number,
        kind=_STEPS_BACK[value.kind],
        person=value.person,
        at=convert.timestamp(value.at),
        of=value.of,
        places=[_place_message(one) for one in value.places or ()],
        removed=[_message(one) for one in value.removed or ()],
        added=[_message(one) for one in value.added or ()],
        removed_roles=_role_messages(value.removed_roles),
        added_roles=_role_messages(value.added_roles),
    )


def _place_values(message: review_pb2.MarkedPlace) -> dict[str, object]:
    return {"segment": message.segment, "start": message.start, "end": message.end}


def _place_message(value: MarkedPlace) -> review_pb2.MarkedPlace:
    return review_pb2.MarkedPlace(segment=value.segment, start=value.start, end=value.end)


def _role_values(messages: Mapping[str, review_pb2.RoleCorrection]) -> dict[str, object]:
    return {
        speaker: {
            "role": one.role,
            "corrected_by": one.corrected_by,
            "corrected_at": _text_of(one),
            "carried_from": one.carried_from,
        }
        for speaker, one in messages.items()
    }


def _role_messages(
    values: Mapping[str, RoleCorrection] | None,
) -> dict[str, review_pb2.RoleCorrection]:
    return {
        speaker: review_pb2.RoleCorrection(
            role=one.role,
            corrected_by=one.corrected_by,
            corrected_at=convert.timestamp(one.corrected_at),
            carried_from=one.carried_from,
        )
        for speaker, one in (values or {}).items()
    }


def _text_of(message: review_pb2.Correction | review_pb2.RoleCorrection) -> str:
    given = message.HasField("corrected_at")
    return convert.text_of(message.corrected_at) if given else clock.now()


def _values(message: review_pb2.Correction) -> dict[str, object]:
    return {
        "kind": _KINDS[message.kind],
        "segment": message.segment,
        "start": message.start,
        "end": message.end,
        "entity_type": message.entity_type,
        "text": message.text,
        "corrected_by": message.corrected_by,
        "corrected_at": _text_of(message),
        "spread": message.spread,
        "carried_from": message.carried_from,
        "doubts": tuple(map(_doubt_values, message.doubts)) or None,
    }


def _doubt_values(message: transcript_pb2.Doubt) -> dict[str, object]:
    return {
        "start": message.start,
        "end": message.end,
        "reason": message.reason,
        "weight": message.weight,
    }


def _message(value: Correction) -> review_pb2.Correction:
    return review_pb2.Correction(
        kind=_KINDS_BACK[value.kind],
        segment=value.segment,
        start=value.start,
        end=value.end,
        entity_type=value.entity_type,
        text=value.text,
        corrected_by=value.corrected_by,
        corrected_at=convert.timestamp(value.corrected_at),
        spread=value.spread,
        carried_from=value.carried_from,
        doubts=[
            transcript_pb2.Doubt(start=one.start, end=one.end, reason=one.reason, weight=one.weight)
            for one in value.doubts or ()
        ],
    )
