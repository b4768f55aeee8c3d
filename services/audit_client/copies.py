# SPDX-License-Identifier: Apache-2.0
"""Copies of releases that are on record, and how many left before records were kept."""

from __future__ import annotations

import grpc

from services.audit_client.recipients import exports
from sotto.release.v1 import copy_pb2, release_service_pb2_grpc


def held_copies(release: grpc.Channel, study_id: str) -> copy_pb2.ListHeldCopiesResponse:
    """Return the copies of a study's releases, as the release service has them on record."""
    stub = release_service_pb2_grpc.CopyReaderServiceStub(release)
    return stub.ListHeldCopies(copy_pb2.ListHeldCopiesRequest(study_id=study_id))


def unrecorded_exports(log: grpc.Channel, study_id: str) -> int:
    """Return how many exports of a study the log knows that no record of a copy was made of."""
    return sum("copy_id" not in one.event.attributes for one in exports(log, study_id))
