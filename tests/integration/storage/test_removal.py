# SPDX-License-Identifier: Apache-2.0
"""Mistakes of intake are undone: over both zones, in the log, and not against a hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.common import errors
from services.registry.identities import RESEARCH
from services.storage.adapters.research_zone import ResearchZoneClient
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    bundle_pb2,
    bundle_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    removal_pb2,
    removal_service_pb2_grpc,
)
from tests.support import storage_service
from tests.support.speaking import SpeakingPeers
from tests.support.storage_calls import (
    erase,
    fetch,
    hold,
    ingest,
    objects_of,
    release,
    states,
    write_transcript,
)
from tests.support.storage_service import StorageServer, study

WORDS = b"S1: an interview that is of somebody else"


class House:
    """Both zones; the clinical one asks the research zone."""

    def __init__(self, clinical: StorageServer, research: StorageServer) -> None:
        self.clinical = clinical
        self.research = research

    def removal(self, client: str = "operator") -> Any:
        """The service, as one who may call it."""
        return removal_service_pb2_grpc.RemovalServiceStub(self.clinical.channel(client))

    def remove(
        self, ref: recording_pb2.RecordingRef, reason: str = "OTHER", client: str = "compliance"
    ) -> removal_pb2.RemoveRecordingResponse:
        """Remove a recording."""
        return self.removal(client).RemoveRecording(
            removal_pb2.RemoveRecordingRequest(ref=ref, reason=f"REMOVAL_REASON_{reason}")
        )

    def move(
        self, ref: recording_pb2.RecordingRef, participant: str, session: int = 0
    ) -> removal_pb2.MoveRecordingResponse:
        """Move a recording."""
        return self.removal().MoveRecording(
            removal_pb2.MoveRecordingRequest(ref=ref, participant=participant, session=session)
        )

    def find(
        self, *contents: bytes, study_id: str = "peer-2026"
    ) -> list[tuple[str, int, str, str]]:
        """Where contents are: participant, session, state and reason."""
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(
            self.clinical.channel("operator")
        )
        found = stub.FindContent(
            recording_pb2.FindContentRequest(
                study_id=study_id,
                content_sha256=[hashlib.sha256(one).digest() for one in contents],
            )
        ).found
        return [
            (
                one.ref.participant,
                one.session,
                recording_pb2.ContentState.Name(one.state).removeprefix("CONTENT_STATE_"),
                recording_pb2.RemovalReason.Name(one.removal).removeprefix("REMOVAL_REASON_"),
            )
            for one in found
        ]

    def events(self, name: str) -> list[Any]:
        """The announcements of one event in both zones."""
        return [
            one
            for log in (self.clinical.log, self.research.log)
            for one in log.events
            if one.name == name and one.phase == entry_pb2.PHASE_INTENT
        ]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Both zones on folders, with a study."""
    home = tmp_path / "home"
    research = storage_service.start(home, "research")
    addresses = {RESEARCH: f"127.0.0.1:{research.port}"}
    asking = SpeakingPeers(home / "pki", "storage-clinical", addresses)
    clinical = storage_service.start(
        home, "clinical", released=ResearchZoneClient(asking.channel(RESEARCH))
    )
    for zone in (clinical, research):
        catalog_service_pb2_grpc.CatalogWriterServiceStub(zone.channel("operator")).PutStudy(
            catalog_pb2.PutStudyRequest(study=study())
        )
    yield House(clinical, research)
    clinical.stop()
    asking.close()
    research.stop()


