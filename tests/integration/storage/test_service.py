# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.plumbing import errors
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    bundle_pb2,
    bundle_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.transcript.v1 import transcript_pb2
from tests.support import storage_service
from tests.support.storage_service import Service, study, upload

RUN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def clinical(tmp_path: Path, storage: dict[str, Any]) -> Iterator[Service]:
    """The clinical zone, with a study."""
    service = storage_service.start(tmp_path / "home", "clinical", **storage)
    catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study())
    )
    yield service
    service.stop()


@pytest.fixture
def research(tmp_path: Path, storage: dict[str, Any]) -> Iterator[Service]:
    """The research zone."""
    service = storage_service.start(tmp_path / "home", "research", **storage)
    yield service
    service.stop()


def ingest(service: Service, content: bytes, **more: Any) -> recording_pb2.PutRecordingResponse:
    """Send a recording in."""
    stub = recording_service_pb2_grpc.RecordingWriterServiceStub(service.channel("operator"))
    return stub.PutRecording(upload(content, **more))


def fetch(service: Service, ref: recording_pb2.RecordingRef) -> tuple[Any, bytes, bool]:
    """Header, content and end mark of a recording."""
    stub = recording_service_pb2_grpc.RecordingReaderServiceStub(service.channel("transcription"))
    header, content, verified = None, b"", False
    for part in stub.GetRecording(recording_pb2.GetRecordingRequest(ref=ref)):
        kind = part.WhichOneof("part")
        if kind == "header":
            header = part.header
        elif kind == "chunk":
            content += part.chunk
        else:
            verified = part.verified
    return header, content, verified


def states(service: Service, **more: Any) -> catalog_pb2.ListRecordingsResponse:
    """A page of the list."""
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(service.channel("flows"))
    return stub.ListRecordings(catalog_pb2.ListRecordingsRequest(**more))


def erase(service: Service, participant: str = "P07") -> admin_pb2.ErasureReceipt:
    """Erase a participant."""
    stub = admin_service_pb2_grpc.ErasureServiceStub(service.channel("compliance"))
    return stub.EraseParticipant(
        admin_pb2.EraseParticipantRequest(study_id="peer-2026", participant=participant)
    ).receipt


def segment(index: int, text: str) -> transcript_pb2.Segment:
    """A segment."""
    return transcript_pb2.Segment(
        index=index, speaker="S1", role="participant", start_ms=0, end_ms=1, text=text
    )


def write_transcript(
    service: Service, ref: recording_pb2.RecordingRef, client: str, run: str = RUN
) -> list[transcript_pb2.Segment]:
    """Write and finish a run."""
    stub = segment_service_pb2_grpc.SegmentWriterServiceStub(service.channel(client))
    segments = [segment(n, f"line {n}") for n in range(4)]
    for window in range(2):
        stub.PutWindow(
            segment_pb2.PutWindowRequest(
                ref=ref, run_key=run, window=window, segments=segments[2 * window : 2 * window + 2]
            )
        )
    stub.CommitTranscript(
        segment_pb2.CommitTranscriptRequest(ref=ref, manifest=transcript_manifest(segments, run))
    )
    return segments


def transcript_manifest(
    segments: list[transcript_pb2.Segment], run: str = RUN
) -> transcript_pb2.TranscriptManifest:
    """The manifest over segments."""
    content = b"".join(s.SerializeToString(deterministic=True) for s in segments)
    return transcript_pb2.TranscriptManifest(
        run_key=run,
        content_sha256=hashlib.sha256(content).digest(),
        segment_count=len(segments),
        window_count=2,
        provenance={"engine": "test"},
        counts={"session": 3},
    )


def objects_of(service: Service, participant: str = "P07") -> list[str]:
    """Names of a participant's objects."""
    return list(service.zone.store.list(f"peer-2026/{participant}/"))


