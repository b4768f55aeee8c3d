# SPDX-License-Identifier: Apache-2.0
"""Names that came with recordings, which stay in the clinical zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import grpc

from sotto.storage.v1 import recording_pb2, recording_roster_pb2, recording_roster_service_pb2_grpc


def put_recording_roster(
    channel: grpc.Channel,
    ref: recording_pb2.RecordingRef,
    run_key: str,
    names: Iterable[recording_roster_pb2.RecordingName],
) -> None:
    """Store the names of a run before it is finished; without names nothing is stored."""
    request = recording_roster_pb2.PutRecordingRosterRequest(ref=ref, run_key=run_key, names=names)
    if request.names:
        stub = recording_roster_service_pb2_grpc.RecordingRosterWriterServiceStub(channel)
        stub.PutRecordingRoster(request)


def get_recording_roster(
    channel: grpc.Channel, ref: recording_pb2.RecordingRef, run_key: str
) -> Sequence[recording_roster_pb2.RecordingName]:
    """Return the names of a run; none where none were stored."""
    stub = recording_roster_service_pb2_grpc.RecordingRosterReaderServiceStub(channel)
    return stub.GetRecordingRoster(
        recording_roster_pb2.GetRecordingRosterRequest(ref=ref, run_key=run_key)
    ).names
