# SPDX-License-Identifier: Apache-2.0
"""Which people read transcripts: the reviewers of the study, as it is now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from services.common import context, errors
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    segment_pb2,
    segment_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from tests.support import storage_service
from tests.support.members import member
from tests.support.storage_calls import ingest, write_transcript
from tests.support.storage_service import StorageServer, study

REVIEWER = study_pb2.MEMBER_ROLE_REVIEWER
RESEARCHER = study_pb2.MEMBER_ROLE_RESEARCHER


def _describe(service: StorageServer, *members: study_pb2.Member) -> None:
    """Give the study other members."""
    described = study()
    del described.members[:]
    described.members.extend(members)
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator"))
    stub.PutStudy(catalog_pb2.PutStudyRequest(study=described))


def _read(service: StorageServer, ref: recording_pb2.RecordingRef, person: str) -> int:
    """Read the identified transcript as `person`, with the reviewer's certificate."""
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(service.channel("reviewer"))
    with context.acting(person=person):
        return len(list(stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=ref))))


def _manifest(service: StorageServer, ref: recording_pb2.RecordingRef, person: str) -> None:
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(service.channel("reviewer"))
    with context.acting(person=person):
        stub.GetTranscriptManifest(segment_pb2.GetTranscriptManifestRequest(ref=ref))


@pytest.fixture
def ref(clinical: StorageServer) -> recording_pb2.RecordingRef:
    """A recording with a transcript, in a study that siti reviews and nur researches."""
    _describe(clinical, member("siti", REVIEWER), member("nur", RESEARCHER))
    made = ingest(clinical, b"interview").ref
    write_transcript(clinical, made, "transcription")
    return made


def test_a_reviewer_of_the_study_reads(
    clinical: StorageServer, ref: recording_pb2.RecordingRef
) -> None:
    """A member reads the identified transcript; the entry names person and role."""
    assert _read(clinical, ref, "siti") > 1

    entry = clinical.log.events[-1]
    assert (entry.name, entry.person, entry.role) == (
        "transcript:content:read", "siti", "reviewer",
    )  # fmt: skip
    assert entry.outcome == entry_pb2.OUTCOME_SUCCESS


@pytest.mark.parametrize("call", [_read, _manifest])
@pytest.mark.parametrize("person", ["nur", "tan"])
def test_everybody_else_is_refused_and_recorded(
    clinical: StorageServer, ref: recording_pb2.RecordingRef, person: str, call: Any
) -> None:
    """Neither a researcher of the study nor a stranger reads; the denial has person and study."""
    with pytest.raises(errors.PermissionDenied, match=f"{person} is no reviewer of study") as error:
        call(clinical, ref, person)

    assert error.value.reason == "not_a_member"
    entry = clinical.log.events[-1]
    assert (entry.name, entry.outcome) == ("access:call:denied", entry_pb2.OUTCOME_DENIED)
    assert (entry.person, entry.study_id, entry.reason) == (person, "peer-2026", "not_a_member")


def test_a_stranger_does_not_learn_what_exists(
    clinical: StorageServer, ref: recording_pb2.RecordingRef
) -> None:
    """Who is no member is refused alike for recordings that exist and for those that do not."""
    other = recording_pb2.RecordingRef(
        study_id=ref.study_id, participant=ref.participant, recording_id="rec-" + "a" * 26
    )

    with pytest.raises(errors.PermissionDenied):
        _read(clinical, other, "tan")


def test_a_study_without_members_has_no_reviewers(
    clinical: StorageServer, ref: recording_pb2.RecordingRef
) -> None:
    """Where the list is empty nobody reads, and the refusal says what to do."""
    _describe(clinical)

    with pytest.raises(errors.PermissionDenied, match=r"lists no members.*sotto study create"):
        _read(clinical, ref, "siti")


def test_services_read_for_the_orchestrator(
    clinical: StorageServer, ref: recording_pb2.RecordingRef
) -> None:
    """The machine's own way from transcription to de-identification needs no member."""
    channel = clinical.channel("deidentification")
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(channel)

    assert list(stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=ref)))


def test_a_service_does_not_read_for_a_reviewer_who_is_none(
    clinical: StorageServer, ref: recording_pb2.RecordingRef
) -> None:
    """The person is held against the study also where a service asks in the person's name."""
    channel = clinical.channel("deidentification")
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(channel)
    request = segment_pb2.GetTranscriptRequest(ref=ref)

    with context.acting(person="siti", role="reviewer"):
        assert list(stub.GetTranscript(request))
    with context.acting(person="tan", role="reviewer"), pytest.raises(errors.PermissionDenied):
        list(stub.GetTranscript(request))


def test_two_replicas_obey_new_members_at_once(
    clinical: StorageServer,
    ref: recording_pb2.RecordingRef,
    tmp_path: Path,
    storage: dict[str, Any],
) -> None:
    """Who was taken off the list by one process is refused by the other at the next call."""
    other = storage_service.start(tmp_path / "home", "clinical", **storage)
    try:
        assert _read(other, ref, "siti") > 1
        _describe(clinical, member("tan", REVIEWER))
        with pytest.raises(errors.PermissionDenied):
            _read(other, ref, "siti")
        assert _read(other, ref, "tan") > 1
        _describe(other, member("siti", REVIEWER))
        assert _read(clinical, ref, "siti") > 1
    finally:
        other.stop()
