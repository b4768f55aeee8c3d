# SPDX-License-Identifier: Apache-2.0
"""Handlers of DeidentificationService and CorrectionService; what works on transcripts is recorded
in the audit log.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager

import grpc

from services.common.audit import Action, AuditTrail
from services.common.errors import Cancelled
from services.deidentification.domain.correction_job import CorrectionRunner, RedactedPlace
from services.deidentification.domain.job import (
    RUN_VERSION,
    DeidentificationRunner,
    JobResult,
    Progress,
)
from services.deidentification.domain.policy import load, own, shipped
from services.deidentification.domain.spreading import Place
from services.deidentification.domain.study import RecordingRef
from services.registry.events import Event
from services.storage_client.transcripts import provenance_of
from sotto.deidentification.v1 import deidentification_pb2 as pb
from sotto.deidentification.v1 import deidentification_service_pb2_grpc
from sotto.storage.v1 import recording_pb2
from sotto.transcript.v1 import transcript_pb2

_OfPlace = pb.PropagateRedactionRequest | pb.RelabelReplacementRequest | pb.ExamineWordingRequest


class DeidentificationHandlers(deidentification_service_pb2_grpc.DeidentificationServiceServicer):
    """Serves DeidentificationService: `parallel` transcripts at a time, others wait."""

    def __init__(self, runner: DeidentificationRunner, trail: AuditTrail, parallel: int) -> None:
        self._runner = runner
        self._trail = trail
        self._turns = threading.Semaphore(parallel)

    def Deidentify(
        self, request: pb.DeidentifyRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.DeidentifyResponse]:
        """De-identify the transcript of a recording, unless that was done before."""
        ref = _ref(request.ref)
        result: JobResult | None = None
        with self._trail.record(
            Event.TRANSCRIPT_DEIDENTIFIED,
            object=ref.recording,
            study_id=ref.study,
            participant=ref.participant,
        ) as act:
            while not self._turns.acquire(timeout=1.0):
                self._check_active(context)
            try:
                for update in self._runner.run(ref, request.source_run_key):
                    # A finished run is told as finished, whether or not its reader stays.
                    if isinstance(update, JobResult):
                        result = update
                        act.note(
                            run_key=update.run_key,
                            redactions=sum(update.replacements.values()),
                            existed=update.existed,
                        )
                    else:
                        self._check_active(context)
                        yield _message(update)
            finally:
                self._turns.release()
        # Behind the outcome's record: a reader may leave as soon as it has the result.
        if result is not None:
            yield _message(result)

    def Plan(self, request: pb.PlanRequest, context: grpc.ServicerContext) -> pb.PlanResponse:
        """Return the run that would be made now."""
        ref = _ref(request.ref)
        planned = self._runner.plan(ref, request.source_run_key)
        policy = planned.policy
        manifest = transcript_pb2.TranscriptManifest(
            provenance=planned.provenance,
            deidentification=transcript_pb2.Deidentification(
                policy=policy.name, policy_version=policy.version, policy_digest=policy.digest
            ),
        )
        return pb.PlanResponse(run_key=planned.key, provenance=provenance_of(manifest))

    def DescribeEngine(
        self,
        request: pb.DescribeEngineRequest,
        context: grpc.ServicerContext,
    ) -> pb.DescribeEngineResponse:
        """Return the versions of detector, engine and shipped policies."""
        versions = self._runner.versions()
        versions.pop("policy", None)
        versions["run"] = RUN_VERSION
        for name in shipped():
            policy = load(name)
            versions[f"policy.{name}"] = f"{policy.version}/{policy.digest[:16]}"
        return pb.DescribeEngineResponse(versions=versions)

    @staticmethod
    def _check_active(context: grpc.ServicerContext) -> None:
        if not context.is_active():
            raise Cancelled("The caller has gone; what was stored is kept for the next try.")


class PolicyHandlers(deidentification_service_pb2_grpc.PolicyServiceServicer):
    """Serves PolicyService."""

    def ValidatePolicy(
        self,
        request: pb.ValidatePolicyRequest,
        context: grpc.ServicerContext,
    ) -> pb.ValidatePolicyResponse:
        """Check a study's own policy, or one that ships."""
        policy = own(request.name, request.document) if request.document else load(request.name)
        return pb.ValidatePolicyResponse(
            version=f"{policy.name}/{policy.version}",
            entity_types=sorted(policy.covered),
            digest=policy.digest,
            below_floor=policy.below_floor if request.document else (),
        )


class CorrectionHandlers(deidentification_service_pb2_grpc.CorrectionServiceServicer):
    """Serves CorrectionService."""

    def __init__(self, runner: CorrectionRunner, trail: AuditTrail) -> None:
        self._runner = runner
        self._trail = trail

    def PropagateRedaction(
        self, request: pb.PropagateRedactionRequest, context: grpc.ServicerContext
    ) -> pb.PropagateRedactionResponse:
        """Find where else the words of a redaction occur."""
        with self._record(Event.REDACTION_PROPAGATED, request) as act:
            places = self._runner.propagate(
                _ref(request.ref),
                request.run_key,
                _place(request),
                request.entity_type,
                look_only=request.look_only,
            )
            act.note(count=len(places), kind=request.entity_type)
        return pb.PropagateRedactionResponse(places=map(_redacted, places))

    def RelabelReplacement(
        self, request: pb.RelabelReplacementRequest, context: grpc.ServicerContext
    ) -> pb.RelabelReplacementResponse:
        """Find the replacements with the same label, and the label under another type."""
        with self._record(Event.REPLACEMENT_RELABELLED, request) as act:
            places = self._runner.relabel(
                _ref(request.ref), request.run_key, _place(request), request.entity_type
            )
            act.note(count=len(places), kind=request.entity_type)
        return pb.RelabelReplacementResponse(places=map(_redacted, places))

    def ExamineWording(
        self, request: pb.ExamineWordingRequest, context: grpc.ServicerContext
    ) -> pb.ExamineWordingResponse:
        """Look at words that a reviewer would write in the place of misheard ones."""
        with self._record(Event.WORDING_EXAMINED, request) as act:
            found = self._runner.examine(
                _ref(request.ref), request.run_key, _place(request), request.text
            )
            act.note(count=len(found))
        return pb.ExamineWordingResponse(
            doubts=[
                transcript_pb2.Doubt(
                    start=one.start, end=one.end, reason=one.reason, weight=one.weight
                )
                for one in found
            ]
        )

    def _record(self, event: Event, request: _OfPlace) -> AbstractContextManager[Action]:
        return self._trail.record(
            event,
            object=request.ref.recording_id,
            study_id=request.ref.study_id,
            participant=request.ref.participant,
            attributes={"run_key": request.run_key},
        )


def _ref(message: recording_pb2.RecordingRef) -> RecordingRef:
    return RecordingRef(message.study_id, message.participant, message.recording_id)


def _place(request: _OfPlace) -> Place:
    return Place(request.segment, request.start, request.end)


def _redacted(one: RedactedPlace) -> pb.RedactedPlace:
    place = one.place
    return pb.RedactedPlace(
        segment=place.segment, start=place.start, end=place.end, replacement=one.replacement
    )


def _message(update: Progress | JobResult) -> pb.DeidentifyResponse:
    if isinstance(update, Progress):
        return pb.DeidentifyResponse(
            progress=pb.DeidentifyProgress(done=update.done, total=update.total)
        )
    return pb.DeidentifyResponse(
        result=pb.DeidentifyResult(
            run_key=update.run_key,
            replacements=update.replacements,
            residual_risk=update.residual,
            existed=update.existed,
        )
    )
