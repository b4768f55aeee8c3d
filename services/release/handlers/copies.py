# SPDX-License-Identifier: Apache-2.0
"""Copies that people took, for compliance officers."""

from __future__ import annotations

import grpc

from services.release.domain.copies.register import CopyRegister
from services.release.handlers.copy_messages import accepted_terms, held_copy
from sotto.release.v1 import copy_pb2, release_service_pb2_grpc


class CopyReaderHandlers(release_service_pb2_grpc.CopyReaderServiceServicer):
    """Tells who holds what, and who knows what concerns it."""

    def __init__(self, register: CopyRegister) -> None:
        self._register = register

    def ListHeldCopies(
        self, request: copy_pb2.ListHeldCopiesRequest, context: grpc.ServicerContext
    ) -> copy_pb2.ListHeldCopiesResponse:
        """List all copies of a study."""
        found = self._register.of_study(request.study_id)
        return copy_pb2.ListHeldCopiesResponse(
            copies=[held_copy(one) for one in found],
            terms=accepted_terms(one.copy for one in found),
        )
