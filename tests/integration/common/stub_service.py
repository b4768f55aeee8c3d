# SPDX-License-Identifier: Apache-2.0
"""A service as every service is started, whose audit log is a file of JSON lines."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from services.common.audit import AuditTrail
from services.common.server import Process
from services.common.settings import ServiceSettings
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2


class Queries(audit_service_pb2_grpc.AuditQueryServiceServicer):
    """Answers when it was asked to."""

    def __init__(self, home: Path) -> None:
        self._entered = home / "entered"

    def ListEntries(self, request: entry_pb2.ListEntriesRequest, _context: object) -> Any:
        """Take as many tenths of a second as the page is long."""
        self._entered.touch()
        time.sleep(request.page_size / 10)
        return entry_pb2.ListEntriesResponse(next_page_token="done")

    def GetInclusionProof(self, _request: object, _context: object) -> Any:
        """Fail as a defect does."""
        raise RuntimeError("Puan Halimah")


def main() -> None:
    """Serve until told to stop."""
    settings = ServiceSettings.load(service="audit")
    descriptor = os.open(settings.home / "events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def append(event: entry_pb2.Event) -> int:
        os.write(descriptor, json.dumps(MessageToDict(event)).encode() + b"\n")
        return 1

    add_queries = audit_service_pb2_grpc.add_AuditQueryServiceServicer_to_server
    with Process(settings) as process:
        process.trail = AuditTrail(append)
        process.serve([(add_queries, Queries(settings.home))])


if __name__ == "__main__":
    main()