def spoil(service: Service, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change an object behind the service's back."""
    backend = service.zone.store.backend
    reader = backend.open(name)
    data = b"".join(iter(lambda: reader.read(1 << 20), b""))
    reader.close()
    backend.delete(name)
    staged = backend.stage(name)
    staged.write(change(data))
    staged.commit()
    staged.abort()


class TestRecordings:
    """Intake and reading."""

    @pytest.mark.parametrize("size", [1, 100, 1 << 20, (3 << 20) + 17])
    def test_there_and_back(self, clinical: Service, size: int) -> None:
        """What went in comes out, with the end mark, and its file name with it."""
        content = os.urandom(size)
        put = ingest(clinical, content, session=2)
        header, back, verified = fetch(clinical, put.ref)
        assert back == content
        assert verified
        assert header.file_name == "Faizal 2026-03-04.wav"
        assert header.session == 2
        assert not put.existed

    def test_twice(self, clinical: Service) -> None:
        """The same file for the same session is the same recording; another session another."""
        first = ingest(clinical, b"interview")
        again = ingest(clinical, b"interview")
        assert again.ref == first.ref
        assert again.existed
        assert ingest(clinical, b"interview", session=2).ref != first.ref

    @pytest.mark.parametrize(
        "wrong", [{"size": 5}, {"size": 500}, {"sha256": hashlib.sha256(b"other").digest()}]
    )
    def test_not_what_was_announced(self, clinical: Service, wrong: dict[str, Any]) -> None:
        """Other bytes than announced: refused, and nothing is visible."""
        with pytest.raises(errors.InvalidInput):
            ingest(clinical, b"interview", **wrong)
        assert not states(clinical).recordings
        assert not ingest(clinical, b"interview").existed

    def test_unknown_participant(self, clinical: Service) -> None:
        """A code that the study does not know is refused with advice."""
        with pytest.raises(errors.InvalidInput, match="add the code"):
            ingest(clinical, b"interview", participant="P99")

    def test_nothing_in_clear(self, clinical: Service) -> None:
        """Neither content nor file name stands anywhere below the home, names included."""
        ingest(clinical, b"Encik Faizal from Kampung Baru " * 1000)
        for path in clinical.home.rglob("*"):
            assert "Faizal" not in path.name
            if path.is_file():
                assert b"Faizal" not in path.read_bytes()
                assert path.stat().st_mode & 0o077 == 0

    def test_half_an_intake(self, clinical: Service) -> None:
        """Content left by an intake that died before its manifest is taken up again."""
        put = ingest(clinical, b"interview")
        clinical.zone.store.backend.delete(f"peer-2026/P07/{put.ref.recording_id}/manifest")
        assert not states(clinical).recordings
        again = ingest(clinical, b"interview")
        assert again.ref == put.ref
        assert fetch(clinical, put.ref)[1] == b"interview"

    def test_damage_is_found(self, clinical: Service) -> None:
        """A damaged recording never ends with the mark."""
        put = ingest(clinical, os.urandom(3 << 20))
        name = f"peer-2026/P07/{put.ref.recording_id}/source"
        spoil(clinical, name, lambda data: data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(errors.Corrupted):
            fetch(clinical, put.ref)


class TestTranscripts:
    """Windows, manifests, reading."""

    def test_resume(self, clinical: Service) -> None:
        """A run that stopped is continued: its windows are told, and given back."""
        ref = ingest(clinical, b"interview").ref
        stub = segment_service_pb2_grpc.SegmentWriterServiceStub(clinical.channel("transcription"))
        request = segment_pb2.PutWindowRequest(
            ref=ref, run_key=RUN, window=0, segments=[segment(0, "hello"), segment(1, "yes lah")]
        )
        assert not stub.PutWindow(request).existed
        assert stub.PutWindow(request).existed
        listed = stub.ListWindows(segment_pb2.ListWindowsRequest(ref=ref, run_key=RUN))
        assert list(listed.windows) == [0]
        assert not listed.HasField("manifest")
        window = stub.GetWindow(segment_pb2.GetWindowRequest(ref=ref, run_key=RUN, window=0))
        assert list(window.segments) == list(request.segments)

    def test_commit_and_read(self, clinical: Service) -> None:
        """A finished run is read by the de-identification service, and listed."""
        ref = ingest(clinical, b"interview").ref
        segments = write_transcript(clinical, ref, "transcription")
        stub = segment_service_pb2_grpc.SegmentReaderServiceStub(
            clinical.channel("deidentification")
        )
        parts = list(stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=ref)))
        assert parts[0].manifest == transcript_manifest(segments)
        assert [s for part in parts[1:] for s in part.window.segments] == segments
        state = states(clinical).recordings[0]
        assert state.transcripts[0].manifest.run_key == RUN

    def test_commit_of_what_is_not_there(self, clinical: Service) -> None:
        """A manifest over missing windows, or with another hash, is refused."""
        ref = ingest(clinical, b"interview").ref
        stub = segment_service_pb2_grpc.SegmentWriterServiceStub(clinical.channel("transcription"))
        manifest = transcript_manifest([segment(0, "a")])
        with pytest.raises(errors.InvalidInput, match="not stored"):
            stub.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))
        for window in range(2):
            stub.PutWindow(segment_pb2.PutWindowRequest(ref=ref, run_key=RUN, window=window))
        with pytest.raises(errors.InvalidInput, match="not what its manifest"):
            stub.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))

    def test_another_content(self, clinical: Service) -> None:
        """A stored window or finished run is never changed."""
        ref = ingest(clinical, b"interview").ref
        segments = write_transcript(clinical, ref, "transcription")
        stub = segment_service_pb2_grpc.SegmentWriterServiceStub(clinical.channel("transcription"))
        with pytest.raises(errors.AlreadyExists):
            stub.PutWindow(
                segment_pb2.PutWindowRequest(
                    ref=ref, run_key=RUN, window=0, segments=[segment(0, "other")]
                )
            )
        manifest = transcript_manifest(segments)
        assert stub.CommitTranscript(
            segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest)
        ).existed
        manifest.segment_count += 1
        with pytest.raises(errors.AlreadyExists):
            stub.CommitTranscript(segment_pb2.CommitTranscriptRequest(ref=ref, manifest=manifest))

    def test_no_recording(self, clinical: Service) -> None:
        """The clinical zone takes no transcript of a recording that it does not hold."""
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        with pytest.raises(errors.NotFound):
            write_transcript(clinical, ref, "transcription")


