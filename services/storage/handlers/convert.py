# SPDX-License-Identifier: Apache-2.0
"""Converts messages to values of the domain and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date
from typing import Literal

from google.protobuf.timestamp_pb2 import Timestamp

from services.common.errors import InvalidInput
from services.registry.removals import RemovalReason
from services.storage.domain import clock
from services.storage.domain.bundles import Bundle, BundleFile, ReleasedRun
from services.storage.domain.failures import Failure
from services.storage.domain.names import Owner, RecordingRef
from services.storage.domain.recordings import (
    ReadingOptions,
    Recording,
    RecordingHeader,
    RecordingKind,
)
from services.storage.domain.transcripts import Finished, Summary
from services.storage.errors import ContentMismatch
from sotto.storage.v1 import bundle_pb2, recording_pb2
from sotto.transcript.v1 import reading_pb2, transcript_pb2

_KINDS: dict[recording_pb2.RecordingKind, RecordingKind] = {
    recording_pb2.RECORDING_KIND_MEDIA: "media",
    recording_pb2.RECORDING_KIND_TRANSCRIPT: "transcript",
}
_ROLES: dict[str, Literal["interviewer", "participant"]] = {
    "interviewer": "interviewer",
    "participant": "participant",
}
#: Kinds of recordings as messages have them.
KINDS_BACK = {name: number for number, name in _KINDS.items()}

#: Reasons of removals as messages have them.
REMOVAL_REASONS_BACK = {
    RemovalReason.WRONG_PARTICIPANT: recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT,
    RemovalReason.WRONG_SESSION: recording_pb2.REMOVAL_REASON_WRONG_SESSION,
    RemovalReason.WRONG_READING: recording_pb2.REMOVAL_REASON_WRONG_READING,
    RemovalReason.DUPLICATE: recording_pb2.REMOVAL_REASON_DUPLICATE,
    RemovalReason.NOT_CONSENTED: recording_pb2.REMOVAL_REASON_NOT_CONSENTED,
    RemovalReason.REPLACED: recording_pb2.REMOVAL_REASON_REPLACED,
    RemovalReason.OTHER: recording_pb2.REMOVAL_REASON_OTHER,
}
_REMOVAL_REASONS = {number: reason for reason, number in REMOVAL_REASONS_BACK.items()}


def removal_reason(number: recording_pb2.RemovalReason) -> RemovalReason:
    """Return the reason of a removal."""
    return _REMOVAL_REASONS[number]


def chunks(
    messages: Iterator[recording_pb2.PutRecordingRequest]
    | Iterator[bundle_pb2.PutBundleFileRequest],
) -> Iterator[bytes]:
    """Yield the content of an upload behind its header.

    Raises `ContentMismatch` when a second header comes.
    """
    for message in messages:
        if message.WhichOneof("part") != "chunk":
            raise ContentMismatch("a second header came: send one header, then chunks")
        yield message.chunk


def timestamp(text: str) -> Timestamp:
    """Return a time of a record as a message."""
    stamp = Timestamp()
    stamp.FromDatetime(clock.parse(text))
    return stamp


def text_of(stamp: Timestamp) -> str:
    """Return a time of a message as records hold it; raises `InvalidInput` for no such time."""
    try:
        return stamp.ToDatetime(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        raise InvalidInput("a time lies outside of all calendars: send one in seconds") from None


def owner(ref: recording_pb2.RecordingRef) -> Owner:
    """Return the owner of a recording."""
    return Owner(ref.study_id, ref.participant)


def ref(message: recording_pb2.RecordingRef) -> RecordingRef:
    """Return the ids of a recording."""
    return RecordingRef(owner(message), message.recording_id)


def ref_message(value: RecordingRef) -> recording_pb2.RecordingRef:
    """Return the ids of a recording as a message."""
    return recording_pb2.RecordingRef(
        study_id=value.owner.study,
        participant=value.owner.participant,
        recording_id=value.recording_id,
    )


def header(message: recording_pb2.RecordingHeader) -> RecordingHeader:
    """Return what an upload announces; raises `ContentMismatch` for a day that no calendar has."""
    if message.session_date:
        try:
            date.fromisoformat(message.session_date)
        except ValueError:
            raise ContentMismatch("the date of the interview is no day of the calendar") from None
    return RecordingHeader(
        Owner(message.study_id, message.participant),
        message.session,
        _KINDS[message.kind],
        message.file_name,
        message.size,
        message.content_sha256,
        message.session_date,
        _reading(message.reading) if message.HasField("reading") else None,
        message.speakers,
    )


def _reading(message: reading_pb2.ReadingOptions) -> ReadingOptions:
    return ReadingOptions(
        encoding=message.encoding,
        append_notes=message.append_notes,
        roles={label: _ROLES[role] for label, role in message.roles.items()},
    )


def header_message(recording: Recording) -> recording_pb2.RecordingHeader:
    """Return the header that a download begins with."""
    value = recording.header
    message = recording_pb2.RecordingHeader(
        study_id=value.owner.study,
        participant=value.owner.participant,
        session=value.session,
        kind=KINDS_BACK[value.kind],
        file_name=value.file_name,
        size=value.size,
        content_sha256=value.sha256,
        session_date=value.session_date,
        speakers=value.speakers,
    )
    if value.reading is not None:
        message.reading.encoding = value.reading.encoding
        message.reading.append_notes = value.reading.append_notes
        message.reading.roles.update(value.reading.roles)
    return message


def summary(manifest: transcript_pb2.TranscriptManifest) -> Summary:
    """Return what a writer states about a run."""
    return Summary(
        manifest.run_key,
        manifest.content_sha256,
        manifest.segment_count,
        manifest.window_count,
        manifest.SerializeToString(deterministic=True),
    )


def manifest(run: Finished) -> transcript_pb2.TranscriptManifest:
    """Return the manifest of a finished run, as today's contract writes it.

    What earlier versions wrote into fields that are gone is dropped: it included hashes of content.
    """
    found = transcript_pb2.TranscriptManifest.FromString(run.summary.document)
    found.DiscardUnknownFields()
    return from_version_0_1(found) if found.counts or found.scores else found


def from_version_0_1(old: transcript_pb2.TranscriptManifest) -> transcript_pb2.TranscriptManifest:
    """Return a manifest whose counts and scores by name, as version 0.1 wrote them, are fields."""
    new = transcript_pb2.TranscriptManifest()
    new.CopyFrom(old)
    new.ClearField("counts")
    new.ClearField("scores")
    new.session = old.counts.get("session", 0)
    new.word_count = old.counts.get("words", 0)
    new.speaker_count = old.counts.get("speakers", 0)
    new.doubtful_segment_count = old.counts.get("doubtful", 0)
    new.doubts.update(_named(old, "doubts."))
    policy = new.provenance.pop("deidentification.policy", "")
    if not policy:
        return new
    name, version, digest = policy.split("/")
    new.deidentification.CopyFrom(
        transcript_pb2.Deidentification(
            policy=name,
            policy_version=int(version),
            policy_digest=digest,
            redactions=_named(old, "redactions."),
            coarsened=_named(old, "coarser."),
            residual_risk=old.scores.get("residual", 0.0),
            quasi_identifier_kinds=old.counts.get("quasi_kinds", 0),
        )
    )
    return new


def _named(old: transcript_pb2.TranscriptManifest, prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix): count
        for name, count in old.counts.items()
        if name.startswith(prefix)
    }


def failure(message: recording_pb2.StageFailure) -> Failure:
    """Return the failure that a message states."""
    return Failure(
        stage=message.stage,
        reason=message.reason,
        message=message.message,
        time=text_of(message.time) if message.HasField("time") else clock.now(),
    )


def failure_message(value: Failure) -> recording_pb2.StageFailure:
    """Return a failure as a message."""
    return recording_pb2.StageFailure(
        stage=value.stage,
        reason=value.reason,
        message=value.message,
        time=timestamp(value.time),
    )


def bundle_file(message: bundle_pb2.BundleFile) -> BundleFile:
    """Return a file of a bundle."""
    return BundleFile(message.path, message.content_sha256, message.size, message.participant)


def released_run(study: str, message: bundle_pb2.ReleasedRun) -> ReleasedRun:
    """Return a run of a release; raises `ContentMismatch` for one of another study."""
    if message.ref.study_id != study:
        raise ContentMismatch("a run belongs to another study than its release")
    return ReleasedRun(
        participant=message.ref.participant,
        recording=message.ref.recording_id,
        run=message.run_key,
    )


def bundle(value: Bundle, removed: Sequence[RecordingRef] = ()) -> bundle_pb2.Bundle:
    """Return a finished release as a message; of `removed` recordings it names its own."""
    return bundle_pb2.Bundle(
        ref=bundle_pb2.ReleaseRef(study_id=value.study, release_id=value.release_id),
        files=[
            bundle_pb2.BundleFile(
                path=file.path,
                content_sha256=file.sha256,
                size=file.size,
                participant=file.participant,
            )
            for file in value.files
        ],
        committed_at=timestamp(value.committed_at),
        runs=[
            bundle_pb2.ReleasedRun(
                ref=recording_pb2.RecordingRef(
                    study_id=value.study, participant=run.participant, recording_id=run.recording
                ),
                run_key=run.run_key,
            )
            for run in value.runs or ()
        ],
        removed_recordings=[ref.recording_id for ref in removed if value.may_hold(ref)],
    )
