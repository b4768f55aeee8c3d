# SPDX-License-Identifier: Apache-2.0
"""Recordings that may have work due, as whoever shows them needs it."""

from __future__ import annotations

from dataclasses import dataclass

import grpc

from services.common.paging import pages
from sotto.storage.v1 import pending_pb2, pending_service_pb2_grpc


@dataclass(frozen=True, slots=True)
class Pending:
    """A recording on the list; `mark` rises in the order in which they came on it."""

    recording_id: str
    mark: int


def pending(channel: grpc.Channel, study_id: str = "") -> list[Pending]:
    """Return what waits or is worked on, of one study or of all."""
    stub = pending_service_pb2_grpc.PendingServiceStub(channel)

    def fetch(token: str) -> pending_pb2.ListPendingResponse:
        return stub.ListPending(pending_pb2.ListPendingRequest(study_id=study_id, page_token=token))

    return [
        Pending(one.ref.recording_id, one.mark) for page in pages(fetch) for one in page.recordings
    ]