class TestVault:
    """Vaults change by compare-and-swap."""

    def test_compare_and_swap(self, clinical: Service) -> None:
        """Of two writers on one generation the second is sent back."""
        stub = vault_service_pb2_grpc.VaultServiceStub(clinical.channel("deidentification"))
        ref = vault_pb2.VaultRef(study_id="peer-2026", participant="P07")
        assert stub.GetVault(vault_pb2.GetVaultRequest(ref=ref)).generation == 0
        put = vault_pb2.PutVaultRequest(ref=ref, document=b"one", base_generation=0)
        assert stub.PutVault(put).generation == 1
        with pytest.raises(errors.Conflict):
            stub.PutVault(put)
        found = stub.GetVault(vault_pb2.GetVaultRequest(ref=ref))
        assert (found.document, found.generation) == (b"one", 1)

    def test_roster(self, clinical: Service) -> None:
        """The operator sets the roster and cannot read it."""
        writer = vault_service_pb2_grpc.RosterWriterServiceStub(clinical.channel("operator"))
        writer.PutRoster(vault_pb2.PutRosterRequest(study_id="peer-2026", document=b"[1]"))
        writer.PutRoster(vault_pb2.PutRosterRequest(study_id="peer-2026", document=b"[2]"))
        request = vault_pb2.GetRosterRequest(study_id="peer-2026")
        reader = vault_service_pb2_grpc.VaultServiceStub(clinical.channel("deidentification"))
        assert reader.GetRoster(request).document == b"[2]"
        with pytest.raises(errors.Refused):
            vault_service_pb2_grpc.VaultServiceStub(clinical.channel("operator")).GetRoster(request)