class TestFindContent:
    """A second intake of the same file can be told from a first one."""

    def test_other_participant_and_session(self, house: House) -> None:
        """All places in the study are named; other studies and other contents are not."""
        ingest(house.clinical, WORDS)
        ingest(house.clinical, WORDS, session=2)
        ingest(house.clinical, WORDS, participant="P08")
        ingest(house.clinical, b"something else")
        assert sorted(house.find(WORDS, b"never seen")) == [
            ("P07", 1, "SEALED", "UNSPECIFIED"),
            ("P07", 2, "SEALED", "UNSPECIFIED"),
            ("P08", 1, "SEALED", "UNSPECIFIED"),
        ]
        assert house.find(WORDS, study_id="another") == []

    def test_withdrawn_and_removed(self, house: House) -> None:
        """What was of somebody who withdrew is known, and what was removed, with its reason."""
        ingest(house.clinical, WORDS)
        erase(house.clinical)
        house.remove(ingest(house.clinical, WORDS, participant="P08").ref, "NOT_CONSENTED")
        assert house.find(WORDS) == [
            ("P07", 0, "WITHDRAWN", "UNSPECIFIED"),
            ("P08", 1, "REMOVED", "NOT_CONSENTED"),
        ]

    def test_each_question_is_in_the_log(self, house: House) -> None:
        """Who asks how often can be seen, and only those who bring recordings in may ask."""
        house.find(WORDS, b"x", b"y")
        [entry] = house.events("recording:content:sought")
        assert dict(entry.attributes) == {"count": "3"}
        assert WORDS.hex() not in str(house.clinical.log.events)
        for client in ("flows", "transcription", "compliance", "reviewer", "researcher"):
            stub = recording_service_pb2_grpc.RecordingWriterServiceStub(
                house.clinical.channel(client)
            )
            with pytest.raises(errors.PermissionDenied):
                stub.FindContent(
                    recording_pb2.FindContentRequest(
                        study_id="peer-2026", content_sha256=[hashlib.sha256(WORDS).digest()]
                    )
                )


