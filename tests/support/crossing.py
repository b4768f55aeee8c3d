# SPDX-License-Identifier: Apache-2.0
"""Interviews taken from intake to export, and every value that leaves the clinical zone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from services.registry import identities
from services.registry.export_formats import ExportFormat
from services.storage_client import chunks
from services.storage_client.recordings import put_recording
from services.storage_client.transcripts import decode, encode, read_encoded, read_manifest
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.release.v1 import release_pb2, release_service_pb2_grpc, review_pb2
from sotto.storage.v1 import (
    admin_pb2,
    admin_service_pb2_grpc,
    bundle_pb2,
    bundle_service_pb2_grpc,
    catalog_pb2,
    catalog_service_pb2_grpc,
    pending_pb2,
    pending_service_pb2_grpc,
    recording_pb2,
    segment_pb2,
)
from sotto.storage.v1 import review_pb2 as stored_pb2
from sotto.study.v1 import study_pb2
from sotto.transcript.v1 import transcript_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc
from tests.support.members import member
from tests.support.one_process import OneProcess
from tests.support.taking import PURPOSE, VERSION

STUDY = "keyed-2026"
_CATALOG = catalog_service_pb2_grpc.CatalogReaderServiceStub
_BOTH = (identities.CLINICAL, identities.RESEARCH)


@dataclass(frozen=True)
class Interview:
    """An interview in writing; `missed` is what the engine leaves and a reviewer redacts."""

    participant: str
    text: str
    day: str = ""
    missed: str = ""

    @property
    def content(self) -> bytes:
        """The file that comes in."""
        return self.text.encode()


INTERVIEWS = (
    Interview(
        "P01",
        "I: How are you sleeping these days?\nP: Not so well. I lie awake and think about work.\n"
        "I: And what helps you?\nP: Walking in the morning, and music.\n",
    ),
    Interview(
        "P02",
        "I: What shall we call you?\nP: My name is Zubaidah Rahman and I sleep badly.\n"
        "I: Since when?\nP: For a long time already.\n",
    ),
    Interview(
        "P03",
        "I: Where do you go?\nP: On most days to the old blue lighthouse, where others wait.\n",
        missed="lighthouse",
    ),
    Interview(
        "P04",
        "I: When was that?\nP: I was admitted on 3 March 2026 and left two weeks later.\n",
        day="2026-03-20",
    ),
)


@dataclass
class Crossing:
    """What left the clinical zone: documents by where they went, and files of the export."""

    answers: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    identified: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    """By participant: the encoded identified segments, which did not leave it."""
    corrected: dict[str, tuple[bytes, ...]] = field(default_factory=dict)
    """By participant: the encoded de-identified segments before corrections."""
    log: list[entry_pb2.Entry] = field(default_factory=list)
    """The whole audit log at the end, after a participant was withdrawn."""

    @property
    def certificate(self) -> dict[str, Any]:
        """The certificate of the export."""
        found: dict[str, Any] = json.loads(self.files["certificate.json"])
        return found

    def leaves(self) -> dict[str, object]:
        """Return every value, by the way to it."""
        return dict(_leaves(self.answers, ""))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


class Walk:
    """One installation that all interviews go through; each step keeps what its caller sees."""

    def __init__(self, installation: OneProcess) -> None:
        self._in = installation
        self.seen = Crossing()

    def run(self) -> Crossing:
        """Go the whole way and look at everything from every seat outside of the clinical zone."""
        self._describe()
        refs = {one.participant: self._ingest(one) for one in INTERVIEWS}
        for participant, ref in refs.items():
            self._process(participant, ref)
        for one in INTERVIEWS:
            self._review(refs[one.participant], one)
        self._release()
        self._catalogues()
        self._research_zone(refs)
        self._log()
        for participant, ref in refs.items():
            with self._in.calling(identities.DEIDENTIFICATION) as to:
                stored = read_encoded(to(identities.CLINICAL), ref)
            self.seen.identified[participant] = tuple(s for w in stored.windows for s in w)
        self._withdraw(INTERVIEWS[0].participant)
        return self.seen

    def _keep(self, where: str, message: Message) -> None:
        self.seen.answers[where] = MessageToDict(message, preserving_proto_field_name=True)

    def _describe(self) -> None:
        study = study_pb2.Study(
            id=STUDY,
            title="Keyed",
            languages=["en"],
            policy="research-default",
            review=study_pb2.REVIEW_MODE_REQUIRED,
            participants=[one.participant for one in INTERVIEWS],
            members=[member("dr.lim")],
        )
        with self._in.calling(identities.OPERATOR, "it.admin") as to:
            for zone in _BOTH:
                stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(to(zone))
                stub.PutStudy(catalog_pb2.PutStudyRequest(study=study))

    def _ingest(self, one: Interview) -> recording_pb2.RecordingRef:
        header = recording_pb2.RecordingHeader(
            study_id=STUDY,
            participant=one.participant,
            session=1,
            kind=recording_pb2.RECORDING_KIND_TRANSCRIPT,
            file_name="interview.txt",
            size=len(one.content),
            content_sha256=hashlib.sha256(one.content).digest(),
            session_date=one.day,
        )
        with self._in.calling(identities.OPERATOR, "it.admin") as to:
            answer = put_recording(to(identities.CLINICAL), header, chunks.of_bytes(one.content))
        self._keep(f"operator.ingest.{one.participant}", answer)
        return answer.ref

    def _process(self, participant: str, ref: recording_pb2.RecordingRef) -> None:
        with self._in.calling(identities.FLOWS) as to:
            speech = transcription_service_pb2_grpc.TranscriptionServiceStub(
                to(identities.TRANSCRIPTION)
            )
            words = deidentification_service_pb2_grpc.DeidentificationServiceStub(
                to(identities.DEIDENTIFICATION)
            )
            rule = release_service_pb2_grpc.ReviewRuleServiceStub(to(identities.RELEASE))
            told = f"flows.process.{participant}"
            made = list(speech.Transcribe(transcription_pb2.TranscribeRequest(ref=ref)))
            for number, update in enumerate(made):
                self._keep(f"{told}.transcribe.{number}", update)
            key = made[-1].result.run_key
            self._keep(f"{told}.plan", speech.Plan(transcription_pb2.PlanRequest(ref=ref)))
            ask = deidentification_pb2.DeidentifyRequest(ref=ref, source_run_key=key)
            done = list(words.Deidentify(ask))
            for number, step in enumerate(done):
                self._keep(f"{told}.deidentify.{number}", step)
            plan = words.Plan(deidentification_pb2.PlanRequest(ref=ref, source_run_key=key))
            self._keep(f"{told}.deidentify.plan", plan)
            applied = rule.ApplyReviewRule(
                review_pb2.ApplyReviewRuleRequest(ref=ref, run_key=done[-1].result.run_key)
            )
            self._keep(f"{told}.rule", applied)

    def _review(self, ref: recording_pb2.RecordingRef, one: Interview) -> None:
        with self._in.calling(identities.REVIEWER, "dr.lim") as to:
            stub = release_service_pb2_grpc.ReviewServiceStub(to(identities.RELEASE))
            read = list(stub.GetReview(review_pb2.GetReviewRequest(ref=ref)))
            encoded = tuple(s for part in read for s in part.window.encoded_segments)
            self.seen.corrected[one.participant] = encoded
            if one.missed:
                texts = [segment.text for segment in decode(encoded)]
                [place] = [number for number, text in enumerate(texts) if one.missed in text]
                start = texts[place].index(one.missed)
                stub.AddCorrection(
                    review_pb2.AddCorrectionRequest(
                        ref=ref,
                        run_key=read[0].summary.item.run_key,
                        kind=stored_pb2.CORRECTION_KIND_REDACT,
                        segment=place,
                        start=start,
                        end=start + len(one.missed),
                        entity_type="LOCATION",
                    )
                )
                read = list(stub.GetReview(review_pb2.GetReviewRequest(ref=ref)))
            seen = read[0].summary
            stub.DecideReview(
                review_pb2.DecideReviewRequest(
                    ref=ref,
                    run_key=seen.item.run_key,
                    corrections_generation=seen.corrections.generation,
                    review_generation=seen.item.review.generation,
                    decision=review_pb2.DECISION_APPROVE,
                )
            )

    def _release(self) -> None:
        with self._in.calling(identities.OPERATOR, "it.admin") as to:
            stub = release_service_pb2_grpc.ReleaseBuilderServiceStub(to(identities.RELEASE))
            built = stub.BuildRelease(release_pb2.BuildReleaseRequest(study_id=STUDY))
            self._keep("operator.release", built)
        with self._in.calling(identities.RESEARCHER, "dr.lim") as to:
            reader = release_service_pb2_grpc.ReleaseReaderServiceStub(to(identities.RELEASE))
            listed = reader.ListReleases(release_pb2.ListReleasesRequest(study_id=STUDY))
            self._keep("researcher.releases", listed)
            for kind in ExportFormat:
                request = release_pb2.ExportReleaseRequest(
                    study_id=STUDY,
                    format=f"FORMAT_{kind.value.upper()}",
                    terms_sha256=VERSION,
                    purpose=PURPOSE,
                )
                name = ""
                for part in reader.ExportRelease(request):
                    if part.file_name:
                        name = part.file_name
                        self.seen.files[name] = b""
                    self.seen.files[name] += part.chunk
        self.seen.answers["researcher.certificate"] = self.seen.certificate
        self.seen.answers["researcher.readme"] = self.seen.files["README.txt"].decode().splitlines()

    def _catalogues(self) -> None:
        for client in (identities.FLOWS, identities.OPERATOR, identities.COMPLIANCE):
            with self._in.calling(client, "" if client == identities.FLOWS else "it.admin") as to:
                for zone in _BOTH:
                    self._catalogue(client, zone, _CATALOG(to(zone)))
        with self._in.calling(identities.RELEASE) as to:
            self._catalogue(identities.RELEASE, identities.RESEARCH, _CATALOG(to(_BOTH[1])))
        with self._in.calling(identities.FLOWS) as to:
            pending = pending_service_pb2_grpc.PendingServiceStub(to(identities.CLINICAL))
            self._keep("flows.pending", pending.ListPending(pending_pb2.ListPendingRequest()))

    def _catalogue(self, client: str, zone: str, stub: _CATALOG) -> None:  # type: ignore[valid-type]
        listed = stub.ListRecordings(catalog_pb2.ListRecordingsRequest())  # type: ignore[attr-defined]
        self._keep(f"{client}.{zone}.catalogue", listed)
        for state in listed.recordings:
            request = catalog_pb2.GetRecordingStateRequest(ref=state.ref)
            found = stub.GetRecordingState(request)  # type: ignore[attr-defined]
            self._keep(f"{client}.{zone}.state.{state.ref.participant}", found)

    def _research_zone(self, refs: Mapping[str, recording_pb2.RecordingRef]) -> None:
        with self._in.calling(identities.RELEASE) as to:
            zone = to(identities.RESEARCH)
            for participant, ref in refs.items():
                told = f"release.{participant}"
                self._keep(f"{told}.manifest", read_manifest(zone, ref))
                segments = decode(s for w in read_encoded(zone, ref).windows for s in w)
                window = segment_pb2.Window(encoded_segments=encode(segments))
                assert window.encoded_segments
                for segment in segments:
                    self._keep(f"{told}.segment.{segment.index}", segment)
            bundles = bundle_service_pb2_grpc.BundleServiceStub(zone)
            found = bundles.ListBundles(bundle_pb2.ListBundlesRequest(study_id=STUDY))
            self._keep("release.bundles", found)

    def _log(self) -> None:
        for number, entry in enumerate(self._entries()):
            self._keep(f"log.{number}", entry)

    def _entries(self) -> list[entry_pb2.Entry]:
        with self._in.calling(identities.COMPLIANCE, "officer") as to:
            stub = audit_service_pb2_grpc.AuditQueryServiceStub(to(identities.AUDIT))
            listed = stub.ListEntries(entry_pb2.ListEntriesRequest(page_size=1000))
        assert not listed.next_page_token
        return [*listed.entries]

    def _withdraw(self, participant: str) -> None:
        request = admin_pb2.EraseParticipantRequest(study_id=STUDY, participant=participant)
        with self._in.calling(identities.COMPLIANCE, "officer") as to:
            for zone in _BOTH:
                stub = admin_service_pb2_grpc.ErasureServiceStub(to(zone))
                assert stub.EraseParticipant(request).receipt.verified_unreadable
        self.seen.log = self._entries()


def segments(encoded: tuple[bytes, ...]) -> tuple[transcript_pb2.Segment, ...]:
    """Return segments from their encoding."""
    return decode(encoded)