class TestCatalog:
    """Studies, states, failures."""

    def test_studies(self, clinical: Service) -> None:
        """A study is described anew, and the same description changes nothing."""
        writer = catalog_service_pb2_grpc.CatalogWriterServiceStub(clinical.channel("operator"))
        reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(clinical.channel("flows"))
        assert writer.PutStudy(catalog_pb2.PutStudyRequest(study=study())).existed
        changed = study(("P07", "P08", "P09"))
        assert not writer.PutStudy(catalog_pb2.PutStudyRequest(study=changed)).existed
        request = catalog_pb2.GetStudyRequest(study_id="peer-2026")
        assert reader.GetStudy(request).study == changed
        assert list(reader.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids) == ["peer-2026"]
        with pytest.raises(errors.NotFound):
            reader.GetStudy(catalog_pb2.GetStudyRequest(study_id="other"))

    def test_pages(self, clinical: Service) -> None:
        """All recordings are listed once each, in order, over pages of any size."""
        refs = {
            ingest(clinical, bytes([n]), participant=p).ref.recording_id
            for p in ("P07", "P08")
            for n in range(4)
        }
        for size in (1, 3, 8, 100):
            found, token = [], ""
            while True:
                page = states(clinical, study_id="peer-2026", page_size=size, page_token=token)
                found += [(s.ref.participant, s.ref.recording_id) for s in page.recordings]
                token = page.next_page_token
                if not token:
                    break
            assert found == sorted(found)
            assert {recording_id for _, recording_id in found} == refs
            assert len(found) == len(refs)

    def test_damage(self, clinical: Service) -> None:
        """A damaged manifest shows as a failure of its recording and hides no other."""
        refs = [ingest(clinical, bytes([n])).ref for n in range(2)]
        name = f"peer-2026/P07/{refs[0].recording_id}/manifest"
        spoil(clinical, name, lambda data: data[:-1])
        found = {s.ref.recording_id: s.failure.reason for s in states(clinical).recordings}
        assert found == {refs[0].recording_id: "DATA_LOSS", refs[1].recording_id: ""}

    def test_failure(self, clinical: Service) -> None:
        """A failure is kept, shown and cleared."""
        ref = ingest(clinical, b"interview").ref
        writer = catalog_service_pb2_grpc.CatalogWriterServiceStub(clinical.channel("flows"))
        failure = recording_pb2.StageFailure(
            stage="transcription", reason="INVALID_ARGUMENT", message="no audio stream"
        )
        failure.time.FromSeconds(1_700_000_000)
        writer.PutFailure(catalog_pb2.PutFailureRequest(ref=ref, failure=failure))
        assert states(clinical).recordings[0].failure == failure
        writer.PutFailure(catalog_pb2.PutFailureRequest(ref=ref))
        assert not states(clinical).recordings[0].HasField("failure")


class TestResearch:
    """The research zone."""

    def test_no_recordings(self, research: Service) -> None:
        """It has no service for recordings or vaults at all."""
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(research.channel("operator"))
        with pytest.raises(errors.SottoError):
            stub.PutRecording(upload(b"interview"))

    def test_bundle(self, research: Service) -> None:
        """A release becomes visible when it is finished, once, and is read back."""
        stub = bundle_service_pb2_grpc.BundleServiceStub(research.channel("release"))
        ref = bundle_pb2.ReleaseRef(study_id="peer-2026", release_id="rel-" + "a" * 26)
        content = os.urandom((2 << 20) + 5)
        files = [
            bundle_pb2.BundleFile(
                path=path,
                content_sha256=hashlib.sha256(content).digest(),
                size=len(content),
                participant=participant,
            )
            for path, participant in (("txt/P07_S1.txt", "P07"), ("certificate.json", ""))
        ]

        def put(file: bundle_pb2.BundleFile) -> Iterator[bundle_pb2.PutBundleFileRequest]:
            yield bundle_pb2.PutBundleFileRequest(
                header=bundle_pb2.BundleFileHeader(ref=ref, file=file)
            )
            for start in range(0, len(content), 1 << 20):
                yield bundle_pb2.PutBundleFileRequest(chunk=content[start : start + (1 << 20)])

        commit = bundle_pb2.CommitBundleRequest(ref=ref, files=files)
        with pytest.raises(errors.InvalidInput):
            stub.CommitBundle(commit)
        for file in files:
            assert not stub.PutBundleFile(put(file)).existed
            assert stub.PutBundleFile(put(file)).existed
        listing = bundle_pb2.ListBundlesRequest(study_id="peer-2026")
        assert not stub.ListBundles(listing).bundles
        assert not stub.CommitBundle(commit).existed
        assert stub.CommitBundle(commit).existed
        assert list(stub.ListBundles(listing).bundles[0].files) == files
        get = bundle_pb2.GetBundleFileRequest(ref=ref, path="txt/P07_S1.txt")
        assert b"".join(part.chunk for part in stub.GetBundleFile(get)) == content
        erase(research)
        with pytest.raises(errors.Erased):
            list(stub.GetBundleFile(get))

    def test_approvals(self, research: Service) -> None:
        """The first approval of a run stands."""
        stub = bundle_service_pb2_grpc.BundleServiceStub(research.channel("release"))
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        approval = bundle_pb2.Approval(run_key=RUN, approver="policy:research-default")
        approval.time.FromSeconds(1_700_000_000)
        put = bundle_pb2.PutApprovalRequest(ref=ref, approval=approval)
        assert not stub.PutApproval(put).existed
        assert stub.PutApproval(put).existed
        listed = stub.ListApprovals(bundle_pb2.ListApprovalsRequest(ref=ref)).approvals
        assert list(listed) == [approval]

    def test_states(self, research: Service) -> None:
        """Recordings are known by their transcripts, and so is the session."""
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        write_transcript(research, ref, "deidentification")
        state = states(research).recordings[0]
        assert state.ref == ref
        assert state.session == 3


