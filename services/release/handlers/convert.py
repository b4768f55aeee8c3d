# SPDX-License-Identifier: Apache-2.0
"""Reviews, releases and what is left out, as the contracts write them."""

from __future__ import annotations

from collections.abc import Sequence

from services.common.errors import InvalidInput
from services.release.adapters.review_store import ref_of, review_message
from services.release.domain.certificate import InputAudio
from services.release.domain.exporting import ReleaseReader
from services.release.domain.naming import LeftOut
from services.release.domain.ports import StoredRelease
from services.release.domain.reviews import ReviewItem
from services.release.domain.transcript import RecordingName
from sotto.release.v1 import release_pb2, review_pb2
from sotto.storage.v1 import recording_pb2

_LEFT_OUT = {
    "pending": release_pb2.LEFT_OUT_REASON_PENDING,
    "rejected": release_pb2.LEFT_OUT_REASON_REJECTED,
    "quality": release_pb2.LEFT_OUT_REASON_QUALITY,
    "sealed": release_pb2.LEFT_OUT_REASON_SEALED,
    "transcribing": release_pb2.LEFT_OUT_REASON_TRANSCRIBING,
    "transcribed": release_pb2.LEFT_OUT_REASON_TRANSCRIBED,
    "failed": release_pb2.LEFT_OUT_REASON_FAILED,
}
_UNFINISHED = {
    number: word
    for word, number in _LEFT_OUT.items()
    if word not in {"pending", "rejected", "quality"}
}


def recording_name(ref: recording_pb2.RecordingRef) -> RecordingName:
    """Return the names of a recording."""
    return RecordingName(ref.study_id, ref.participant, ref.recording_id)


def unfinished(message: release_pb2.LeftOut) -> LeftOut:
    """Read a recording without a de-identified transcript; what says otherwise is no such thing."""
    if message.reason not in _UNFINISHED:
        raise InvalidInput(
            f"{message.recording_id} cannot be called left out for its review: the release service "
            "knows reviews itself"
        )
    return LeftOut(
        message.recording_id, message.participant, message.session, _UNFINISHED[message.reason]
    )


def review_item(item: ReviewItem) -> review_pb2.ReviewItem:
    """Write a transcript and its review."""
    summary = item.summary
    message = review_pb2.ReviewItem(
        ref=ref_of(item.study_id, summary),
        run_key=summary.run_key,
        session=summary.session,
        review=review_message(item.review),
        residual_risk=summary.residual_risk,
        threshold=summary.threshold,
        doubts=summary.doubts,
        segments=summary.segments,
        words=summary.words,
        corrections=item.corrections,
        lost_corrections=item.lost_corrections,
        approved_before=item.approved_before,
        invented=summary.invented,
        with_sound=item.with_sound,
        source_run_key=item.summary.source_run_key,
    )
    if summary.committed_at is not None:
        message.committed_at.FromDatetime(summary.committed_at)
    return message


def release_summary(
    reader: ReleaseReader,
    release: StoredRelease,
    held_back: Sequence[str] = (),
    rejected_since: Sequence[str] = (),
) -> release_pb2.ReleaseSummary:
    """Write a release in short, as its certificate states it.

    `held_back` are its participants who withdrew since, `rejected_since` its recordings whose run
    was rejected since.
    """
    certificate = reader.certificate(release)
    sound = [one.audio for one in certificate.inputs if one.audio]
    return release_pb2.ReleaseSummary(
        study_id=release.study_id,
        release_id=release.release_id,
        time=release.committed_at,
        transcripts=len(certificate.inputs),
        replacements=certificate.redactions,
        withdrawn=certificate.withdrawn,
        invented=sum(1 for one in certificate.inputs if one.invented),
        held_back=held_back,
        left_out=[
            release_pb2.LeftOut(
                recording_id=one.recording_id,
                participant=one.participant,
                session=one.session,
                reason=_LEFT_OUT[one.reason],
            )
            for one in certificate.left_out or ()
        ],
        rejected_since=rejected_since,
        removed_since=release.removed,
        standing_out=certificate.singling_out.standing_out if certificate.singling_out else 0,
        audio_files=sum(1 for one in sound if one.missing is None),
        audio_muted_share=_share(sound),
        smallest_k=certificate.singling_out.smallest_k if certificate.singling_out else 0.0,
    )


def _share(sound: Sequence[InputAudio]) -> float:
    """Return the share of sound that is muted, 0 where there is none."""
    total = sum(one.duration_ms or 0 for one in sound)
    return sum(one.muted_ms or 0 for one in sound) / total if total else 0.0
