# SPDX-License-Identifier: Apache-2.0
"""DeidentificationService: from requests to jobs and back, each in the audit log."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.common.errors import Cancelled
from services.deidentification.domain.job import Outcome, Progress, Ref, Workshop
from services.deidentification.domain.policy import Policy, load, shipped
from services.registry.events import Event
from sotto.deidentification.v1 import deidentification_pb2 as pb
from sotto.deidentification.v1 import deidentification_service_pb2_grpc


class DeidentificationHandlers(deidentification_service_pb2_grpc.DeidentificationServiceServicer):
    """Serves de-identification; `parallel` transcripts at a time, others wait for their turn."""

    def __init__(self, workshop: Workshop, trail: AuditTrail, parallel: int) -> None:
        self._workshop = workshop
        self._trail = trail
        self._turns = threading.Semaphore(parallel)

    def Deidentify(
        self, request: pb.DeidentifyRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.DeidentifyResponse]:
        """Make the de-identified transcript of a recording, or say that it is there."""
        ref = Ref(request.ref.study_id, request.ref.participant, request.ref.recording_id)
        with self._trail.record(
            Event.TRANSCRIPT_DEIDENTIFIED,
            object=ref.recording,
            study_id=ref.study,
            participant=ref.participant,
        ) as act:
            while not self._turns.acquire(timeout=1.0):
                self._still_wanted(context)
            try:
                for update in self._workshop.work(ref, request.source_run_key):
                    self._still_wanted(context)
                    if isinstance(update, Outcome):
                        act.note(
                            run_key=update.run_key,
                            redactions=sum(update.replacements.values()),
                            existed=str(update.existed).lower(),
                        )
                    yield _message(update)
            finally:
                self._turns.release()

    def ValidatePolicy(
        self,
        request: pb.ValidatePolicyRequest,
        context: grpc.ServicerContext,  # noqa: ARG002 - the signature is gRPC's
    ) -> pb.ValidatePolicyResponse:
        """Check a policy."""
        policy = Policy.parse(request.document) if request.document else load(request.name)
        return pb.ValidatePolicyResponse(
            version=f"{policy.name}/{policy.version}", entity_types=sorted(policy.covered)
        )

    def DescribeEngine(
        self,
        request: pb.DescribeEngineRequest,  # noqa: ARG002 - it asks for nothing in particular
        context: grpc.ServicerContext,  # noqa: ARG002 - the signature is gRPC's
    ) -> pb.DescribeEngineResponse:
        """Tell detector, engine and the policies that ship."""
        versions = self._workshop.versions()
        versions.pop("policy", None)
        for name in shipped():
            policy = load(name)
            versions[f"policy.{name}"] = f"{policy.version}/{policy.digest[:16]}"
        return pb.DescribeEngineResponse(versions=versions)

    @staticmethod
    def _still_wanted(context: grpc.ServicerContext) -> None:
        if not context.is_active():
            raise Cancelled("The caller has gone; what was stored is kept for the next try.")


def _message(update: Progress | Outcome) -> pb.DeidentifyResponse:
    if isinstance(update, Progress):
        return pb.DeidentifyResponse(
            progress=pb.DeidentifyProgress(done=update.done, total=update.total)
        )
    return pb.DeidentifyResponse(
        result=pb.DeidentifyResult(
            run_key=update.run_key,
            replacements=update.replacements,
            residual_risk=update.residual,
            needs_review=update.needs_review,
            existed=update.existed,
        )
    )