class TestRemove:
    """`RemoveRecording`."""

    def test_nothing_is_left_but_the_trace(self, house: House) -> None:
        """Content, runs, reviews and marks go from both zones; a record and entries stay."""
        ref = ingest(house.clinical, WORDS).ref
        write_transcript(house.clinical, ref, "transcription")
        write_transcript(house.research, ref, "deidentification")
        done = house.remove(ref, "DUPLICATE")
        assert (done.existed, done.objects_deleted, done.objects_failed) == (False, 8, 0)
        for zone in (house.clinical, house.research):
            assert objects_of(zone) == [f"peer-2026/P07/{ref.recording_id}/removed/g-00000001"]
            assert not states(zone).recordings
        with pytest.raises(errors.NotFound):
            fetch(house.clinical, ref)
        [listed] = house.removal().ListRemovals(removal_pb2.ListRemovalsRequest()).removals
        assert (listed.ref, listed.session, listed.reason) == (
            ref, 1, recording_pb2.REMOVAL_REASON_DUPLICATE,
        )  # fmt: skip
        assert listed.removed_by
        entries = house.events("recording:objects:deleted")
        assert {one.zone for one in entries} == {"clinical", "research"}
        assert {one.attributes["removal"] for one in entries} == {"duplicate"}
        assert {one.person for one in entries} == {listed.removed_by}

    def test_again(self, house: House) -> None:
        """A second time changes nothing, and the reason of the first one stays."""
        ref = ingest(house.clinical, WORDS).ref
        house.remove(ref, "DUPLICATE")
        again = house.remove(ref, "NOT_CONSENTED")
        assert (again.existed, again.objects_deleted) == (True, 0)
        assert again.removal.reason == recording_pb2.REMOVAL_REASON_DUPLICATE

    def test_same_file_comes_in_again(self, house: House) -> None:
        """It gets another id in the same place, each time the same, and can be removed again."""
        ref = ingest(house.clinical, WORDS).ref
        house.remove(ref)
        second = ingest(house.clinical, WORDS)
        assert second.ref != ref
        assert not second.existed
        assert ingest(house.clinical, WORDS).existed
        assert fetch(house.clinical, second.ref)[1] == WORDS
        house.remove(second.ref)
        assert ingest(house.clinical, WORDS).ref not in (ref, second.ref)

    def test_run_in_progress_leaves_nothing(self, house: House) -> None:
        """A run that goes on is refused in both zones, whatever it has written."""
        ref = ingest(house.clinical, WORDS).ref
        write_transcript(house.clinical, ref, "transcription")
        house.remove(ref)
        for zone, client in (
            (house.clinical, "transcription"),
            (house.research, "deidentification"),
        ):
            with pytest.raises(errors.NotFound):
                write_transcript(zone, ref, client, "f" * 32)
            assert len(objects_of(zone)) == 1

    def test_legal_hold(self, house: House) -> None:
        """What is held stays, in both zones, until the hold is lifted."""
        ref = ingest(house.clinical, WORDS).ref
        write_transcript(house.clinical, ref, "transcription")
        write_transcript(house.research, ref, "deidentification")
        hold(house.clinical, ref, held=True)
        for call in (lambda: house.remove(ref), lambda: house.move(ref, "P08")):
            with pytest.raises(errors.PermissionDenied, match="legal hold"):
                call()
        assert fetch(house.clinical, ref)[1] == WORDS
        assert len(objects_of(house.research)) == 3
        hold(house.clinical, ref, held=False)
        house.remove(ref)
        assert not states(house.clinical).recordings

    def test_what_something_came_of(self, house: House) -> None:
        """An operator removes what has no transcript; what has one is for compliance alone."""
        ref = ingest(house.clinical, WORDS).ref
        write_transcript(house.clinical, ref, "transcription")
        with pytest.raises(errors.PermissionDenied, match="compliance removes it") as caught:
            house.remove(ref, client="operator")
        assert caught.value.reason == "compliance_only"
        fresh = ingest(house.clinical, WORDS, session=2).ref
        house.remove(fresh, client="operator")
        assert [one.ref for one in states(house.clinical).recordings] == [ref]
        house.move(ref, "P08")  # loses no word

    def test_no_move_makes_a_removal_possible(self, house: House) -> None:
        """What an operator moved is for compliance alone, wherever it is moved again."""
        ref = ingest(house.clinical, WORDS).ref
        write_transcript(house.clinical, ref, "transcription")
        moved = house.move(house.move(ref, "P08").ref, "P08", 2).ref
        with pytest.raises(errors.PermissionDenied, match="was moved") as caught:
            house.remove(moved, client="operator")
        assert caught.value.reason == "compliance_only"
        assert [one.ref for one in states(house.clinical).recordings] == [moved]
        house.remove(moved)

    def test_released(self, house: House) -> None:
        """What others have is for compliance alone; its releases say so from then on."""
        ref = ingest(house.clinical, WORDS).ref
        write_transcript(house.clinical, ref, "transcription")
        release(house.research, ref)
        for call in (
            lambda: house.remove(ref, client="operator"),
            lambda: house.move(ref, "P08"),
        ):
            with pytest.raises(errors.PermissionDenied, match="in a release: compliance"):
                call()
        done = house.remove(ref, "NOT_CONSENTED")
        assert list(done.release_ids) == ["rel-" + "a" * 26]
        bundles = bundle_service_pb2_grpc.BundleServiceStub(house.research.channel("release"))
        [bundle] = bundles.ListBundles(bundle_pb2.ListBundlesRequest(study_id="peer-2026")).bundles
        assert list(bundle.removed_recordings) == [ref.recording_id]

    def test_replaced(self, house: House) -> None:
        """Only what failed, beside another file of the same interview, was replaced."""
        ref = ingest(house.clinical, WORDS).ref
        with pytest.raises(errors.InvalidInput, match="did not fail"):
            house.remove(ref, "REPLACED")
        failures = catalog_service_pb2_grpc.FailureServiceStub(house.clinical.channel("flows"))
        failures.PutFailure(
            catalog_pb2.PutFailureRequest(
                ref=ref,
                failure=recording_pb2.StageFailure(
                    stage="transcription", reason="INVALID_ARGUMENT", message="cut off"
                ),
            )
        )
        ingest(house.clinical, b"the next interview", session=2)
        with pytest.raises(errors.InvalidInput, match="took the place"):
            house.remove(ref, "REPLACED")
        mended = ingest(house.clinical, b"the repaired file").ref
        house.remove(ref, "REPLACED")
        assert mended in [one.ref for one in states(house.clinical).recordings]
        assert ref not in [one.ref for one in states(house.clinical).recordings]

    def test_unknown(self, house: House) -> None:
        """What is not there is not removed, so that a slip of the pen is seen."""
        ref = ingest(house.clinical, WORDS).ref
        other = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P08", recording_id=ref.recording_id
        )
        with pytest.raises(errors.NotFound):
            house.remove(other)

    def test_who_may(self, house: House) -> None:
        """Neither the engine nor a reader removes anything; the research zone obeys its twin."""
        ref = ingest(house.clinical, WORDS).ref
        for client in ("flows", "transcription", "deidentification", "reviewer", "researcher"):
            with pytest.raises(errors.PermissionDenied):
                house.remove(ref, client=client)
        stub = removal_service_pb2_grpc.TranscriptRemovalServiceStub(
            house.research.channel("operator")
        )
        with pytest.raises(errors.PermissionDenied):
            stub.RemoveTranscripts(
                removal_pb2.RemoveTranscriptsRequest(ref=ref, reason="REMOVAL_REASON_OTHER")
            )