class TestErasure:
    """Withdrawal of consent."""

    def test_all_is_gone(self, clinical: Service) -> None:
        """Content cannot be read, nothing new is taken, others are untouched, the list says so."""
        ref = ingest(clinical, b"interview").ref
        other = ingest(clinical, b"other", participant="P08").ref
        write_transcript(clinical, ref, "transcription")
        receipt = erase(clinical)
        assert receipt.verified_unreadable
        assert receipt.objects_deleted == 5
        assert receipt.key_id
        for call in (
            lambda: fetch(clinical, ref),
            lambda: ingest(clinical, b"interview"),
            lambda: write_transcript(clinical, ref, "transcription", "f" * 32),
        ):
            with pytest.raises(errors.Erased):
                call()
        assert fetch(clinical, other)[1] == b"other"
        listed = {s.ref.recording_id: s.erased for s in states(clinical).recordings}
        assert listed == {ref.recording_id: True, other.recording_id: False}
        again = erase(clinical)
        assert (again.key_id, again.destroyed_at) == (receipt.key_id, receipt.destroyed_at)
        assert not objects_of(clinical)

    def test_run_under_way(self, clinical: Service) -> None:
        """An upload during which the participant is erased is refused and leaves nothing."""
        content = os.urandom(4 << 20)

        def slow() -> Iterator[recording_pb2.PutRecordingRequest]:
            for number, message in enumerate(upload(content)):
                if number == 3:
                    erase(clinical)
                yield message

        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(clinical.channel("operator"))
        with pytest.raises(errors.Erased):
            stub.PutRecording(slow())
        assert not objects_of(clinical)


class TestAccess:
    """Who may call what."""

    @pytest.mark.parametrize("client", ["researcher", "operator", "flows", "deidentification"])
    def test_recordings_in_clear(self, clinical: Service, client: str) -> None:
        """Nobody but the transcription service reads recordings; each denial is in the log."""
        ref = ingest(clinical, b"interview").ref
        stub = recording_service_pb2_grpc.RecordingReaderServiceStub(clinical.channel(client))
        with pytest.raises(errors.Refused):
            list(stub.GetRecording(recording_pb2.GetRecordingRequest(ref=ref)))
        last = clinical.log.events[-1]
        assert (last.name, last.caller) == ("access:call:denied", client)


class TestAudit:
    """No record, no action."""

    def test_trace(self, clinical: Service) -> None:
        """Each action leaves intent and outcome, with ids and without content."""
        ref = ingest(clinical, b"interview").ref
        fetch(clinical, ref)
        assert clinical.log.names()[-3:] == [
            "key:participant:created",
            "recording:content:sealed",
            "recording:content:read",
        ]
        assert clinical.log.names().count("key:participant:created") == 2  # study and P07
        for event in clinical.log.events:
            assert "Faizal" not in str(event)

    def test_log_away(self, clinical: Service) -> None:
        """While the log is away nothing is read, written or erased."""
        ref = ingest(clinical, b"interview").ref
        clinical.log.down = True
        for call in (
            lambda: fetch(clinical, ref),
            lambda: ingest(clinical, b"another"),
            lambda: erase(clinical),
        ):
            with pytest.raises(errors.Unavailable):
                call()
        clinical.log.down = False
        assert fetch(clinical, ref)[1] == b"interview"
        assert len(states(clinical).recordings) == 1

    def test_failure_is_recorded(self, clinical: Service) -> None:
        """An action that fails says so in its outcome."""
        with pytest.raises(errors.InvalidInput):
            ingest(clinical, b"interview", size=500)
        last = clinical.log.events[-1]
        assert last.name == "recording:content:sealed"
        assert last.outcome == entry_pb2.OUTCOME_FAILURE


