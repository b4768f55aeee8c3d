# SPDX-License-Identifier: Apache-2.0
"""Keys of runs, which the clinical zone makes."""

from __future__ import annotations

import grpc

from sotto.storage.v1 import recording_pb2, run_key_pb2, run_key_service_pb2_grpc


def make_run_key(channel: grpc.Channel, ref: recording_pb2.RecordingRef, digest: bytes) -> str:
    """Return the key of a run whose inputs have this SHA-256; raises NotFound, Erased."""
    stub = run_key_service_pb2_grpc.RunKeyServiceStub(channel)
    return stub.MakeRunKey(run_key_pb2.MakeRunKeyRequest(ref=ref, digest=digest)).run_key
