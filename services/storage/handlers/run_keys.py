# SPDX-License-Identifier: Apache-2.0
"""Keys of runs, for the services that make transcripts."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.storage.domain.names import RecordingRef
from services.storage.domain.run_keys import RunKeys
from services.storage.handlers import convert
from sotto.storage.v1 import run_key_pb2, run_key_service_pb2_grpc


class RunKeyHandlers(run_key_service_pb2_grpc.RunKeyServiceServicer):
    """Makes keys; `require` refuses what is no recording."""

    def __init__(self, run_keys: RunKeys, require: Callable[[RecordingRef], None]) -> None:
        self._run_keys = run_keys
        self._require = require

    def MakeRunKey(
        self, request: run_key_pb2.MakeRunKeyRequest, context: grpc.ServicerContext
    ) -> run_key_pb2.MakeRunKeyResponse:
        """Return the key of a run."""
        ref = convert.ref(request.ref)
        self._require(ref)
        return run_key_pb2.MakeRunKeyResponse(run_key=self._run_keys.make(ref, request.digest))