class TestAdmin:
    """Describe, scrub, rotate."""

    def test_rotate(self, clinical: Service) -> None:
        """A new zone key re-wraps the data keys; objects stay, the old key is gone."""
        ref = ingest(clinical, b"interview").ref
        stub = admin_service_pb2_grpc.StoreAdminServiceStub(clinical.channel("operator"))
        before = stub.DescribeStore(admin_pb2.DescribeStoreRequest())
        rotated = stub.RotateZoneKey(admin_pb2.RotateZoneKeyRequest())
        after = stub.DescribeStore(admin_pb2.DescribeStoreRequest())
        assert rotated.rewrapped == 3  # intake secret, study, P07
        assert before.zone_key_id != after.zone_key_id == rotated.key_id
        assert before.zone_key_id.encode() not in (clinical.home / "clinical/zone.key").read_bytes()
        clinical.zone.store.keyring._cache.clear()
        assert fetch(clinical, ref)[1] == b"interview"

    def test_scrub(self, clinical: Service) -> None:
        """Damage, a missing part and an orphan are each found and named."""
        stub = admin_service_pb2_grpc.StoreAdminServiceStub(clinical.channel("operator"))
        refs = [ingest(clinical, bytes([n]) * 1000).ref for n in range(3)]
        write_transcript(clinical, refs[0], "transcription")
        assert [s.finding for s in stub.Scrub(admin_pb2.ScrubRequest())] == [""]
        base = "peer-2026/P07/"
        backend = clinical.zone.store.backend
        spoil(clinical, f"{base}{refs[0].recording_id}/source", lambda data: data[:-1])
        backend.delete(f"{base}{refs[1].recording_id}/source")
        backend.delete(f"{base}{refs[2].recording_id}/manifest")
        backend.delete(f"{base}{refs[0].recording_id}/transcript/{RUN}/w-00000001")
        found = {
            (s.object.removeprefix("peer-2026/P07/"), s.finding)
            for s in stub.Scrub(admin_pb2.ScrubRequest(repair=True))
            if s.object
        }
        assert found == {
            (f"{refs[0].recording_id}/source", "damaged"),
            (f"{refs[0].recording_id}/transcript/{RUN}/w-00000001", "missing"),
            (f"{refs[1].recording_id}/source", "missing"),
            (f"{refs[2].recording_id}/source", "orphan"),
        }


class TestLockedBucket:
    """A bucket whose objects are locked for some days."""

    def test_erasure(self, tmp_path: Path, locked: Callable[..., dict[str, Any]]) -> None:
        """Locked objects stay, unreadable already; the receipt says how many and until when."""
        service = storage_service.start(tmp_path / "home", "clinical", **locked(), s3_lock_days=2)
        try:
            catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
                catalog_pb2.PutStudyRequest(study=study())
            )
            ref = ingest(service, b"interview").ref
            receipt = erase(service)
            assert receipt.verified_unreadable
            assert (receipt.objects_deleted, receipt.objects_retained) == (0, 2)
            left = receipt.retained_until.ToDatetime(UTC) - datetime.now(UTC)
            assert timedelta(days=1) < left < timedelta(days=2)
            with pytest.raises(errors.Erased):
                fetch(service, ref)
            with pytest.raises(errors.Erased):
                ingest(service, b"interview")
            assert states(service).recordings[0].erased
        finally:
            service.stop()


def delete_content(service: Service, ref: recording_pb2.RecordingRef) -> Any:
    """Delete the content of a recording by a rule."""
    stub = recording_service_pb2_grpc.RetentionServiceStub(service.channel("flows"))
    return stub.DeleteContent(
        recording_pb2.DeleteContentRequest(ref=ref, rule="30_days_after_release")
    )


def hold(service: Service, ref: recording_pb2.RecordingRef, *, held: bool) -> bool:
    """Set or lift a legal hold."""
    stub = recording_service_pb2_grpc.HoldServiceStub(service.channel("compliance"))
    return stub.PutHold(recording_pb2.PutHoldRequest(ref=ref, held=held)).existed