class TestMove:
    """`MoveRecording`."""

    def test_to_another_participant(self, house: House) -> None:
        """The content is there under the other key, waits for work, and the old one is gone."""
        ref = ingest(house.clinical, WORDS, session=3).ref
        moved = house.move(ref, "P08")
        assert (moved.ref.participant, moved.session) == ("P08", 3)
        header, content, verified = fetch(house.clinical, moved.ref)
        assert (content, verified, header.participant) == (WORDS, True, "P08")
        assert moved.removed.removal.moved_to == moved.ref
        assert moved.removed.removal.reason == recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT
        assert [one.ref for one in states(house.clinical).recordings] == [moved.ref]
        erase(house.clinical)  # of the wrong participant: the content is not theirs any more
        assert fetch(house.clinical, moved.ref)[1] == WORDS
        sealed = house.events("recording:content:sealed")[-1]
        removed = house.events("recording:objects:deleted")[-1]
        assert (sealed.object, sealed.attributes["moved_from"]) == (
            moved.ref.recording_id, ref.recording_id,
        )  # fmt: skip
        assert (removed.object, removed.attributes["moved_to"]) == (
            ref.recording_id, moved.ref.recording_id,
        )  # fmt: skip

    def test_again(self, house: House) -> None:
        """A second time answers with the same names; to somebody else it is refused."""
        ref = ingest(house.clinical, WORDS).ref
        moved = house.move(ref, "P08", 2)
        again = house.move(ref, "P08", 2)
        assert (again.ref, again.session, again.removed.existed) == (moved.ref, 2, True)
        with pytest.raises(errors.AlreadyExists):
            house.move(ref, "P07", 2)

    def test_to_another_session(self, house: House) -> None:
        """The participant may be the same; its own place is refused."""
        ref = ingest(house.clinical, WORDS).ref
        with pytest.raises(errors.InvalidInput, match="already"):
            house.move(ref, "P07")
        moved = house.move(ref, "P07", 2)
        assert moved.removed.removal.reason == recording_pb2.REMOVAL_REASON_WRONG_SESSION

    def test_back_again(self, house: House) -> None:
        """A move to the wrong side is undone by another one."""
        ref = ingest(house.clinical, WORDS).ref
        back = house.move(house.move(ref, "P08").ref, "P07")
        assert back.ref != ref
        assert fetch(house.clinical, back.ref)[1] == WORDS

    def test_unknown_participant(self, house: House) -> None:
        """A code that the study does not have gets nothing."""
        ref = ingest(house.clinical, WORDS).ref
        with pytest.raises(errors.InvalidInput, match="no participant"):
            house.move(ref, "P99")


class TestLockedBucket:
    """A bucket whose objects are locked for some days."""

    def test_what_is_locked_is_told(
        self, tmp_path: Path, locked: Callable[..., dict[str, Any]]
    ) -> None:
        """It is not listed or read any more, and the answer says how much stays until when."""
        service = storage_service.start(tmp_path / "home", "clinical", **locked(), s3_lock_days=2)
        try:
            catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
                catalog_pb2.PutStudyRequest(study=study())
            )
            ref = ingest(service, WORDS).ref
            house = House(service, service)
            done = house.remove(ref)
            assert (done.objects_deleted, done.objects_retained) == (0, 2)
            assert done.HasField("retained_until")
            with pytest.raises(errors.NotFound):
                fetch(service, ref)
            assert not states(service).recordings
            assert house.remove(ref).objects_retained == 2
        finally:
            service.stop()
