# SPDX-License-Identifier: Apache-2.0
"""Converts states of recordings to messages."""

from __future__ import annotations

from services.registry.recording_doubts import RECORDING_DOUBTS
from services.storage.domain.states import State
from services.storage.domain.transcripts import Finished
from services.storage.handlers import convert, review_messages
from sotto.storage.v1 import catalog_pb2
from sotto.transcript.v1 import transcript_pb2


def state(value: State, *, whole: bool = False) -> catalog_pb2.RecordingState:
    """Return what a zone holds of a recording.

    Manifests are `whole` for those who read the transcripts of the zone anyway; see `_listed`.
    """
    message = catalog_pb2.RecordingState(
        ref=convert.ref_message(value.ref),
        erased=value.erased,
        held=value.held,
        run_in_progress=value.run_in_progress,
    )
    if value.recording is not None:
        message.session = value.recording.header.session
        message.kind = convert.KINDS_BACK[value.recording.header.kind]
        message.sealed_at.CopyFrom(convert.timestamp(value.recording.sealed_at))
    for run in value.transcripts:
        entry = message.transcripts.add(committed_at=convert.timestamp(run.committed_at))
        entry.manifest.CopyFrom(convert.manifest(run) if whole else _listed(run))
        if run.run_key in value.released:
            entry.released_at.CopyFrom(convert.timestamp(value.released[run.run_key]))
        if run.run_key in value.reviews:
            entry.review.CopyFrom(review_messages.review_message(value.reviews[run.run_key]))
        if value.recording is None:
            message.session = entry.manifest.session
    if value.released_at:
        message.released_at.CopyFrom(convert.timestamp(value.released_at))
    if value.deleted is not None:
        message.content_deleted_at.CopyFrom(convert.timestamp(value.deleted.deleted_at))
    if value.failure is not None:
        message.failure.CopyFrom(convert.failure_message(value.failure))
    return message


def _listed(run: Finished) -> transcript_pb2.TranscriptManifest:
    """Return the part of a manifest that tells nothing of the words.

    With a hash of them, or their number, one could test guesses of what was redacted.
    """
    found = convert.manifest(run)
    told = transcript_pb2.TranscriptManifest(
        run_key=found.run_key,
        source_run_key=found.source_run_key,
        session=found.session,
        segment_count=found.segment_count,
        provenance=found.provenance,
        invented=found.invented,
        # Of the recording, not of its words.
        doubts={kind: found.doubts[kind] for kind in RECORDING_DOUBTS if kind in found.doubts},
    )
    if found.HasField("deidentification"):
        told.deidentification.CopyFrom(found.deidentification)
        # Of words that stand. Beside that of the clinical zone it would tell how many of those that
        # were redacted were doubtful.
        told.doubtful_word_count = found.doubtful_word_count
    if found.HasField("reading"):
        told.reading.CopyFrom(found.reading)
        told.reading.ClearField("words")
        told.reading.ClearField("words_left_out")
        for speaker in told.reading.speakers:
            speaker.share = _percent(speaker.share)
        for language, share in found.reading.languages.items():
            told.reading.languages[language] = _percent(share)
    return told


def _percent(thousandths: int) -> int:
    """Return a share of the words that is too coarse to count them by."""
    return (thousandths + 5) // 10 * 10
