# SPDX-License-Identifier: Apache-2.0
"""Countersignatures of policies, by compliance officers."""

from __future__ import annotations

import grpc

from services.common import context as calls
from services.common.audit import AuditTrail
from services.common.errors import PermissionDenied
from services.registry.events import Event
from services.storage.domain.catalog import Catalog
from services.storage.domain.countersignatures import CountersignatureStore
from services.storage.domain.pending import PendingList
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from sotto.study.v1 import study_pb2


class CountersignatureHandlers(catalog_service_pb2_grpc.CountersignatureServiceServicer):
    """Keeps countersignatures; what waited for one is due again."""

    def __init__(
        self,
        catalog: Catalog,
        signatures: CountersignatureStore,
        pending: PendingList,
        trail: AuditTrail,
    ) -> None:
        self._catalog = catalog
        self._signatures = signatures
        self._pending = pending
        self._trail = trail

    def CountersignPolicy(
        self,
        request: catalog_pb2.CountersignPolicyRequest,
        context: grpc.ServicerContext,
    ) -> catalog_pb2.CountersignPolicyResponse:
        """Countersign a policy for a study."""
        with (
            self._trail.record(
                Event.POLICY_COUNTERSIGNED,
                object=request.study_id,
                study_id=request.study_id,
                attributes={"policy_version": request.policy_digest[:16]},
            ) as act,
            self._pending.changing(request.study_id) as change,
        ):
            study = study_pb2.Study.FromString(self._catalog.get_study(request.study_id))
            person = calls.current().person
            if not person or person in study.policy_changed_by:
                raise PermissionDenied(
                    f"{person or 'nobody'} changed the policy or the review of {study.id}; another"
                    " compliance officer countersigns it with:"
                    f" sotto study countersign {study.id}",
                    reason="changed_the_policy",
                )
            existed = self._signatures.add(study.id, request.policy_digest, person)
            change.happened = not existed
            act.note(existed=existed)
        return catalog_pb2.CountersignPolicyResponse(existed=existed)