class TestRetention:
    """Deletion by rule, and holds against it."""

    def test_content_goes_transcripts_stay(self, clinical: Service) -> None:
        """The recording cannot be read any more, its transcript can; sending it again is known."""
        ref = ingest(clinical, b"interview").ref
        write_transcript(clinical, ref, "transcription")
        first = delete_content(clinical, ref)
        again = delete_content(clinical, ref)
        assert (first.existed, again.existed) == (False, True)
        assert first.deleted_at == again.deleted_at
        with pytest.raises(errors.NotFound, match="retention"):
            fetch(clinical, ref)
        assert ingest(clinical, b"interview").existed
        state = states(clinical).recordings[0]
        assert state.content_deleted_at == first.deleted_at
        assert len(state.transcripts) == 1
        assert not [n for n in objects_of(clinical) if n.endswith("/source")]
        admin = admin_service_pb2_grpc.StoreAdminServiceStub(clinical.channel("operator"))
        assert [s.finding for s in admin.Scrub(admin_pb2.ScrubRequest())] == [""]

    def test_hold_wins(self, clinical: Service) -> None:
        """Under a legal hold nothing is deleted; lifted, it is."""
        ref = ingest(clinical, b"interview").ref
        assert not hold(clinical, ref, held=True)
        assert hold(clinical, ref, held=True)
        assert states(clinical).recordings[0].held
        with pytest.raises(errors.Refused, match="legal hold"):
            delete_content(clinical, ref)
        assert clinical.log.events[-1].outcome == entry_pb2.OUTCOME_DENIED
        assert fetch(clinical, ref)[1] == b"interview"
        hold(clinical, ref, held=False)
        assert not states(clinical).recordings[0].held
        delete_content(clinical, ref)

    def test_killed_in_between(self, clinical: Service) -> None:
        """With the record written and the content still there nothing is read; a repeat ends it."""
        ref = ingest(clinical, b"interview").ref
        backend = clinical.zone.store.backend
        delete, backend.delete = backend.delete, lambda _name: True  # type: ignore[method-assign]
        delete_content(clinical, ref)
        backend.delete = delete  # type: ignore[method-assign]
        assert [n for n in objects_of(clinical) if n.endswith("/source")]
        with pytest.raises(errors.NotFound):
            fetch(clinical, ref)
        delete_content(clinical, ref)
        assert not [n for n in objects_of(clinical) if n.endswith("/source")]

    def test_released_at(self, research: Service) -> None:
        """The research zone tells when the first release with a recording's words was finished."""
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        write_transcript(research, ref, "deidentification")
        assert not states(research).recordings[0].HasField("released_at")
        stub = bundle_service_pb2_grpc.BundleServiceStub(research.channel("release"))
        release = bundle_pb2.ReleaseRef(study_id="peer-2026", release_id="rel-" + "a" * 26)
        file = bundle_pb2.BundleFile(
            path="txt/P07_S1.txt",
            content_sha256=hashlib.sha256(b"text").digest(),
            size=4,
            participant="P07",
        )
        stub.PutBundleFile(
            iter(
                [
                    bundle_pb2.PutBundleFileRequest(
                        header=bundle_pb2.BundleFileHeader(ref=release, file=file)
                    ),
                    bundle_pb2.PutBundleFileRequest(chunk=b"text"),
                ]
            )
        )
        stub.CommitBundle(bundle_pb2.CommitBundleRequest(ref=release, files=[file]))
        bundle = stub.ListBundles(bundle_pb2.ListBundlesRequest(study_id="peer-2026")).bundles[0]
        assert states(research).recordings[0].released_at == bundle.committed_at

    @pytest.mark.parametrize("client", ["researcher", "transcription", "compliance"])
    def test_access(self, clinical: Service, client: str) -> None:
        """Who deletes by rule and who holds are not the same."""
        ref = ingest(clinical, b"interview").ref
        stub = recording_service_pb2_grpc.RetentionServiceStub(clinical.channel(client))
        with pytest.raises(errors.Refused):
            stub.DeleteContent(recording_pb2.DeleteContentRequest(ref=ref, rule="x"))
