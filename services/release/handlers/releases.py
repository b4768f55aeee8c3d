# SPDX-License-Identifier: Apache-2.0
"""Building releases."""

from __future__ import annotations

import grpc

from services.common import context as call
from services.common.audit import AuditTrail
from services.registry.events import Event
from services.registry.identities import REVIEWER
from services.release.domain.building import ReleaseBuilder
from services.release.domain.exporting import ReleaseReader
from services.release.handlers.convert import release_summary, unfinished
from services.storage_client.study_members import StudyMembers
from sotto.release.v1 import release_pb2, release_service_pb2_grpc
from sotto.study.v1 import study_pb2


class ReleaseBuilderHandlers(release_service_pb2_grpc.ReleaseBuilderServiceServicer):
    """Builds releases, for reviewers and operators."""

    def __init__(
        self,
        builder: ReleaseBuilder,
        reader: ReleaseReader,
        members: StudyMembers,
        trail: AuditTrail,
    ) -> None:
        self._builder = builder
        self._reader = reader
        self._members = members
        self._trail = trail

    def BuildRelease(
        self, request: release_pb2.BuildReleaseRequest, context: grpc.ServicerContext
    ) -> release_pb2.BuildReleaseResponse:
        """Build of what was approved."""
        study_id = request.study_id
        with self._trail.record(Event.RELEASE_BUILT, object=study_id, study_id=study_id) as act:
            if call.current().client == REVIEWER:
                self._members.require(study_id, study_pb2.MEMBER_ROLE_REVIEWER)
            release, existed = self._builder.build(
                study_id, [unfinished(one) for one in request.unfinished]
            )
            act.note(release_id=release.release_id, files=len(release.files))
        return release_pb2.BuildReleaseResponse(
            release=release_summary(self._reader, release), existed=existed
        )
